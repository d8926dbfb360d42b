"""Whether the books answer, decided by gate and model together. Knows probabilities, no words.

Greedy decoding would refuse too often: the refusal always opens with the same token, an answer with
any of a hundred. So the probability of that token is weighed against the gate's, and a model that can
tell it (`ChatModel.weighs_openings`) refuses exactly from the floor on.
"""

from __future__ import annotations

import math

from rag.search.gate import Evidence

# Chosen, not fitted: wide, so that a model is asked where the gate errs most.
UNSURE = 0.15  # the gate's probability from which a model that can answer is asked at all
SURE = 0.97  # and from which the books are quoted although a model refuses
# Fitted on the tuning half of tests/gold/questions.jsonl by scripts/fit_refusal.py, with the first
# trained adapter of smollm2-135m, which does not ship: fit them anew with the one that will.
CALM = -0.83  # logit of the floor where the gate says even odds
TRUST = 0.62  # what a unit of the gate's logit adds to it


def is_worth_asking(evidence: Evidence) -> bool:
    """Whether a model may look: the books may answer, even if the gate is not sure."""
    unsure = evidence.verdict == "not_in_books" and evidence.score >= UNSURE
    return evidence.verdict == "enough" or unsure


def stands_against(evidence: Evidence) -> bool:
    """Whether the search is so sure of its passage that it is quoted against a model's refusal."""
    return evidence.score >= SURE


def refusal_floor(evidence: Evidence) -> float:
    """The probability of the refusal from which it is believed, 0 … 1: higher with a surer gate."""
    return _logistic(CALM + TRUST * _logit(evidence.score))


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))
