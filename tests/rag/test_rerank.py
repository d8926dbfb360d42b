"""What was read of the best passages decides between them, and nothing else of the search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.records import Passage
from rag.search.fusion import Candidates
from rag.search.rerank import READ, SURE, read_best, reorder

COUNT = READ + 2


class WordReader:
    """Sure of a text that holds the question's last word; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answers(self, question: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        texts = [passage.text for passage in passages]
        self.asked += texts
        word = question.split()[-1]
        return np.array([8.0 if word in text else -8.0 for text in texts], dtype=np.float32)


def make_candidates(step: float = SURE / 4) -> Candidates:
    """Passages that lie `step` apart in score."""
    passages = [Passage(str(n), "b", n, n, str(n), ("Food",), f"text{n}") for n in range(COUNT)]
    score = (1.0 - step * np.arange(COUNT)).astype(np.float32)
    own = np.arange(COUNT, dtype=np.float32)
    return Candidates(np.arange(COUNT), passages, score, own, own, own, own, own)


def test_only_the_best_candidates_are_read() -> None:
    reader = WordReader()
    assert len(read_best(reader, "what of text1", make_candidates())) == READ
    assert reader.asked == [f"text{n}" for n in range(READ)]


def test_a_passage_that_answers_comes_before_a_nearer_one_that_does_not() -> None:
    found = make_candidates()
    ordered = reorder(found, read_best(WordReader(), "what of text2", found))
    assert [passage.text for passage in ordered.passages][:3] == ["text2", "text0", "text1"]


def test_of_two_that_likely_answer_the_search_decides() -> None:
    found = make_candidates(step=0.01)
    readings = np.array([1.0, 6.0, 1.0], dtype=np.float32)  # log odds: .73 and nearly 1
    assert [p.text for p in reorder(found, readings).passages][:2] == ["text0", "text1"]


def test_every_part_of_the_score_stays_with_its_passage() -> None:
    found = make_candidates()
    ordered = reorder(found, read_best(WordReader(), "what of text3", found))
    assert sorted(ordered.rows.tolist()) == list(range(COUNT))
    for place, passage in enumerate(ordered.passages):
        assert passage.text == f"text{ordered.rows[place]}"
        assert ordered.dense[place] == ordered.rows[place]


def test_a_reading_does_not_lift_a_passage_over_one_far_nearer() -> None:
    found = make_candidates(step=SURE * 1.1)
    ordered = reorder(found, read_best(WordReader(), "what of text2", found))
    assert ordered.passages[0].text == "text0"


def test_fewer_candidates_than_are_read_are_no_trouble() -> None:
    found = make_candidates()
    short = Candidates(*(getattr(found, name)[:2] for name in Candidates.__slots__))
    ordered = reorder(short, read_best(WordReader(), "what of text1", short))
    assert len(ordered) == 2
    assert ordered.score[0] == pytest.approx(1.0 - SURE / 4 + SURE, abs=1e-3)
