"""Ruled tables: grids of level and upright lines, and the cells between them. Knows no PDF."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.layout import PrintedLine, fragments_of, horizontal_rules, vertical_rules
from ingest.shapes import Frame, Shape
from ingest.tables import row_lines
from ingest.words import Token

TOUCH = 3.0  # points: lines that come this close meet
SAME = 2.5  # points: parallel lines this close are one
MAX_RULES = 1500  # of one page; more is a drawing


@dataclass(slots=True)
class Grid:
    """A ruled table: the lines that bound its columns and rows, and where each line really runs."""

    xs: list[float]
    ys: list[float]
    uprights: list[Shape]
    levels: list[Shape]
    headed: bool = False  # its first row stands above the rules

    @property
    def frame(self) -> Frame:
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
            lines += row_lines(line_cells, ruled=True)
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
