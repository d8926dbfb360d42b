"""A quote made whole: a list keeps its lead-in and its end, a table its headings, a sentence what it leans on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reply.layout import read_layout
from rag.reply.wholes import complete

LIST = "Call today\n• You are sick all day.\n• You feel faint.\n• Your urine is dark.\nRest at home then."
TABLE = "Some foods hold it.\nIron in foods.\nFood | Iron in it\nBeans, one cup | 4 mg\nBeef | 3 mg a slice"
LEANING = "Iron is in beans. It is in beef too. Other sources are lentils and peas."


def whole(text: str, piece: str, most_words: int = 110) -> str | None:
    start = text.index(piece)
    found = complete(text, start, start + len(piece), most_words)
    return text[found.start : found.end] if found else None


def test_every_stretch_of_a_page_is_told_apart() -> None:
    assert [s.kind for s in read_layout(LIST)] == ["lead", "item", "item", "item", "sentence"]
    assert [s.kind for s in read_layout(TABLE)] == ["sentence", "lead", "row", "row", "row"]
    assert [s.kind for s in read_layout("Get help now\nGo to a doctor at once.")] == [
        "heading",
        "sentence",
    ]


def test_a_list_is_quoted_with_its_lead_in_and_to_its_end() -> None:
    assert whole(LIST, "• You feel faint.") == LIST.removesuffix("\nRest at home then.")
    assert whole(LIST, "Call today") == LIST.removesuffix("\nRest at home then.")


def test_a_row_is_quoted_with_the_caption_and_the_headings() -> None:
    assert whole(TABLE, "Beef | 3 mg a slice") == TABLE.removeprefix("Some foods hold it.\n")


def test_a_list_that_is_too_long_ends_where_it_must() -> None:
    assert (
        whole(LIST, "• You feel faint.", 12)
        == "Call today\n• You are sick all day.\n• You feel faint."
    )
    assert whole(TABLE, "Beef | 3 mg a slice", 6) is None


def test_the_last_item_of_a_list_that_began_elsewhere_is_not_quoted_alone() -> None:
    assert whole("• a missed period.\nSee a doctor about it.", "• a missed period.") is None


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("It is in beef too.", "Iron is in beans. It is in beef too."),
        ("Other sources are lentils and peas.", LEANING),
        ("Iron is in beans.", "Iron is in beans."),
    ],
)
def test_a_sentence_that_leans_brings_what_it_leans_on(piece: str, expected: str) -> None:
    assert whole(LEANING, piece) == expected


def test_what_compares_with_the_sentence_before_brings_it_along() -> None:
    text = "Ovarian cysts are common. The vaccines against these three are live. Age counts more."
    assert whole(text, "The vaccines against these three are live.") == text.removesuffix(
        " Age counts more."
    )
    text = "A clot is rare with the pill. The chance in pregnancy is higher still."
    assert whole(text, "The chance in pregnancy is higher still.") == text


def test_a_heading_that_runs_in_is_no_quote() -> None:
    assert whole("At 37 weeks or later.\nCall at once.", "At 37 weeks or later.") is None


def test_a_heading_is_no_quote_and_neither_is_a_sentence_that_only_leads_on() -> None:
    assert whole("Get help now\nGo to a doctor at once.", "Get help now") is None
    assert whole("Guidelines differ on cheese.", "Guidelines differ on cheese.") is None
    text = "Guidelines differ on cheese. In the United Kingdom, hard cheese is safe."
    assert whole(text, "Guidelines differ on cheese.") == text


@given(st.text(max_size=200), st.integers(0, 200), st.integers(1, 60), st.integers(1, 40))
def test_a_whole_holds_the_budget(text: str, start: int, length: int, most_words: int) -> None:
    found = complete(text, start, start + length, most_words)
    assert found is None or len(text[found.start : found.end].split()) <= most_words
