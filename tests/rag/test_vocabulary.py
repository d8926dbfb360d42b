"""Spelling is mended towards the books' words only, and everyday words weigh little."""

from __future__ import annotations

import pytest

from corpus.records import Passage
from rag.search.vocabulary import Vocabulary, content_words, stem, weight_in_english

TEXTS = [
    "Pre-eclampsia is high blood pressure in pregnancy.",
    "Pregnancy brings nausea; nausea passes.",
    "Isotretinoin must not be taken in pregnancy. Mastitis can follow engorgement.",
    "Isotretinoin and mastitis, engorgement and nausea.",
]
VOCABULARY = Vocabulary(
    Passage(str(i), "b", 1, 1, "1", (), text, position=i) for i, text in enumerate(TEXTS)
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("im pregnancey week 9", "im pregnancy week 9"),
        ("isotretinion and me", "isotretinoin and me"),
        ("what is mastitus", "what is mastitis"),
    ],
)
def test_a_misspelt_word_becomes_the_books_word(typed: str, meant: str) -> None:
    assert VOCABULARY.correct(typed) == meant


@pytest.mark.parametrize(
    "question", ["who wrote hamlet", "is glaucoma bad", "my cat", "BP 140/90", ""]
)
def test_good_words_and_far_words_are_left_alone(question: str) -> None:
    assert VOCABULARY.correct(question) == question


def test_british_and_american_spellings_share_a_stem() -> None:
    for british, american in [
        ("haemorrhage", "hemorrhage"),
        ("labour", "labor"),
        ("anaemia", "anemia"),
    ]:
        assert stem(british) == stem(american)


def test_a_rare_word_of_the_books_weighs_more_than_a_common_one() -> None:
    assert VOCABULARY.idf("pregnancy") < VOCABULARY.idf("nausea") < VOCABULARY.idf("tattoo")
    assert not VOCABULARY.knows("tattoo")


def test_everyday_english_says_little_of_a_topic() -> None:
    assert weight_in_english("room") < 0.2 < weight_in_english("heartburn")
    assert weight_in_english("endometriosis") > 0.8


def test_content_words_leave_out_politeness_and_question_words() -> None:
    assert content_words("Can you please tell me what causes anaemia, thanks?") == [
        "causes",
        "anaemia",
    ]
