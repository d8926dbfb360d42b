"""Filled boxes of a page (sidebars, case studies, key messages): their text is read on its own.

Pure geometry; knows no PDF.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ingest.layout import fragments_of
from ingest.shapes import Shape
from ingest.words import Token

Frame = tuple[float, float, float, float]  # x0, y0, x1, y1

MAX_SHARE = 0.9  # of the words around; a box that holds more is the page's background
MIN_LINES = 2
MAX_ROW_LINES = 3  # a shaded row of a table has at most so many, with gaps between cells
SLACK = 2.0  # points that print may stand over a box's edge
REPEATED = 3  # boxes of one width under one another, or of one height side by side, are cells


def find_boxes(
    shapes: Sequence[Shape], tokens: Sequence[Token], tables: Sequence[Frame] = ()
) -> list[tuple[Shape, list[Token]]]:
    """Boxes with the words inside them, largest first, none inside another or inside a table."""
    fills = [s for s in shapes if s.kind == "fill" and s.x1 - s.x0 > 60 and s.y1 - s.y0 > 20]
    columns = Counter((round(s.x0), round(s.x1)) for s in fills)
    rows = Counter((round(s.y0), round(s.y1)) for s in fills)
    boxes: list[tuple[Shape, list[Token]]] = []
    for shape in sorted(fills, key=lambda s: (s.x0 - s.x1) * (s.y1 - s.y0)):
        cell = columns[round(shape.x0), round(shape.x1)] >= REPEATED
        cell = cell or rows[round(shape.y0), round(shape.y1)] >= REPEATED
        frames = [(box.x0, box.y0, box.x1, box.y1) for box, _ in boxes]
        if cell or any(_inside(shape, frame) for frame in [*frames, *tables]):
            continue
        words = [token for token in tokens if _holds(shape, token)]
        bases = {round(token.base) for token in words}
        if len(words) >= MAX_SHARE * len(tokens) or len(bases) < MIN_LINES:
            continue
        if len(bases) > MAX_ROW_LINES or len(fragments_of(words)) <= len(bases):
            boxes.append((shape, words))
    return boxes


def _inside(inner: Shape, frame: Frame) -> bool:
    """Whether the shape lies in the frame, rather than around it."""
    x0, y0, x1, y1 = frame
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    smaller = inner.y1 - inner.y0 < 0.97 * (y1 - y0) or inner.x1 - inner.x0 < 0.97 * (x1 - x0)
    return x0 <= x <= x1 and y0 <= y <= y1 and smaller


def _holds(shape: Shape, token: Token) -> bool:
    y = token.base - 0.3 * token.size
    return (
        shape.x0 - SLACK <= token.x0
        and token.x1 <= shape.x1 + SLACK
        and shape.y0 - SLACK <= y <= shape.y1 + SLACK
    )
