"""Fit how gate and model decide together; prints the numbers of rag/reply/refusal.py.

    python -m scripts.fit_refusal RUN_OR_ADAPTER

Each question is searched for, and the model reads what it would read in serving: how likely is it to open with the
refusal? A logistic model over both logits says when it is believed. Fitted on the tuning half of
tests/gold/questions.jsonl and on questions_fresh_01.jsonl, whose pairs stay together in the held-out folds.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from finetune.measuring.candidate import find_trained, load_candidates
from models.embedder import load_embedder
from models.language import ChatModel
from rag.measure.evaluate import GOLD, GoldQuestion, read_gold
from rag.prompt import REFUSAL, render_messages
from rag.reply.compress import compress_hits, cut_to
from rag.reply.quote import best_sentences
from rag.reply.refusal import is_worth_asking, list_readings, logit, read_refusal
from rag.retrieve import load_retriever
from settings import load_settings

FRESH = GOLD.with_name("questions_fresh_01.jsonl")
FOLDS = 8
LENIENT = 0.5  # logit; chosen on the tuning half: rather a page too much than none for who asks


@dataclass(frozen=True)
class Reading:
    """One question: whether the books answer it, and what gate and model make of it."""

    gold: GoldQuestion
    gate: float  # logit of the probability that the books answer
    refusal: float  # logit of the model's refusal

    @property
    def pair(self) -> str:
        """An answered question and its near miss share the last two digits of the id."""
        fresh = self.gold.id.startswith("f")
        return self.gold.id[:3] + self.gold.id[-2:] if fresh else self.gold.id


def read_questions(model: ChatModel, questions: list[GoldQuestion]) -> list[Reading]:
    """Every question that the model would be asked."""
    settings = load_settings()
    embedder = load_embedder(settings)
    retriever, readings = load_retriever(settings, embedder), []
    for gold in questions:
        found = retriever.search(gold.question)
        if not is_worth_asking(found.evidence, judges=True):
            continue
        shown = compress_hits(found.query or gold.question, found.hits, embedder)
        quotes = cut_to(best_sentences(found.query, found.hits, embedder), found.hits)
        chances = [
            model.opening_chance(render_messages(gold.question, passages), REFUSAL)
            for passages in list_readings(shown, quotes or shown)
        ]
        readings.append(Reading(gold, logit(found.evidence.score), read_refusal(chances)))
    return readings


def as_features(readings: list[Reading]) -> NDArray[np.float64]:
    """`(n, 2)`: logits of gate and refusal."""
    return np.array([(reading.gate, reading.refusal) for reading in readings])


def describe(readings: list[Reading], wanted: NDArray[np.float64]) -> str:
    """Area under the curve and both errors; `wanted` > 0 where the question is to be answered."""
    answered = np.array([bool(r.gold.pages) for r in readings])
    gate, refusal = as_features(readings).T
    near = answered | np.array([r.gold.style == "near_miss" for r in readings])
    return (
        f"{len(readings)} questions: AUC of the gate {roc_auc_score(answered, gate):.3f}, of the model "
        f"{roc_auc_score(~answered, refusal):.3f}, of both {roc_auc_score(answered, wanted):.3f} (beside near "
        f"misses {roc_auc_score(answered[near], wanted[near]):.3f}); refused of the answerable "
        f"{(wanted[answered] <= 0).mean():.3f}, of the others {(wanted[~answered] <= 0).mean():.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("trained", type=Path, help="a run's folder, or an adapter's")
    parser.add_argument("--report", action="store_true", help="also measure the reporting half")
    arguments = parser.parse_args()
    settings = load_settings()
    trained = find_trained(arguments.trained, "smollm2-135m", settings)
    model = next(c.model for c in load_candidates(trained, settings) if c.role == "adapter")
    gold = read_gold(GOLD)
    tune = read_questions(model, [q for q in gold if q.half == "tune"] + read_gold(FRESH))
    features, answered = as_features(tune), [bool(r.gold.pages) for r in tune]
    logistic = LogisticRegression(C=1.0, class_weight="balanced")
    held_out = cross_val_predict(
        logistic, features, answered, cv=GroupKFold(FOLDS), groups=[r.pair for r in tune],
        method="decision_function",
    )  # fmt: skip
    logistic.fit(features, answered)
    weight = -float(logistic.coef_[0][1])
    calm = (float(logistic.intercept_[0]) + LENIENT) / weight
    trust = float(logistic.coef_[0][0]) / weight
    print(f"CALM = {calm:.2f}\nTRUST = {trust:.2f}")
    for name, fresh in (("tuning half", False), ("fresh set", True)):
        chosen = [n for n, r in enumerate(tune) if r.gold.id.startswith("f") is fresh]
        print(
            f"{name}, held-out folds:",
            describe([tune[n] for n in chosen], held_out[chosen] + LENIENT),
        )
    if arguments.report:
        report = read_questions(model, [q for q in gold if q.half == "report"])
        gate, refusal = as_features(report).T
        print("reporting half:", describe(report, calm + trust * gate - refusal))


if __name__ == "__main__":
    main()
