"""TEMPORARY stand-in until rag.countries lands."""

from __future__ import annotations


def countries() -> dict[str, str]:
    return {"US": "United States", "GB": "United Kingdom"}


def emergency_number(country: str) -> str:
    return {"US": "911", "GB": "999"}.get(country, "112")
