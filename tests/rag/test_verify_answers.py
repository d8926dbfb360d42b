"""Sentences as people answer: "Yes, …", a cell of a table, an item of a list, half of a joined sentence."""

from __future__ import annotations

import pytest

from rag.checking.claims import read_opening
from rag.checking.parts import list_parts
from rag.checking.tables import read_tables, spell_rows
from rag.verify import Verifier

FLYING = (
    "You can fly until 36 weeks. Live vaccines are not given in pregnancy. Fibroids are not cancer."
)
VACCINES = """Vaccines in pregnancy.
Vaccine | When in pregnancy, United Kingdom | When in pregnancy, United States
Whooping cough | From 16 weeks | 27 to 36 weeks
RSV | From 28 weeks | 32 to 36 weeks
MMR (live) | Not in pregnancy; offered after birth | Not in pregnancy; offered after birth"""
FOODS = """Foods in pregnancy.
Food | Advice in pregnancy
Raw shellfish | Avoid
Soft blue cheese | Avoid unless cooked until steaming hot
Tuna | Limit"""
SICKNESS = """Call your midwife or doctor today
• You cannot keep food or drink down for 24 hours.
• You vomit blood."""
WAITING = (
    "Ask for help after 12 months of trying if you are under 35, and after 6 months if you are 35 or older. "
    "Propylthiouracil is preferred in the first trimester, because carbimazole carries a small risk. "
    "In a cycle of 28 days, ovulation is near day 14; in a cycle of 32 days, it is near day 18."
)


def _passes(sentence: str, passage: str) -> bool:
    return Verifier().verify(sentence, passage).supported


@pytest.mark.parametrize(
    "sentence",
    [
        "Yes, you can fly until 36 weeks.",
        "Yes – you can fly until 36 weeks.",
        "No, live vaccines are not given in pregnancy.",
        "No, fibroids are not cancer.",
    ],
)
def test_a_yes_or_no_that_agrees_with_the_passage_passes(sentence: str) -> None:
    assert _passes(sentence, FLYING)


@pytest.mark.parametrize(
    "sentence",
    [
        "No, you cannot fly until 36 weeks.",
        "No, you can fly until 36 weeks.",
        "Yes, live vaccines are given in pregnancy.",
        "Yes, fibroids are cancer.",
        "Yes, you can fly until 38 weeks.",
        "Yes, you can.",
        "No.",
    ],
)
def test_a_yes_or_no_against_the_passage_is_withheld(sentence: str) -> None:
    assert not _passes(sentence, FLYING)


def test_no_amount_is_no_answer() -> None:
    assert read_opening("No amount of alcohol is safe.") == ("", "No amount of alcohol is safe.")
    assert read_opening("No, it is not safe.") == ("no", "It is not safe.")


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("In the United Kingdom, the RSV vaccine is given from 28 weeks.", VACCINES),
        ("In the US, the whooping cough vaccine is given at 27 to 36 weeks.", VACCINES),
        ("Avoid raw shellfish in pregnancy.", FOODS),
        ("Limit tuna in pregnancy.", FOODS),
        ("Soft blue cheese should be avoided unless it is cooked until steaming hot.", FOODS),
    ],
)
def test_a_cell_as_a_sentence_passes(sentence: str, passage: str) -> None:
    assert _passes(sentence, passage)


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("In the United States, the RSV vaccine is given from 28 weeks.", VACCINES),
        ("In the United Kingdom, the whooping cough vaccine is given at 27 to 36 weeks.", VACCINES),
        ("The RSV vaccine is given from 16 weeks in the United Kingdom.", VACCINES),
        ("Yes, the MMR vaccine can be given in pregnancy.", VACCINES),
        ("Raw shellfish can be eaten in pregnancy.", FOODS),
        ("Limit raw shellfish in pregnancy.", FOODS),
        ("Soft blue cheese should be avoided even when it is cooked until steaming hot.", FOODS),
    ],
)
def test_a_cell_under_another_heading_or_row_is_withheld(sentence: str, passage: str) -> None:
    assert not _passes(sentence, passage)


def test_an_item_is_read_with_the_line_above_it() -> None:
    assert _passes("Call your midwife or doctor today if you vomit blood.", SICKNESS)
    assert _passes(
        "Call your midwife or doctor today if you cannot keep food or drink down for 24 hours.",
        SICKNESS,
    )
    assert not _passes("Call your midwife or doctor today.", SICKNESS)
    assert not _passes(
        "Call your midwife or doctor today if you cannot keep food or drink down for 48 hours.",
        SICKNESS,
    )


def test_half_of_a_joined_sentence_passes_and_its_halves_are_not_mixed() -> None:
    assert _passes("Ask for help after 6 months if you are 35 or older.", WAITING)
    assert _passes("In a cycle of 32 days, ovulation is near day 18.", WAITING)
    assert not _passes("Ask for help after 6 months if you are under 35.", WAITING)
    assert not _passes("In a cycle of 28 days, ovulation is near day 18.", WAITING)


def test_what_is_said_of_one_subject_is_not_said_of_another() -> None:
    assert _passes("Propylthiouracil is preferred in the first trimester.", WAITING)
    assert not _passes("Carbimazole is preferred in the first trimester.", WAITING)


ADVICE = (
    "Two hours after a meal, NICE advises below 6.4 mmol/L (115 mg/dL) and ACOG below 120 mg/dL. In the "
    "United Kingdom, a coil is put in within 48 hours of birth; CDC says that it can be put in at any time. "
    "NICE advises against a routine scan after 28 weeks. Do not use retinoid creams (retinol, tretinoin) in "
    "pregnancy. Sushi is safe in pregnancy when the fish is cooked."
)


def test_one_guidelines_advice_is_not_anothers() -> None:
    assert _passes("Two hours after a meal, ACOG advises below 120 mg/dL.", ADVICE)
    assert not _passes("Two hours after a meal, NICE advises below 120 mg/dL.", ADVICE)
    assert not _passes("CDC says that a coil is put in within 48 hours of birth.", ADVICE)


def test_advice_against_is_a_denial_and_brackets_are_part_of_it() -> None:
    assert _passes("No, NICE advises against a routine scan after 28 weeks.", ADVICE)
    assert not _passes("NICE advises a routine scan after 28 weeks.", ADVICE)
    assert not _passes("Yes, you can use tretinoin in pregnancy.", ADVICE)
    assert not _passes("Yes, sushi is safe in pregnancy.", ADVICE)


def test_a_sentence_of_one_statement_has_no_parts() -> None:
    assert list_parts("Take a tablet of 400 micrograms every day until week 12.") == []


def test_a_row_is_read_under_its_headings_and_headings_alone_say_nothing() -> None:
    rows = read_tables(VACCINES.split("\n"))
    assert rows[1] == []
    assert rows[3] == [
        "vaccine, RSV, in pregnancy, United Kingdom, from 28 weeks",
        "vaccine, RSV, in pregnancy, United States, 32 to 36 weeks",
        "from 28 weeks, in pregnancy, United States, 32 to 36 weeks",
    ]


METHODS = (
    "Method | Pregnancies in 100 women in the first year, typical use | How long it works",
    "Copper coil (IUD) | Fewer than 1 | 5 to 10 years, by type",
    "Injection | 4 | 8 to 13 weeks, by type",
    "Cap|film | 12–18 | Nothing",
)


def test_a_row_as_a_sentence_says_all_of_it_under_its_headings() -> None:
    assert spell_rows(METHODS) == {
        0: "",
        1: "Copper coil (IUD): fewer than 1 in 100 women become pregnant in the first year, typical use; "
        "how long it works 5 to 10 years, by type.",
        2: "Injection: 4 in 100 women become pregnant in the first year, typical use; how long it works 8 to 13 "
        "weeks, by type.",
        3: "Cap|film: 12–18 in 100 women become pregnant in the first year, typical use; how long it works nothing.",
    }
    assert spell_rows(["Tuna | Limit", "Caffeine | Limit"]) == {}


def test_a_line_with_one_bar_and_no_rows_beneath_is_no_heading() -> None:
    assert read_tables(["Tuna | Limit", "Caffeine | Limit"]) == {
        0: ["tuna, limit"],
        1: ["caffeine, limit"],
    }
