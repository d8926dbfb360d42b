"""What a person typed: nothing readable is lost, nothing unreadable gets through."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.message import MAX_CHARACTERS, clean_message, first_words, is_too_long


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  0.5-1 mg, ≥140/90, <5, 37+6 weeks, H₂O  ", "0.5-1 mg, ≥140/90, <5, 37+6 weeks, H₂O"),
        ("bleed\u202eing", "bleeding"),
        ("a\x00b\x1b[31mc\x9bd", "ab[31mcd"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("e\u0301", "é"),
        ("x" + "\u0301" * 50, "x" + "\u0301" * 3),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("حامل في الأسبوع ٣٠", "حامل في الأسبوع ٣٠"),
        ("\u2066\u2069 \x07", ""),
    ],
)
def test_only_what_cannot_be_read_is_taken_out(typed: str, read: str) -> None:
    assert clean_message(typed) == read


@given(st.text(max_size=300))
def test_cleaning_leaves_no_control_or_reordering_mark_and_is_done_once(typed: str) -> None:
    read = clean_message(typed)
    assert clean_message(read) == read
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in read)
    assert not any(unicodedata.bidirectional(c) in {"LRO", "RLO", "LRE", "RLE"} for c in read)


def test_a_message_is_too_long_beyond_the_limit_only() -> None:
    assert not is_too_long("x" * MAX_CHARACTERS)
    assert is_too_long("x" * (MAX_CHARACTERS + 1))


def test_the_first_words_end_at_a_space_where_there_is_one() -> None:
    assert first_words("one two three", 9) == "one two …"
    assert first_words("\N{BABY}" * 20, 5) == "\N{BABY}" * 5 + " …"
    assert first_words("short") == "short"
