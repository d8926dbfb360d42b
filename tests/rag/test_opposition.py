"""A denial by another publisher is told; books that agree, or speak of something else, raise no alarm."""

from __future__ import annotations

import pytest

from corpus.records import Book, Citation, Hit, Passage
from rag.reply.opposition import find_opposition
from rag.verify import Verifier
from tests.fakes import HashingEmbedder

OURS = Book("a", "a.pdf", "/a.pdf", "A booklet", publisher="Us")
THEIRS = Book("b", "b.pdf", "/b.pdf", "A guideline", publisher="Them")


def hit(text: str, book: Book) -> Hit:
    return Hit(Passage(text[:12], book.id, 1, 1, "1", (), text), book, 0.9)


def opposed(claim: str, statement: str, book: Book = THEIRS) -> bool:
    told = [Citation(1, hit(claim, OURS), claim)]
    return any(find_opposition(told, [hit(statement, book)], Verifier(HashingEmbedder())))


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("Ibuprofen is safe in pregnancy.", "Ibuprofen is not safe in pregnancy."),
        ("Ibuprofen can be taken in pregnancy.", "Ibuprofen is not recommended in pregnancy."),
        ("Take iron tablets with milk.", "Do not take iron tablets with milk."),
        ("Alcohol is safe in pregnancy.", "Avoid alcohol in pregnancy."),
        ("Hair dye is safe in pregnancy.", "Hair dye is not safe in pregnancy."),
    ],
)
def test_a_denial_is_told_whichever_side_denies(claim: str, statement: str) -> None:
    assert opposed(claim, statement)
    assert opposed(statement, claim)


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        (
            "Hold your baby skin to skin as soon as possible, for at least the first hour.",
            "Babies without complications should be kept skin to skin with their mothers in the "
            "first hour, to prevent cold.",
        ),
        (
            "If you did not take folic acid before, start as soon as you know that you are pregnant.",
            "Take 400 micrograms of folic acid every day until you are 12 weeks pregnant.",
        ),
        (
            "Many women with gestational diabetes feel nothing, so a test finds it.",
            "The test for gestational diabetes is usually done at 24 to 28 weeks.",
        ),
        (
            "An implant or an injection can be started after birth, also while breastfeeding.",
            "Implants and injections do not harm breastfeeding after birth.",
        ),
        ("Live vaccines are avoided.", "The varicella vaccine is another live vaccine."),
        (
            "The test is done at 24 weeks of pregnancy.",
            "The test is done at 26 weeks of pregnancy.",
        ),
        ("Ibuprofen is safe in pregnancy.", "Ibuprofen is safe in pregnancy."),
    ],
)
def test_books_that_agree_or_speak_of_something_else_raise_no_alarm(
    claim: str, statement: str
) -> None:
    assert not opposed(claim, statement)
    assert not opposed(statement, claim)


def test_books_of_one_publisher_are_taken_to_agree() -> None:
    assert not opposed("Hair dye is safe in pregnancy.", "Hair dye is not safe in pregnancy.", OURS)
