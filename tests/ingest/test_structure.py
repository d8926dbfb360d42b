"""What the file says of itself: sections, labels, metadata, lay questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.chunk import chunk_pages
from ingest.pdf import read_pdf
from ingest.structure import parse_asked_as
from tests.ingest.typeset import PROSE, Sheet, make_pdf, rewrite, wrap


def book_of_sections(path: Path, outline: bool = True) -> Path:
    """Two chapters of two sections; sections begin in the middle of pages."""

    def draw(sheet: Sheet) -> None:
        for chapter in ("Bleeding", "Nausea"):
            y = 80.0
            sheet.text(60, y, chapter, 20, "Helvetica-Bold")
            if outline:
                sheet.bookmark(chapter, y - 20, 0)
            for part in ("Signs", "Treatment"):
                y += 40
                sheet.text(60, y, f"{part} of {chapter.lower()}", 14, "Helvetica-Bold")
                if outline:
                    sheet.bookmark(f"{part} of {chapter.lower()}", y - 14, 1)
                y = sheet.column(60, y + 20, wrap(f"{chapter} {part}: {PROSE}", 450))
            sheet.next_page()

    return make_pdf(path, draw)


SECTIONS = [
    ("Bleeding", "Signs of bleeding"),
    ("Bleeding", "Treatment of bleeding"),
    ("Nausea", "Signs of nausea"),
    ("Nausea", "Treatment of nausea"),
]


@pytest.mark.parametrize("outline", [True, False], ids=["by outline", "by print"])
def test_sections_begin_where_their_heading_stands(tmp_path: Path, outline: bool) -> None:
    book = read_pdf(book_of_sections(tmp_path / "a.pdf", outline), ocr="never")
    passages = chunk_pages(book)
    assert list(dict.fromkeys(passage.section for passage in passages)) == SECTIONS
    for passage in passages:
        assert f"{passage.section[0]} {passage.section[1].split()[0]}: Iron" in passage.text
        assert passage.section[1] not in passage.text  # the heading stands in the path


def test_page_labels_and_metadata_are_read(tmp_path: Path) -> None:
    path = book_of_sections(tmp_path / "a.pdf")

    def change(writer: object) -> None:
        writer.set_page_label(0, 0, style="/r")  # type: ignore[attr-defined]
        writer.set_page_label(1, 1, style="/D", start=7)  # type: ignore[attr-defined]
        writer.add_metadata({"/Title": "Early  pregnancy", "/Author": "Ministry"})  # type: ignore[attr-defined]

    book = read_pdf(rewrite(path, change), ocr="never")
    assert [page.label for page in book.pages] == ["i", "7"]
    assert (book.book.title, book.book.publisher) == ("Early pregnancy", "Ministry")
    assert {passage.page_label for passage in chunk_pages(book)} == {"i", "7"}


def attach(path: Path, content: bytes) -> Path:
    return rewrite(path, lambda w: w.add_attachment("asked_as.json", content))


def test_lay_questions_go_to_the_passages_of_their_section(tmp_path: Path) -> None:
    entries = [
        {"section": ["Nausea", "Signs of nausea"], "page": 2, "questions": ["Why am I so sick?"]}
    ]
    path = attach(book_of_sections(tmp_path / "a.pdf"), json.dumps(entries).encode())
    passages = chunk_pages(read_pdf(path, ocr="never"))
    asked = {passage.section for passage in passages if passage.asked_as}
    assert asked == {("Nausea", "Signs of nausea")}
    assert {q for p in passages for q in p.asked_as} == {"Why am I so sick?"}


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"{}",
        b'[{"section": "Signs", "page": 1, "questions": ["a"]}]',
        b'[{"section": ["Signs"], "page": 0, "questions": ["a"]}]',
        b'[{"section": ["Signs"], "page": true, "questions": ["a"]}]',
        b'[{"section": ["Signs"], "page": 1, "questions": [1]}]',
        b"[" * 5000,
        b"\xff\xfe\x00",
    ],
)
def test_malformed_lay_questions_become_a_warning(tmp_path: Path, content: bytes) -> None:
    book = read_pdf(attach(book_of_sections(tmp_path / "a.pdf"), content), ocr="never")
    assert book.asked_as == ()
    assert any("asked_as.json" in warning for warning in book.warnings)
    assert len(book.pages) == 2


def test_good_entries_survive_bad_ones() -> None:
    good = {"section": ["Signs"], "page": 1, "questions": ["Is it normal?"]}
    entries, problems = parse_asked_as(json.dumps([good, 3, good]).encode())
    assert len(entries) == 2
    assert "1 of 3" in problems[0]


def test_an_outline_that_hangs_the_book_under_contents_keeps_the_book(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.bookmark("CONTENTS", 40, 0)
        sheet.text(60, 80, "Anaemia", 16, "Helvetica-Bold")
        sheet.bookmark("Anaemia", 60, 1)
        sheet.column(60, 110, wrap(PROSE, 450))

    passages = chunk_pages(read_pdf(make_pdf(tmp_path / "a.pdf", draw), ocr="never"))
    assert {passage.section for passage in passages} == {("Anaemia",)}
