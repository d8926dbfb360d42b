"""What cleaning may and may not do to a string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import attach_script, join_hyphen, normalise, text_quality

CLINICAL = [
    "0.5-1 mg",
    "400–800 µg",
    "≥140/90 mmHg",
    "<5",
    "10^9/L",
    "37+6 weeks",
    "H₂O",
    "10⁹/L",
    "m²",
    "½ tablet",
    "−20 °C",
    "±2 SD",
    "1:1000",
    "SpO₂ ≥ 94%",
]


@pytest.mark.parametrize("text", CLINICAL)
def test_a_clinical_string_is_left_as_it_is(text: str) -> None:
    assert normalise(text) == text


numbers = st.from_regex(r"[0-9]{1,4}([.,][0-9]{1,3})?", fullmatch=True)
signs = st.sampled_from(["", "<", ">", "≤", "≥", "±", "~", "−", "-", "+"])
ranges = st.sampled_from(["-", "–", "/", "+", " to ", "×10^", ":"])
units = st.sampled_from(["", " mg", " µg", " mmHg", "/L", "%", " weeks", "°C", " kg/m²", " IU"])


@given(signs, numbers, ranges, numbers, units)
def test_no_sign_digit_or_range_of_a_dose_is_changed(
    sign: str, low: str, between: str, high: str, unit: str
) -> None:
    text = f"{sign}{low}{between}{high}{unit}"
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [
        ("eﬃcacy", "efficacy"),
        ("ﬁrst", "first"),
        ("pre‑eclampsia", "pre-eclampsia"),
        ("e\u0301tude", "étude"),
        ("0.5\u00ad1", "0.5-1"),  # Word sets its hyphens so: they are seen, so they are kept
        ("\uf0b3140", "≥140"),
        ("\uf0b7", "•"),
    ],
)
def test_a_glyph_becomes_the_character_it_shows(drawn: str, meant: str) -> None:
    assert normalise(drawn) == meant


@pytest.mark.parametrize(
    ("base", "script", "meant"),
    [
        ("10", "9", "10⁹"),
        ("×10", "-6", "×10⁻⁶"),
        ("kg/m", "2", "kg/m²"),
        ("cells/mm", "3", "cells/mm³"),
        ("I", "2", "I²"),
        ("Ca", "2+", "Ca²⁺"),
        ("20", "th", "20th"),
        ("mg", "3", "mg"),
        ("2015", "12", "2015"),
        ("mortality", "1,2", "mortality"),
        ("mortality.", "[4]", "mortality."),
    ],
)
def test_a_raised_run_is_an_exponent_or_a_marker(base: str, script: str, meant: str) -> None:
    assert attach_script(base, script, "super") == meant


def test_a_lowered_digit_stays_low() -> None:
    assert attach_script("H", "2", "sub") + "O" == "H₂O"


WORDS = frozenset({"management", "follow-up", "follow", "up", "pre-eclampsia", "long-term"})


@pytest.mark.parametrize(
    ("left", "right", "meant"),
    [
        ("manage-", "ment", "management"),
        ("hyper-", "tension", "hypertension"),
        ("follow-", "up", "follow-up"),
        ("pre-", "eclampsia", "pre-eclampsia"),
        ("long-", "term", "long-term"),
        ("0.5-", "1", "0.5-1"),
        ("COVID-", "19", "COVID-19"),
        ("24-", "hour", "24-hour"),
        ("X-", "Ray", "X-Ray"),
        ("non-", "pregnant", "non-pregnant"),
        ("400–", "800", "400–800"),
        ("≥140/", "90", "≥140/90"),
    ],
)
def test_the_books_own_words_decide_on_a_line_end_hyphen(left: str, right: str, meant: str) -> None:
    assert join_hyphen(left, right, WORDS) == meant


def test_a_hyphen_that_waits_for_another_word_is_no_line_end() -> None:
    assert join_hyphen("first-", "and", WORDS) is None
    assert join_hyphen("word", "next", WORDS) is None


@given(numbers, numbers)
def test_digits_are_never_joined_without_their_hyphen(low: str, high: str) -> None:
    assert join_hyphen(f"{low}-", high, frozenset()) == f"{low}-{high}"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Iron tablets are offered to every pregnant woman, 30 to 60 mg a day.", True),
        ("Under 25 | 120 | 957,000 | 12.5", True),
        ("Ŀ\ufffd\ufffd \ufffdŀ \ufffd\ufffd\ufffd \ufffd", False),
        ("(cid:12)(cid:44) (cid:7)(cid:90)", False),
        ("xkcdq rtzpl bvmnw qqrst", False),
        ("", False),
    ],
)
def test_quality_tells_text_from_noise(text: str, good: bool) -> None:
    assert (text_quality(text.split()) > 0.6) is good
