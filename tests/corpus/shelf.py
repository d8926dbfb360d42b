"""Small indexes for tests: a few passages of one or more books, vectors from hashed words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.records import Book, Box, Passage, TextBox
from corpus.vectors import BookVectors, Kind
from corpus.writer import write_index
from tests.fakes import HashingEmbedder

EMBEDDER = HashingEmbedder(dimension=64)

Section = tuple[tuple[str, ...], Sequence[str]]  # path of headings, texts of its passages

LABOUR: tuple[Section, ...] = (
    (("Labour", "Signs"), ["Waters breaking may be a gush or a trickle.", "Call your midwife."]),
    (("Labour", "Pain relief"), ["Gas and air helps many women.", "An epidural numbs the belly."]),
)


def make_book(name: str = "labour.pdf") -> Book:
    return Book((name.encode().hex() * 32)[:64], name, f"/books/{name}", name.removesuffix(".pdf"))


def make_passages(
    book: Book, sections: Sequence[Section] = LABOUR, asked_as: Sequence[str] = ()
) -> list[Passage]:
    """One page a passage, and a box around its first word."""
    flat = [(path, text) for path, texts in sections for text in texts]
    return [
        Passage(
            id=Passage.make_id(book.id, page, page, text),
            book_id=book.id,
            first_page=page,
            last_page=page,
            page_label=str(page),
            section=path,
            text=text,
            boxes=(TextBox(0, len(text.split()[0]), Box(page, 72.0, 100.5, 90.25, 112.0)),),
            position=page - 1,
            asked_as=tuple(asked_as),
        )
        for page, (path, text) in enumerate(flat, start=1)
    ]


def make_vectors(passages: Sequence[Passage]) -> BookVectors:
    """A vector for each passage, for the second half of its text, and for each of its questions."""
    texts: list[tuple[str, int, Kind]] = []
    for place, passage in enumerate(passages):
        texts.append((passage.text, place, "passage"))
        texts.append((passage.text[len(passage.text) // 2 :], place, "window"))
        texts += [(question, place, "question") for question in passage.asked_as]
    matrix = EMBEDDER.encode([text for text, _, _ in texts])
    return BookVectors.of(matrix, [p for _, p, _ in texts], [k for _, _, k in texts])


def write_books(folder: Path, *books: tuple[Book, Sequence[Passage]]) -> str:
    """Publish an index of these books; the version's name."""
    return write_index(folder, EMBEDDER, [(book, made, make_vectors(made)) for book, made in books])


def write_labour(folder: Path, asked_as: Sequence[str] = ()) -> Book:
    """Publish an index of the one book LABOUR."""
    book = make_book()
    write_books(folder, (book, make_passages(book, asked_as=asked_as)))
    return book
