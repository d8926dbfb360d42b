"""The statements that one sentence of a passage joins, each written out on its own.

"Ask after 12 months if you are under 35, and after 6 months if you are older" also says "Ask after 6 months
if you are older". Each part follows from its sentence; knows no passage and no meaning.
"""

from __future__ import annotations

import re

from rag.claims import find_subject
from rag.polarity import cut_clauses
from rag.quantities import find_quantities
from rag.terms import WORD

_FEWEST_WORDS = 4
_SEGMENT = re.compile(r";\s+(?:and\s+|but\s+)?")
_PRONOUN = re.compile(r"(?<![\w'’])(?:it|they|this|these)(?![\w'’])", re.IGNORECASE)
_JOINT = re.compile(
    r",?\s+(?:and|or|but)\s+(?P<opening>(?:up to|after|from|at|in|with|for|below|above|by|until|within|"
    r"between|before|over|under|on|about)\s)",
    re.IGNORECASE,
)


def list_parts(sentence: str) -> list[str]:
    """What a sentence says in parts, besides the whole; empty for one that says one thing."""
    segments = _list_segments(sentence)
    parts = segments[:]
    for text in segments or [sentence]:
        parts += _list_ellipses(text)
    return parts


def _list_segments(sentence: str) -> list[str]:
    """The statements between semicolons; a later one's "it" is the first one's subject."""
    pieces = [piece.strip() for piece in _SEGMENT.split(sentence)]
    if len(pieces) < 2 or ":" in sentence or "•" in sentence:
        return []
    subject = find_subject(pieces[0])
    subject = subject.rpartition(",")[2].strip()  # without "In a cycle of 28 days,"
    rest = [
        _PRONOUN.sub(lambda _: subject, piece, count=1) if subject else piece
        for piece in pieces[1:]
    ]
    return [piece for piece in (pieces[0], *rest) if len(piece.split()) >= _FEWEST_WORDS]


def _list_ellipses(text: str) -> list[str]:
    """ "below A in the first, and below B in the second": each with the words before the first "below"."""
    parts = []
    for match in _JOINT.finditer(text):
        opening = match["opening"]
        before = list(re.finditer(rf"(?<!\w){opening}", text[: match.start()], re.IGNORECASE))
        tail = text[match.start("opening") :]
        if not before or not _are_alike(text[before[-1].start() : match.start()], tail):
            continue
        parts.append(text[: before[-1].start()] + tail)
        if not _sets_condition(tail) or _sets_condition(text[: match.start()]):
            parts.append(text[: match.start()])
    return parts


def _are_alike(first: str, second: str) -> bool:
    """Whether both hold a number of one kind: then the second stands in the first one's place."""
    kinds = [{q.dimension for q in find_quantities(piece)} for piece in (first, second)]
    return bool(kinds[0] & kinds[1])


def _sets_condition(text: str) -> bool:
    return any(clause.condition for clause in cut_clauses(text, list(WORD.finditer(text))))
