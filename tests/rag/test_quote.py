"""Quotes: the passage's own words, whole sentences, on the topic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Book, Hit, Passage
from rag.reply.quote import MOST_WORDS, best_sentences
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


def test_what_she_asks_leave_for_is_named_by_the_best_sentence() -> None:
    text = (
        "Pregnant women who have soft cheese often catch listeria. Brie and other mould-ripened cheese is to be "
        "avoided unless it is cooked through."
    )
    found = Hit(Passage("p", "b", 1, 1, "1", ("Cheese",), text), BOOK, 1.0)
    told = best_sentences("can I have brie when pregnant", [found], HashingEmbedder(), most=1)
    assert told[0].text.startswith("Brie")


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


def test_a_question_for_signs_is_answered_with_the_sentence_that_lists_them() -> None:
    text = (
        "About 1 in 100 women has repeated miscarriages. Work does not cause a miscarriage. "
        "The main signs are bleeding from the vagina and cramps low in the belly."
    )
    found = Hit(Passage("p", "b", 1, 1, "1", ("Miscarriage",), text), BOOK, 1.0)
    told = best_sentences("What are the signs of a miscarriage?", [found], HashingEmbedder())
    assert [quote.text for quote in told] == [text[text.index("The main") :]]


def test_a_row_that_answers_is_quoted_under_its_headings() -> None:
    table = "Pain relief.\nMethod | What it does\nEpidural | Numbs pain best\nBath | Eases pain"
    assert quote("epidural numbs pain", f"Ask your midwife about it.\n{table}")[0] == table


def test_what_is_said_of_another_thing_in_the_section_comes_after() -> None:
    text = "Penicillins are antibiotics for pregnancy. Thrush is treated with a cream in pregnancy."
    found = Hit(
        Passage("p", "b", 1, 1, "1", ("Thrush, urine infection and antibiotics",), text), BOOK, 1.0
    )
    told = best_sentences("prescribe me something for thrush", [found], HashingEmbedder())
    assert told[0].text == "Thrush is treated with a cream in pregnancy."
    assert len(told) == 1


def test_of_a_baby_nothing_is_quoted_that_is_about_an_adult() -> None:
    text = (
        "Call your midwife about any new rash in pregnancy. Shingles brings a rash with blisters."
    )
    assert quote("My daughter is 14 weeks old and has a rash", text) == []


@given(st.lists(st.text(max_size=300), max_size=4))
def test_quotes_are_words_of_their_passage_and_never_a_page(texts: list[str]) -> None:
    for found in best_sentences("how much iron", hits(*texts), HashingEmbedder()):
        text = found.hit.passage.text
        assert text[found.start : found.start + len(found.text)] == found.text
    assert sum(len(found.split()) for found in quote("how much iron", *texts)) <= MOST_WORDS + 140
