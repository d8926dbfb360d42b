"""Numbers in digits and in words: the patterns that find them and the value of each.

Knows no unit's worth (rag/checking/units.py) and no sentence.
"""

from __future__ import annotations

import re

from rag.checking.units import PRINTED_UNITS
from rag.text.number_words import ONES

_TENS = {
    word: 10 * n
    for n, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SIGNS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}

_WORDS = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(list(ONES)[1:10])}))?|{'|'.join(reversed(ONES))})"
    rf"(?: (?:{'|'.join(_SCALES)}))?"
)
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?"
NUMBER = (
    rf"(?:(?<![\w.,])(?:{_DIGITS})(?: ?(?:million|thousand)\b)?[½¼¾⅓⅔]?|[½¼¾⅓⅔]|\b(?:{_WORDS}|half an?|"
    rf"half|a dozen|a hundred|a thousand)\b)"
)
UNIT = "(?:" + "|".join(re.escape(form) for form in PRINTED_UNITS) + ")"


def read_number(text: str) -> float:
    """The value of what `NUMBER` matched."""
    words = text.lower().replace("-", " ").strip()
    if words in ("half", "half a", "half an"):
        return 0.5
    if words in ("a dozen", "a hundred", "a thousand"):
        return {"a dozen": 12.0, "a hundred": 100.0, "a thousand": 1000.0}[words]
    digits = re.match(r"[\d.,\u00a0\u202f]+", words)
    if digits:
        value = float(re.sub(r"[,\u00a0\u202f]", "", digits.group()))
        rest = words[digits.end() :].strip()
        return value * _SCALES[rest] if rest in _SCALES else value + _SIGNS.get(rest, 0.0)
    if words in _SIGNS:
        return _SIGNS[words]
    return _read_words(words.split())


def _read_words(words: list[str]) -> float:
    value = 0.0
    for word in words:
        value = value * _SCALES[word] if word in _SCALES else value + {**ONES, **_TENS}[word]
    return value
