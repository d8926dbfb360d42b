"""Running headers, footers and page numbers go; text stays."""

from __future__ import annotations

from pathlib import Path

from ingest.pdf import read_pdf
from tests.ingest.typeset import PROSE, Sheet, make_pdf, table, wrap


def read_pages(path: Path) -> list[str]:
    pages = read_pdf(path, ocr="never").pages
    return [" ".join(line.text for line in page.lines) for page in pages]


def test_headers_and_footers_that_alternate_and_count_are_removed(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for number in range(1, 9):
            if number % 2:
                sheet.text(60, 40, f"{number}    Care in pregnancy", 8)
            else:
                sheet.text(300, 40, f"Chapter 2: Anaemia    {number}", 8)
            sheet.column(60, 80, wrap(PROSE, 450))
            sheet.text(280, 810, f"– {number} –", 8)
            sheet.text(60, 822, "© Ministry of Health", 6)
            sheet.next_page()

    assert read_pages(make_pdf(tmp_path / "a.pdf", draw)) == [PROSE.strip()] * 8


def test_page_numbers_in_roman_are_removed(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for numeral in ("ii", "iii", "iv", "v", "vi"):
            sheet.column(60, 80, wrap(PROSE, 450))
            sheet.text(290, 810, numeral, 8)
            sheet.next_page()

    assert read_pages(make_pdf(tmp_path / "a.pdf", draw)) == [PROSE.strip()] * 5


def test_a_table_heading_repeated_on_every_page_is_kept(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for number in range(5):
            sheet.text(60, 40, "Care in pregnancy", 8)
            rows = [("Drug", "Dose"), (f"Drug {number}", f"{number} mg"), ("Iron", "60 mg")]
            table(sheet, 60, 60, rows)
            sheet.next_page()

    pages = read_pages(make_pdf(tmp_path / "a.pdf", draw))
    assert all(page.startswith("Drug | Dose") for page in pages)
    assert not any("Care in pregnancy" in page for page in pages)


def test_a_sentence_repeated_in_the_middle_of_pages_is_kept(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for number in range(6):
            sheet.text(60, 40, "Care in pregnancy", 8)
            sheet.column(60, 80, wrap(f"Page {number} begins. {PROSE}", 450))
            sheet.text(60, 400, "Call for help at once.")
            sheet.column(60, 420, wrap(PROSE, 450))
            sheet.next_page()

    pages = read_pages(make_pdf(tmp_path / "a.pdf", draw))
    assert all("Call for help at once." in page for page in pages)


def test_the_first_line_of_a_short_leaflet_is_kept(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for number in range(2):
            sheet.column(60, 60, wrap(f"Part {number}. {PROSE}", 450))
            sheet.next_page()

    assert read_pages(make_pdf(tmp_path / "a.pdf", draw))[1].startswith("Part 1. Iron")
