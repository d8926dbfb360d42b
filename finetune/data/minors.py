"""Tells a row that is about a child or a person under 18, to be left out.

Training road: Row → **cleaning** → Fate. Reads ages ("my 6-month-old", "I am 16"), and words for
a child of the writer's; what the writer was at an age, gestation, and the age of things are not it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ADULT_YEARS = 18

_THING = (
    r"(?:foetus|fetus|embryo|pregnancy|gestation|sac|scar|injury|fracture|report|problem|wound"
    r"|surgery|relationship|marriage|laptop|issue|history|case|lesion|scan|surgical|infarct|stroke"
    r"|tattoo|piercing|cyst|study|trial|prescription|post|miscarriage)"
)
_AGE = re.compile(
    r"(?<![\d./,-])(\d{1,3})(?:[\s-]*(?:½|1/2|\.5))?[\s-]*(years?|yrs?|months?|mths?|weeks?|wks?|days?)"
    rf"[\s-]*old\b(?![\s-]+{_THING})"
    r"|(?<![\d./,-])(\d{1,2})[\s-]*(?:y/o|yo|y\.o\.?)(?![\w/])"
    r"|\b(?:aged|age is|age\s?[:=]|my age)\s*(\d{1,2})(?!\d|[./]\d|\s*(?:weeks|months|kg|%))",
    re.I,
)
_BEFORE_PAST = re.compile(
    r"\b(?:(?:when|since|until|till|while|as|if|by|after|before)\s+(?:\S+\s+){0,3}|was\s+|were\s+"
    r"|been\s+|age of\s+|from\s+)(?:about|around|only|just|nearly|almost|roughly|like|an?|\s)*$",
    re.I,
)
_I_AM = re.compile(
    r"\b(?:i am|i'm|i’m|im)\s+(?:only |just |a |an )*(1[0-7])"
    r"(?=\s*(?:,(?!\d)|\.(?!\d)|;|and\b|male\b|female\b|boy\b|girl\b|[mf]\b|years?\s*(?:,|\.|and|male|female)))",
    re.I,
)
_PREGNANT = re.compile(
    r"pregnan|trimester|f(?:o)?etus|f(?:o)?etal|ultrasound|gestation|\bweeks along"
)
_DOES = (
    r"(?:\s+who)?\s+(?:is|has|had|have|gets?|got|was diagnosed|cries|vomits|keeps|suffers|does|cannot"
    r"|can't|started|developed|complains|refuses|eats)\b"
)
_CHILD = re.compile(
    rf"\b(?:my|our|her|his)\s+(?:\w+\s+)?(?:toddler|newborn|infant)s?\b(?!\s+(?:was|were) born)"
    rf"|\b(?:my|our)\s+(?:child|kid|little (?:one|boy|girl)|baby (?:boy|girl)){_DOES}"
    rf"|\bi am a (?:teen|teenager|teenage|minor|school ?(?:boy|girl)|school student)\b"
    rf"|\bmy (?:teenage|teen|school[- ]going|adolescent)\b"
    rf"|\bmy (?:son|daughter)\b[^.?!]{{0,80}}\b(?:kindergarten|nursery|(?:primary|high|middle) school"
    rf"|p(?:a)?ediatrician|\w+ grade)\b",
    re.I,
)
_BABY = re.compile(rf"\b(?:my|our)\s+baby{_DOES}", re.I)


def is_about_minor(text: str) -> bool:
    """Whether the words of someone who asks are about a person under 18."""
    if any(years < ADULT_YEARS for years in _find_ages(text)):
        return True
    if _I_AM.search(text) or _CHILD.search(text):
        return True
    return bool(_BABY.search(text)) and not _PREGNANT.search(text.casefold())


def is_minors_note(note: str) -> bool:
    """Whether a clinical note is a minor's: the first age in it is the patient's."""
    first = next(_find_ages(note), None)
    return first is not None and first < ADULT_YEARS


def _find_ages(text: str) -> Iterator[int]:
    """The ages in years that the text gives to persons now."""
    for match in _AGE.finditer(text):
        if not _BEFORE_PAST.search(text[max(0, match.start() - 60) : match.start()]):
            number = next(int(n) for n in (match[1], match[3], match[4]) if n)
            yield number if not match[2] or match[2].lower().startswith("y") else 0
