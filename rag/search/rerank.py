"""What the page reader makes of the best candidates, and what that means for their order.

Stands between `rag.search.fusion` and `rag.search.passages`. The reader (`rag.reader`) is optional:
without one the search and the gate do as they do without this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.records import Passage
from rag.search.fusion import Candidates

READ = 5  # best candidates that are read
SURE = 0.3  # cosine units: what a passage gains that surely answers over one that surely does not
LIKELY = 0.7  # probability from which it gains all: of two that answer, search and region decide

Array = NDArray[np.float32]


@runtime_checkable
class AnswerReader(Protocol):
    """Anything that says how surely each passage answers a question, in log odds `(passages,)`."""

    def answers(self, question: str, passages: Sequence[Passage]) -> Array: ...


def read_best(reader: AnswerReader, query: str, found: Candidates) -> Array:
    """Log odds that each of the best candidates answers, shape `(at most READ,)`."""
    return reader.answers(query, found.passages[:READ])


def reorder(found: Candidates, readings: Array) -> Candidates:
    """The candidates with what was read of the best ones added to their scores, best first."""
    score = found.score.copy()
    score[: len(readings)] += SURE * np.minimum(1.0, 1 / (1 + np.exp(-readings)) / LIKELY)
    order = np.argsort(-score, kind="stable")
    return replace(
        found,
        rows=found.rows[order],
        passages=[found.passages[place] for place in order],
        score=score[order],
        dense=found.dense[order],
        asked=found.asked[order],
        question=found.question[order],
        lexical=found.lexical[order],
        bm25=found.bm25[order],
    )
