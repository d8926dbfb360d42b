"""Pages without usable text are read from their picture."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.lib.utils import ImageReader

from ingest import pdf
from ingest.pdf import read_pdf
from ingest.words import Token
from tests.ingest.typeset import Sheet, make_pdf

LINES = ["Take one iron tablet every day", "with 250 ml of water."]

SMALL = (420, 220)  # points: OCR takes its time by the area


def scanned(path: Path, text_layer: str = "") -> Path:
    """A page that is a picture of two printed lines."""
    printed = make_pdf(path / "print.pdf", lambda sheet: sheet.column(60, 100, LINES, 20), SMALL)
    image = pdfium.PdfDocument(printed)[0].render(scale=2).to_pil()
    stored = io.BytesIO()
    image.save(stored, "PNG")
    stored.seek(0)

    def draw(sheet: Sheet) -> None:
        sheet.canvas.drawImage(ImageReader(stored), 0, 0, sheet.width, sheet.height)
        if text_layer:
            sheet.text(60, 200, text_layer, 8)

    return make_pdf(path / "scan.pdf", draw, SMALL)


def test_a_scanned_page_is_read_and_marked(tmp_path: Path) -> None:
    """With the real engine: its models lie in its wheel."""
    book = read_pdf(scanned(tmp_path))
    (page,) = book.pages
    assert page.ocr
    assert book.ocr_pages == (1,)
    assert [line.text for line in page.lines] == LINES
    word = page.lines[1].words[1]
    assert word.text == "250"
    assert (word.box.x0, word.box.y1) == (pytest.approx(105, abs=8), pytest.approx(128, abs=8))


@pytest.fixture
def ocred(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stands in for the engine, and counts the pages it was given."""
    given: list[int] = []

    def read_picture(pixels: object, width: float, height: float) -> list[Token]:
        given.append(1)
        words = [
            "Read",
            "by",
            "the",
            "stand-in",
            "and",
            "not",
            "from",
            "text,",
            "word",
            "by",
            "word.",
        ]
        return [
            Token(w, 60.0 + 40 * n, 90, 95.0 + 40 * n, 102, 100, 10, False)
            for n, w in enumerate(words)
        ]

    monkeypatch.setattr(pdf, "read_picture", read_picture)
    return given


def test_never_means_never(tmp_path: Path, ocred: list[int]) -> None:
    book = read_pdf(scanned(tmp_path), ocr="never")
    assert (ocred, book.ocr_pages, book.pages[0].lines) == ([], (), ())


def test_a_stamp_on_a_scan_does_not_pass_for_its_text(tmp_path: Path, ocred: list[int]) -> None:
    book = read_pdf(scanned(tmp_path, "Scanned by the library"))
    assert book.ocr_pages == (1,)
    assert len(ocred) == 1


def test_a_page_of_glyphs_without_meaning_goes_through_ocr(
    tmp_path: Path, ocred: list[int]
) -> None:
    noise = "xkcdq rtzpl bvmnw qqrst zzxcv plmkt grrtw"
    path = make_pdf(tmp_path / "a.pdf", lambda sheet: sheet.column(60, 100, [noise] * 5))
    assert read_pdf(path).ocr_pages == (1,)


def test_always_reads_a_page_with_good_text_too(tmp_path: Path, ocred: list[int]) -> None:
    path = make_pdf(tmp_path / "a.pdf", lambda sheet: sheet.column(60, 100, LINES))
    read_pdf(path, ocr="always")
    assert len(ocred) == 1


def test_a_good_or_an_empty_page_is_left_alone(tmp_path: Path, ocred: list[int]) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.column(60, 100, LINES)
        sheet.next_page()
        sheet.next_page()

    assert read_pdf(make_pdf(tmp_path / "a.pdf", draw)).ocr_pages == ()
    assert ocred == []
