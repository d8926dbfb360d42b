"""A page as an image: sharp, of bounded size, and a clear word where there is none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from app.errors import PageUnavailable
from app.page_image import MAX_HEIGHT_PX, WIDTH_PX, page_info, render_page


@pytest.fixture
def book(tmp_path: Path) -> str:
    path = tmp_path / "book.pdf"
    canvas = Canvas(str(path), pagesize=(300, 400))
    canvas.drawString(50, 200, "A page")
    canvas.showPage()
    canvas.setPageSize((10, 3000))
    canvas.showPage()
    canvas.setPageSize((300, 400))
    canvas.showPage()
    canvas.save()
    turned = PdfWriter(clone_from=path)
    turned.pages[2].rotate(90)
    turned.write(path)
    return str(path)


def size_of(image: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(image)).size


def test_a_page_is_drawn_wide_enough_for_dense_screens(book: str) -> None:
    width, height = size_of(render_page(book, 1))
    assert width == WIDTH_PX
    assert height / width == pytest.approx(400 / 300, rel=0.01)


def test_an_extreme_page_is_drawn_smaller(book: str) -> None:
    assert size_of(render_page(book, 2))[1] <= MAX_HEIGHT_PX


def test_the_size_is_that_of_the_page_as_displayed(book: str) -> None:
    assert (page_info(book, 1).width, page_info(book, 1).height) == (300, 400)
    assert (page_info(book, 3).width, page_info(book, 3).height) == (400, 300)
    assert page_info(book, 3).pages == 3


@pytest.mark.parametrize("page", [0, 4, -1])
def test_a_page_that_is_not_there_is_refused_with_those_that_are(book: str, page: int) -> None:
    with pytest.raises(PageUnavailable, match="pages 1 to 3"):
        render_page(book, page)


def test_a_missing_book_names_the_way_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(PageUnavailable, match="python -m ingest"):
        page_info(str(tmp_path / "gone.pdf"), 1)


def test_a_file_that_is_no_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(b"not a PDF")
    with pytest.raises(PageUnavailable, match=r"book\.pdf can't be opened"):
        page_info(str(path), 1)
