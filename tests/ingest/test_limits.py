"""Files that can't be read fail with a reason and a remedy."""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path

import pytest
from pypdf import PdfWriter

from ingest.book import ReadLimits
from ingest.errors import (
    DamagedPdf,
    EmptyFile,
    NoPages,
    NotAPdf,
    NotFound,
    PasswordNeeded,
    ReadFailure,
    TooLarge,
)
from ingest.pdf import read_pdf
from tests.ingest.typeset import Sheet, good_book, make_pdf, rewrite


def failure_of(path: Path, **options: object) -> ReadFailure:
    with pytest.raises(ReadFailure) as caught:
        read_pdf(path, ocr="never", **options)  # type: ignore[arg-type]
    failure = caught.value
    assert failure.remedy
    assert failure.reason in str(failure)
    again = pickle.loads(pickle.dumps(failure))
    assert (type(again), again.reason) == (type(failure), failure.reason)
    return failure


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert isinstance(failure_of(tmp_path / "gone.pdf"), NotFound)
    assert isinstance(failure_of(tmp_path), NotFound)


def test_a_file_of_0_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"")
    assert isinstance(failure_of(tmp_path / "a.pdf"), EmptyFile)


def test_a_file_that_is_no_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"PK\x03\x04 a Word document")
    assert "PK" in failure_of(tmp_path / "a.pdf").reason


def test_junk_before_the_header_is_tolerated(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    path.write_bytes(b"\n" * 100 + path.read_bytes())
    assert len(read_pdf(path, ocr="never").pages) == 4


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    PdfWriter().write(str(tmp_path / "a.pdf"))
    assert isinstance(failure_of(tmp_path / "a.pdf"), (NoPages, DamagedPdf))


def test_a_file_over_the_byte_limit_is_refused(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    failure = failure_of(path, limits=ReadLimits(max_bytes=1000))
    assert isinstance(failure, TooLarge)
    assert "1,000" in failure.reason
    assert "LLAMA_MD_MAX_BYTES" in failure.remedy


def test_a_book_over_the_page_limit_is_refused(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    failure = failure_of(path, limits=ReadLimits(max_pages=3))
    assert "4 pages" in failure.reason
    assert "LLAMA_MD_MAX_PAGES" in failure.remedy


def bomb(path: Path, times: int, inflated: int) -> Path:
    """A page whose content stream inflates to `inflated` blanks, deflated `times` times."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b" " * 1_000_000) for _ in range(inflated // 1_000_000))
    data += packer.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    names = b"/FlateDecode " * times
    parts = [
        b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n",
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>> endobj\n",
        b"4 0 obj <</Length %d/Filter[%s]>> stream\n" % (len(data), names),
        data,
        b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n%%EOF",
    ]
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize("times", [1, 2])
def test_a_stream_that_inflates_past_the_limit_is_refused(tmp_path: Path, times: int) -> None:
    path = bomb(tmp_path / "a.pdf", times, 60_000_000)
    assert path.stat().st_size < 100_000
    failure = failure_of(path, limits=ReadLimits(max_stream_bytes=20_000_000))
    assert isinstance(failure, TooLarge)
    assert "LLAMA_MD_MAX_STREAM_BYTES" in failure.remedy


def encrypted(path: Path, password: str) -> Path:
    return rewrite(
        good_book(path), lambda writer: writer.encrypt(password, "owner", algorithm="AES-256")
    )


def test_a_protected_file_asks_for_its_password(tmp_path: Path) -> None:
    path = encrypted(tmp_path / "a.pdf", "secret")
    assert isinstance(failure_of(path), PasswordNeeded)
    assert "does not open" in failure_of(path, password="wrong").reason


@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_file_opens_with_the_empty_or_the_given_password(
    tmp_path: Path, password: str
) -> None:
    book = read_pdf(encrypted(tmp_path / "a.pdf", password), ocr="never", password=password)
    assert len(book.pages) == 4
    assert book.outline[0].path == ("Iron",)
    assert book.warnings == ()


def test_a_file_cut_off_is_damaged_or_read_in_part(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    path.write_bytes(path.read_bytes()[:700])
    assert isinstance(failure_of(path), (DamagedPdf, NoPages))


def test_text_after_the_header_is_no_book(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    assert isinstance(failure_of(tmp_path / "a.pdf"), (DamagedPdf, NoPages, NotAPdf))


def test_a_blank_page_is_a_page_without_lines(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.text(60, 100, "One page.")
        sheet.next_page()
        sheet.next_page()

    pages = read_pdf(make_pdf(tmp_path / "a.pdf", draw)).pages
    assert [len(page.lines) for page in pages][:2] == [1, 0]
    assert not any(page.ocr for page in pages)
