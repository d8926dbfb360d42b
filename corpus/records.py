"""The one vocabulary of the book road: Book, Page, Passage, Hit, Citation.

Knows no file format and no model. Every arrow of the road carries one of these records.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

LineKind = Literal["text", "heading", "item", "row", "caption"]


@dataclass(frozen=True, slots=True)
class Book:
    """A book as the library knows it; `id` is the sha256 of the PDF's bytes."""

    id: str
    file: str  # file name, unique within the library
    path: str  # where the PDF lies, absolute
    title: str
    edition: str = ""
    publisher: str = ""
    year: int | None = None
    region: str = ""  # "WHO", "US", "UK", "international"…; "" when unknown
    licence: str = ""

    @property
    def imprint(self) -> str:
        """Edition, publisher, year and region, as far as they are known."""
        parts = (self.edition, self.publisher, str(self.year or ""), self.region)
        return " · ".join(part for part in parts if part)

    @property
    def full_title(self) -> str:
        """The title with its imprint: how a citation names the book."""
        return f"{self.title} ({self.imprint})" if self.imprint else self.title


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in PDF points, origin at the top left of the page as displayed."""

    page: int  # 1-based PDF page index
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where the characters `[start, end)` of a passage's text stand on paper (one word)."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Word:
    """One word as printed, with its rectangle."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one printed line in reading order; `size` is the median font size in points."""

    words: tuple[Word, ...]
    size: float = 0.0
    bold: bool = False
    kind: LineKind = "text"  # "item" opens a list item; "row" is a table row, cells joined by "|"
    opens: bool = False  # a paragraph, item, row or heading begins with this line

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Page:
    """One page in reading order, after cleaning."""

    number: int  # 1-based PDF page index
    label: str  # the printed page label ("iv", "23"); str(number) when the PDF has none
    width: float  # points
    height: float  # points
    lines: tuple[Line, ...]
    quality: float = 1.0  # 0 unreadable … 1 clean text
    ocr: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """About 110 words of one section of one book: what is searched, cited and highlighted."""

    id: str
    book_id: str
    first_page: int  # 1-based PDF page index
    last_page: int
    page_label: str  # printed label of the first page
    section: tuple[str, ...]  # path of headings, outermost first
    text: str
    boxes: tuple[TextBox, ...] = field(default=(), repr=False)
    position: int = 0  # running number within the book, for neighbours
    asked_as: tuple[str, ...] = ()  # questions in lay words that this passage's section answers

    @staticmethod
    def make_id(book_id: str, first_page: int, last_page: int, text: str) -> str:
        """Hash of book, page span and text; never of the vector, so ids outlive embedders."""
        key = f"{book_id}\n{first_page}\n{last_page}\n{text}".encode()
        return hashlib.sha256(key).hexdigest()[:16]

    @property
    def embedded_text(self) -> str:
        """What the embedder reads: the section path, then the text."""
        return f"{' › '.join(self.section)}\n{self.text}" if self.section else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, with its score and the parts the score was made of."""

    passage: Passage
    book: Book
    score: float
    parts: dict[str, float] = field(default_factory=dict)  # "dense", "lexical", "question"…


@dataclass(frozen=True, slots=True)
class Citation:
    """The `[n]` of an answer: a passage, and the words of it that carry the sentence."""

    n: int  # 1-based, as printed in the answer
    hit: Hit
    quote: str = ""

    @property
    def quoted_boxes(self) -> tuple[TextBox, ...]:
        """The words of the quote on paper; empty when the quote is not the passage's own text."""
        passage = self.hit.passage
        start = passage.text.find(self.quote) if self.quote else -1
        if start < 0:
            return ()
        end = start + len(self.quote)
        return tuple(box for box in passage.boxes if box.start < end and box.end > start)

    @property
    def page(self) -> int:
        """The page on which the quoted words begin (1-based PDF page index)."""
        boxes = self.quoted_boxes
        return boxes[0].box.page if boxes else self.hit.passage.first_page
