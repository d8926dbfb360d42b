"""Which of the scored passages become hits: no text twice, several pages, neighbours in one piece.

Knows records and scores only. Stands between `rag.search.fusion` and `rag.retrieve`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.index import Index
from corpus.records import Passage, TextBox
from rag.search.fusion import Candidates

SAME_TEXT = 0.9  # share of five-word runs in common from which two passages are one text
SAME_PAGE = 0.05  # what a second hit on a page that is already there loses, in cosine units
FRAGMENT_WORDS = 45  # a shorter passage is shown with its neighbour
JOINED_WORDS = 260  # a joined passage is never longer
LOOKED_AT = 60  # best candidates from which hits are chosen


def choose(
    candidates: Candidates, k: int, favoured: frozenset[str] = frozenset(), bonus: float = 0.0
) -> list[int]:
    """Places of the k best candidates, best first; books in `favoured` (ids) gain `bonus`."""
    left = list(range(min(LOOKED_AT, len(candidates))))
    worth = {
        place: float(candidates.score[place])
        + (bonus if candidates.passages[place].book_id in favoured else 0.0)
        for place in left
    }
    chosen: list[int] = []
    while left and len(chosen) < k:
        best = max(left, key=lambda place: (worth[place], -place))
        left.remove(best)
        passage = candidates.passages[best]
        if any(_same_text(passage, candidates.passages[other]) for other in chosen):
            continue
        chosen.append(best)
        for place in left:
            other = candidates.passages[place]
            if (other.book_id, other.first_page) == (passage.book_id, passage.first_page):
                worth[place] -= SAME_PAGE
    return chosen


def join_neighbours(index: Index, rows: Sequence[int]) -> list[tuple[int, Passage]]:
    """(row of the better half, passage with boxes) of the hits, neighbours joined into one.

    Two hits that follow one another in a section, on one page, become one passage; a hit too
    short to be understood takes its neighbour along.
    """
    joined: list[tuple[int, Passage]] = []
    used: set[int] = set()
    for row in rows:
        if row in used:
            continue
        passage = index.passage(row, boxes=True)
        partner = _partner(index, row, passage, frozenset(rows) - used)
        used.add(row)
        if partner is not None:
            used.add(partner)
            other = index.passage(partner, boxes=True)
            passage = _join(passage, other) if row < partner else _join(other, passage)
        joined.append((row, passage))
    return joined


def _partner(index: Index, row: int, passage: Passage, hits: frozenset[int]) -> int | None:
    """The neighbour to join with: another hit, or any for a fragment; None to stay alone."""
    fragment = len(passage.text.split()) < FRAGMENT_WORDS
    near = index.neighbours(row)
    for other in sorted(near, key=lambda neighbour: (neighbour not in hits, neighbour < row)):
        if other not in hits and not fragment:
            break
        neighbour = index.passage(other)
        pages = {passage.first_page, passage.last_page, neighbour.first_page, neighbour.last_page}
        words = len(passage.text.split()) + len(neighbour.text.split())
        if len(pages) == 1 and words <= JOINED_WORDS:
            return other
    return None


def _join(first: Passage, second: Passage) -> Passage:
    """Two passages that follow one another as one; boxes move along with their words."""
    text = f"{first.text}\n{second.text}"  # a row or a heading ends where its passage ends
    shift = len(first.text) + 1
    moved = tuple(TextBox(b.start + shift, b.end + shift, b.box) for b in second.boxes)
    return replace(
        first,
        id=Passage.make_id(first.book_id, first.first_page, second.last_page, text),
        last_page=second.last_page,
        text=text,
        boxes=first.boxes + moved,
        asked_as=tuple(dict.fromkeys(first.asked_as + second.asked_as)),
    )


def _same_text(one: Passage, other: Passage) -> bool:
    first, second = _runs(one.text), _runs(other.text)
    larger = max(len(first), len(second))
    return larger > 0 and len(first & second) >= SAME_TEXT * larger


def _runs(text: str, length: int = 5) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))}
