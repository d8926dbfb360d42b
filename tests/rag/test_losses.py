# ruff: noqa: E501  (a table is read whole)
"""A loss that is told as past is no current pregnancy; a pregnancy beside it stays one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.events import Turn
from rag.profile import Profile, profile_of, update_profile
from rag.signs.losses import read_loss_days
from rag.signs.wording import normalise

TOLD_LOSSES = [
    "I lost my baby at {} weeks", "I miscarried at {} weeks", "my baby was stillborn at {} weeks", "we lost her at {}w",
    "had a termination at {} weeks", "we lost our little girl at {} wks", "I had a stillbirth at {} weeks", "our son died at {} weeks",
    "I was {} weeks when I lost him", "at {} weeks I lost my baby", "lost the pregnancy at {} weeks, when can we try again?",
    "my twins died at {} weeks", "our baby was born sleeping at {} weeks", "i had a missed miscarriage at {} weeks in march",
    "TFMR at {} weeks", "I had an abortion at {} weeks", "is it my fault that I lost my baby at {} weeks",
    "I lost my baby when I was {} weeks pregnant", "my wife miscarried at {} weeks, how do I support her",
    "I lost my baby at {} weeks and 3 days",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TOLD_LOSSES), st.integers(5, 41))
def test_the_week_of_a_loss_is_no_week_of_pregnancy(wording: str, weeks: int) -> None:
    told = profile_of(wording.format(weeks))
    assert (told.pregnant, told.weeks, told.after_loss) == (None, None, True)
    assert told.describe() in (
        ("has had a pregnancy loss or abortion",),
        ("has had a pregnancy loss or abortion", "twins or more"),
    )


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("I lost a baby at 20 weeks and I'm now 30 weeks pregnant again", 30),
        ("I am 10 weeks pregnant and lost my last baby at 20 weeks", 10),
        ("had a miscarriage at 9 weeks, I'm now 14 weeks", 14),
        ("had a stillbirth at 37 weeks two years ago, now 16 weeks with our rainbow", 16),
        ("I'm 8 weeks pregnant after a miscarriage at 10 weeks", 8),
        ("I'm pregnant again after losing my son at 23 weeks, 9 weeks now", 9),
        ("I lost one twin at 12 weeks, now 20 weeks", 20),
        ("I think I'm losing my baby, 20 weeks", 20),
        ("I'm miscarrying at 9 weeks", 9),
        ("lost my mucus plug at 38 weeks", 38),
        ("I lost a lot of blood at 30 weeks", 30),
        ("I lost my job at 20 weeks", 20),
        ("can I have an abortion at 9 weeks", 9),
    ],
)
def test_a_pregnancy_that_goes_on_keeps_its_weeks(text: str, weeks: int) -> None:
    told = profile_of(text)
    assert (told.pregnant, told.weeks) == (True, weeks)


@pytest.mark.parametrize(
    ("text", "is_over"),
    [
        ("I miscarried yesterday", True),
        ("we lost the baby", True),
        ("we lost her at 13 weeks", True),
        ("I lost a baby at 30 weeks once", False),
        ("I've had a miscarriage", False),
        ("what if I lose the baby", False),
    ],
)
def test_a_loss_ends_the_pregnancy_that_she_told_of(text: str, is_over: bool) -> None:
    told = profile_of(text, [Turn("user", "I'm 12 weeks pregnant")])
    assert told.after_loss is is_over
    assert (told.weeks is None) is is_over


def test_a_birth_after_a_loss_is_a_birth() -> None:
    told = update_profile(Profile(after_loss=True, loss_weeks=20.0), "I had my baby yesterday")
    assert (told.after_loss, told.days_after_birth) == (False, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "has my baby died? i can't feel her",
        "I think I lost my baby",
        "scared I lost the baby",
        "my abortion is booked for friday",
        "my termination is next week",
    ],
)
def test_a_loss_that_is_not_known_or_to_come_is_none(text: str) -> None:
    assert not profile_of(text).after_loss


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("I lost my baby last week", 7.0),
        ("miscarried 3 weeks ago", 21.0),
        ("abortion on Friday", 3.0),
        ("5 days ago we lost our son", 5.0),
        ("I lost my baby at 20 weeks", None),
        ("I lost my baby and I am feverish today", None),
    ],
)
def test_days_since_a_loss_are_read(text: str, days: float | None) -> None:
    assert read_loss_days(normalise(text)) == days
