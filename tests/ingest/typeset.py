"""PDFs that the tests of the reading side set themselves, with reportlab."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
PROSE = (
    "Iron tablets are offered to every pregnant woman because the need for iron grows as the "
    "blood volume rises. The tablets are taken once a day with water, best between two meals. "
    "Dark stools are harmless and common. Constipation eases with fluids, fruit and movement. "
    "A woman who feels dizzy or short of breath is examined for anaemia on the same day. "
    "Her haemoglobin is measured again four weeks after the treatment has begun. "
)


def unicode_font() -> str:
    """A font with the signs that clinical text needs: the one that reportlab ships."""
    name = "Vera"
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, "Vera.ttf"))
    return name


class Sheet:
    """A canvas with y counted from the top, as in our records."""

    def __init__(self, target: str | io.BytesIO, size: tuple[float, float] = A4) -> None:
        self.canvas = Canvas(target, pagesize=size, invariant=True)
        self.width, self.height = size

    def text(
        self, x: float, y: float, words: str, size: float = 10, font: str = "Helvetica"
    ) -> None:
        """One line of print with its baseline at y."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.height - y, words)

    def column(
        self, x: float, y: float, lines: Iterable[str], size: float = 10, font: str = "Helvetica"
    ) -> float:
        """Lines one under the other; returns the y below."""
        for line in lines:
            self.text(x, y, line, size, font)
            y += 1.2 * size
        return y

    def bookmark(self, title: str, y: float, level: int = 0) -> None:
        """An outline entry that points at y of this page."""
        key = f"{title}-{y}-{self.canvas.getPageNumber()}"
        self.canvas.bookmarkHorizontal(key, 0, self.height - y)
        self.canvas.addOutlineEntry(title, key, level=level)

    def next_page(self) -> None:
        """Turn the page."""
        self.canvas.showPage()

    def save(self) -> None:
        """Finish the file."""
        self.canvas.save()


def make_pdf(path: Path, draw: Callable[[Sheet], object], size: tuple[float, float] = A4) -> Path:
    """A PDF of what `draw` puts on the sheet."""
    sheet = Sheet(str(path), size)
    draw(sheet)
    sheet.save()
    return path


def wrap(text: str, width: float, size: float = 10, font: str = "Helvetica") -> list[str]:
    """The text as lines of at most `width` points."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pdfmetrics.stringWidth(longer, font, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def rewrite(path: Path, change: Callable[[PdfWriter], object]) -> Path:
    """The file with something changed by pypdf."""
    writer = PdfWriter(clone_from=PdfReader(str(path)))
    change(writer)
    writer.write(str(path))
    return path


def good_book(path: Path, pages: int = 4) -> Path:
    """A small honest book: outline, running header, two columns, a ruled table, prose."""

    def draw(sheet: Sheet) -> None:
        for number in range(1, pages + 1):
            sheet.text(60, 30, "Care in pregnancy", 8)
            sheet.text(500, 810, f"Page {number}", 8)
            if number == 1:
                sheet.canvas.setTitle("Care in pregnancy")
                sheet.bookmark("Iron", 60)
            sheet.text(60, 70, f"{number}. Iron and blood", 16, "Helvetica-Bold")
            lines = wrap(PROSE * 3, 220)
            half = len(lines) // 2
            sheet.column(60, 100, lines[:half])
            sheet.column(310, 100, lines[half:])
            table(sheet, 60, 420, [("Drug", "Dose"), ("Iron", "60 mg"), ("Folic acid", "400 µg")])
            sheet.next_page()

    return make_pdf(path, draw)


def table(
    sheet: Sheet, x: float, y: float, rows: Sequence[Sequence[str]], ruled: bool = True
) -> None:
    """Cells of 120 by 20 points, with rules around them or without."""
    wide, high = 120, 20
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.text(x + c * wide + 5, y + r * high + 14, cell)
    if ruled:
        across = [x + c * wide for c in range(len(rows[0]) + 1)]
        down = [sheet.height - y - r * high for r in range(len(rows) + 1)]
        sheet.canvas.grid(across, down)
