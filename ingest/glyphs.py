"""One PDF page → a Sheet: runs of characters with boxes and ink, and the shapes drawn around them.

Speaks to pdfium for the text; the shapes come from `shapes`. Knows neither words nor reading
order; what is seen or hidden is judged elsewhere.
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2 as pdfium

from ingest import raw
from ingest.shapes import Colour, Frame, Scratch, Shape, ShapeReader, View, ask_colour

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
    clip: Frame | None = None  # the part of the page it may show in


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


def read_sheet(page: pdfium.PdfPage, number: int) -> Sheet:
    """Everything that is drawn on one page."""
    view = View(page)
    sheet = Sheet(number, view.width, view.height)
    scratch = Scratch()
    drawn = ShapeReader(view, scratch)
    drawn.read(page)
    sheet.shapes, sheet.crowded = drawn.shapes, drawn.crowded
    textpage = page.get_textpage()
    try:
        _SpanReader(sheet, view, scratch, drawn).read(raw.handle_of(textpage))
    finally:
        textpage.close()
    return sheet


class _SpanReader:
    """Characters of a text page → spans."""

    def __init__(self, sheet: Sheet, view: View, scratch: Scratch, drawn: ShapeReader) -> None:
        self.sheet, self.view, self.scratch, self.drawn = sheet, view, scratch, drawn
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
        z = self.drawn.order.get(owner, -1)
        fill = self._colour(raw.fill_color, owner)
        stroke = self._colour(raw.stroke_color, owner) if mode in (1, 2) else fill
        return Ink(
            z,
            size,
            bold,
            angle,
            base_x,
            base_y,
            fill,
            stroke,
            mode,
            font,
            self.drawn.clips.get(owner),
        )

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
        return ask_colour(ask, owner, self.scratch)


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
