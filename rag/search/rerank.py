"""What the reranker reads of the best candidates, and what its readings mean for their order.

Stands between `rag.search.fusion` and `rag.search.passages`. The reranker (models/reranker.py) is optional: without
one the search and the gate do as they do without this file.
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
SURE = 0.1  # cosine units: what a passage gains that surely answers over one that surely does not

Array = NDArray[np.float32]


@runtime_checkable
class PairReader(Protocol):
    """Anything that says how surely each text answers a question, in log odds `(n,)`."""

    def score(self, question: str, texts: Sequence[str]) -> Array: ...


def write_out(passage: Passage) -> str:
    """A passage under the title of its section: what the reranker is trained on and asked."""
    return f"{passage.section[-1]}. {passage.text}" if passage.section else passage.text


def read_best(reader: PairReader, query: str, found: Candidates) -> Array:
    """Log odds that each of the best candidates answers, shape `(at most READ,)`."""
    return reader.score(query, [write_out(passage) for passage in found.passages[:READ]])


def reorder(found: Candidates, readings: Array) -> Candidates:
    """The candidates with what was read of the best ones added to their scores, best first."""
    score = found.score.copy()
    score[: len(readings)] += SURE / (1 + np.exp(-readings))
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
