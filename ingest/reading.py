"""A page's words → its printed lines in reading order, with what opens a paragraph.

Joins `layout` (columns) and `tables` (rows), and looks at rotated text apart. Knows no PDF.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.boxes import find_boxes
from ingest.columns import cut_regions
from ingest.glyphs import Sheet, Span
from ingest.grids import find_grids, read_grid
from ingest.gutters import part_narrow_columns
from ingest.layout import (
    STAND_IN,
    PrintedLine,
    fragments_of,
    horizontal_rules,
    lines_of,
    merge_levels,
)
from ingest.shapes import Frame, Shape
from ingest.tables import BAR, read_unruled
from ingest.words import Token, read_words

BULLET = re.compile(r"^(?:[•●○◦▪■□▫‣⁃∙·*►▶➢✓✔–—-]|[oO§](?=$))$")
NUMBERED = re.compile(
    r"^(?:\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)]|\(\d{1,2}\)|\d{1,2}(?:\.\d{1,2}){1,4}\.?)$"
)
MAX_BOXES_DEEP = 3
DASH = re.compile(r"^[–—-]$")
DECIMAL = re.compile(r"^\d+\.\d+$")
ENDINGS = (".", "!", "?", ":", ".”", '."', ".)")
UPRIGHT = 2  # degrees off that still count as level


@dataclass(slots=True)
class Direction:
    """The words of a page that run one way, in a frame in which they run level."""

    angle: int
    tokens: list[Token]
    shapes: Sequence[Shape]

    def tables(self) -> list[Frame]:
        """Where the ruled tables stand."""
        return [grid.frame for grid in find_grids(self.shapes)]

    def frame(self, sheet: Sheet) -> tuple[float, float]:
        """Width and height of that frame."""
        turned = self.angle in (90, 270)
        return (sheet.height, sheet.width) if turned else (sheet.width, sheet.height)


def directions_of(sheet: Sheet) -> list[Direction]:
    """The page's words by the direction they run in, the one with the most text first.

    Slanted ones (a seal, a label along a curve) are left out.
    """
    groups: dict[int, list[Span]] = {}
    for span in sheet.spans:
        quarter = round(span.ink.angle / 90) * 90
        if abs(span.ink.angle - quarter) <= UPRIGHT:
            groups.setdefault(quarter % 360, []).append(span)
    directions = [_direction(angle, spans, sheet) for angle, spans in groups.items()]
    directions.sort(key=lambda one: -sum(len(token.text) for token in one.tokens))
    return directions


def _direction(angle: int, spans: Sequence[Span], sheet: Sheet) -> Direction:
    if angle == 0:
        return Direction(0, read_words(spans), sheet.shapes)
    turned = [_turn_span(span, angle, sheet) for span in spans]
    shapes = [_turn_shape(shape, angle, sheet) for shape in sheet.shapes]
    return Direction(angle, read_words(turned), shapes)


def order_lines(sheet: Sheet, directions: Sequence[Direction]) -> list[PrintedLine]:
    """The page's lines in reading order, in the page's displayed coordinates."""
    lines: list[PrintedLine] = []
    labels: list[Token] = []
    main = directions[0] if directions else None
    for direction in reversed(directions):
        if direction is main:
            lines = _level_lines(direction, direction.tokens + labels, sheet) + lines
            continue
        rest = direction.tokens
        if main and main.angle == 0:
            found = _row_labels(direction, main.shapes, sheet)
            labels += [label for _, label in found]
            rest = _without(rest, [token for token, _ in found])
        lines = _level_lines(direction, rest, sheet) + lines
    return lines


def _level_lines(direction: Direction, tokens: list[Token], sheet: Sheet) -> list[PrintedLine]:
    """Lines of one direction, in displayed coordinates."""
    lines = _order(tokens, direction.shapes) if tokens else []
    for line in lines if direction.angle else ():
        line.tokens = [_turn_back(token, direction.angle, sheet) for token in line.tokens]
    return lines


def _row_labels(
    direction: Direction, shapes: Sequence[Shape], sheet: Sheet
) -> list[tuple[Token, Token]]:
    """Upright words in a ruled table name its row: each with its stand-in among the level ones."""
    frames = [grid.frame for grid in find_grids(shapes)] if direction.tokens else []
    labels: list[tuple[Token, Token]] = []
    for fragment in fragments_of(direction.tokens) if frames else ():
        words = [_turn_back(token, direction.angle, sheet) for token in fragment.tokens]
        x = (words[0].x0 + words[0].x1) / 2
        y0, y1 = min(word.y0 for word in words), max(word.y1 for word in words)
        if any(f[0] <= x <= f[2] and f[1] <= y0 and y1 <= f[3] for f in frames):
            base = (y0 + y1) / 2 + 0.3 * words[0].size
            level = [word._replace(base=base) for word in words]
            labels += zip(fragment.tokens, level, strict=True)
    return labels


def _order(tokens: list[Token], shapes: Sequence[Shape], depth: int = 0) -> list[PrintedLine]:
    """Filled boxes and ruled tables apart, then columns; each takes its place by its top edge."""
    parts: dict[int, list[PrintedLine]] = {}
    rest = tokens
    grids = find_grids(shapes)
    if depth < MAX_BOXES_DEEP:
        for box, words in find_boxes(shapes, tokens, [grid.frame for grid in grids]):
            rest = _without(rest, words)
            inner = [shape for shape in shapes if shape is not box]
            frame = (box.x0, box.y0, box.x1, box.y1)
            rest.append(_stand_in(frame, words, parts, _order(words, inner, depth + 1)))
    for grid in grids:
        grid.take_heading(rest)
        words = [token for token in rest if token.text != STAND_IN and grid.holds(token)]
        if words:
            rest = _without(rest, words)
            rest.append(_stand_in(grid.frame, words, parts, read_grid(grid, words)))
    bars = [shape for shape in shapes if shape.kind == "fill"]
    bars += merge_levels(horizontal_rules(shapes))
    lines: list[PrintedLine] = []
    for region in cut_regions(part_narrow_columns(fragments_of(rest)), bars):
        if region.is_table:
            made = read_unruled(region, bars)
        else:
            made = lines_of(region.fragments)
            mark_openings([line for line in made if line.tokens[0].text != STAND_IN])
        for line in made:
            lines += _expand(line, parts)
    return lines


def _without(tokens: Sequence[Token], taken: Sequence[Token]) -> list[Token]:
    gone = set(map(id, taken))
    return [token for token in tokens if id(token) not in gone]


def _stand_in(
    frame: tuple[float, float, float, float],
    words: Sequence[Token],
    parts: dict[int, list[PrintedLine]],
    lines: list[PrintedLine],
) -> Token:
    """A token in the place of a whole box or table, so that the columns flow around it."""
    size = sum(token.size for token in words) / len(words)
    x0, y0, x1, y1 = frame
    token = Token(STAND_IN, x0, y0, x1, y1, y0 + 0.7 * size, size, False)
    parts[id(token)] = lines
    return token


def _expand(line: PrintedLine, parts: dict[int, list[PrintedLine]]) -> list[PrintedLine]:
    """The line, or the lines of the box or table that it stands for."""
    if not any(token.text == STAND_IN for token in line.tokens):
        return [line]
    inner = [row for token in line.tokens for row in parts.get(id(token), [])]
    line.tokens = [token for token in line.tokens if token.text not in (STAND_IN, BAR)]
    return ([line] if line.tokens else []) + inner


@dataclass(slots=True)
class _Column:
    """What is usual in one column of lines."""

    step: float  # points from baseline to baseline
    left: float
    right: float

    def is_short(self, line: PrintedLine) -> bool:
        """Whether the line ends well before the column does."""
        return line.x1 < self.right - 0.25 * max(1.0, self.right - self.left)


def mark_openings(lines: Sequence[PrintedLine]) -> None:
    """Mark the lines of one column that open a paragraph or a list item."""
    if not lines:
        return
    column = _Column(
        _usual([b.base - a.base for a, b in pairwise(lines)]),
        _usual([line.x0 for line in lines]),
        max(line.x1 for line in lines),
    )
    before: PrintedLine | None = None
    for line in lines:
        if line.kind != "row":
            if _is_item(before, line, column):
                line.kind, line.opens = "item", True
            else:
                line.opens = before is None or _opens(before, line, column)
        before = line


def _is_item(before: PrintedLine | None, line: PrintedLine, column: _Column) -> bool:
    """Whether a bullet or a number opens this line, rather than going on with the line above.

    A dose may stand at a line's start (`1.5 mg`), so a number needs a reason to be a label.
    """
    first = line.tokens[0].text
    if len(line.tokens) < 2 or first.startswith("0"):
        return False
    if BULLET.match(first):
        if not DASH.match(first):
            return True
    elif not NUMBERED.match(first):
        return False
    following = line.tokens[1].text.lstrip("“\"'(")[:1]
    if DECIMAL.match(first) and not (following.isupper() or line.bold):
        return False
    return before is None or before.kind == "item" or _breaks(before, line, column)


def _breaks(before: PrintedLine, line: PrintedLine, column: _Column) -> bool:
    """Whether the line above is at an end, by its words or by how it is set."""
    return (
        before.text.rstrip().endswith((*ENDINGS, ";", ","))
        or line.bold != before.bold
        or column.is_short(before)
        or line.base - before.base > 1.2 * column.step
    )


def _opens(before: PrintedLine, line: PrintedLine, column: _Column) -> bool:
    step = line.base - before.base
    if step > 1.35 * column.step + 0.5 and step > 1.2 * line.size:
        return True
    if abs(line.size - before.size) > 0.08 * before.size + 0.2:
        return True
    short = column.is_short(before)
    ended = before.text.rstrip().endswith(ENDINGS)
    if line.bold != before.bold:
        return short or ended or step > 1.1 * column.step
    indented = 0.8 * line.size < line.x0 - before.x0 < 4 * line.size
    return ended and (short or (indented and abs(before.x0 - column.left) < 2))


def _usual(values: Sequence[float]) -> float:
    """The most frequent value, to half a point; the smaller of equals."""
    if not values:
        return 0.0
    counts = Counter(round(2 * value) for value in values if value > -1e6)
    best = max(counts.values())
    return min(value for value, count in counts.items() if count == best) / 2


def _turn_span(span: Span, angle: int, sheet: Sheet) -> Span:
    x0, y0, x1, y1 = turn_box((span.x0, span.y0, span.x1, span.y1), angle, sheet)
    bx, by, _, _ = turn_box((span.ink.base_x, span.ink.base_y) * 2, angle, sheet)
    ink = span.ink._replace(base_x=bx, base_y=by)
    return span._replace(x0=x0, y0=y0, x1=x1, y1=y1, ink=ink)


def _turn_shape(shape: Shape, angle: int, sheet: Sheet) -> Shape:
    x0, y0, x1, y1 = turn_box((shape.x0, shape.y0, shape.x1, shape.y1), angle, sheet)
    return shape._replace(x0=x0, y0=y0, x1=x1, y1=y1)


def _turn_back(token: Token, angle: int, sheet: Sheet) -> Token:
    turned = sheet if angle == 180 else Sheet(sheet.number, sheet.height, sheet.width)
    box = turn_box((token.x0, token.y0, token.x1, token.y1), (360 - angle) % 360, turned)
    x0, y0, x1, y1 = box
    return token._replace(x0=x0, y0=y0, x1=x1, y1=y1)


def turn_box(box: tuple[float, ...], angle: int, sheet: Sheet) -> tuple[float, float, float, float]:
    """The box in a frame in which text that ran at `angle` (clockwise) runs level."""
    x0, y0, x1, y1 = box
    if angle == 90:
        return y0, sheet.width - x1, y1, sheet.width - x0
    if angle == 180:
        return sheet.width - x1, sheet.height - y1, sheet.width - x0, sheet.height - y0
    if angle == 270:
        return sheet.height - y1, x0, sheet.height - y0, x1
    return x0, y0, x1, y1
