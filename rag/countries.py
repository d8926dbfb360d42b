"""The emergency number and help lines of a country, from countries.toml. Knows no sign."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rag.errors import BadInput

COUNTRIES_FILE = Path(__file__).with_name("countries.toml")


@dataclass(frozen=True, slots=True)
class Country:
    """What to call in one country; "" where no line is known for sure."""

    code: str  # ISO 3166 alpha-2
    name: str
    emergency: str
    source: str
    ambulance: str = ""
    mobile: str = ""
    crisis: str = ""
    violence: str = ""
    maternal: str = ""
    sexual: str = ""
    poison: str = ""
    advice_line: str = ""
    youth: str = ""  # for children and teenagers
    loss: str = ""  # after a miscarriage, a stillbirth or the death of a baby
    abortion: str = ""  # on ending a pregnancy, without judging

    def fill(self, advice: str) -> str:
        """The advice with this country's numbers in place of `{emergency}`, `{crisis}` and so on."""
        crisis = self.crisis or self.emergency
        sexual = f"Support: {self.sexual}." if self.sexual else ""
        put = {
            "emergency": self.emergency,
            "crisis": crisis,
            "violence": self.violence or self.emergency,
            "maternal": self.maternal or crisis,
            "sexual": sexual,
            "poison": self.poison or self.emergency,
        }
        return " ".join(advice.format(**put).split())

    def lines(self) -> dict[str, str]:
        """The help lines that are known, by what they are for."""
        kinds = (
            "emergency", "crisis", "violence", "maternal", "sexual", "poison", "advice_line",
            "youth", "loss", "abortion",
        )  # fmt: skip
        return {kind: getattr(self, kind) for kind in kinds if getattr(self, kind)}


@lru_cache(maxsize=1)
def load_countries() -> dict[str, Country]:
    """Every country, by code."""
    rows = tomllib.loads(COUNTRIES_FILE.read_text(encoding="utf-8"))
    return {code: Country(code, **row) for code, row in rows.items()}


def find_country(code: str) -> Country:
    """The country of an ISO 3166 alpha-2 code.

    Raises:
        BadInput: the table does not have it; the text lists those that it has.
    """
    countries = load_countries()
    if code.upper() not in countries:
        raise BadInput(
            f"No emergency number is known for the country {code!r}. Known: {', '.join(sorted(countries))}. "
            "Set LLAMA_MD_COUNTRY to one of these, or add it to rag/countries.toml."
        )
    return countries[code.upper()]
