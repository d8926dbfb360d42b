"""A medicine named in a question brings its pregnancy and its breastfeeding page along."""

from __future__ import annotations

import pytest

from corpus.records import Book, Hit, Passage
from rag.reply.medicines import aspect_of, choose_statements, find_medicines

BOOK = Book("b", "medicines.pdf", "/m.pdf", "Medicines in pregnancy")
OTHER = Book("g", "gynecology.pdf", "/g.pdf", "Gynecology beyond pregnancy")


def hit(text: str, *section: str, book: Book = BOOK) -> Hit:
    return Hit(Passage(text[:9], book.id, 1, 1, "1", section, text), book, 0.5)


PAIN = hit("Ibuprofen is not recommended in pregnancy. Paracetamol is the first choice.", "Pain")
MILK = hit("Paracetamol and ibuprofen can both be taken while breastfeeding.", "Breastfeeding")
CRAMPS = hit("For period pain, ibuprofen works better than paracetamol.", "Cramps", book=OTHER)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Can I take ibuprofen?", ["ibuprofen"]),
        ("is Nurofen ok", ["ibuprofen"]),
        ("acetaminophen or naproxen?", ["paracetamol", "naproxen"]),
        ("I take SSRIs", ["SSRI"]),
        ("are antibiotics safe", ["antibiotic"]),
        ("how much folic acid and iron", []),
        ("is the flu vaccine safe", []),
        ("can I have an epidural", []),
        ("al dente pasta and a sp. of coffee", []),
    ],
)
def test_medicines_are_known_by_all_their_names(question: str, names: list[str]) -> None:
    assert [medicine.names[0] for medicine in find_medicines(question)] == names


def test_each_aspect_gets_its_statement() -> None:
    (ibuprofen,) = find_medicines("ibuprofen")
    chosen = choose_statements(ibuprofen, [CRAMPS, PAIN, MILK])
    assert [quote.text for quote in chosen] == [
        "Ibuprofen is not recommended in pregnancy.",
        MILK.passage.text,
    ]


def test_what_was_told_is_not_told_twice() -> None:
    (ibuprofen,) = find_medicines("ibuprofen")
    told = [("Ibuprofen is not recommended in pregnancy.", PAIN)]
    assert [q.hit for q in choose_statements(ibuprofen, [PAIN, MILK], told)] == [MILK]


def test_a_statement_that_only_names_it_does_not_count_as_told() -> None:
    (paracetamol,) = find_medicines("paracetamol")
    told = [("A headache that paracetamol does not ease needs a call in pregnancy.", PAIN)]
    chosen = choose_statements(paracetamol, [PAIN, MILK], told)
    assert chosen[0].text == "Paracetamol is the first choice."


def test_a_kind_stands_in_for_its_member_where_the_books_are_silent() -> None:
    (sertraline,) = find_medicines("sertraline")
    kind = hit("Many women take an antidepressant through pregnancy.", "Mood")
    assert [quote.hit for quote in choose_statements(sertraline, [kind])] == [kind]


def test_a_page_on_neither_is_of_no_aspect() -> None:
    assert aspect_of(CRAMPS.passage.text, CRAMPS) is None
