"""Cells → rows that can be read: the cells of a row on one line, parted by " | ".

Parts cells with several lines into rows, for ruled tables (`grids`) and for those that only
gutters part. Pure geometry; knows no PDF.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from ingest.columns import Region
from ingest.layout import (
    PrintedLine,
    fragments_of,
    make_line,
)
from ingest.shapes import Shape
from ingest.words import Token

BAR = "|"


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
        lines += row_lines(cells)
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


def row_lines(cells: Sequence[list[Token]], ruled: bool = False) -> list[PrintedLine]:
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
