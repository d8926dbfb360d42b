# ruff: noqa: E501  (a table is read whole)
"""The age of a baby in the arms is no week of pregnancy, and the other way round."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.profile import profile_of
from rag.signs.ages import read_baby_days
from rag.signs.wording import normalise

AGES = [
    "My daughter is {} weeks old and has a rash", "my son is {} weeks", "baby {} wk old wont sleep", "my {} week old",
    "he is {} weeks and teething", "my baby girl is {} weeks, when does she get vaccines", "LO is {} weeks and has baby acne",
    "my baby was born {} weeks ago", "I have a {} week old baby", "twins are {} weeks old", "how do I burp a {} week old",
    "when will my baby sleep through? he is {} weeks",
]  # fmt: skip
PREGNANCIES = [
    "my baby is {} weeks and kicking", "my wife is {} weeks, can she eat sushi", "she is {} weeks with twins", "I'm {} weeks",
    "my daughter is {} weeks pregnant", "he kicks a lot, {} weeks", "the baby is breech at {} weeks", "my sister is {} weeks, is tea ok",
    "my baby is {} weeks in the womb", "I have a 6 month old and am {} weeks pregnant", "my 16 year old daughter is {} weeks pregnant",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(AGES), st.integers(2, 16))
def test_the_age_of_a_baby_is_no_week_of_pregnancy(wording: str, weeks: int) -> None:
    told = profile_of(wording.format(weeks))
    assert (told.pregnant, told.weeks, told.baby_days) == (False, None, weeks * 7)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PREGNANCIES), st.integers(5, 41))
def test_weeks_in_the_womb_are_no_age(wording: str, weeks: int) -> None:
    told = profile_of(wording.format(weeks))
    assert (told.pregnant, told.weeks, told.days_after_birth) == (True, weeks, None)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("my son is 3 months", 91.2),
        ("6 wk old", 42.0),
        ("2 yr old", 730.0),
        ("he's 10 days and won't take milk", 10.0),
        ("a 2 year old and a 5 week old", 35.0),
        ("my baby won't feed, 3 weeks", 21.0),
        ("baby is kicking, 12 weeks", None),
        ("is a 40 year old too old to have a baby", None),
        ("I am with child 4 months", None),
        ("my baby 4 month, when teeth is coming?", 121.6),
        ("breech baby 37 weeks", None),
        ("my baby is 30 weeks and not moving", None),
        ("my daughter is 8 weeks and has one sided pain", None),
    ],
)
def test_ages_are_read_in_days(text: str, days: float | None) -> None:
    found = read_baby_days(normalise(text))
    assert found == (None if days is None else pytest.approx(days))


@pytest.mark.parametrize(
    "text",
    [
        "my baby was born at 34 weeks, he is now 5 weeks old",
        "gave birth at 37 weeks, is that early",
        "I had my son at 36 weeks",
        "my daughter was born at 29 weeks",
        "do babies cry a lot at 3 weeks",
        "is 3 months too early to tell work",
        "period due in 3 days",
    ],
)
def test_other_weeks_and_months_are_no_weeks_of_pregnancy(text: str) -> None:
    assert profile_of(text).weeks is None


def test_a_birth_that_is_planned_leaves_her_pregnant() -> None:
    assert profile_of("I'm 34 weeks, baby will be born at 37 weeks").weeks == 34


def test_an_older_child_tells_of_no_recent_birth() -> None:
    told = profile_of("my 3 yr old has a cold, I'm pregnant")
    assert (told.pregnant, told.days_after_birth) == (True, None)


def test_a_newborn_beside_an_older_child_counts() -> None:
    assert profile_of("I have a 2 year old and a newborn").baby_days is None
