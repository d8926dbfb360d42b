"""One PDF page → a Sheet: runs of characters with boxes and ink, and the shapes drawn around them.

Speaks to pdfium and turns its coordinates into ours (points, origin at the top left of the page
as displayed). Knows neither words nor reading order; what is seen or hidden is judged elsewhere.
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pypdfium2 as pdfium

from ingest import raw

Colour = tuple[int, int, int, int]  # red, green, blue, alpha: 0 to 255
ShapeKind = Literal["fill", "rule", "image", "shading"]

MAX_SHAPES = 4000  # of one page; a map or a chart has more, and none of them rules a table
MAX_FORM_DEPTH = 6
MAX_SEGMENTS = 800  # of one path
RULE_WIDTH = 3.0  # points; anything thinner is a line to the eye

_TYPED = re.compile(r"[^\s\x00\x01\x03-\x1f\x7f]+")
_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!s)", re.IGNORECASE)


class Ink(NamedTuple):
    """How one text object is drawn."""

    z: int  # drawing order on the page; -1 when unknown
    size: float  # points on paper
    bold: bool
    angle: int  # degrees clockwise as displayed: 0, 90, 180 or 270, else the rounded angle
    base_x: float  # where its baseline begins, as displayed
    base_y: float
    fill: Colour
    stroke: Colour
    mode: int  # PDF text render mode; 3 draws nothing
    font: str


class Span(NamedTuple):
    """A run of characters of one word in one ink."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    ink: Ink
    order: int  # position in the file's own order of characters
    joined: bool  # no space between this and the span before


class Shape(NamedTuple):
    """Something drawn that is not text."""

    kind: ShapeKind
    x0: float
    y0: float
    x1: float
    y1: float
    z: int
    colour: Colour


@dataclass(slots=True)
class Sheet:
    """One page as pdfium sees it."""

    number: int
    width: float
    height: float
    spans: list[Span] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    unmapped: int = 0  # runs whose font does not say which characters it draws
    crowded: bool = False  # more shapes than were looked at


class _Scratch:
    """Buffers that every call of one page writes into."""

    def __init__(self) -> None:
        self.floats = (ctypes.c_float * 8)()
        self.doubles = (ctypes.c_double * 4)()
        self.ints = (ctypes.c_uint * 8)()
        self.name = ctypes.create_string_buffer(256)
        first = ctypes.addressof(self.floats)
        self.float_at = tuple(first + 4 * i for i in range(8))
        first = ctypes.addressof(self.doubles)
        self.double_at = tuple(first + 8 * i for i in range(4))
        first = ctypes.addressof(self.ints)
        self.int_at = tuple(first + 4 * i for i in range(8))


class View:
    """Turns PDF user space into the page as displayed: crop box and rotation applied."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.rotation = page.get_rotation()
        wide, high = self.right - self.left, self.top - self.bottom
        turned = self.rotation in (90, 270)
        self.width, self.height = (high, wide) if turned else (wide, high)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of user space as displayed."""
        if self.rotation == 0:
            return x - self.left, self.top - y
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def box(self, l: float, b: float, r: float, t: float) -> tuple[float, float, float, float]:  # noqa: E741
        """A rectangle of user space as displayed: x0, y0, x1, y1."""
        xa, ya = self.point(l, b)
        xb, yb = self.point(r, t)
        return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


def read_sheet(page: pdfium.PdfPage, number: int) -> Sheet:
    """Everything that is drawn on one page."""
    view = View(page)
    sheet = Sheet(number, view.width, view.height)
    scratch = _Scratch()
    order = _ShapeReader(sheet, view, scratch).read(page)
    textpage = page.get_textpage()
    try:
        _SpanReader(sheet, view, scratch, order).read(raw.handle_of(textpage))
    finally:
        textpage.close()
    return sheet


class _SpanReader:
    """Characters of a text page → spans."""

    def __init__(self, sheet: Sheet, view: View, scratch: _Scratch, order: dict[int, int]) -> None:
        self.sheet, self.view, self.scratch, self.order = sheet, view, scratch, order
        self.level = view.rotation == 0
        self.inks: dict[int, Ink] = {}
        self.fonts: dict[int, tuple[str, bool]] = {}

    def read(self, text: int) -> None:
        """Append every run of typed characters, split where the ink changes."""
        get_object = raw.text_object
        last_end = -1
        for found in _TYPED.finditer(_characters(text)):
            start, end = found.span()
            typed = found.group()
            first = get_object(text, start)
            if end - start == 1 or first == get_object(text, end - 1):
                self._append(text, typed, start, end, first, start == last_end)
            else:
                self._append_mixed(text, typed, start, end)
            last_end = end
            self.sheet.unmapped += raw.has_map_error(text, start) == 1

    def _append_mixed(self, text: int, typed: str, start: int, end: int) -> None:
        at = start
        current = raw.text_object(text, start)
        for index in range(start + 1, end + 1):
            following = raw.text_object(text, index) if index < end else -1
            if following != current:
                piece = typed[at - start : index - start]
                self._append(text, piece, at, index, current, at > start)
                at, current = index, following

    def _append(
        self, text: int, typed: str, start: int, end: int, owner: int | None, joined: bool
    ) -> None:
        ink = self.inks.get(owner or 0)
        if ink is None:
            ink = self.inks[owner or 0] = self._ink(text, start, owner or 0)
        floats, at = self.scratch.floats, self.scratch.float_at
        raw.loose_box(text, start, at[0])  # left, top, right, bottom
        raw.loose_box(text, end - 1, at[4])
        l0, t0, r0, b0, l1, t1, r1, b1 = floats
        if self.level and l0 <= l1 and r0 <= r1:  # all but a few; worth its own line
            view = self.view
            left, top = view.left, view.top
            box = (l0 - left, top - max(t0, t1), r1 - left, top - min(b0, b1))
        else:
            box = self.view.box(min(l0, l1), min(b0, b1), max(r0, r1), max(t0, t1))
        if typed[-1] in "\x02\ufffe":
            typed = typed[:-1] + "-"
        self.sheet.spans.append(Span(typed, *box, ink, start, joined))

    def _ink(self, text: int, index: int, owner: int) -> Ink:
        """How the text object `owner` is drawn, asked of its first character."""
        floats, doubles, scratch = self.scratch.floats, self.scratch.doubles, self.scratch
        raw.char_origin(text, index, scratch.double_at[0], scratch.double_at[1])
        base_x, base_y = self.view.point(doubles[0], doubles[1])
        raw.char_matrix(text, index, scratch.float_at[0])
        a, b, c, d = floats[0:4]
        size = raw.font_size(text, index) * math.hypot(c, d)
        angle = round(-math.degrees(math.atan2(b, a)) + self.view.rotation) % 360
        font, bold = self._font(text, index, owner)
        mode = raw.render_mode(owner) if owner else 0
        z = self.order.get(owner, -1)
        fill = self._colour(raw.fill_color, owner)
        stroke = self._colour(raw.stroke_color, owner) if mode in (1, 2) else fill
        return Ink(z, size, bold, angle, base_x, base_y, fill, stroke, mode, font)

    def _font(self, text: int, index: int, owner: int) -> tuple[str, bool]:
        key = (raw.font_of(owner) or 0) if owner else 0
        known = self.fonts.get(key)
        if known is None:
            size = raw.font_info(text, index, self.scratch.name, 256, self.scratch.int_at[0])
            name = self.scratch.name.raw[: max(0, min(size, 256) - 1)].decode("utf-8", "replace")
            bold = bool(_BOLD.search(name)) or raw.font_weight(text, index) >= 600
            known = self.fonts[key] = (name, bold)
        return known

    def _colour(self, ask: object, owner: int) -> Colour:
        return _ask_colour(ask, owner, self.scratch)


def _ask_colour(ask: object, owner: int, scratch: _Scratch) -> Colour:
    at = scratch.int_at
    if owner and callable(ask) and ask(owner, at[0], at[1], at[2], at[3]):
        ints = scratch.ints
        return ints[0], ints[1], ints[2], ints[3]
    return 0, 0, 0, 255


def _characters(text: int) -> str:
    """All characters of a text page, one for each of pdfium's indexes."""
    count = raw.count_chars(text)
    if count <= 0:
        return ""
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    written = raw.get_text(text, 0, count, buffer)
    typed = buffer.raw[: 2 * max(0, written - 1)].decode("utf-16-le", "surrogatepass")
    if len(typed) == count:
        return typed
    codes = (raw.get_unicode(text, index) for index in range(count))
    return "".join(chr(code) if 0 < code <= 0x10FFFF else "\x00" for code in codes)


class _ShapeReader:
    """Page objects → shapes, and the drawing order of the text objects among them."""

    def __init__(self, sheet: Sheet, view: View, scratch: _Scratch) -> None:
        self.sheet, self.view, self.scratch = sheet, view, scratch
        self.order: dict[int, int] = {}
        self.seen = 0

    def read(self, page: pdfium.PdfPage) -> dict[int, int]:
        """Collect the shapes; returns text object → drawing order."""
        handle = raw.handle_of(page)
        for index in range(raw.count_objects(handle)):
            self._visit(raw.get_object(handle, index), _IDENTITY, 0)
        return self.order

    def _visit(self, item: int | None, frame: Matrix, depth: int) -> None:
        self.seen += 1
        if not item:
            return
        kind = raw.object_type(item)
        if kind == raw.TEXT:
            self.order[item] = self.seen
        elif len(self.sheet.shapes) >= MAX_SHAPES:
            self.sheet.crowded = True
        elif kind == raw.PATH:
            self._path(item, frame)
        elif kind in (raw.IMAGE, raw.SHADING):
            self._append("image" if kind == raw.IMAGE else "shading", self._bounds(item, frame))
        elif kind == raw.FORM and depth < MAX_FORM_DEPTH:
            inner = _multiply(self._matrix(item), frame)
            for index in range(raw.count_form_objects(item)):
                self._visit(raw.form_object(item, index), inner, depth + 1)

    def _path(self, item: int, frame: Matrix) -> None:
        ints, at = self.scratch.ints, self.scratch.int_at
        raw.draw_mode(item, at[0], at[1])
        filled, stroked = ints[0] != 0, ints[1] != 0
        if not (filled or stroked):
            return
        colour = _ask_colour(raw.fill_color if filled else raw.stroke_color, item, self.scratch)
        box = self._bounds(item, frame)
        thin = min(box[2] - box[0], box[3] - box[1]) <= RULE_WIDTH
        count = raw.count_segments(item)
        if thin:
            self._append("rule", box, colour)
        elif filled and count <= 6:
            self._append("fill", box, colour)
            if stroked:
                self._edges(box, colour)
        elif count <= MAX_SEGMENTS:
            if filled:
                self._append("fill", box, (*colour[:3], 0))  # its outline is not a rectangle
            self._segments(item, count, frame, colour)

    def _edges(self, box: tuple[float, float, float, float], colour: Colour) -> None:
        x0, y0, x1, y1 = box
        for edge in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
            self._append("rule", edge, colour)

    def _segments(self, item: int, count: int, frame: Matrix, colour: Colour) -> None:
        """The straight, axis-parallel pieces of a path, as rules."""
        frame = _multiply(self._matrix(item), frame)
        floats, at = self.scratch.floats, self.scratch.float_at
        here: tuple[float, float] | None = None
        for index in range(count):
            segment = raw.path_segment(item, index)
            if not segment or not raw.segment_point(segment, at[0], at[1]):
                continue
            point = self.view.point(*_apply(frame, floats[0], floats[1]))
            if here and raw.segment_type(segment) != raw.MOVE_TO:
                dx, dy = abs(point[0] - here[0]), abs(point[1] - here[1])
                if min(dx, dy) < 0.7 and max(dx, dy) > 4:
                    (xa, ya), (xb, yb) = here, point
                    self._append(
                        "rule", (min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)), colour
                    )
            here = point

    def _append(
        self,
        kind: ShapeKind,
        box: tuple[float, float, float, float],
        colour: Colour = (0, 0, 0, 255),
    ) -> None:
        self.sheet.shapes.append(Shape(kind, *box, self.seen, colour))

    def _bounds(self, item: int, frame: Matrix) -> tuple[float, float, float, float]:
        floats, at = self.scratch.floats, self.scratch.float_at
        if not raw.object_bounds(item, at[0], at[1], at[2], at[3]):
            return 0.0, 0.0, 0.0, 0.0
        left, bottom, right, top = floats[0:4]
        if frame is _IDENTITY:
            return self.view.box(left, bottom, right, top)
        corners = [_apply(frame, x, y) for x in (left, right) for y in (bottom, top)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return self.view.box(min(xs), min(ys), max(xs), max(ys))

    def _matrix(self, item: int) -> Matrix:
        floats, at = self.scratch.floats, self.scratch.float_at
        if not raw.object_matrix(item, at[0]):
            return _IDENTITY
        a, b, c, d, e, f = floats[0:6]
        return a, b, c, d, e, f


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _multiply(m: Matrix, n: Matrix) -> Matrix:
    """First `m`, then `n`."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )
