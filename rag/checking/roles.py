"""Who does what to whom: sides of a comparison, doer and done-to, attributes exchanged between two things.

Knows an alignment and word order; the table of terms is not needed here.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from rag.checking.evidence import Alignment, sort_name
from rag.checking.reading import Reading, Token

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|gets?)\s+(?:\w+ly\s+)?(\w+(?:ed|en|t|own))\s+by\b",
    re.IGNORECASE,
)


_THAN = re.compile(r"\bthan\b", re.IGNORECASE)
_WITH = re.compile(
    r"\b(?:people|women|men|children|infants|babies|adults|patients|clients|those|someone|person|woman|child)"
    r"\s+with\s+(?:an? |the )?",
    re.IGNORECASE,
)
_WITH_REACH = 2  # characters to the word that follows
_STRICT = (_THAN, re.compile(r"\bapart from\b", re.IGNORECASE))
_PIVOTS = (
    *_STRICT,
    re.compile(r"\bbefore\b", re.IGNORECASE),
    re.compile(r"\bafter\b", re.IGNORECASE),
    re.compile(r"\boutweighs?\b", re.IGNORECASE),
    re.compile(r"\buntil\b", re.IGNORECASE),
)


def check_roles(found: Alignment) -> str | None:
    """No two sides of a comparison, an action or a pair of attributes may be exchanged."""
    if _sides_exchanged(found):
        return "the passage compares these the other way round"
    if _voice_exchanged(found):
        return "the passage has doer and done-to the other way round"
    if _exchanged_around(found):
        return "the passage has these two in each other's place"
    if _attributes_exchanged(found):
        return "the passage joins these words otherwise"
    if _bearers_exchanged(found):
        return "the passage says this of other people"
    return None


def _sides_exchanged(found: Alignment) -> bool:
    """ "A is safer than B" against "B is safer than A"; "A before B" against "B before A"."""
    for pivot in _PIVOTS:
        here, there = _find_pivot(found.sentence, pivot), _find_pivot(found.window.reading, pivot)
        if here is None or there is None:
            continue
        left, right = _split_places(found, here)
        if not (left and right):
            continue
        crossing = any(place > there for place in left)
        keeping = any(place > there for place in right)
        crossed_back = any(place < there for place in right)
        if crossing and (crossed_back or pivot in _STRICT or (not keeping and bool(right))):
            return True
    return False


def _find_pivot(reading: Reading, pivot: re.Pattern[str]) -> int | None:
    """The character place of a word that compares things, not numbers; None unless it stands once."""
    places = [
        match.start()
        for match in pivot.finditer(reading.text)
        if not any(0 <= q.start - match.end() <= 14 for q in reading.quantities)
    ]
    return places[0] if len(places) == 1 else None


def _split_places(found: Alignment, cut: int) -> tuple[list[int], list[int]]:
    """Where the content words before and after a place of the sentence stand in the window."""
    left: list[int] = []
    right: list[int] = []
    for token, match in zip(found.sentence.content, found.matches, strict=True):
        if match is not None and match.token >= 0 and token.kind in ("plain", "name"):
            (left if token.start < cut else right).append(
                found.window.reading.tokens[match.token].end
            )
    return left, right


def _voice_exchanged(found: Alignment) -> bool:
    """ "A is caused by B" against "A causes B": passive on one side only, yet the order the same."""
    sentence, window = found.sentence, found.window.reading
    here, there = _PASSIVE.search(sentence.text), _PASSIVE.search(window.text)
    if (here is None) == (there is None):
        return False
    passive = here or there
    voiced = sentence if here else window
    verb = (
        next((t for t in voiced.content if t.start <= passive.start(1) < t.end), None)
        if passive
        else None
    )
    pairs = [
        (token, window.tokens[m.token])
        for token, m in zip(sentence.content, found.matches, strict=True)
        if m is not None and m.token >= 0 and token.kind in ("plain", "name")
    ]
    anchor = next(((s, w) for s, w in pairs if verb in (s, w) and s.stems[0] == w.stems[0]), None)
    if anchor is None:
        return False
    before = [
        w.start < anchor[1].start
        for s, w in pairs
        if s.start < anchor[0].start and s is not anchor[0]
    ]
    after = [w.start > anchor[1].start for s, w in pairs if s.start > anchor[0].start]
    return bool(after) and all(after) and all(before)


def _exchanged_around(found: Alignment) -> bool:
    """A … m … B against B … m … A, where A and B are of one sort or m is a number."""
    window = found.window.reading
    marks = [
        (
            token.position,
            window.tokens[match.token].position,
            sort_name(token) or "name" if token.kind == "name" else "",
        )
        for token, match in zip(found.sentence.content, found.matches, strict=True)
        if match is not None and match.token >= 0 and token.kind in ("plain", "name")
    ]
    marks += [
        (place, window.places[number], f"number {wanted.dimension}")
        for place, number, wanted in zip(
            found.sentence.places, found.numbers, found.sentence.quantities, strict=True
        )
        if number is not None
    ]
    marks.sort()
    sorts = [sort for _, _, sort in marks]
    for (_, a, sort_a), (_, m, sort_m), (_, b, sort_b) in combinations(marks, 3):
        alike = bool(sort_a) and sort_a == sort_b
        if b < m < a and (alike or (sort_m.startswith("number") and sorts.count(sort_m) > 1)):
            return True
    return False


def _attributes_exchanged(found: Alignment) -> bool:
    """ "knees straight, back bent" against "knees bent, back straight"."""
    window = found.window.reading
    content = [
        (token, [window.tokens[i] for i in options])
        for token, options in zip(found.sentence.content, found.options, strict=True)
        if token.kind in ("plain", "name")
    ]
    torn = [
        (first[1], second[1])
        for first, second in pairwise(content)
        if first[1] and second[1] and _stand_together(found.sentence, [first[0]], [second[0]])
        and not _stand_together(window, first[1], second[1])
    ]  # fmt: skip
    return any(
        (_stand_together(window, a, d) and _stand_together(window, c, b))
        or (_stand_together(window, a, c) and _stand_together(window, b, d))
        for (a, b), (c, d) in combinations(torn, 2)
    )


def _bearers_exchanged(found: Alignment) -> bool:
    """ "Half of those with A have B" against "half of those with B have A"."""
    here, there = _read_bearers(found.sentence), _read_bearers(found.window.reading)
    if not here or not there or here & there:
        return False
    ours = {key for token in found.sentence.content for key in token.keys}
    theirs = {key for token in found.window.reading.tokens for key in token.keys}
    return bool(here & theirs and there & ours)


def _read_bearers(reading: Reading) -> set[str]:
    """What people have, in "people with A": the keys of the first content word after "with"."""
    found: set[str] = set()
    for match in _WITH.finditer(reading.text):
        after = [t for t in reading.content if 0 <= t.start - match.end() <= _WITH_REACH]
        found |= after[0].keys if after else frozenset()
    return found


def _stand_together(reading: Reading, some: list[Token], others: list[Token]) -> bool:
    """Whether two words stand between the same marks, near one another."""
    return any(
        reading.soft[a.position] == reading.soft[b.position]
        and 0 < abs(a.position - b.position) <= 5
        for a in some
        for b in others
    )
