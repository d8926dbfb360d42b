"""Which countries can be chosen, and whom to call there: `rag/countries.toml` for the page."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

import rag

ANYWHERE = "112"  # works from mobile phones in most networks of the world (3GPP TS 22.101, 10.1)


def country_names() -> dict[str, str]:
    """ISO 3166 alpha-2 code → name."""
    return {code: str(row["name"]) for code, row in _countries().items()}


def emergency_number(country: str) -> str:
    """The ambulance's number; `ANYWHERE` for a country that the table lacks."""
    return str(_countries().get(country, {}).get("emergency", ANYWHERE))


@lru_cache(maxsize=1)
def _countries() -> dict[str, dict[str, str]]:
    path = Path(rag.__file__).with_name("countries.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
