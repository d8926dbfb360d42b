"""Whether the books answer, decided by gate and model together. Knows probabilities, no words.

Greedy decoding would refuse too often: the refusal always opens with the same token, an answer with
any of a hundred. So a model that can tell (`ChatModel.reads_openings`) is asked before it writes how
likely it is to open with the refusal; that is weighed against the gate. A small model wavers, so it
reads the evidence several times: the best passages one by one, all excerpts, the quotes alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from corpus.records import Hit, Passage
from rag.search.gate import Evidence

ALONE = (
    2  # passages that are read one by one; that of them counts which speaks most to the question
)
# Chosen, not fitted: wide, so that a model is asked where the gate errs most.
UNSURE = 0.15  # the gate's probability from which a model that can answer is asked at all
UNLIKELY = 0.02  # the same of a model that judges the passages before it answers
SURE = 0.97  # and from which the books are quoted although a model refuses
# Fitted by scripts/fit_refusal.py with smollm2-135m-grounded; another adapter wants its own.
CALM = -0.49  # logit from which a refusal is believed where the gate says even odds
TRUST = 0.88  # what a unit of the gate's logit adds to it

Excerpts = Sequence[tuple[Hit, Passage]]


def is_worth_asking(evidence: Evidence, judges: bool = False) -> bool:
    """Whether a model may look: the books may answer, even if the gate is not sure."""
    least = UNLIKELY if judges else UNSURE
    unsure = evidence.verdict == "not_in_books" and evidence.score >= least
    return evidence.verdict == "enough" or unsure


def stands_against(evidence: Evidence) -> bool:
    """Whether the search is so sure of its passage that it is quoted against a model's refusal."""
    return evidence.score >= SURE


def list_readings(excerpts: Excerpts, quotes: Excerpts) -> list[list[Passage]]:
    """The passages of each prompt that a judging model reads: the quotes, all excerpts, then one each."""
    alone = [[passage] for _, passage in excerpts[:ALONE]]
    return [[passage for _, passage in quotes], [passage for _, passage in excerpts], *alone]


def refuses(evidence: Evidence, chances: Sequence[float]) -> bool:
    """Whether the refusal is believed; `chances` are its probabilities, 0 … 1, by `list_readings`."""
    return read_refusal(chances) >= CALM + TRUST * logit(evidence.score)


def read_refusal(chances: Sequence[float]) -> float:
    """One logit of several readings: their mean, the passages that were read alone as one."""
    quotes, together, *alone = map(logit, chances)
    return (quotes + together + min(alone)) / 3


def logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))
