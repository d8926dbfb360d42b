"""Which text a reader can't see. Books may carry instructions for a machine in it.

First by what the file says (size, place, colour against what was painted before); where that
can't decide (a picture beneath, something painted over), by looking at the rendered page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from ingest.glyphs import Ink, Sheet, Span
from ingest.shapes import Colour, Shape

Pixels = npt.NDArray[np.uint8]  # (height, width, 3), the page as displayed
Verdict = Literal[
    "seen", "look", "tiny", "off the page", "clipped", "transparent", "colour of its background"
]

MIN_SIZE = 1.5  # points: smaller print is no print
MIN_ALPHA = 26  # of 255: a tenth
MIN_CONTRAST = 24  # of 255, the largest channel difference; 1.2:1 against white
INVISIBLE = (3, 7)  # text render modes that paint nothing (PDF 32000-1, table 106)
WHITE: Colour = (255, 255, 255, 255)


def drop_hidden(sheet: Sheet, look: Callable[[], Pixels], distrust: bool = False) -> str:
    """Take the text that can't be seen out of the sheet; says what was taken, "" for nothing.

    `look` renders the page; `distrust` has every word looked at (the file hides layers).
    """
    judge = _Judge(sheet)
    verdicts = [judge.verdict(span) for span in sheet.spans]
    if distrust:
        verdicts = ["look" if verdict == "seen" else verdict for verdict in verdicts]
    unsure = [
        span for span, verdict in zip(sheet.spans, verdicts, strict=True) if verdict == "look"
    ]
    unseen = _without_ink(unsure, sheet, look()) if unsure else set()
    reasons: Counter[str] = Counter()
    kept: list[Span] = []
    for span, verdict in zip(sheet.spans, verdicts, strict=True):
        if verdict == "look":
            verdict = "seen"
            if span.order in unseen:
                reasons["not visible on the rendered page"] += 1
                continue
        if verdict == "seen":
            kept.append(span)
        else:
            reasons[verdict] += 1
    sheet.spans = kept
    if not reasons:
        return ""
    parts = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    return f"page {sheet.number}: {sum(reasons.values())} hidden words left out ({parts})"


class _Judge:
    """Judges spans of one page by what the file says of them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.grounds = [s for s in sheet.shapes if s.kind != "rule" and s.x1 - s.x0 > 4]
        self.fills = [s.colour for s in self.grounds if s.kind == "fill"]
        self.last_z = max((s.z for s in self.grounds), default=-1)
        self.paper = (0.0, 0.0, sheet.width, sheet.height)
        self.doubtful: dict[Colour, bool] = {}
        self.plain: dict[Ink, bool] = {}

    def verdict(self, span: Span) -> Verdict:
        """What the file says of this span; "look" where only the rendered page can tell."""
        ink = span.ink
        plain = self.plain.get(ink)
        if plain is None:
            plain = self.plain[ink] = self._is_plain(ink)
        x0, y0, x1, y1 = ink.clip or self.paper
        if plain and span.x0 > x0 and span.y0 > y0 and span.x1 < x1 and span.y1 < y1:
            return "seen"
        return self._examine(span)

    def _is_plain(self, ink: Ink) -> bool:
        """Printed in full colour, unlike anything else on the page, and nothing painted later."""
        return (
            ink.mode == 0
            and ink.size >= MIN_SIZE
            and ink.fill[3] >= MIN_ALPHA
            and ink.z >= self.last_z
            and not self._doubtful(ink.fill)
        )

    def _examine(self, span: Span) -> Verdict:
        ink = span.ink
        if max(ink.size, span.y1 - span.y0) < MIN_SIZE or span.x1 - span.x0 <= 0.01:
            return "tiny"
        x, y = (span.x0 + span.x1) / 2, (span.y0 + span.y1) / 2
        if not (0 <= x <= self.sheet.width and 0 <= y <= self.sheet.height):
            return "off the page"
        if ink.clip and not (ink.clip[0] <= x <= ink.clip[2] and ink.clip[1] <= y <= ink.clip[3]):
            return "clipped"
        if ink.mode in INVISIBLE:
            beneath = self._beneath(span, x, y)
            return "look" if beneath and beneath.kind == "image" else "transparent"
        if ink.fill[3] < MIN_ALPHA and ink.mode != 1:
            return "transparent"
        colour = ink.stroke if ink.mode == 1 else ink.fill
        if ink.z < self.last_z and self._covered(span, x, y):
            return "look"
        if not self._doubtful(colour):
            return "seen"
        return self._against_ground(span, colour, x, y)

    def _doubtful(self, colour: Colour) -> bool:
        """Whether anything on the page has a colour like this text's."""
        known = self.doubtful.get(colour)
        if known is None:
            known = _near(colour, WHITE) or any(_near(colour, fill) for fill in self.fills)
            self.doubtful[colour] = known
        return known

    def _against_ground(self, span: Span, colour: Colour, x: float, y: float) -> Verdict:
        ground = self._beneath(span, x, y)
        if ground is None:
            unknown = self.sheet.crowded or span.ink.z < 0
            if _near(colour, WHITE):
                return "look" if unknown else "colour of its background"
            return "seen"
        return "look"  # a pattern's fill reads as black, so only the page can tell

    def _beneath(self, span: Span, x: float, y: float) -> Shape | None:
        """The topmost shape painted before the text, where the text stands."""
        top: Shape | None = None
        for shape in self.grounds:
            if 0 <= span.ink.z < shape.z:
                continue
            if shape.x0 <= x <= shape.x1 and shape.y0 <= y <= shape.y1:
                top = shape
        return top

    def _covered(self, span: Span, x: float, y: float) -> bool:
        """Whether something opaque was painted after the text, where the text stands."""
        for shape in reversed(self.grounds):  # in drawing order, so the later ones come first
            if shape.z <= span.ink.z:
                return False
            inside = shape.x0 <= x <= shape.x1 and shape.y0 <= y <= shape.y1
            if inside and (shape.kind != "fill" or shape.colour[3] >= 128):
                return True
        return False


def _near(one: Colour, other: Colour) -> bool:
    return max(abs(one[i] - other[i]) for i in range(3)) <= MIN_CONTRAST


def _without_ink(spans: Sequence[Span], sheet: Sheet, pixels: Pixels) -> set[int]:
    """Of these spans, those whose place on the rendered page is of one colour."""
    high, wide = pixels.shape[:2]
    sx, sy = wide / max(1.0, sheet.width), high / max(1.0, sheet.height)
    blank = set()
    for span in spans:
        left, right = int(span.x0 * sx), int(np.ceil(span.x1 * sx)) + 1
        top, bottom = int(span.y0 * sy), int(np.ceil(span.y1 * sy)) + 1
        area = pixels[max(0, top) : bottom, max(0, left) : right]
        if area.size == 0 or int((area.max((0, 1)) - area.min((0, 1))).max()) <= MIN_CONTRAST:
            blank.add(span.order)
    return blank
