# ruff: noqa: E501  (a pattern is read whole)
"""Weeks of pregnancy in any spelling: "34wks", "34+2", "8 months gone", "third trimester", "due in 2 weeks".

Not the age of a baby (rag/signs/ages.py), nor the week at which a pregnancy ended (rag/signs/losses.py). Reads a normalised line
(rag/signs/wording.py). Knows nothing else about her.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.signs.ages import DAYS, age_spans
from rag.signs.losses import is_week_of_loss
from rag.signs.standing import Standing

TERM_WEEKS = 40.0

_N = r"(\d{1,3}(?:\.\d)?)"
_NOT_AGE = r"(?! (?:old|ago|back|postpartum|post|after|late|later|since|earlier|in a row|straight|now i|course|running now|supply|off|overdue))"
_NOT_SPAN = (
    r"(?<! for)(?<! last)(?<! past)(?<! in)(?<! every)(?<! after)(?<! within)(?<! of)(?<! about)(?<! next)"
    r"(?<! other)(?<! is)(?<! these)(?<! over)(?<! than)(?<! until)(?<! was)(?<! were)(?<! to)(?<! been)(?<! since)(?<! from)"
)
_PLUS = re.compile(r" (\d{1,2})(?: weeks?)? ?\+ ?(\d)\b")
_WEEKS = re.compile(rf"{_NOT_SPAN} {_N} weeks?(?= ){_NOT_AGE}(?! (?:left|to go|until|before))")
_SAID_WEEKS = re.compile(
    rf" (?:i am|she is|wife is|is|at|am|pregnant|about|around|nearly|almost|now|only|was|of|mrs|wife|at about|over) {_N} weeks?(?= ){_NOT_AGE}(?! (?:left|to go|until|before))"
)
_WEEKS_PREGNANT = re.compile(
    rf" {_N} weeks? (?:and \d days? )?(?:pregnan\w+|gone|along|gestation|with|preg|in pregnancy|of pregnancy)(?= )"
)
_MONTHS = re.compile(
    rf" {_N}(?:st|nd|rd|th)? months?(?: (?:of|into|in|my|the))* (?:pregnan\w+|gone|along|completed?|running|finish\w*|preg|carrying|heavy|over|belly)(?= )"
    rf"| pregnan\w+(?: (?:of|for|about|around|nearly|almost|now|with|only|my|,|is|since))* {_N}(?:st|nd|rd|th)? months?(?! (?:old|ago))"
    rf"| {_N}(?:st|nd|rd|th) month(?= )"
)
_BARE_MONTHS = re.compile(rf"{_NOT_SPAN}(?<! a) {_N} months?(?= (?:[,.?]|$))(?! . old)")
_TRIMESTER = re.compile(
    r" (?:(first|1st|1|second|2nd|2|third|3rd|3|last|final) (?:trimester|tri))(?= )"
)
_DUE_IN = re.compile(
    rf"(?<! period)(?<! periods)(?<! is)(?<! test)(?<! scan) due(?: date)?(?: is| was)?(?: in| within)(?: about| just| less than)? {_N} (day|week|month)s?(?= )"
    rf"| {_N} (day|week|month)s? (?:to go|left|until|till|before|away|off|from now) (?=(?:to |until |till |my |the |due |go |left |i am |[,.?] ?)*(?:due|[,.?]|$))"
)
_EARLY = re.compile(
    rf" {_N} (day|week|month)s? (?:too |to )?(?:early|premature|prematurely)(?= )(?! to (?!come|be|arrive|deliver))"
)
_NOT_DUE = re.compile(rf" not due (?:for|until)(?: another| about)? {_N} (day|week|month)s?(?= )")
_DUE_NOW = re.compile(
    r" (?:due (?:date )?(?:is |was )?(?:today|tomorrow|yesterday|any day|any time|now|this week)|past my due date|over ?due|full term|at term|term \d)(?= )"
)
_DUE_NEXT = re.compile(r" due next (week|month)(?= )")
_MONTH_WEEKS = 4.345
_OF_A_BABY = re.compile(
    r" (?:newborn\w*|(?:months?|weeks?|days?) old|gave birth|since (?:the |my )?birth|post ?partum|my baby (?:is|has|was)|(?:he|she|baby) is \d+ months?|rolled|teeth\w*|crawl\w*)(?= )"
)


# Weeks or months as such, not of her: "how many weeks is 5 months pregnant".
_RECKONED = re.compile(r" how many (?:weeks|months|days) (?:is|are|in|make)(?= )")
_NOT_HERS = ("past", "elsewhere", "supposed")
_WAYS = (
    _PLUS, _WEEKS_PREGNANT, _MONTHS, _DUE_IN, _NOT_DUE, _EARLY, _SAID_WEEKS, _WEEKS, _TRIMESTER, _DUE_NEXT, _DUE_NOW,
)  # fmt: skip


def read_gestation(line: str, standing: Standing) -> float | None:
    """Weeks of pregnancy that the line states, whichever way; none of a pregnancy that ended."""
    if _RECKONED.search(line):
        return None
    aged = age_spans(line)
    for weeks, found in _stated(line):
        start, end = found.span()
        if any(first < end and start < last for first, last in aged):
            continue
        if is_week_of_loss(line, start, end, standing):
            continue
        if standing.why_not(start + 1, end) not in _NOT_HERS:
            return weeks
    if not aged and not _OF_A_BABY.search(line):
        bare = _BARE_MONTHS.search(line)
        if (
            bare
            and 1 <= float(bare[1]) <= 9.5
            and not is_week_of_loss(line, *bare.span(), standing)
        ):
            return float(bare[1]) * _MONTH_WEEKS
    return None


def read_loss_weeks(line: str, standing: Standing) -> float | None:
    """The week at which a pregnancy ended, as the line tells it: 20 in "I lost my baby at 20 weeks"."""
    losses = (w for w, found in _stated(line) if is_week_of_loss(line, *found.span(), standing))
    return next(losses, None)


def _stated(line: str) -> Iterator[tuple[float, re.Match[str]]]:
    """Every week of a pregnancy that the line names, the surest way of saying it first."""
    for pattern in _WAYS:
        for found in pattern.finditer(line):
            weeks = _weeks_in(pattern, found)
            if weeks is not None and 2 <= weeks <= 43:
                yield weeks, found


def _weeks_in(pattern: re.Pattern[str], found: re.Match[str]) -> float | None:
    said = [group for group in found.groups() if group]
    if pattern is _PLUS:
        return int(said[0]) + int(said[1]) / 7
    if pattern is _MONTHS:
        return float(said[0]) * _MONTH_WEEKS if float(said[0]) < 10 else None
    if pattern is _TRIMESTER:
        return {"f": 8.0, "1": 8.0, "s": 20.0, "2": 20.0}.get(
            said[0][0] if said[0] != "final" else "t", 32.0
        )
    if pattern in (_DUE_IN, _NOT_DUE, _EARLY):
        return TERM_WEEKS - float(said[0]) * DAYS[said[1]] / 7
    if pattern is _DUE_NEXT:
        return 39.0 if said[0] == "week" else 36.0
    return TERM_WEEKS if pattern is _DUE_NOW else float(said[0])
