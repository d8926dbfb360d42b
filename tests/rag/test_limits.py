"""What it says of its limits: no dose, no diagnosis, no other subject; each in kind words."""

from __future__ import annotations

import pytest

from rag.reply.limits import (
    ASK_PRESCRIBER,
    NO_DIAGNOSIS,
    OUT_OF_SCOPE,
    closing_notes,
    is_other_subject,
    say_out_of_scope,
)
from rag.reply.medicines import find_medicines


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("How many mg of paracetamol should I take?", ASK_PRESCRIBER),
        ("Can you prescribe me antibiotics?", ASK_PRESCRIBER),
        ("how much ibuprofen is ok", ASK_PRESCRIBER),
        ("should I double my thyroid tablets", ASK_PRESCRIBER),
        ("What dose of aspirin prevents pre-eclampsia?", ASK_PRESCRIBER),
        ("Do I have PCOS?", NO_DIAGNOSIS),
        ("what is wrong with me", NO_DIAGNOSIS),
        ("Is this thrush?", NO_DIAGNOSIS),
        ("Could it be a miscarriage?", NO_DIAGNOSIS),
        ("Can I take ibuprofen?", ""),
        ("How much folic acid do I need?", ""),
        ("How much weight will I gain?", ""),
        ("Can I have sushi?", ""),
        ("Can I have a bath?", ""),
        ("can I have a vaginal birth after a caesarean", ""),
        ("Could I have an induction?", ""),
        ("Could I be having a miscarriage?", NO_DIAGNOSIS),
        ("can my baby be getting an infection", NO_DIAGNOSIS),
        ("Do I have to fast before the sugar test?", ""),
        ("What is PCOS?", ""),
        ("How many scans will I have?", ""),
    ],
)
def test_a_dose_and_a_diagnosis_are_left_to_those_who_know_her(question: str, note: str) -> None:
    notes = closing_notes(question, find_medicines(question))
    assert notes == ([note] if note else [])


@pytest.mark.parametrize(
    ("question", "elsewhere"),
    [
        ("My knee hurts when I run", True),
        ("How do I file my taxes?", True),
        ("Write python code that sorts a list", True),
        ("My knee hurts since I am pregnant", False),
        ("When do babies get teeth?", False),
        ("Can I dye my hair?", False),
    ],
)
def test_another_subject_is_told_apart(question: str, elsewhere: bool) -> None:
    assert is_other_subject(question) is elsewhere


def test_another_subject_gets_one_friendly_sentence_varied_a_little() -> None:
    said = {say_out_of_scope(f"How do I repair a tyre, number {n}?") for n in range(60)}
    assert said == set(OUT_OF_SCOPE)
    assert say_out_of_scope("a knee") == say_out_of_scope("a knee")
