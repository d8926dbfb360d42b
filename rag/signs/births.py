# ruff: noqa: E501  (a pattern is read whole)
"""When she gave birth: "10 days postpartum", "had my baby last week", "so sore after giving birth".

A birth to come, a birth class and a question about births are none. Reads a normalised line (rag/signs/wording.py) and how it
stands (rag/signs/standing.py); knows no sign. Before rag/profile.py.
"""

from __future__ import annotations

import re

from rag.signs.ages import DAYS
from rag.signs.standing import Standing

_N = r"(\d{1,3}(?:\.\d)?)"
_SPAN = rf"(?:about |around |almost |nearly |only |just |over |like )?(?:{_N}|a|last|few) (hour|day|week|month|year)s?"
# A verb may stand some words before its day; a bare "birth" or "caesarean" stands right before it.
_BORN = (
    r"(?:(?:gave birth|given birth|giving birth|delivered|had (?:my|our|the|a|her|his)(?: \w+)? (?:baby|babies|son|daughter|boy|girl|twins|caesarean|little boy|little girl|delivery|birth|bub)"
    r"|had (?:a |my |an )?(?:emergency |planned |elective )?caesarean|born|my baby (?:was|came|arrived)|baby (?:came|arrived)|since baby|had (?:him|her))(?: \S+){0,5}?"
    r"|(?:birth|caesarean|delivery)(?: (?:was|were|just|about|only|happened|over|nearly|almost))*)"
)
_BORN_AGO = re.compile(rf" {_BORN} {_SPAN} (?:ago|before|back|old|postpartum)(?= )")
_AFTER_BIRTH = re.compile(
    rf" {_SPAN} (?:post ?partum|post|post natal|postnatal|after|since|from) ?(?:my |the |a |her |giving |i |having |our |an )*(?:emergency )?(?:birth|delivery|caesarean|gave|deliver\w*|baby|had (?:my|the|a) baby|him|them|twins|labour|partum|vaginal|c|$|[,.?])?(?= |$)"
)
_BORN_DAY = re.compile(
    rf" {_BORN} (yesterday|today|tonight|this morning|last night|last week|last month|on \w+day|\w+day)(?= )"
)
_TO_COME = re.compile(
    r" (?:having|have|getting|get|booked|will|going to|planned|scheduled|until|be|need|want|hope|for|about|discuss\w*|talk\w*|ask\w*)(?: (?:a|an|my|the|emergency|elective|planned|our|in for))* $"
)
_JUST_BORN = re.compile(
    r" (?:my newborn\w*|just had (?:a|my|our|the) baby|gave birth|since (?:the |my |our )?(?:birth|baby|bub|he was born|she was born|having)|(?:baby|she|he) (?:was|is) born|"
    r"had (?:a|my) caesarean|caesarean (?:wound|stitches|incision|scar is|cut)|delivered)(?= )"
)
# Also said of a birth to come, or of births at large: no birth while she is pregnant, nor in a mere question.
_AROUND_BIRTH = re.compile(
    r" (?:newborn\w*|after (?:giving birth|the birth|birth|delivery|having (?:a|my|the) baby|having (?:him|her|them|twins)|the caesarean|my caesarean|child ?birth)|post ?partum|postnatal|"
    r"after (?:my )?baby|episiotomy|afterbirth|lochia)(?= )"
)
# "pelvic floor exercises after birth?": a question in which nobody stands.
_IMPERSONAL = re.compile(
    r" (?!(?:\S+ )*(?:(?<!should )(?<!can )(?<!do )(?<!will )(?<!could )(?<!would )(?<!must )(?<!may )(?:i|we|you)|my|me|our|she|he|her|his|wife|baby|had|am) )(?:(?:\S+ )+[?] $|(?:\S+ )*(?:how|what|when|why|which|where) )"
)
# days since "yesterday"; a weekday is about half a week ago
_WHEN = {"today": 0.0, "tonight": 0.0, "this morning": 0.0, "yesterday": 1.0, "last night": 1.0}
_WHEN |= {"last week": 7.0, "last month": 30.0}


def read_birth_days(line: str, standing: Standing, is_pregnant: bool) -> float | None:
    """Days since the birth that the line tells; of one who `is_pregnant` a span must be stated, not asked."""
    since = _first_span(_BORN_AGO, line)
    if since is None and not (is_pregnant and not _is_stated(_AFTER_BIRTH, line, standing)):
        since = _first_span(_AFTER_BIRTH, line)
    if since is not None:
        return since
    days = (day for day in _BORN_DAY.finditer(line) if not _is_to_come(day, line))
    return next((_WHEN.get(day[1], 3.0) for day in days), None)


def tells_birth(line: str, standing: Standing, is_pregnant: bool) -> bool:
    """Whether the line tells of a birth at a time that it does not say."""
    if _IMPERSONAL.match(line):
        return False
    if any(
        standing.why_not(found.start() + 1, found.end()) in ("", "asked")
        for found in _JUST_BORN.finditer(line)
    ):
        return True
    return not is_pregnant and _is_stated(_AROUND_BIRTH, line, standing)


def _is_to_come(day: re.Match[str], line: str) -> bool:
    return bool(_TO_COME.search(line[: day.start() + 1]))


def _is_stated(pattern: re.Pattern[str], line: str, standing: Standing) -> bool:
    """Whether the line states it somewhere, beyond asking about it."""
    return any(not standing.why_not(m.start() + 1, m.end()) for m in pattern.finditer(line))


def _first_span(pattern: re.Pattern[str], line: str) -> float | None:
    found = pattern.search(line)
    if found is None or _is_to_come(found, line):
        return None
    said = [group for group in found.groups() if group]
    unit = next(group for group in said if group in DAYS)
    number = next((group for group in said if group[0].isdigit()), "1")
    return float(number) * DAYS[unit]
