"""The small pattern language of triage.toml and wording.toml, compiled to regular expressions.

`bleed*` any ending, `(a|b)` either, `( x)?` perhaps, `..` up to four words in between, `.. ..`
up to nine (never past a sentence end or a denial), `...` up to four of the same phrase: no comma, "but" or
"because". Patterns match whole words of a normalised message (see rag/signs/wording.py). Knows no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# A gap does not reach over a denial: "he never hits me" is not "he … hits".
_DENIAL = (
    r"(?:not|never|no|without|nor)(?! (?:stop|only|just|even|really|sure|able|quite|longer|more) )"
)
_GAP = rf"(?: (?!(?:[.?]|{_DENIAL}) )\S+){{0,4}} "
_WIDE_GAP = _GAP.replace("0,4", "0,9")
_PHRASE_GAP = _GAP.replace("[.?]", "[.?,]|because|but|so|while")
_WORDS = re.compile(r"[a-z]{4,}\*?")


def to_regex(pattern: str) -> str:
    """One pattern as regular-expression text, without word boundaries."""
    return _PHRASE_GAP.join(_join_gaps(phrase) for phrase in pattern.split("..."))


def _join_gaps(phrase: str) -> str:
    parts = (re.sub(r"(?<=[\w'])\*", r"[\\w']*", part.strip()) for part in phrase.split(".."))
    return _GAP.join(parts).replace(_GAP + _GAP, _WIDE_GAP)


def compile_patterns(patterns: Iterable[str]) -> re.Pattern[str]:
    """Any of the patterns, as whole words."""
    joined = "|".join(f"(?:{to_regex(pattern)})" for pattern in patterns)
    return re.compile(rf"(?<!\S)(?:{joined})(?!\S)" if joined else r"(?!)")


def words_of(pattern: str) -> set[str]:
    """The words of four letters or more that a pattern spells out, wildcards kept."""
    return set(_WORDS.findall(pattern))
