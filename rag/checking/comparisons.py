"""Read from the words around a number which way it bounds: "at least", "up to", "or more", "before".

Knows no unit and no passage.
"""

from __future__ import annotations

import re
from typing import Literal, cast

Direction = Literal["none", "up", "down"]

# What may stand between a comparison and its number.
# fmt: off
_FILLERS = (
    "the", "a", "an", "about", "around", "approximately", "roughly", "some", "only", "just", "of", "be", "another",
    "every", "day", "week", "weeks", "age", "aged", "end of", "start of", "total of", "dose of", "age of", "level of",
    "reading of", "average of", "as much as", "value of", "values of", "concentration of", r"\(",
)
# fmt: on
_FILLER = rf"(?:\s+(?:{'|'.join(sorted(_FILLERS, key=len, reverse=True))}))*\s*$"
_MORE = r"(?:more|greater|higher|larger|longer|older|later|heavier|bigger|further|taller|warmer)"
_LESS = r"(?:less|fewer|lower|shorter|younger|earlier|smaller|lighter|sooner)"
_NOT = r"(?:\bno|\bnot|n['’]t|\bnever|\bwithout|\bnor|\bavoid)"

_LEFT: tuple[tuple[Direction, re.Pattern[str]], ...] = tuple(
    (cast(Direction, direction), re.compile(pattern + _FILLER, re.IGNORECASE))
    for direction, pattern in (
        ("down", rf"{_NOT}(?:\W+(?!for\b|in\b)[\w’']+){{0,4}}?\W+(?:{_MORE}\s+than|exceed(?:s|ing)?)"),
        ("up", rf"{_NOT}(?:\W+(?!for\b|in\b)[\w’']+){{0,3}}?\W+{_LESS}\s+than"),
        ("up", r"(?:\bat (?:the )?least|\bminimum(?: of)?|≥|>=|⩾)"),
        ("down", r"(?:\bat (?:the )?most|\bup to|\bmaximum(?: of)?|\bmax|≤|<=|⩽|\blimit(?:ed)? to|\bas little as)"),
        ("up", rf"(?:\b{_MORE}\s+than|\babove|\bover|\bexceed(?:s|ing)?|\bbeyond|>|\bbetter than)"),
        ("down", rf"(?:\b{_LESS}\s+than|\bbelow|\bunder|<)"),
    )
)  # fmt: skip
_LEFT_IN_TIME: tuple[tuple[Direction, re.Pattern[str]], ...] = (
    (
        "up",
        re.compile(
            r"(?:\bnot before|\bfrom(?: the)?|\bsince|\bstarting (?:at|from)|\bbeginning at|\bafter|\bpast)"
            + _FILLER,
            re.IGNORECASE,
        ),
    ),
    ("down", re.compile(r"(?:\bwithin|\buntil|\btill|\bby|\bbefore)" + _FILLER, re.IGNORECASE)),
)
_AFTER_UNIT = r"^[\w%/°.²³^]*(?:\s+(?!or\b|and\b)[\w/]+){0,2}?(?:\s*\([^()]*\))?\s*[()]?\s*"
_RIGHT: tuple[tuple[Direction, re.Pattern[str]], ...] = tuple(
    (cast(Direction, direction), re.compile(rf"{_AFTER_UNIT}(?:{pattern})", re.IGNORECASE))
    for direction, pattern in (
        ("up", rf"\b(?:or|and)\s+(?:{_MORE}|above|over|beyond|upwards?)\b"),
        ("up", r"\b(?:at least|minimum|onwards?|plus)\b|\+(?!\d)"),
        ("down", rf"\b(?:or|and)\s+(?:{_LESS}|below|under)\b"),
        ("down", r"\bat (?:the )?most\b|\bmaximum\b|\bor before\b"),
    )
)


def read_direction(before: str, after: str, in_time: bool) -> Direction:
    """`up` for a lower bound, `down` for an upper bound, judged on both sides of the number."""
    left, right = before[-70:], re.split(r"[,;:.](?:\s|$)", after[:40], maxsplit=1)[0]
    for direction, pattern in _LEFT + (_LEFT_IN_TIME if in_time else ()):
        if pattern.search(left):
            return direction
    for direction, pattern in _RIGHT:
        if pattern.search(right):
            return direction
    return "none"
