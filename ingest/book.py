"""What reading a PDF gives: the book, its pages in reading order, its headings, what to warn of.

Knows no PDF library. Crosses from the worker process to the build, so it pickles compactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from corpus.records import Book, Box, Line, Page, Word


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What a book may cost; above it the file is refused. Defaults as in `settings.py`."""

    max_bytes: int = 300_000_000
    max_pages: int = 3000
    max_stream_bytes: int = 500_000_000  # decompressed, all streams of the file together


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a section begins: the heading's line, or the first line below it."""

    path: tuple[str, ...]  # headings from the outermost to this one
    page: int  # 1-based PDF page index
    y: float  # points from the top of the page as displayed
    line: int = 0  # index into that page's lines; the section begins with this line
    lines: int = 0  # printed lines that the heading itself takes; 0 = it is not printed there


@dataclass(frozen=True, slots=True)
class AskedAs:
    """Lay questions that a section answers, from the `asked_as.json` inside the PDF."""

    section: tuple[str, ...]
    page: int  # 1-based PDF page index on which the section begins
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadBook:
    """A book as read: cleaned pages, outline, lay questions, and what a reader should know."""

    book: Book
    pages: tuple[Page, ...]
    outline: tuple[Heading, ...] = ()
    asked_as: tuple[AskedAs, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def ocr_pages(self) -> tuple[int, ...]:
        """1-based indexes of the pages that were read by OCR."""
        return tuple(page.number for page in self.pages if page.ocr)

    def __reduce__(self) -> tuple[Any, ...]:
        packed = tuple(_pack_page(page) for page in self.pages)
        return _unpack_book, (self.book, packed, self.outline, self.asked_as, self.warnings)


def _unpack_book(book: Book, packed: Iterable[tuple[Any, ...]], *rest: tuple[Any, ...]) -> ReadBook:
    return ReadBook(book, tuple(_unpack_page(item) for item in packed), *rest)


def _pack_page(page: Page) -> tuple[Any, ...]:
    """The page as few flat tuples: pickling a record for each word costs seconds a book."""
    lines = [(line.size, line.bold, line.kind, line.opens, len(line.words)) for line in page.lines]
    words = [word for line in page.lines for word in line.words]
    texts = "\n".join(word.text for word in words)
    boxes = [
        value for word in words for box in (word.box,) for value in (box.x0, box.y0, box.x1, box.y1)
    ]
    head = (page.number, page.label, page.width, page.height)
    return head, (page.quality, page.ocr, page.warnings), lines, texts, boxes


def _unpack_page(packed: tuple[Any, ...]) -> Page:
    head, tail, rows, texts, flat = packed
    number = head[0]
    boxes = zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)
    words = [
        Word(text, Box(number, *box)) for text, box in zip(texts.split("\n"), boxes, strict=False)
    ]
    lines, start = [], 0
    for size, bold, kind, opens, count in rows:
        lines.append(Line(tuple(words[start : start + count]), size, bold, kind, opens))
        start += count
    _, label, width, height = head
    quality, ocr, warnings = tail
    return Page(number, label, width, height, tuple(lines), quality, ocr, warnings)
