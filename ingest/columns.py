"""A page's fragments → its regions in reading order: columns of prose, tables, and what is between.

Pure geometry by recursive cutting: find the white gutter that runs along the most lines; if prose
stands on both sides, read left then right; if cells do, it is a table. (Cutting along white
space: Nagy & Seth 1984; Breuel 2002.) Knows no PDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.gutters import Gutter, find_gutters, join_broken
from ingest.layout import BULLETS, STAND_IN, Fragment
from ingest.shapes import Shape

MAX_DEPTH = 12
MIN_BARS = 3  # rules across a gutter that make its sides a table
MAX_FRAGMENTS = 2500  # of one page; beyond that the file's own order is kept


@dataclass(slots=True)
class Region:
    """A part of the page whose lines are read top to bottom, or a table's rows."""

    fragments: list[Fragment]
    gutters: list[Gutter] = field(default_factory=list)  # of a table; empty for prose

    @property
    def is_table(self) -> bool:
        return bool(self.gutters)


def cut_regions(
    fragments: list[Fragment], bars: Sequence[Shape] = (), depth: int = 0
) -> list[Region]:
    """The regions of a page in reading order; `bars` are the level rules and fills drawn on it."""
    if len(fragments) < 2 or depth > MAX_DEPTH or len(fragments) > MAX_FRAGMENTS:
        return [Region(fragments)] if fragments else []
    gutters = [gutter for gutter in find_gutters(fragments) if gutter.real]
    if not gutters:
        return [Region(fragments)]
    main = gutters[0]
    joined = join_broken(gutters)
    same = [g for g in joined if _shared(g, main) > 0.6 * (main.bottom - main.top)]
    same.sort(key=lambda g: g.x0)
    zone = [f for f in fragments if main.top - 1 <= f.base <= main.bottom + 1]
    boxed = any(fragment.tokens[0].text == STAND_IN for fragment in zone)
    if boxed or (_crossing_bars(bars, main) < MIN_BARS and is_prose(zone, main, same)):
        return _cut_columns(fragments, main, bars, depth)
    return _cut_table(fragments, main, same, bars, depth)


def _crossing_bars(bars: Sequence[Shape], gutter: Gutter) -> int:
    """Distinct heights at which a rule or a fill's edge runs across the gutter."""
    heights = {
        round(y / 4)
        for bar in bars
        if bar.x0 < gutter.x0 and bar.x1 > gutter.x1 and bar.y1 - bar.y0 < 0.6 * _tall(gutter)
        for y in (bar.y0, bar.y1)
        if gutter.top - 2 < y < gutter.bottom + 2
    }
    return len(heights)


def _tall(gutter: Gutter) -> float:
    return gutter.bottom - gutter.top


def _shared(one: Gutter, other: Gutter) -> float:
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def is_prose(zone: Sequence[Fragment], main: Gutter, gutters: Sequence[Gutter]) -> bool:
    """Whether running text stands on both sides of the main gutter, rather than cells.

    Running text fills its column: most lines reach the column's right edge, hold several words,
    and go on from the line above. Cells are short, ragged, or numbers.
    """
    middle = (main.x0 + main.x1) / 2
    sides = [f for f in zone if f.x1 <= middle], [f for f in zone if f.x0 >= middle]
    if any(_is_figures(side) for side in sides):
        return False
    if not _faces(*sides):
        return True
    edges = [float("-inf"), *((g.x0 + g.x1) / 2 for g in gutters), float("inf")]
    columns = [
        [f for f in zone if low <= (f.x0 + f.x1) / 2 < high] for low, high in pairwise(edges)
    ]
    columns = [column for column in columns if column]
    prose = [column for column in columns if _flows(column)]
    if len(prose) == len(columns):
        return True
    middle = (main.x0 + main.x1) / 2
    left = [column for column in prose if column[0].x1 <= middle]
    right = [column for column in prose if column[0].x0 >= middle]
    lines = sum(len(column) for column in columns)
    return bool(left and right) and sum(map(len, prose)) > 0.7 * lines and len(columns) <= 4


def _is_figures(side: Sequence[Fragment]) -> bool:
    """Whether mostly single numbers stand here."""
    starts = [f.tokens[0].text.lstrip("<>≤≥~-−–(") for f in side if len(f.tokens) <= 2]
    numbers = [start for start in starts if start[:1].isdigit()]
    return len(side) >= 4 and len(numbers) >= 0.6 * len(side)


def _faces(left: Sequence[Fragment], right: Sequence[Fragment]) -> bool:
    """Whether the lines on both sides of a gutter stand on common baselines."""
    fewer, more = sorted((left, right), key=len)
    facing = sum(any(abs(f.base - g.base) < 0.2 * f.size + 0.5 for g in more) for f in fewer)
    return facing >= 0.6 * len(fewer)


def _flows(column: Sequence[Fragment]) -> bool:
    """Whether these lines, one under the other, are a column of prose (or a list)."""
    if len(column) < 3:
        return sum(len(f.tokens) for f in column) >= 6 * len(column)
    width = max(f.x1 for f in column) - min(f.x0 for f in column)
    filled = sum(f.x1 - f.x0 > 0.6 * width for f in column) / len(column)
    words = median(len(f.tokens) for f in column)
    if sum(f.tokens[0].text in BULLETS for f in column) >= 0.5 * len(column):
        return True  # a list set in columns
    starts = sum(f.tokens[0].text[:1].islower() for f in column) / len(column)
    return words >= 3 and (filled >= 0.5 or words >= 5) and (starts >= 0.25 or words >= 6)


def _cut_columns(
    fragments: list[Fragment], main: Gutter, bars: Sequence[Shape], depth: int
) -> list[Region]:
    """Above, left, right, below: each cut further."""
    middle = (main.x0 + main.x1) / 2
    top, bottom = _column_extent(fragments, main)
    above: list[Fragment] = []
    left: list[Fragment] = []
    right: list[Fragment] = []
    below: list[Fragment] = []
    for fragment in fragments:
        y = fragment.base - 0.2 * fragment.size
        if y < top:
            above.append(fragment)
        elif y > bottom:
            below.append(fragment)
        else:
            (left if (fragment.x0 + fragment.x1) / 2 < middle else right).append(fragment)
    if not (left and right):
        return [Region(fragments)]
    parts = (above, left, right, below)
    return [region for part in parts for region in cut_regions(part, bars, depth + 1)]


def _column_extent(fragments: Sequence[Fragment], main: Gutter) -> tuple[float, float]:
    """How far up and down the two columns go beyond the lines that face each other.

    A right column that starts higher, or a left column that ends lower, belongs to the columns
    until a line crosses the gutter; what stands after a clear gap just above that line is its
    heading and goes with it.
    """
    top, bottom = main.top, main.bottom
    crossing = [f for f in fragments if f.x0 < main.x1 and f.x1 > main.x0]
    ceiling = max((f.bottom for f in crossing if f.bottom <= top + 1), default=float("-inf"))
    floor = min((f.top for f in crossing if f.top >= bottom - 1), default=float("inf"))
    rising = [f for f in fragments if f.x0 >= main.x1 - 1 and ceiling < f.top < top]
    for fragment in sorted(rising, key=lambda f: -f.top):
        if top - fragment.bottom > 2.5 * fragment.size:
            break
        top = fragment.top
    falling = [f for f in fragments if f.x1 <= main.x0 + 1 and bottom < f.bottom < floor]
    falling.sort(key=lambda f: f.top)
    bound = 1.2 if floor < float("inf") else 2.5
    for fragment in falling:
        if fragment.top - bottom > bound * fragment.size:
            break
        bottom = max(bottom, fragment.bottom)
    return top - 1, bottom + 1


def _cut_table(
    fragments: list[Fragment],
    main: Gutter,
    gutters: list[Gutter],
    bars: Sequence[Shape],
    depth: int,
) -> list[Region]:
    """Above, the table, below."""
    top, bottom = main.top - 1, main.bottom + 1
    last_size = main.em
    trailing = sorted((f for f in fragments if f.base > bottom), key=lambda f: f.base)
    for fragment in trailing:  # the last row's cells may wrap on one side only
        crosses = any(fragment.x0 < g.x0 and fragment.x1 > g.x1 for g in gutters)
        if crosses or fragment.top - bottom > 0.45 * last_size:
            break
        bottom = fragment.bottom + 1
    above = [f for f in fragments if f.base < top]
    table = [f for f in fragments if top <= f.base <= bottom]
    below = [f for f in fragments if f.base > bottom]
    if not table or len(table) == len(fragments):
        return [Region(fragments, gutters)]
    return [
        *cut_regions(above, bars, depth + 1),
        Region(table, gutters),
        *cut_regions(below, bars, depth + 1),
    ]
