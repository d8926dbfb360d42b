"""Word boxes become line rectangles, and the quote is found whatever the spaces between words."""

from __future__ import annotations

import pytest

from app.highlight import find_quote, mark_passage
from corpus.records import Box, TextBox

TEXT = "Take it daily. Ask first."


def lay_out(words: list[tuple[float, float, int]], text: str = TEXT) -> list[TextBox]:
    """Boxes 10 points high and 40 wide for the words of `text`, at (x, y, page)."""
    boxes, start = [], 0
    for word, (x, y, page) in zip(text.split(), words, strict=True):
        start = text.index(word, start)
        boxes.append(TextBox(start, start + len(word), Box(page, x, y, x + 40, y + 10)))
        start += len(word)
    return boxes


ONE_LINE = [(0, 0, 1), (45, 0, 1), (90, 1, 1), (135, 0, 1), (180, 0, 1)]


def test_words_of_one_line_become_one_rectangle() -> None:
    (mark,) = mark_passage(TEXT, lay_out(ONE_LINE))
    assert mark.box == Box(1, 0, 0, 220, 11)
    assert not mark.quoted


def test_the_quoted_sentence_is_a_rectangle_of_its_own() -> None:
    marks = mark_passage(TEXT, lay_out(ONE_LINE), "Ask first.")
    assert [(mark.box.x0, mark.box.x1, mark.quoted) for mark in marks] == [
        (0, 130, False),
        (135, 220, True),
    ]


@pytest.mark.parametrize(
    "places",
    [
        [(0, 0, 1), (45, 0, 1), (90, 0, 1), (0, 14, 1), (45, 14, 1)],  # the next line
        [(0, 0, 1), (45, 0, 1), (90, 0, 1), (300, 0, 1), (345, 0, 1)],  # the next column
        [(0, 0, 1), (45, 0, 1), (90, 0, 1), (0, 0, 2), (45, 0, 2)],  # the next page
    ],
)
def test_a_new_line_column_or_page_begins_a_new_rectangle(
    places: list[tuple[float, float, int]],
) -> None:
    assert len(mark_passage(TEXT, lay_out(places))) == 2


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("Take 0.4 mg\n daily.", "0.4 mg daily.", "0.4 mg\n daily."),
        ("a (b) [c] a.c", "(b) [c]", "(b) [c]"),
        ("Take it.", "", ""),
        ("Take it.", "Leave it.", ""),
    ],
)
def test_a_quote_is_found_over_line_ends_and_literally(text: str, quote: str, found: str) -> None:
    start, end = find_quote(text, quote)
    assert text[start:end] == found
