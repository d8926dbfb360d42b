"""The emergency number and help lines of a country, from countries.toml. Knows no sign."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rag.errors import BadInput

COUNTRIES_FILE = Path(__file__).with_name("countries.toml")

_UNKNOWN = "\0"
_OR_UNKNOWN = re.compile(rf",? or (?:call )?{_UNKNOWN}")
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")


@dataclass(frozen=True, slots=True)
class Country:
    """What to call in one country; "" where no line is known for sure."""

    code: str  # ISO 3166 alpha-2
    name: str
    emergency: str
    source: str
    also: str = ""  # a second number for an ambulance
    mobile: str = ""  # one that works from a mobile phone
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
        """The advice with this country's numbers in place of `{emergency}`, `{crisis}` and so on.

        An emergency number keeps no confidence, so it stands in for the crisis line alone; words that
        only lead to another line that is not known are left out.
        """
        put = {
            "emergency": self._for_emergencies(),
            "crisis": self.crisis or self.emergency,
            "violence": self.violence or _UNKNOWN,
            "maternal": self.maternal or self.crisis or _UNKNOWN,
            "sexual": f"Support: {self.sexual}." if self.sexual else "",
            "poison": f"Poison line: {self.poison}." if self.poison else "",
        }
        text = _OR_UNKNOWN.sub("", advice.format(**put))
        known = [part for part in _SENTENCE_END.split(text) if _UNKNOWN not in part]
        once = f"{self.emergency} or {self._for_emergencies()}"
        return " ".join(" ".join(known).split()).replace(once, self._for_emergencies())

    def _for_emergencies(self) -> str:
        others = [self.also, f"{self.mobile} from a mobile phone" if self.mobile else ""]
        more = " or ".join(other for other in others if other)
        return f"{self.emergency} ({more})" if more else self.emergency

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
