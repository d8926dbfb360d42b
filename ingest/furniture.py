"""Running headers, footers and page numbers: found by repetition across the book, and removed.

A line is furniture when it stands outermost on its page and the same line (but for its digits)
stands at the same height on other pages. Body text between other body text is never touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.layout import Fragment, fragments_of
from ingest.shapes import Frame
from ingest.words import Token

BAND = 0.14  # of the page height, at the top and at the bottom
MAX_LINES = 4  # of furniture at one end of a page
HEIGHT_SLACK = 4.0  # points that a running line may wander
NEARBY = 8  # pages; a chapter's own running title repeats within this distance
MIN_REPEATS = 3
APART = 0.75  # in sizes: white below a running line, more than between lines of a paragraph
FAR_APART = 1.2  # the same for a second running line: a table has headings too
_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"^[ivxlc]+$")


@dataclass(slots=True)
class PageText:
    """One page's words of one direction, upright, and the frame's size."""

    number: int
    tokens: list[Token]
    width: float
    height: float
    tables: Sequence[Frame] = ()  # ruled tables: what stands in them is never furniture


@dataclass(slots=True)
class _Row:
    """Words of one baseline in the top or bottom band, seen as one line."""

    page: int
    key: str
    y: float
    size: float
    fragments: list[Fragment]
    level: int  # 0 = outermost on its page
    gap: float  # to the next line inwards
    next_size: float  # of that line's print
    from_top: bool


def remove_furniture(pages: Sequence[PageText]) -> None:
    """Take running lines out of every page's tokens."""
    rows = [row for page in pages for row in _outer_rows(page)]
    body = _body_size(pages)
    groups: dict[tuple[str, bool], list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.key, row.from_top].append(row)
    repeated: set[int] = set()
    for group in groups.values():
        repeated.update(id(row) for row in group if _repeats(row, group, len(pages)))
    slots = [row for row in rows if id(row) in repeated and row.level == 0]
    gone: dict[int, set[int]] = defaultdict(set)
    for end in (True, False):
        _peel([row for row in rows if row.from_top == end], repeated, slots, body, len(pages), gone)
    for page in pages:
        taken = gone.get(page.number)
        if taken:
            page.tokens = [token for token in page.tokens if id(token) not in taken]


def _peel(
    rows: Sequence[_Row],
    repeated: set[int],
    slots: Sequence[_Row],
    body: float,
    page_count: int,
    gone: dict[int, set[int]],
) -> None:
    """From the outermost line inwards, as long as lines are furniture."""
    by_page: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        by_page[row.page].append(row)
    for page, lines in by_page.items():
        running: list[_Row] = []
        for row in sorted(lines, key=lambda row: row.level):
            slot = row.level == 0 and _in_slot(row, slots, body, page_count)
            if not slot and id(row) not in repeated:
                break
            running.append(row)
        while running and not _set_apart(running[-1]):
            running.pop()
        for row in running:
            for fragment in row.fragments:
                gone[page].update(id(token) for token in fragment.tokens)


def _set_apart(row: _Row) -> bool:
    """Whether white space or another print size parts the line from what stands further in."""
    if abs(row.size - row.next_size) > 0.08 * row.size:
        return row.gap > 0.25 * row.size
    return row.gap >= (APART if row.level == 0 else FAR_APART) * row.size


def _repeats(row: _Row, group: Sequence[_Row], page_count: int) -> bool:
    """Whether the same line stands at this height on enough other pages nearby."""
    same = {
        other.page
        for other in group
        if abs(other.y - row.y) <= HEIGHT_SLACK and abs(other.size - row.size) < 0.6
    }
    near = {page for page in same if abs(page - row.page) <= NEARBY}
    enough = max(len(near), len(same) if len(same) >= 0.3 * page_count else 0)
    return enough >= min(MIN_REPEATS, max(2, page_count // 2))


def _in_slot(row: _Row, slots: Sequence[_Row], body: float, page_count: int) -> bool:
    """Whether other pages keep their running line just here, in just this size."""
    if len(row.key.split()) > 14 or (abs(row.size - body) < 0.3 and row.gap < 1.2 * row.size):
        return False
    here = {
        slot.page
        for slot in slots
        if slot.from_top == row.from_top
        and abs(slot.y - row.y) < 1.5
        and abs(slot.size - row.size) < 0.3
    }
    return len(here) >= max(MIN_REPEATS, 0.3 * page_count)


def _outer_rows(page: PageText) -> list[_Row]:
    """The lines in the page's top and bottom bands, outermost first."""
    limit = BAND * page.height
    sight = 1.6 * limit  # what stands beyond the band still tells how far a line stands apart
    outer = [
        token for token in page.tokens if token.base < sight or token.base > page.height - sight
    ]
    lines: list[list[Fragment]] = []
    for fragment in sorted(fragments_of(outer), key=lambda fragment: fragment.base):
        if lines and fragment.base - lines[-1][0].base < 0.35 * fragment.size:
            lines[-1].append(fragment)
        else:
            lines.append([fragment])
    middle = page.height / 2
    top = _upto_table(page, [line for line in lines if line[0].base < middle])
    bottom = _upto_table(page, [line for line in lines if line[0].base >= middle][::-1])
    rows = _rows_of(page, top, True) + _rows_of(page, bottom, False)
    return [row for row in rows if row.y < limit]


def _upto_table(page: PageText, lines: list[list[Fragment]]) -> list[list[Fragment]]:
    """The lines from outside inwards as far as a ruled table begins."""
    outside = []
    for line in lines[: MAX_LINES + 1]:
        x, y = line[0].x0, line[0].base - 0.3 * line[0].size
        if any(f[0] <= x <= f[2] and f[1] <= y <= f[3] for f in page.tables):
            break
        outside.append(line)
    return outside


def _rows_of(page: PageText, lines: list[list[Fragment]], from_top: bool) -> list[_Row]:
    rows = []
    for level, fragments in enumerate(lines[:MAX_LINES]):
        fragments.sort(key=lambda fragment: fragment.x0)
        texts = [token.text for fragment in fragments for token in fragment.tokens]
        y = fragments[0].base if from_top else page.height - fragments[0].base
        size = max(fragment.size for fragment in fragments)
        gap, next_size = float("inf"), size
        if level + 1 < len(lines):
            inner = lines[level + 1]
            gap = abs(inner[0].base - fragments[0].base) - size
            next_size = max(fragment.size for fragment in inner)
        key = line_key(texts)
        rows.append(_Row(page.number, key, y, size, fragments, level, gap, next_size, from_top))
    return rows


def line_key(texts: Sequence[str]) -> str:
    """The line but for what changes from page to page: digits, roman numbers, case."""
    words = []
    for text in texts:
        word = _DIGITS.sub("#", text.casefold())
        words.append("#" if _ROMAN.match(word) else word)
    edge = " ".join(words)
    return edge.strip(" |·•-–—")


def _body_size(pages: Sequence[PageText]) -> float:
    weights: dict[float, int] = defaultdict(int)
    for page in pages:
        for token in page.tokens:
            weights[round(token.size, 1)] += len(token.text)
    return max(weights, key=lambda size: weights[size]) if weights else 0.0
