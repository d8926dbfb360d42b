"""Tables → rows that can be read: the cells of a row on one line, parted by " | ".

Ruled tables are found by their grid of lines, unruled ones come from `layout` with their gutters.
Pure geometry; knows no PDF.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.layout import (
    PrintedLine,
    Region,
    fragments_of,
    horizontal_rules,
    make_line,
    vertical_rules,
)
from ingest.shapes import Shape
from ingest.words import Token

TOUCH = 3.0  # points: lines that come this close meet
SAME = 2.5  # points: parallel lines this close are one
MAX_RULES = 1500  # of one page; more is a drawing
BAR = "|"


@dataclass(slots=True)
class Grid:
    """A ruled table: the lines that bound its columns and rows, and where each line really runs."""

    xs: list[float]
    ys: list[float]
    uprights: list[Shape]
    levels: list[Shape]
    headed: bool = False  # its first row stands above the rules

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def holds(self, token: Token) -> bool:
        """Whether the word stands inside."""
        x, y = (token.x0 + token.x1) / 2, token.base - 0.3 * token.size
        return self.xs[0] - 1 <= x <= self.xs[-1] + 1 and self.ys[0] - 1 <= y <= self.ys[-1] + 1

    def take_heading(self, tokens: Sequence[Token]) -> None:
        """Stretch the table over a line just above its rules that names its columns."""
        top = self.ys[0]
        near = [t for t in tokens if 0 < top - t.base + 0.3 * t.size < 1.9 * t.size]
        if not near:
            return
        row = fragments_of([t for t in near if t.text.isprintable()])
        columns = [bisect_right(self.xs, f.x0 + 1) for f in row]
        fits = all(
            bisect_right(self.xs, f.x1 - 1) == column and 0 < column < len(self.xs)
            for f, column in zip(row, columns, strict=True)
        )
        if fits and len(set(columns)) >= max(2, len(self.xs) // 2):
            self.ys.insert(0, min(t.y0 for t in near))
            self.headed = True


def find_grids(shapes: Sequence[Shape]) -> list[Grid]:
    """Groups of level and upright lines that meet, with at least two columns and two rows."""
    uprights, levels = vertical_rules(shapes), horizontal_rules(shapes)
    if len(uprights) < 1 or len(levels) < 2 or len(uprights) + len(levels) > MAX_RULES:
        return []
    grids = []
    for members in _components([*uprights, *levels], len(uprights)):
        own_uprights = [rule for index, rule in members if index < len(uprights)]
        own_levels = [rule for index, rule in members if index >= len(uprights)]
        if not own_uprights or len(own_levels) < 2:
            continue
        xs = _positions([(r.x0 + r.x1) / 2 for r in own_uprights], own_levels, "x")
        ys = _positions([(r.y0 + r.y1) / 2 for r in own_levels], own_uprights, "y")
        if len(xs) >= 3 and len(ys) >= 3:
            grids.append(Grid(xs, ys, own_uprights, own_levels))
    return grids


def _components(rules: Sequence[Shape], uprights: int) -> Iterable[list[tuple[int, Shape]]]:
    """Sets of rules connected by touching."""
    parent = list(range(len(rules)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i in range(uprights):
        a = rules[i]
        for j in range(uprights, len(rules)):
            b = rules[j]
            if (
                b.x0 - TOUCH <= a.x1
                and a.x0 <= b.x1 + TOUCH
                and a.y0 - TOUCH <= b.y1
                and b.y0 <= a.y1 + TOUCH
            ):
                parent[root(i)] = root(j)
    groups: dict[int, list[tuple[int, Shape]]] = {}
    for index, rule in enumerate(rules):
        groups.setdefault(root(index), []).append((index, rule))
    return groups.values()


def _positions(middles: list[float], across: Sequence[Shape], axis: str) -> list[float]:
    """Distinct positions of parallel lines, with the ends of the lines across them as borders."""
    ends = [(r.x0, r.x1) if axis == "x" else (r.y0, r.y1) for r in across]
    middles = [*middles, min(e[0] for e in ends), max(e[1] for e in ends)]
    distinct: list[float] = []
    for position in sorted(middles):
        if not distinct or position - distinct[-1] > 2 * SAME:
            distinct.append(position)
    return distinct


def read_grid(grid: Grid, tokens: Sequence[Token]) -> list[PrintedLine]:
    """The rows of a ruled table; cells that no line parts are one cell."""
    columns, rows = len(grid.xs) - 1, len(grid.ys) - 1
    owner = _merge_cells(grid, columns, rows)
    cells: dict[int, list[Token]] = {}
    for token in tokens:
        column = bisect_right(grid.xs, (token.x0 + token.x1) / 2) - 1
        row = bisect_right(grid.ys, token.base - 0.3 * token.size) - 1
        row, column = max(0, min(row, rows - 1)), max(0, min(column, columns - 1))
        cells.setdefault(owner[row * columns + column], []).append(token)
    lines: list[PrintedLine] = []
    for row in range(rows):
        line_cells = [cells.get(row * columns + column, []) for column in range(columns)]
        if any(line_cells):
            lines += _row_lines(line_cells, ruled=True)
    return lines


def _merge_cells(grid: Grid, columns: int, rows: int) -> list[int]:
    """For each cell the index of the cell whose text it belongs to (itself, or up or left)."""
    owner = list(range(columns * rows))
    for row in range(1 if grid.headed else 0, rows):
        y = (grid.ys[row] + grid.ys[row + 1]) / 2
        for column in range(columns):
            x = (grid.xs[column] + grid.xs[column + 1]) / 2
            cell = row * columns + column
            if column and not _has_upright(grid, grid.xs[column], y):
                owner[cell] = owner[cell - 1]
            elif row > grid.headed and not _has_level(grid, x, grid.ys[row]):
                owner[cell] = owner[cell - columns]
    return owner


def _has_upright(grid: Grid, x: float, y: float) -> bool:
    return any(
        r.x0 - 2 * SAME <= x <= r.x1 + 2 * SAME and r.y0 - TOUCH <= y <= r.y1 + TOUCH
        for r in grid.uprights
    )


def _has_level(grid: Grid, x: float, y: float) -> bool:
    return any(
        r.y0 - 2 * SAME <= y <= r.y1 + 2 * SAME and r.x0 - TOUCH <= x <= r.x1 + TOUCH
        for r in grid.levels
    )


def read_unruled(region: Region, shapes: Sequence[Shape]) -> list[PrintedLine]:
    """The rows of a table whose columns are parted by white gutters."""
    edges = [(gutter.x0 + gutter.x1) / 2 for gutter in region.gutters]
    tokens = [token for fragment in region.fragments for token in fragment.tokens]
    lines: list[PrintedLine] = []
    for band in _bands(tokens, shapes):
        cells: list[list[Token]] = [[] for _ in range(len(edges) + 1)]
        for fragment in fragments_of(band):
            column = bisect_right(edges, (fragment.x0 + fragment.x1) / 2)
            if any(fragment.x0 < edge - 4 and fragment.x1 > edge + 4 for edge in edges):
                column = bisect_right(edges, fragment.x0)  # a heading across columns
            cells[column].extend(fragment.tokens)
        lines += _row_lines(cells)
    return lines


def _bands(tokens: Sequence[Token], shapes: Sequence[Shape]) -> Iterable[list[Token]]:
    """Words between two rules (or changes of background) that run across the table."""
    x0, x1 = min(t.x0 for t in tokens), max(t.x1 for t in tokens)
    top, bottom = min(t.y0 for t in tokens), max(t.y1 for t in tokens)
    borders = [
        y
        for shape in shapes
        if shape.kind in ("rule", "fill")
        and min(shape.x1, x1) - max(shape.x0, x0) > 0.6 * (x1 - x0)
        and shape.y1 - shape.y0 < 0.7 * (bottom - top)
        for y in (shape.y0, shape.y1)
        if top < y < bottom
    ]
    bands: dict[int, list[Token]] = {}
    borders.sort()
    for token in tokens:
        bands.setdefault(bisect_right(borders, token.base - 0.3 * token.size), []).append(token)
    return (bands[key] for key in sorted(bands))


def _row_lines(cells: Sequence[list[Token]], ruled: bool = False) -> list[PrintedLine]:
    """One line of print for each row that stands in these cells."""
    lines = []
    for row in _split_rows(cells, ruled):
        tokens: list[Token] = []
        for cell in row:
            if cell and tokens:
                tokens.append(_bar(tokens[-1]))
            tokens.extend(cell)
        lines.append(make_line(tokens, "row"))
    return lines


def _bar(before: Token) -> Token:
    """The mark between two cells; it is not printed, so its box has no width."""
    x = before.x1
    return Token(BAR, x, before.y0, x, before.y1, before.base, before.size, before.bold)


def _split_rows(cells: Sequence[list[Token]], ruled: bool) -> list[list[list[Token]]]:
    """Part cells with several lines into rows, where the lines of the cells face one another.

    Between rules the cells are one row, unless each cell has as many lines as the others, on the
    same baselines, as in a table whose rules only frame it.
    """
    lines = [_cell_lines(cell) for cell in cells]
    filled = [cell for cell in lines if cell]
    if len(filled) < 2 or (ruled and not _lines_face(filled)):
        return [[_flat(cell) for cell in lines]]
    starts = _row_starts(lines, filled)
    rows: list[list[list[Token]]] = [[[] for _ in cells] for _ in starts]
    for column, cell in enumerate(lines):
        for base, tokens in cell:
            row = max(0, bisect_right(starts, base + 3) - 1)
            rows[row][column].extend(tokens)
    return [row for row in rows if any(row)]


def _lines_face(filled: Sequence[list[CellLine]]) -> bool:
    count = len(filled[0])
    if count < 3 or any(abs(len(cell) - count) > 0.2 * count for cell in filled):
        return False
    bases = [base for base, _ in filled[0]]
    facing = [any(abs(base - b) < 3 for b in bases) for cell in filled for base, _ in cell]
    return sum(facing) >= 0.9 * len(facing)


CellLine = tuple[float, list[Token]]


def _cell_lines(cell: Sequence[Token]) -> list[CellLine]:
    """The printed lines of a cell with their baselines, top to bottom."""
    rows: list[CellLine] = []
    for fragment in fragments_of(cell):
        if rows and fragment.base - rows[-1][0] < 0.3 * fragment.size:
            rows[-1][1].extend(fragment.tokens)
        else:
            rows.append((fragment.base, list(fragment.tokens)))
    return rows


def _flat(cell: Sequence[CellLine]) -> list[Token]:
    return [token for _, tokens in cell for token in tokens]


def _row_starts(lines: Sequence[list[CellLine]], filled: Sequence[list[CellLine]]) -> list[float]:
    """Baselines on which a row begins.

    Where the vertical distance between lines varies, a row begins after each wide one; where it
    does not, each line on which most columns stand begins a row, the others continue it.
    """
    bases = _merged(base for cell in filled for base, _ in cell)
    if len(bases) < 2:
        return bases
    steps = [b - a for a, b in pairwise(bases)]
    tight = min(steps)
    wide = [step > 1.3 * tight + 0.5 for step in steps]
    first = lines[0] or filled[0]
    anchors = {_at(bases, base) for base, _ in first}
    counts = [sum(any(abs(b - base) < 3 for b, _ in cell) for cell in filled) for base in bases]
    if any(wide) and sum(wide) >= 0.15 * len(steps) and tight < 2 * _size(filled):
        return [bases[0], *(base for base, gap in zip(bases[1:], wide, strict=True) if gap)]
    need = max(2, (len(filled) + 1) // 2)
    return [
        base
        for index, base in enumerate(bases)
        if index == 0 or (counts[index] >= need and index in anchors and not _goes_on(filled, base))
    ]


def _goes_on(filled: Sequence[list[CellLine]], base: float) -> bool:
    """Whether most of what stands on this baseline begins in small letters."""
    starts = [tokens[0].text for cell in filled for b, tokens in cell if abs(b - base) < 3]
    return sum(start[:1].islower() for start in starts) > 0.6 * len(starts)


def _size(filled: Sequence[list[CellLine]]) -> float:
    return median(token.size for cell in filled for _, tokens in cell for token in tokens)


def _merged(bases: Iterable[float]) -> list[float]:
    distinct: list[float] = []
    for base in sorted(bases):
        if not distinct or base - distinct[-1] > 3:
            distinct.append(base)
    return distinct


def _at(bases: Sequence[float], base: float) -> int:
    return max(0, bisect_right(bases, base + 0.1) - 1)
