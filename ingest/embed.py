"""Passages → vectors of one book: each passage, its windows, and the questions that it answers.

The one place where ingest asks for vectors. Knows no PDF, no index file and no model by name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from corpus.records import Passage
from corpus.vectors import BookVectors, Kind
from models.embedder import Embedder, Span, Vectors

BATCH = 128  # passages per call: the step of the progress bar; the embedder batches on its own
WINDOW_WORDS = 40  # best of the lengths measured on 120 lay questions (docs/decisions)

_T = TypeVar("_T")
_WORD = re.compile(r"\S+")


def embed_passages(
    embedder: Embedder,
    passages: Sequence[Passage],
    *,
    windows: bool = False,
    advance: Callable[[int], None] = lambda _passages: None,
) -> BookVectors:
    """All vectors of one book; `advance` hears how many more passages are done."""
    made = _Collected(embedder.dimension)
    by_length = sorted(range(len(passages)), key=lambda i: -len(passages[i].embedded_text))
    for places in _parts(by_length, BATCH):
        texts = [passages[place].embedded_text for place in places]
        if windows:
            spans = [
                window_spans(text, len(text) - len(passages[i].text))
                for i, text in zip(places, texts, strict=True)
            ]
            matrix, inside = embedder.encode_windows(texts, spans)
            owners = [i for i, of_text in zip(places, spans, strict=True) for _ in of_text]
            made.add(inside, owners, "window")
        else:
            matrix = embedder.encode(texts)
        made.add(matrix, places, "passage")
        advance(len(places))
    _add_questions(made, embedder, passages)
    return made.as_book_vectors()


def window_spans(text: str, start: int = 0) -> list[Span]:
    """Even runs of about WINDOW_WORDS words from character `start` on; none for a short text."""
    words = [match.span() for match in _WORD.finditer(text, start)]
    count = round(len(words) / WINDOW_WORDS)
    if count < 2:
        return []
    edges = [round(i * len(words) / count) for i in range(count + 1)]
    return [(words[a][0], words[b - 1][1]) for a, b in itertools.pairwise(edges)]


class _Collected:
    """Vectors as they come, with their owners."""

    def __init__(self, dimension: int) -> None:
        self._matrices: list[Vectors] = [np.empty((0, dimension), dtype=np.float32)]
        self._places: list[int] = []
        self._kinds: list[Kind] = []

    def add(self, matrix: Vectors, places: Sequence[int], kind: Kind) -> None:
        self._matrices.append(matrix)
        self._places += places
        self._kinds += [kind] * len(places)

    def as_book_vectors(self) -> BookVectors:
        return BookVectors.of(np.concatenate(self._matrices), self._places, self._kinds)


def _add_questions(made: _Collected, embedder: Embedder, passages: Sequence[Passage]) -> None:
    """One vector for each question and passage; a question of several passages is embedded once."""
    owners: dict[str, list[int]] = {}
    for place, passage in enumerate(passages):
        for question in dict.fromkeys(passage.asked_as):
            owners.setdefault(question, []).append(place)
    for questions in _parts(list(owners), BATCH):
        repeats = [len(owners[question]) for question in questions]
        matrix = np.repeat(embedder.encode(questions), repeats, axis=0)
        made.add(matrix, [place for q in questions for place in owners[q]], "question")


def _parts(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (values[i : i + size] for i in range(0, len(values), size))
