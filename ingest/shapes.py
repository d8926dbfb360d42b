"""What is drawn on a page besides text: rules, fills, pictures; and what clips cut off.

Holds the view that turns PDF user space into our coordinates (points, origin at the top left of
the page as displayed). Knows neither words nor layout.
"""

from __future__ import annotations

import ctypes
from typing import Literal, NamedTuple

import pypdfium2 as pdfium

from ingest import raw

Colour = tuple[int, int, int, int]  # red, green, blue, alpha: 0 to 255
Frame = tuple[float, float, float, float]  # x0, y0, x1, y1 as displayed
ShapeKind = Literal["fill", "rule", "image", "shading"]

MAX_SHAPES = 4000  # of one page; a map or a chart has more, and none of them rules a table
MAX_FORM_DEPTH = 6
MAX_SEGMENTS = 800  # of one path
MAX_CLIPS = 20  # of one object
RULE_WIDTH = 3.0  # points; anything thinner is a line to the eye


class Shape(NamedTuple):
    """Something drawn that is not text."""

    kind: ShapeKind
    x0: float
    y0: float
    x1: float
    y1: float
    z: int
    colour: Colour


class Scratch:
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

    def box(self, l: float, b: float, r: float, t: float) -> Frame:  # noqa: E741
        """A rectangle of user space as displayed: x0, y0, x1, y1."""
        xa, ya = self.point(l, b)
        xb, yb = self.point(r, t)
        return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


def ask_colour(ask: object, owner: int, scratch: Scratch) -> Colour:
    at = scratch.int_at
    if owner and callable(ask) and ask(owner, at[0], at[1], at[2], at[3]):
        ints = scratch.ints
        return ints[0], ints[1], ints[2], ints[3]
    return 0, 0, 0, 255


class ShapeReader:
    """Page objects → shapes, and the drawing order of the text objects among them."""

    def __init__(self, view: View, scratch: Scratch) -> None:
        self.view, self.scratch = view, scratch
        self.shapes: list[Shape] = []
        self.crowded = False  # more shapes than are looked at
        self.clips: dict[int, Frame] = {}  # text object → the part of the page it may show in
        self.order: dict[int, int] = {}
        self.seen = 0
        self.paper: Frame = (0.0, 0.0, view.width, view.height)
        self.clip = self.paper

    def read(self, page: pdfium.PdfPage) -> None:
        """Collect the shapes, and each text object's drawing order and clip."""
        handle = raw.handle_of(page)
        for index in range(raw.count_objects(handle)):
            self._visit(raw.get_object(handle, index), _IDENTITY, self.paper, 0)

    def _visit(self, item: int | None, frame: Matrix, clip: Frame, depth: int) -> None:
        self.seen += 1
        if not item:
            return
        clip = self._clipped(item, frame, clip)
        self.clip = clip
        kind = raw.object_type(item)
        if kind == raw.TEXT:
            self.order[item] = self.seen
            if clip is not self.paper:
                self.clips[item] = clip
        elif len(self.shapes) >= MAX_SHAPES:
            self.crowded = True
        elif kind == raw.PATH:
            self._path(item, frame)
        elif kind in (raw.IMAGE, raw.SHADING):
            self._append("image" if kind == raw.IMAGE else "shading", self._bounds(item, frame))
        elif kind == raw.FORM and depth < MAX_FORM_DEPTH:
            inner = _multiply(self._matrix(item), frame)
            for index in range(raw.count_form_objects(item)):
                self._visit(raw.form_object(item, index), inner, clip, depth + 1)

    def _path(self, item: int, frame: Matrix) -> None:
        ints, at = self.scratch.ints, self.scratch.int_at
        raw.draw_mode(item, at[0], at[1])
        filled, stroked = ints[0] != 0, ints[1] != 0
        if not (filled or stroked):
            return
        colour = ask_colour(raw.fill_color if filled else raw.stroke_color, item, self.scratch)
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

    def _edges(self, box: Frame, colour: Colour) -> None:
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
        box: Frame,
        colour: Colour = (0, 0, 0, 255),
    ) -> None:
        """Note the part of a shape that its clip leaves."""
        x0, y0, x1, y1 = _meet(box, self.clip) if self.clip is not self.paper else box
        if x0 <= x1 and y0 <= y1:
            self.shapes.append(Shape(kind, x0, y0, x1, y1, self.seen, colour))

    def _clipped(self, item: int, frame: Matrix, clip: Frame) -> Frame:
        """The part of the page that this object may show in: a rectangle around its clip paths."""
        paths = raw.clip_path(item)
        count = raw.count_clips(paths) if paths else 0
        if not 0 < count <= MAX_CLIPS:
            return clip
        floats, at = self.scratch.floats, self.scratch.float_at
        for path in range(count):
            size = raw.count_clip_segments(paths, path)
            if not 2 < size <= MAX_SEGMENTS:
                continue
            xs, ys = [], []
            for index in range(size):
                segment = raw.clip_segment(paths, path, index)
                if segment and raw.segment_point(segment, at[0], at[1]):
                    x, y = self.view.point(*_apply(frame, floats[0], floats[1]))
                    xs.append(x)
                    ys.append(y)
            if xs:
                clip = _meet(clip, (min(xs), min(ys), max(xs), max(ys)))
        return clip

    def _bounds(self, item: int, frame: Matrix) -> Frame:
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


def _meet(one: Frame, other: Frame) -> Frame:
    """What two rectangles have in common; empty ones end before they begin."""
    return (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )


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
