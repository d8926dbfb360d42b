"""Which vectors a book gets, in which order they are asked for, and whom they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from corpus.records import Passage
from corpus.vectors import KINDS
from ingest.embed import BATCH, WINDOW_WORDS, embed_passages, window_spans
from models.embedder import Vectors
from tests.fakes import HashingEmbedder


class Noting(HashingEmbedder):
    """Notes the calls it gets."""

    def __init__(self) -> None:
        super().__init__(dimension=32)
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str], /) -> Vectors:
        self.calls.append(list(texts))
        return super().encode(texts)


def make_passage(text: str, *questions: str, section: tuple[str, ...] = ("Part",)) -> Passage:
    return Passage("id", "book", 1, 1, "1", section, text, asked_as=questions)


def test_each_vector_belongs_to_its_passage_whatever_the_order_of_lengths() -> None:
    passages = [make_passage(f"word{i} " * (1 + i * 7 % 11)) for i in range(20)]
    embedder = Noting()
    vectors = embed_passages(embedder, passages)
    for row, (place, kind) in zip(vectors.matrix, vectors.owners.tolist(), strict=True):
        assert KINDS[kind] == "passage"
        assert np.allclose(row, embedder.encode([passages[place].embedded_text])[0])
    lengths = [len(text) for text in embedder.calls[0]]
    assert lengths == sorted(lengths, reverse=True)


def test_long_books_are_embedded_piece_by_piece_and_progress_is_told() -> None:
    told: list[int] = []
    passages = [make_passage(f"text {i}") for i in range(2 * BATCH + 1)]
    embed_passages(HashingEmbedder(8), passages, advance=told.append)
    assert told == [BATCH, BATCH, 1]


def test_a_question_is_embedded_once_and_belongs_to_every_passage_of_its_section() -> None:
    embedder = Noting()
    passages = [make_passage("one", "q?", "r?"), make_passage("two", "q?"), make_passage("three")]
    vectors = embed_passages(embedder, passages)
    owners = [tuple(owner) for owner in vectors.owners.tolist()]
    question = KINDS.index("question")
    assert [owner for owner in owners if owner[1] == question] == [
        (0, question), (1, question), (0, question),
    ]  # fmt: skip
    assert embedder.calls[-1] == ["q?", "r?"]


def test_windows_lie_inside_the_text_and_not_in_the_section_path() -> None:
    words = [f"w{i}" for i in range(110)]
    passage = make_passage(" ".join(words), section=("A long heading", "of two parts"))
    text = passage.embedded_text
    spans = window_spans(text, len(text) - len(passage.text))
    assert " ".join(text[start:end] for start, end in spans) == passage.text
    assert len(spans) == round(110 / WINDOW_WORDS)
    vectors = embed_passages(HashingEmbedder(32), [passage], windows=True)
    assert [KINDS[kind] for _, kind in vectors.owners.tolist()].count("window") == len(spans)


@pytest.mark.parametrize("words", [0, 1, 40, 59])
def test_a_short_passage_has_no_window_beside_itself(words: int) -> None:
    assert window_spans("word " * words) == []


def test_a_book_without_passages_has_no_vectors() -> None:
    vectors = embed_passages(HashingEmbedder(16), [], windows=True)
    assert vectors.matrix.shape == (0, 16)
    assert vectors.owners.shape == (0, 2)
