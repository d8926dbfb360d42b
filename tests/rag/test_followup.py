"""A follow-up is searched with what it refers to; a question that stands alone is left alone."""

from __future__ import annotations

import pytest

from rag.events import Turn
from rag.search.followup import leans_on_earlier, search_question

FIRST = Turn("user", "Can I take ibuprofen in the first trimester?")
REPLY = Turn("assistant", "Ibuprofen is not advised in pregnancy.")

LEANING = [
    "and in the third trimester?",
    "how much of it?",
    "is that safe?",
    "why?",
    "what about twins?",
    "how long does it last",
    "can it harm my baby",
    "for how long?",
    "how often should I take them?",
    "what are the side effects of it",
    "what else can I do",
    "or paracetamol?",
    "when should I stop taking it?",
    "How is it treated?",
    "how many a day?",
    "when can i start?",
]
STANDING = [
    "Is it safe to dye my hair?",
    "is it normal to bleed after sex",
    "What is an ectopic pregnancy?",
    "mastitis",
    "pcos",
    "what does it mean if my waters are green",
    "Is there a test for gestational diabetes?",
    "should I put my baby on her back to sleep",
    "down there hurts so bad after giving birth, can i put ice on it??",
    "can my mum be with me",
    "can they push on my belly to get the baby out faster",
    "how do i know that I'm in labour",
    "wat can happen if u need a c section but cant get one",
]


@pytest.mark.parametrize("question", LEANING)
def test_a_question_that_points_back_leans_on_the_earlier_one(question: str) -> None:
    assert leans_on_earlier(question)


@pytest.mark.parametrize("question", STANDING)
def test_a_question_with_its_own_subject_stands_alone(question: str) -> None:
    assert not leans_on_earlier(question)


def test_a_follow_up_is_searched_together_with_what_it_refers_to() -> None:
    asked = search_question("and in the third trimester?", [FIRST, REPLY])
    assert asked.text == f"{FIRST.content} and in the third trimester?"
    assert asked.earlier == FIRST.content


def test_a_chain_of_follow_ups_goes_back_to_the_question_with_a_subject() -> None:
    history = [
        FIRST,
        REPLY,
        Turn("user", "and in the second?"),
        Turn("assistant", "Not then either."),
    ]
    assert search_question("is it safe after that?", history).earlier == FIRST.content


def test_a_new_subject_is_not_mixed_with_the_old_one() -> None:
    asked = search_question("What is an ectopic pregnancy?", [FIRST, REPLY])
    assert (asked.text, asked.earlier) == ("What is an ectopic pregnancy?", "")


def test_without_history_nothing_is_joined() -> None:
    assert search_question("how much of it?").text == "how much of it?"


def test_what_the_assistant_said_is_never_searched() -> None:
    assert "not advised" not in search_question("why?", [FIRST, REPLY]).text
