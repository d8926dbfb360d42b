"""Passages: their length, their borders, their boxes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Book, Box, Line, LineKind, Page, Passage, Word
from ingest.book import Heading, ReadBook
from ingest.chunk import chunk_pages
from ingest.pdf import read_pdf
from ingest.sentences import sentence_ends
from tests.ingest.typeset import good_book

BOOK = Book("b" * 64, "a.pdf", "/a.pdf", "A")


def line(
    text: str, page: int = 1, kind: LineKind = "text", opens: bool = False, bold: bool = False
) -> Line:
    words = tuple(
        Word(word, Box(page, 10.0 * n, 10, 10.0 * n + (word != "|") * 8, 20))
        for n, word in enumerate(text.split())
    )
    return Line(words, 10, bold, kind, opens or kind in ("item", "row"))


def book_of(*pages: list[Line], outline: tuple[Heading, ...] = ()) -> ReadBook:
    made = (Page(n, f"p{n}", 595, 842, tuple(lines)) for n, lines in enumerate(pages, start=1))
    return ReadBook(BOOK, tuple(made), outline)


def count(text: str) -> int:
    """A tokenizer that counts four characters, and two special tokens."""
    return 2 + sum(-(-len(word) // 4) for word in text.split())


def sentences(number: int, words: int = 12) -> str:
    body = " ".join(["word"] * (words - 3))
    return " ".join(f"Sentence number {n} {body}." for n in range(number))


def all_words(passages: list[Passage]) -> list[str]:
    return [word for passage in passages for word in passage.text.split()]


def test_passages_are_near_the_wished_length_and_end_with_sentences() -> None:
    passages = chunk_pages(book_of([line(sentences(60), opens=True)]))
    sizes = [len(passage.text.split()) for passage in passages]
    assert all(80 <= size <= 140 for size in sizes)
    assert all(passage.text.endswith(".") for passage in passages)
    assert [passage.position for passage in passages] == list(range(len(passages)))


def test_no_word_is_lost_or_said_twice() -> None:
    text = sentences(47, 9)
    passages = chunk_pages(book_of([line(text, opens=True)]), count_tokens=count, max_tokens=64)
    assert all_words(passages) == text.split()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.integers(24, 200))
def test_no_passage_is_longer_than_the_embedder_reads(lengths: list[int], limit: int) -> None:
    """Also not with sentences of hundreds of words, and the section path counted."""
    texts = [" ".join(["wordiness"] * length) + "." for length in lengths]
    lines = [line(text, opens=True) for text in texts]
    heading = Heading(("A chapter", "A section of it"), 1, 0, 0)
    passages = chunk_pages(book_of(lines, outline=(heading,)), 110, count, limit)
    assert all(count(passage.embedded_text) <= limit for passage in passages)
    assert all_words(passages) == " ".join(texts).split()


def test_one_endless_word_is_cut_rather_than_lost() -> None:
    passages = chunk_pages(book_of([line("acgt" * 300, opens=True)]), 110, count, 50)
    assert "".join(passage.text for passage in passages) == "acgt" * 300


def test_a_passage_never_crosses_sections() -> None:
    outline = (Heading(("One",), 1, 0, 0), Heading(("Two",), 1, 50, 2))
    lines = [line("Alpha ends here.", opens=True)] * 2 + [line("Beta ends here.", opens=True)] * 2
    passages = chunk_pages(book_of(lines, outline=outline))
    assert [(p.section, "Beta" in p.text, "Alpha" in p.text) for p in passages] == [
        (("One",), False, True),
        (("Two",), True, False),
    ]


def test_a_sentence_over_a_page_end_is_one_and_spans_both() -> None:
    passages = chunk_pages(
        book_of([line("Iron is taken", opens=True)], [line("once a day.", 2, opens=True)])
    )
    (passage,) = passages
    assert passage.text == "Iron is taken once a day."
    assert (passage.first_page, passage.last_page, passage.page_label) == (1, 2, "p1")


def test_a_footnote_does_not_part_a_sentence_that_runs_over_the_page() -> None:
    note = Line(line("See the annex.").words, 7, False, "text", True)
    pages = ([line("Iron is taken", opens=True), note], [line("once a day.", 2, opens=True)])
    (passage,) = chunk_pages(book_of(*pages))
    assert passage.text == "See the annex.\nIron is taken once a day."


def test_every_box_names_exactly_its_word() -> None:
    lines = [line("The manage\u00ad", opens=True), line("ment of 0.5-\u00ad"), line("1 mg.")]
    (passage,) = chunk_pages(book_of(lines))
    assert passage.text == "The management of 0.5-1 mg."
    shown = [passage.text[box.start : box.end] for box in passage.boxes]
    assert shown == ["The", "manage", "ment", "of", "0.5-", "1", "mg."]


def test_boxes_of_a_real_file_name_their_words(tmp_path: Path) -> None:
    book = read_pdf(good_book(tmp_path / "a.pdf"), ocr="never")
    printed = {
        (word.box, word.text.removesuffix("\u00ad"))
        for page in book.pages
        for printed_line in page.lines
        for word in printed_line.words
    }
    passages = chunk_pages(book)
    assert passages
    for passage in passages:
        assert passage.boxes
        for box in passage.boxes:
            assert (box.box, passage.text[box.start : box.end]) in printed


def test_a_list_keeps_its_first_line() -> None:
    items = [line(f"• item {n} has eight words in it all", kind="item") for n in range(4)]
    lines = [line(sentences(9), opens=True), line("She needs:", opens=True), *items]
    passages = chunk_pages(book_of(lines), words=60)
    (holder,) = [p for p in passages if "She needs:" in p.text]
    assert "• item 0" in holder.text


def test_a_table_cut_in_two_says_its_heading_twice() -> None:
    header = line("Drug | Dose of the drug", kind="row", bold=True)
    rows = [line(f"Drug{n} | {n} mg by mouth with food every day", kind="row") for n in range(30)]
    passages = chunk_pages(book_of([header, *rows]), words=60)
    assert len(passages) > 2
    assert all(p.text.startswith("Drug | Dose of the drug\n") for p in passages)
    assert sum(p.text.count("Drug7 |") for p in passages) == 1
    assert not any(box.box.x0 == 0 and box.start == 0 for p in passages[1:] for box in p.boxes)


REFERENCES = [
    f"{n}. Smith J, Doe A. Iron in pregnancy. Lancet. 20{n:02d};12(3):45–50." for n in range(1, 9)
]


@pytest.mark.parametrize("heading", ["References", "BIBLIOGRAPHY", "Contents", "Index", ""])
def test_what_only_lists_where_things_stand_is_left_out(heading: str) -> None:
    back = [line(text, 2, "item") for text in REFERENCES]
    if heading in ("Contents", "Index"):
        back = [line(f"Anaemia {n}", 2, opens=True) for n in range(12)]
    outline = (Heading(("Iron",), 1, 0, 0), Heading((heading,), 2, 0, 0))
    book = book_of(
        [line(sentences(3), opens=True)], back, outline=outline if heading else outline[:1]
    )
    passages = chunk_pages(book)
    assert {p.section for p in passages} == {("Iron",)}
    assert {p.last_page for p in passages} == {1}


def test_a_contents_page_is_known_by_its_leaders() -> None:
    entries = [line(f"Chapter {n} ........ {10 * n}", opens=True) for n in range(1, 10)]
    passages = chunk_pages(book_of(entries, [line(sentences(3), 2, opens=True)]))
    assert {p.first_page for p in passages} == {2}


def test_a_numbered_list_of_advice_is_no_list_of_references() -> None:
    advice = [line(f"{n}. In 2016 WHO advised iron, 60 mg a day.", kind="item") for n in range(8)]
    assert "7. In 2016" in chunk_pages(book_of(advice))[0].text


def test_the_axis_of_a_chart_is_no_passage() -> None:
    assert chunk_pages(book_of([line("0 10 20 30 40 50 60 70 80 %", opens=True)])) == []


def test_the_same_book_gives_the_same_passages() -> None:
    lines = [line(sentences(40), opens=True)]
    assert chunk_pages(book_of(lines)) == chunk_pages(book_of(lines))


def test_a_section_of_thousands_of_sentences_is_cut_quickly() -> None:
    random.seed(1)
    lines = [line(sentences(random.randint(1, 9)), opens=True) for _ in range(800)]
    assert len(chunk_pages(book_of(lines))) > 300


def split(text: str) -> list[str]:
    words = text.split()
    ends = sentence_ends(words)
    return [" ".join(words[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    "text",
    [
        "Give approx. 5 mg daily.",
        "Drugs, e.g. Iron and folate, are safe.",
        "Given i.v. Ringer solution is warm.",
        "Ask Dr. Smith about it.",
        "See Fig. 2 and p. 12 for more.",
        "Plasmodium, that is P. falciparum, is common.",
        "Smith et al. Found it so.",
        "The rate is 0.5 to 1.5 mg per day.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Rest. Drink water.", ["Rest.", "Drink water."]),
        ("Is it normal? Yes.", ["Is it normal?", "Yes."]),
        ("It fell by 5%. 20 women came.", ["It fell by 5%.", "20 women came."]),
        ("“Go at once.” She went.", ["“Go at once.”", "She went."]),
        ("Stop (see below). Then rest.", ["Stop (see below).", "Then rest."]),
        ("Avoid vitamin A. Eat well.", ["Avoid vitamin A.", "Eat well."]),
        ("Give 5 mg. Repeat.", ["Give 5 mg.", "Repeat."]),
    ],
)
def test_a_full_stop_ends_a_sentence(text: str, parts: list[str]) -> None:
    assert split(text) == parts
