"""A quote made whole: its list with the line that leads in, its table with the headings, what it leans on.

Between the choice of a quote and the reader; every whole is an exact stretch of the passage. Knows the
layout of a passage and no question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.reply.layout import Stretch, read_layout

_LEANS = re.compile(  # a beginning that points at the sentence before
    r"(?:This|That|These|Those|It|They|Them|He|She|Its|Their|Such|Then|Also|But|So|However|Both|Either|Neither"
    r"|Otherwise|Instead|Other|Others|Another|The (?:two|three|four|others?|rest|same|latter))\b"
    r"|(?:In [^,.]{2,40}?,? )?[Tt]he (?:higher|lower|larger|smaller|same|other|second|latter) "
    r"|(?:Call|See|Go|Ask|Tell|Say|Do|Take|You|Some|Many)\b[^,.;]{0,25} also\b"
    r"|(?:Call|Phone|Go to|See|Ask)\b(?!.*\b(?:if|for|when|before|about|with|that|to have|after)\b)[^.]*\.$"
    r"|[^.,]{0,30}\b(?:these|those) (?:two|three|four|five|signs|foods|methods|medicines)\b"
    r"|[^.]{0,60}\b(?:higher|lower|more|less|rarer) still\b"
)
_LEADS_ON = re.compile(
    r"^Guidelines\b[^.]*\bdiffer\b[^.]*\.$|\badvice differs\.$"
)  # says nothing alone
_MOST_BEFORE = 2  # sentences that a leaning one brings along


@dataclass(frozen=True, slots=True)
class Whole:
    """A stretch `[start, end)` of a passage that can be read alone."""

    start: int
    end: int


def complete(text: str, start: int, end: int, most_words: int) -> Whole | None:
    """The stretch with what it needs to be read alone, in at most `most_words` words.

    None where that does not fit, or where the stretch only announces what follows.
    """
    stretches = read_layout(text)
    inside = [n for n, s in enumerate(stretches) if s.span.start < end and start < s.span.end]
    if not inside:
        return None
    first, last = inside[0], inside[-1]
    if stretches[last].kind == "lead" and last + 1 < len(stretches):
        first, last = last, last + 1
    if stretches[last].kind in ("item", "row"):
        return _take_list(text, stretches, first, last, most_words)
    if stretches[last].kind != "sentence":
        return None
    if _LEADS_ON.search(stretches[last].span.text):
        last += 1
        if last == len(stretches) or stretches[last].kind != "sentence":
            return None
    longer = _take_before(stretches, first), last
    for place in (longer, (first, last)):
        if _count_words(text, stretches, *place) <= most_words:
            return _whole(stretches, *place)
    return None


def _take_before(stretches: tuple[Stretch, ...], first: int) -> int:
    """The first stretch of what the one at `first` leans on."""
    for _ in range(_MOST_BEFORE):
        leans = _LEANS.match(stretches[first].span.text)
        if not (leans and first and stretches[first - 1].kind == "sentence"):
            break
        first -= 1
    return first


def _take_list(
    text: str, stretches: tuple[Stretch, ...], first: int, last: int, most_words: int
) -> Whole | None:
    """The whole list or table that the stretch at `last` is in; its beginning where it is too long."""
    kind = stretches[last].kind
    begins, ends = last, last
    while begins and stretches[begins - 1].kind == kind:
        begins -= 1
    while ends + 1 < len(stretches) and stretches[ends + 1].kind == kind:
        ends += 1
    while begins and stretches[begins - 1].kind == "lead":
        begins -= 1
    if kind == "item" and begins == ends == 0:
        return None  # the last of a list that another passage begins
    for end in range(ends, last - 1, -1):
        if _count_words(text, stretches, begins, end) <= most_words:
            return _whole(stretches, begins, end)
    fits = kind == "item" and _count_words(text, stretches, first, last) <= most_words
    return _whole(stretches, first, last) if fits else None


def _count_words(text: str, stretches: tuple[Stretch, ...], first: int, last: int) -> int:
    return len(text[stretches[first].span.start : stretches[last].span.end].split())


def _whole(stretches: tuple[Stretch, ...], first: int, last: int) -> Whole:
    return Whole(stretches[first].span.start, stretches[last].span.end)
