"""What makes a sentence unsupported although its words stand in the passage: the checks, in order.

Each check takes an alignment and returns the reason for refusal, or None. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.checking.advisers import check_advisers
from rag.checking.amounts import Quantity
from rag.checking.bindings import check_bindings, check_counted_from
from rag.checking.conditions import (
    check_conditions,
    check_exceptions,
    check_restrictions,
    check_subjects,
)
from rag.checking.conjuncts import check_conjuncts, check_others, check_unconditional
from rag.checking.denials import check_dropped, check_polarity, check_without
from rag.checking.evidence import Alignment
from rag.checking.heads import check_heads
from rag.checking.reading import Reading
from rag.checking.reserve import (
    check_manner,
    check_quantifiers,
    check_supposed,
    check_up_and_down,
)
from rag.checking.roles import check_roles
from rag.checking.terms import load_terms

Check = Callable[[Alignment], str | None]
_BOUNDS = {
    "down": re.compile(
        r"\b(?:below|under|at most|up to|less than|within|no more than)\b", re.IGNORECASE
    ),
    "up": re.compile(r"\b(?:above|over|at least|more than|from)\b", re.IGNORECASE),
}
_NEXT_WORD = re.compile(r"\W*(\w+)")
_AT_ONCE = re.compile(
    r"\b(?:emergency|ambulance|a&e|hospital|999|112|911|call for help|maternity|labour ward)\b",
    re.IGNORECASE,
)
_TO_HOSPITAL = re.compile(
    r"\b(?:emergency (?:department|room|number|services)|ambulance|a&e)\b", re.IGNORECASE
)
_TO_OTHERS = re.compile(
    r"\b(?:see|call|ask|tell|contact|phone|visit)\s+(?:a|an|your|the)\s+(?:\w+\s+)?"
    r"(?:doctor|gp|midwife|nurse|pharmacist|dentist|health visitor)\b",
    re.IGNORECASE,
)


def check_numbers(found: Alignment) -> str | None:
    """Every number, with its unit and comparison, must stand in the evidence."""
    window = found.window.reading
    for wanted, number in zip(found.sentence.quantities, found.numbers, strict=True):
        if number is None:
            if wanted.kind == "count" and wanted.low == 1 and _counts_one(found, wanted):
                continue
            return f"the passage does not say “{wanted.text}” of this"
        given = window.quantities[number]
        loose = (wanted.direction, given.direction) == ("none", "down") and _says_within(
            found, wanted, given
        )
        loose = loose or (given.direction == "none" and _heading_bounds(found, wanted))
        if given.direction != wanted.direction and wanted.kind != "label" and not loose:
            return f"“{wanted.text}” is bounded otherwise than the passage's “{given.text}”"
    return None


def _heading_bounds(found: Alignment, wanted: Quantity) -> bool:
    """Whether the cell of a number stands under a heading that bounds it: "Keep for at most"."""
    bounds = _BOUNDS.get(wanted.direction)
    return bool(found.window.tabular and bounds and bounds.search(found.window.reading.text))


def _counts_one(found: Alignment, wanted: Quantity) -> bool:
    """ "one tablet" for "a tablet", of the same thing."""
    window = found.window.reading.text
    thing = _NEXT_WORD.match(found.sentence.text[wanted.end :])
    if wanted.direction != "none" or thing is None:
        return False
    stem = re.escape(thing[1][:5])
    return bool(
        re.search(rf"\b(?:an?|one|single|the)\s+(?:\w+\s+){{0,2}}{stem}|\bonce\b", window, re.I)
    )


def _says_within(found: Alignment, wanted: Quantity, given: Quantity) -> bool:
    """ "in three weeks" for "within three weeks"."""
    here, there = found.sentence.text[: wanted.start], found.window.reading.text[: given.start]
    return bool(
        re.search(r"\bin(?: the)?(?: next| first)?\s*$", here)
        and re.search(r"\bwithin(?: the)?\s*$", there)
    )


def check_joined(found: Alignment) -> str | None:
    """One of several numbers that stand side by side is read with its own words only."""
    window = found.window
    held = [window.reading.quantities[n] for n in found.numbers if n is not None]
    placed = [q for q in held if any(m.start <= q.start < m.end for m in window.members)]
    told = {
        member
        for member in window.members
        for q in placed
        if member.start <= q.start < member.value_end and not _is_repeated(window.reading, q)
    }
    if placed and len(told) < 2:
        return f"“{placed[0].text}” belongs to something else in the passage"
    return None


def _is_repeated(reading: Reading, wanted: Quantity) -> bool:
    """Whether a value stands in a text more than once: "a day … a day"."""
    value = (wanted.kind, wanted.dimension, wanted.low, wanted.high)
    values = [(q.kind, q.dimension, q.low, q.high) for q in reading.quantities]
    return values.count(value) > 1


def check_told(found: Alignment) -> str | None:
    """Of "eating liver: it harms" something must be told, not the eating alone."""
    window = found.window
    placed = [window.reading.tokens[m.token] for m in found.matches if m and m.token >= 0]
    told = [t for t in placed if t.start >= window.told_from and t.kind in ("plain", "name")]
    return None if told or not window.told_from else "the passage only names this here"


def check_help(found: Alignment) -> str | None:
    """Who is told to see a doctor is not told to go to the emergency department."""
    given = found.window.reading.text
    if not _TO_HOSPITAL.search(found.sentence.text) or _AT_ONCE.search(given):
        return None
    other = _TO_OTHERS.search(given)
    return f"the passage says “{other.group()}”" if other else None


def check_names(found: Alignment) -> str | None:
    """Every drug and condition named must be named in the evidence."""
    for token in found.missing:
        if token.kind == "name":
            return f"the passage does not speak of “{token.text}” here"
    return None


def check_opposites(found: Alignment) -> str | None:
    """No missing word may have its opposite, or a member of its family, where it should stand."""
    terms = load_terms()
    for token in found.missing:
        for other in found.window.reading.tokens:
            if (token.kind == "relation") != (other.kind == "relation"):
                continue
            theirs = other.keys | other.parts
            if terms.are_opposites(token.keys | token.parts, theirs) or terms.share_family(
                token.keys, theirs
            ):
                return f"the passage says “{other.text}”, not “{token.text}”"
    return None


CHECKS: tuple[Check, ...] = (
    check_numbers,
    check_joined,
    check_told,
    check_help,
    check_names,
    check_opposites,
    check_polarity,
    check_without,
    check_manner,
    check_quantifiers,
    check_up_and_down,
    check_supposed,
    check_conditions,
    check_conjuncts,
    check_unconditional,
    check_others,
    check_exceptions,
    check_subjects,
    check_restrictions,
    check_dropped,
    check_bindings,
    check_counted_from,
    check_advisers,
    check_roles,
    check_heads,
)
