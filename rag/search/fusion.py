"""Scores of one question: dense and lexical search put together, every part kept.

Knows the index and vectors, no text rule and no gate. Stands between `Index` and `rag.retrieve`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.index import Index
from corpus.records import Passage

Array = NDArray[np.float32]

# Chosen on the tuning halves of tests/gold; recall at 5 changes by 0.02 or less when any of them is
# halved or doubled, so they are not tuned finer.
LEXICAL = 0.15  # what the best BM25 score of a question adds, in cosine units
QUESTION_LESS = 0.1  # questions are nearer to questions than passages are: what they lose
NEIGHBOUR = 0.10  # share of the better neighbour's score that a passage gains
LISTS = 0.15  # what a list of references, contents or addresses loses
DEPTH = 150  # nearest vectors looked at for each wording
LEXICAL_DEPTH = 100

_LIST_MARK = re.compile(
    r"et al\b|doi\b|pubmed|isbn|\.{5,}|\b(?:19|20)\d\d;\s?\d|\[(?:accessed|cited)", re.I
)
_LIST_HEADING = re.compile(
    r"^\W*[\d.]*\s*(?:references|bibliography|contents|table of contents|index|acknowledge?ments"
    r"|acronyms|abbreviations|list of (?:acronyms|abbreviations|figures|tables|contributors)"
    r"|declarations? of interests?|contributors|further reading|sources(?=\W*$))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that may answer, best first; all arrays `(n,)`, cosines unless said otherwise."""

    rows: NDArray[np.int64]
    passages: list[Passage]
    score: Array  # the fused score
    dense: Array  # mean over both wordings of passage and best window
    asked: Array  # wording as asked only, passage and best window
    question: Array  # best of the questions that the passage's section answers; 0 without any
    lexical: Array  # BM25 over the question's best BM25, 0 … 1
    bm25: Array  # raw

    def __len__(self) -> int:
        return len(self.rows)

    def parts(self, place: int) -> dict[str, float]:
        """What the score at `place` was made of, by name."""
        return {
            "dense": float(self.dense[place]),
            "lexical": float(self.lexical[place]),
            "question": float(self.question[place]),
        }


def fuse(
    index: Index, wordings: Array, words: Sequence[str], hidden: Collection[int] = ()
) -> Candidates:
    """Score whatever the vectors `wordings` (n, dimension; as asked first) or `words` bring up.

    `hidden` rows are treated as if the index did not have them: calibration of the gate asks so.
    """
    lexical_hits = dict(index.search_lexical(words, LEXICAL_DEPTH + len(hidden)))
    for row in hidden:
        lexical_hits.pop(row, None)
    rows = _candidate_rows(index, wordings, list(lexical_hits), hidden)
    asked, dense, question = _dense_parts(index, wordings, rows)
    bm25 = np.array([lexical_hits.get(int(row), 0.0) for row in rows], dtype=np.float32)
    lexical = bm25 / max(float(bm25.max(initial=0.0)), 1e-9)
    passages = index.passages([int(row) for row in rows])
    score = np.maximum(dense, question - QUESTION_LESS) + LEXICAL * lexical
    score = score + NEIGHBOUR * _neighbour(rows, passages, score)
    score = score - LISTS * np.array([is_list(p) for p in passages], dtype=np.float32)
    order = np.argsort(-score, kind="stable")
    return Candidates(
        rows[order],
        [passages[place] for place in order],
        score[order],
        dense[order],
        asked[order],
        question[order],
        lexical[order],
        bm25[order],
    )


def is_list(passage: Passage) -> bool:
    """References, contents, abbreviations, addresses: near every question, answer to none."""
    if any(_LIST_HEADING.match(heading) for heading in passage.section[-2:]):
        return True
    return len(_LIST_MARK.findall(passage.text)) >= 3


def _candidate_rows(
    index: Index, wordings: Array, lexical: Sequence[int], hidden: Collection[int]
) -> NDArray[np.int64]:
    dense = (hit.row for hits in index.search_dense_batch(wordings, DEPTH) for hit in hits)
    rows = np.unique(np.fromiter((*dense, *lexical), dtype=np.int64))
    return rows[~np.isin(rows, list(hidden))] if hidden else rows


def _dense_parts(
    index: Index, wordings: Array, rows: NDArray[np.int64]
) -> tuple[Array, Array, Array]:
    """(as asked, mean over wordings, best question) of each row."""
    of_wordings, questions = [], []
    for wording in wordings:
        best = index.dense_scores(wording, rows.tolist())
        windows = np.where(np.isfinite(best["window"]), best["window"], best["passage"])
        of_wordings.append((best["passage"] + windows) / 2)
        questions.append(np.where(np.isfinite(best["question"]), best["question"], 0.0))
    mean: Array = np.stack(of_wordings).mean(axis=0).astype(np.float32)
    question: Array = np.stack(questions).max(axis=0).astype(np.float32)
    return of_wordings[0].astype(np.float32), mean, question


def _neighbour(rows: NDArray[np.int64], passages: Sequence[Passage], score: Array) -> Array:
    """The better score of the passages just before and after in the same book; 0 for none."""
    gained = np.zeros_like(score)
    for left, right in zip(range(len(rows) - 1), range(1, len(rows)), strict=True):
        if rows[right] - rows[left] == 1 and passages[left].book_id == passages[right].book_id:
            gained[left] = max(gained[left], score[right])
            gained[right] = max(gained[right], score[left])
    return gained
