# ruff: noqa: E501  (a pattern is read whole)
"""A later half that names its owner first and borrows the rest: "WHO says no earlier than 1 minute; NICE 1 to 5 minutes".

Each is written out with the first half's words, its owner and its number put in their places. Knows one sentence;
rag/checking/parts.py asks it.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rag.checking.amounts import Quantity
from rag.checking.polarity import has_denial
from rag.checking.quantities import find_quantities

_CUT = re.compile(
    r";\s+(?:and\s+|but\s+)?|,\s+and\s+(?=(?:after|before|in|with|for|by|during|from)\s)",
    re.IGNORECASE,
)
_SOURCE = r"(?:WHO|NICE|NHS|CDC|ACOG|FDA|RCOG|FIGO|USPSTF|HRSA|AAP|the NHS|the CDC|the RCOG)"
_SOURCE_LED = re.compile(
    rf"^(?P<owner>{_SOURCE}(?: and {_SOURCE})?)(?: (?:says?|advises?|recommends?|uses?))?,? (?P<rest>.+)$"
)
_PLACE_LED = re.compile(
    r"^(?P<preposition>after|before|in|with|for|by|during|from|at) (?P<owner>[^,;]+?)(?:, | (?!.*,\s))(?P<rest>(?:about |around |below |above |"
    r"between |from |at least |at most |up to |no (?:more|less|later|earlier) than |(?:more|less|fewer) than )*\d.*)$",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|can|may|must|should|will|does|do)\b", re.IGNORECASE
)
_BOUND = re.compile(
    r"(?:\b(?:about|around|below|above|between|from|within|at least|at most|up to|no (?:more|less|later|earlier|fewer) than|"
    r"(?:more|less|fewer) than)\s+)+$",
    re.IGNORECASE,
)  # fmt: skip
_CONDITION = re.compile(r"\b(?:if|unless|when|except|provided|only)\b", re.IGNORECASE)


def list_fronted(sentence: str) -> list[str]:
    """Each later half with the first half's words; empty where none borrows them."""
    pieces = _CUT.split(sentence.rstrip(" ."))
    first = pieces[0]
    if len(pieces) < 2 or _CONDITION.search(first):
        return []
    parts = [_lend_source(first, piece) or _lend_place(first, piece) for piece in pieces[1:]]
    return [part for part in parts if part]


def _lend_source(first: str, piece: str) -> str | None:
    """ "…, says WHO" and "NICE between one and five minutes"."""
    led = _SOURCE_LED.match(piece)
    owner = re.search(_SOURCE, first)
    if led is None or owner is None or _VERB.search(led["rest"]):
        return None
    return _put_number(first[: owner.start()] + led["owner"] + first[owner.end() :], led["rest"])


def _lend_place(first: str, piece: str) -> str | None:
    """ "After five years, about 79 in 1,000 get it" and "after ten years about 92 in 1,000"."""
    led = _PLACE_LED.match(piece)
    if led is None or _VERB.search(led["rest"]) or _VERB.search(led["owner"]):
        return None
    stretch = rf"\b{led['preposition']} (?:(?!\b{led['preposition']}\b)[^,;])+?(?=,|\s(?:is|are|was|were|has|have|can|may|should|must)\b)"
    places = list(re.finditer(stretch, first, re.IGNORECASE))
    if len(places) != 1:
        return None
    owner = f"{led['preposition']} {led['owner']}"
    return _put_number(
        first[: places[0].start()] + owner + first[places[0].end() :], led["rest"], owner
    )


def _put_number(frame: str, rest: str, owner: str = "") -> str | None:
    """A frame with the numbers of `rest` in the place of its own of the same kind."""
    given = find_quantities(rest)
    if (
        not given
        or _BOUND.sub("", rest[: given[0].start]).strip()
        or has_denial(rest[given[-1].end :])
    ):
        return None
    sort = (given[0].kind, given[0].dimension)
    held = [
        q for q in find_quantities(frame) if (q.kind, q.dimension) == sort and q.text not in owner
    ]
    if not held or any(_parted(frame, a, b) for a, b in pairwise(held)):
        return None
    bound = _BOUND.search(frame[: held[0].start])
    start = bound.start() if bound else held[0].start
    return f"{frame[:start]}{rest}{frame[held[-1].end :]}"


def _parted(text: str, one: Quantity, other: Quantity) -> bool:
    """Whether more than "and" stands between two numbers: "40 weeks and 6 days" is one."""
    return text[one.end : other.start].strip() not in ("and", "to", "or", "–")
