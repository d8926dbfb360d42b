"""Clinical strings, printed into a PDF and read back, keep their meaning."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk_pages
from ingest.pdf import read_pdf
from tests.ingest.test_clean import CLINICAL, numbers, signs
from tests.ingest.typeset import Sheet, make_pdf, unicode_font

# what the test font draws; the rest of the signs are covered without print in test_clean
PRINTABLE = [text for text in CLINICAL if not set(text) & set("₂⁹−")]
units = st.sampled_from([" mg", " µg", " mmHg", "/L", "%", " weeks", " °C", " kg/m²", " IU"])
doses = st.builds(
    lambda sign, low, between, high, unit: f"{sign}{low}{between}{high}{unit}",
    signs.filter(lambda sign: sign != "−"),
    numbers,
    st.sampled_from(["-", "–", "/", "+", " to ", "×10^", ":", ", "]),
    numbers,
    units,
)


def read_back(lines: list[str]) -> str:
    def draw(sheet: Sheet) -> None:
        sheet.column(60, 80, lines, 10, unicode_font())

    with tempfile.TemporaryDirectory() as folder:
        book = read_pdf(make_pdf(Path(folder) / "a.pdf", draw), ocr="never")
    return " ".join(passage.text.replace("\n", " ") for passage in chunk_pages(book))


def test_known_strings_come_back_as_they_were_printed() -> None:
    lines = [f"She was given {text} on that day." for text in PRINTABLE]
    assert read_back(lines) == " ".join(lines)


@settings(max_examples=25, deadline=None)
@given(st.lists(doses, min_size=1, max_size=12))
def test_any_dose_comes_back_as_it_was_printed(given_doses: list[str]) -> None:
    lines = [f"Dose number {n} is {dose} every day." for n, dose in enumerate(given_doses)]
    assert read_back(lines) == " ".join(lines)


@settings(max_examples=25, deadline=None)
@given(numbers, st.sampled_from(["-", "–", "/"]), numbers, units)
def test_a_range_cut_by_a_line_end_keeps_its_sign(
    low: str, sign: str, high: str, unit: str
) -> None:
    text = read_back([f"The usual dose for every woman is {low}{sign}", f"{high}{unit} each day."])
    assert f"{low}{sign}{high}{unit}" in text
