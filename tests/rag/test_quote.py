"""Quotes: the passage's own words, whole sentences, on the topic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Book, Hit, Passage
from rag.quote import MOST_WORDS, best_sentences
from tests.fakes import HashingEmbedder

BOOK = Book("b", "b.pdf", "/b.pdf", "A book")


def hits(*texts: str) -> list[Hit]:
    return [
        Hit(Passage(f"p{n}", "b", n, n, str(n), ("Food",), text), BOOK, 1.0 - n / 10)
        for n, text in enumerate(texts, start=1)
    ]


def quote(question: str, *texts: str) -> list[str]:
    return [found.text for found in best_sentences(question, hits(*texts), HashingEmbedder())]


def test_the_sentence_that_answers_comes_first() -> None:
    text = "Vegetables are good for everybody at any age. Sushi is safe in pregnancy when the fish is cooked."
    assert quote("can I eat sushi in pregnancy", text)[0].startswith("Sushi is safe")


def test_what_is_added_keeps_to_the_topic() -> None:
    text = "Nuts are safe in pregnancy. Sushi is safe in pregnancy when cooked. Beans are safe in pregnancy too."
    assert "Nuts are safe in pregnancy." not in quote("is sushi safe in pregnancy", text)


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    text = "Folic acid is a vitamin for the baby. It lowers the risk of spina bifida in the baby."
    assert quote("what lowers the risk of spina bifida", text)[0] == text


def test_questions_headings_and_rows_of_a_table_are_not_quoted() -> None:
    text = "What should I eat?\nIron foods\nIron | 27 mg | daily need\nIron is found in beans and in lentils."
    assert quote("where is iron found", text) == ["Iron is found in beans and in lentils."]


def test_a_passage_that_is_all_table_is_quoted_by_its_rows() -> None:
    assert quote("how much iron", "Mineral | Amount of it\nIron in pregnancy | 27 mg a day") != []


@given(st.lists(st.text(max_size=300), max_size=4))
def test_quotes_are_words_of_their_passage_and_never_a_page(texts: list[str]) -> None:
    for found in best_sentences("how much iron", hits(*texts), HashingEmbedder()):
        text = found.hit.passage.text
        assert text[found.start : found.start + len(found.text)] == found.text
    assert sum(len(found.split()) for found in quote("how much iron", *texts)) <= MOST_WORDS + 140
