"""In which order a page's words are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics

from ingest.pdf import read_pdf
from tests.ingest.typeset import PROSE, WIDTH, Sheet, make_pdf, rewrite, table, unicode_font, wrap


def read_text(path: Path) -> str:
    """All pages' words with single spaces, cut words joined."""
    lines = (line for page in read_pdf(path, ocr="never").pages for line in page.lines)
    return " ".join(line.text for line in lines).replace("\u00ad ", "")


def rows_of(path: Path) -> list[str]:
    book = read_pdf(path, ocr="never")
    return [line.text for page in book.pages for line in page.lines if line.kind == "row"]


LEFT = wrap("Left begins. " + PROSE + "Left ends.", 210)
RIGHT = wrap("Right begins. " + PROSE + "Right ends.", 210)


@pytest.mark.parametrize("offset", [0, 5], ids=["common baselines", "shifted baselines"])
def test_two_columns_are_read_one_after_the_other(tmp_path: Path, offset: float) -> None:
    def draw(sheet: Sheet) -> None:
        for number, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):  # line by line
            sheet.text(320, 100 + offset + 12 * number, right.replace("Left", "Right"))
            sheet.text(60, 100 + 12 * number, left)

    expected = " ".join(LEFT) + " " + " ".join(RIGHT)
    assert read_text(make_pdf(tmp_path / "a.pdf", draw)) == expected


def justified(sheet: Sheet, x: float, lines: list[str], width: float) -> None:
    """Lines whose spaces are stretched so that each fills the width."""
    for number, line in enumerate(lines):
        words = line.split()
        free = width - sum(pdfmetrics.stringWidth(word, "Helvetica", 10) for word in words)
        step = free / max(1, len(words) - 1) if number + 1 < len(lines) else 3
        at = x
        for word in words:
            sheet.text(at, 100 + 12 * number, word)
            at += pdfmetrics.stringWidth(word, "Helvetica", 10) + step


def test_columns_less_than_an_em_apart_are_still_columns(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        justified(sheet, 60, LEFT, 212)
        justified(sheet, 280, RIGHT, 212)

    expected = " ".join(LEFT) + " " + " ".join(RIGHT)
    assert read_text(make_pdf(tmp_path / "a.pdf", draw)) == expected


def test_justified_lines_of_one_column_are_not_parted(tmp_path: Path) -> None:
    lines = wrap(PROSE * 3, 400)
    path = make_pdf(tmp_path / "a.pdf", lambda sheet: justified(sheet, 60, lines, 450))
    assert read_text(path) == " ".join(lines)


def test_a_wide_heading_parts_the_columns_above_it_from_those_below(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.column(60, 100, ["alpha", *LEFT])
        sheet.column(320, 100, ["beta", *RIGHT])
        y = 100 + 12 * (len(LEFT) + 3)
        heading = "A heading that stands over both of the columns of this page and is wide"
        sheet.text(60, y, heading, 14, "Helvetica-Bold")
        sheet.column(60, y + 40, ["gamma", *LEFT])
        sheet.column(320, y + 40, ["delta", *RIGHT])

    words = read_text(make_pdf(tmp_path / "a.pdf", draw)).split()
    order = [w for w in words if w in ("alpha", "beta", "heading", "gamma", "delta")]
    assert order == ["alpha", "beta", "heading", "gamma", "delta"]


def test_a_left_column_that_ends_lower_is_read_before_the_right_one(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.column(60, 100, LEFT)
        sheet.column(320, 100, RIGHT[: len(RIGHT) // 2])

    text = read_text(make_pdf(tmp_path / "a.pdf", draw))
    assert text.index("Left ends") < text.index("Right begins")


def test_a_coloured_sidebar_does_not_cut_into_the_text_beside_it(tmp_path: Path) -> None:
    note = wrap("Key message: ask every woman how she feels and whether she sleeps well.", 120)

    def draw(sheet: Sheet) -> None:
        sheet.canvas.setFillColorRGB(0.9, 0.9, 0.8)
        sheet.canvas.rect(400, sheet.height - 230, 140, 130, stroke=0, fill=1)
        sheet.canvas.setFillColorRGB(0, 0, 0)
        sheet.column(410, 120, note, 9)
        sheet.column(60, 110, wrap(PROSE, 310))

    text = read_text(make_pdf(tmp_path / "a.pdf", draw))
    assert " ".join(wrap(PROSE, 310)) in text
    assert " ".join(note) in text


def test_a_ruled_table_is_read_row_by_row_with_wrapped_cells_whole(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        table(sheet, 60, 100, [("Drug", "Dose", "When"), ("Iron", "60 mg", "daily")])
        sheet.text(65, 160, "Folic acid")
        sheet.column(185, 152, ["400 µg before", "conception"], 8)
        sheet.text(305, 160, "daily")
        sheet.canvas.grid([60, 180, 300, 420], [sheet.height - y for y in (140, 170)])

    rows = rows_of(make_pdf(tmp_path / "a.pdf", draw))
    assert rows == [
        "Drug | Dose | When",
        "Iron | 60 mg | daily",
        "Folic acid | 400 µg before conception | daily",
    ]


def test_an_unruled_table_is_read_row_by_row(tmp_path: Path) -> None:
    rows = [("Age", "Births", "Rate"), ("Under 25", "957", "12.5"), ("25–39", "2,501", "18.1")]

    def draw(sheet: Sheet) -> None:
        sheet.column(60, 60, wrap(PROSE, 440))
        table(sheet, 60, 160, [*rows, ("40 and over", "137", "59.8")], ruled=False)

    found = rows_of(make_pdf(tmp_path / "a.pdf", draw))
    assert found == [" | ".join(row) for row in [*rows, ("40 and over", "137", "59.8")]]


def test_a_heading_over_some_columns_does_not_fuse_them(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        years = ["Age", "2020", "2021", "2022"]
        for r in range(12):
            for c, year in enumerate(years):
                x, cell = 60 + 110 * c, year if not r else f"{r}.{c} cell"
                sheet.text(x, 100 + 12 * r + (12 if r > 5 else 0), cell)
        sheet.text(190, 172, "Number of live births in the year")

    rows = rows_of(make_pdf(tmp_path / "a.pdf", draw))
    assert rows[0] == "Age | 2020 | 2021 | 2022"
    assert rows[-1] == "11.0 cell | 11.1 cell | 11.2 cell | 11.3 cell"


def test_a_list_set_in_two_columns_is_no_table(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        font = unicode_font()
        for number in range(5):
            sheet.text(60, 100 + 14 * number, f"• left item {number}", 10, font)
            sheet.text(220, 100 + 14 * number, f"• right item {number}", 10, font)

    text = read_text(make_pdf(tmp_path / "a.pdf", draw))
    assert "|" not in text
    assert text.index("left item 4") < text.index("right item 0")


def test_a_bullet_far_from_its_item_stays_with_it(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for number in range(5):
            sheet.text(60, 100 + 14 * number, "•", 10, unicode_font())
            sheet.text(85, 100 + 14 * number, f"item number {number} of the list")

    book = read_pdf(make_pdf(tmp_path / "a.pdf", draw), ocr="never")
    lines = book.pages[0].lines
    assert [line.text for line in lines] == [f"• item number {n} of the list" for n in range(5)]
    assert {line.kind for line in lines} == {"item"}


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_reads_as_it_is_displayed(tmp_path: Path, angle: int) -> None:
    """Scanners turn the paper and set /Rotate back."""

    def draw(sheet: Sheet) -> None:
        canvas = sheet.canvas
        canvas.translate(WIDTH / 2, sheet.height / 2)
        canvas.rotate(angle)
        canvas.setFont("Helvetica", 10)
        for number, line in enumerate(wrap(PROSE, 300)):
            canvas.drawString(-200, 150 - 12 * number, line)

    path = make_pdf(tmp_path / "a.pdf", draw)
    rewrite(path, lambda writer: writer.pages[0].rotate(angle))
    page = read_pdf(path, ocr="never").pages[0]
    assert " ".join(line.text for line in page.lines) == PROSE.strip()
    first, last = page.lines[0].words[0].box, page.lines[-1].words[0].box
    assert 0 < first.y0 < last.y0 < page.height
    assert (page.width > page.height) is (angle != 180)


def test_text_that_runs_up_an_upright_page_is_read(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.canvas.rotate(90)
        for number, line in enumerate(wrap(PROSE, 500)):
            sheet.canvas.drawString(100, -200 - 14 * number, line)

    page = read_pdf(make_pdf(tmp_path / "a.pdf", draw), ocr="never").pages[0]
    assert " ".join(line.text for line in page.lines) == PROSE.strip()
    word = page.lines[0].words[0].box
    assert word.y1 - word.y0 > word.x1 - word.x0  # it stands upright on paper


def test_boxes_count_from_the_corner_of_the_crop_box(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", lambda sheet: sheet.text(100, 200, "Here", 20))

    def crop(writer: object) -> None:
        page = writer.pages[0]  # type: ignore[attr-defined]
        page.cropbox.lower_left = (50, 0)
        page.cropbox.upper_right = (float(page.mediabox.right), float(page.mediabox.top) - 100)

    page = read_pdf(rewrite(path, crop), ocr="never").pages[0]
    box = page.lines[0].words[0].box
    assert box.x0 == pytest.approx(50, abs=2)
    assert box.y0 < 100 < box.y1 + 1  # the baseline at 200 lies 100 below the crop's edge


def test_a_raised_exponent_and_a_raised_marker_are_told_apart(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        text = sheet.canvas.beginText(60, 700)
        runs = [("Platelets 100 × 10", "9"), ("/L and 50 mg", "3"), (" daily, H", None)]
        for plain, raised in runs:
            text.setFont(unicode_font(), 11)
            text.textOut(plain)
            if raised:
                text.setFont(unicode_font(), 7)
                text.setRise(4)
                text.textOut(raised)
                text.setRise(0)
        text.setFont(unicode_font(), 7)
        text.setRise(-2)
        text.textOut("2")
        text.setRise(0)
        text.setFont(unicode_font(), 11)
        text.textOut("O given.")
        sheet.canvas.drawText(text)

    text = read_text(make_pdf(tmp_path / "a.pdf", draw))
    assert text == "Platelets 100 × 10⁹/L and 50 mg daily, H₂O given."


def test_words_cut_at_line_ends_are_whole_again_and_keep_both_boxes(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        sheet.text(60, 80, "The management of follow-up is described here for all of them now.")
        sheet.text(60, 110, "This is about the good manage-")
        sheet.text(60, 122, "ment of women at every follow-")
        sheet.text(60, 134, "up with a dose of 0.5-")
        sheet.text(60, 146, "1 mg each.")

    path = make_pdf(tmp_path / "a.pdf", draw)
    text = read_text(path)
    assert "good management of women at every follow-up with a dose of 0.5-1 mg each" in text
    parts = [w for line in read_pdf(path).pages[0].lines for w in line.words if "manage" in w.text]
    assert parts[-1].text == "manage\u00ad"


def test_a_dose_at_the_start_of_a_line_is_no_list_number(tmp_path: Path) -> None:
    lines = [
        "The tablets hold iron, and each of the women who come is given at least",
        "1.5 mg of it every day, or in a hospital under watch and by drip up to",
        "2. That is all.",
    ]
    path = make_pdf(tmp_path / "a.pdf", lambda sheet: sheet.column(60, 80, lines))
    assert [line.opens for line in read_pdf(path).pages[0].lines] == [True, False, False]


def test_an_ornament_of_a_symbol_font_is_a_bullet(tmp_path: Path) -> None:
    def draw(sheet: Sheet) -> None:
        for number in range(3):
            sheet.text(60, 100 + 14 * number, "n", 8, "ZapfDingbats")
            sheet.text(75, 100 + 14 * number, f"item number {number}")

    lines = read_pdf(make_pdf(tmp_path / "a.pdf", draw), ocr="never").pages[0].lines
    assert [line.text for line in lines] == [f"• item number {n}" for n in range(3)]
