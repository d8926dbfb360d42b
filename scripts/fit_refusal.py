"""Fit how gate and model decide together, on the tuning half; prints the numbers of rag/reply/refusal.py.

    python -m scripts.fit_refusal RUN_OR_ADAPTER

Each gold question is searched for, and the model reads the prompt that serving would send: how likely is it to
open with the refusal? A logistic model over both logits says from which probability on it is believed.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from finetune.measuring.candidate import find_trained, load_candidates
from models.embedder import load_embedder
from models.local import Loaded, LocalChatModel
from models.template import render_tokens
from rag.measure.evaluate import GOLD, read_gold
from rag.prompt import REFUSAL, render_messages
from rag.reply.compress import compress_hits
from rag.reply.refusal import UNSURE
from rag.retrieve import load_retriever
from settings import load_settings


@dataclass(frozen=True)
class Reading:
    """One question: whether the books answer it, and what gate and model make of it."""

    answered: bool
    style: str
    gate: float  # probability that the books answer
    refusal: float  # probability that the model refuses

    @property
    def logits(self) -> tuple[float, float]:
        return _logit(self.gate), _logit(self.refusal)


def read_questions(model: LocalChatModel, half: str) -> list[Reading]:
    """Every question of a half that the model would be asked."""
    settings, loaded = load_settings(), model.load()
    embedder = load_embedder(settings)
    retriever, readings = load_retriever(settings, embedder), []
    for gold in read_gold(GOLD):
        if gold.half != half:
            continue
        found = retriever.search(gold.question)
        if found.evidence.score < UNSURE or found.evidence.verdict == "out_of_scope":
            continue
        shown = compress_hits(found.query or gold.question, found.hits, embedder)
        messages = render_messages(gold.question, [passage for _, passage in shown])
        prompt = render_tokens(loaded.tokenizer, messages)
        refusal = opening_probability(loaded, prompt)
        readings.append(Reading(bool(gold.pages), gold.style, found.evidence.score, refusal))
    return readings


@torch.inference_mode()
def opening_probability(loaded: Loaded, prompt: list[int]) -> float:
    """How likely the model is to begin with the refusal's first token."""
    first = loaded.tokenizer(REFUSAL, add_special_tokens=False)["input_ids"][0]
    logits = loaded.model(torch.tensor([prompt]), logits_to_keep=1).logits[0, -1].float()
    return float(logits.softmax(-1)[first])


def describe(readings: list[Reading], calm: float, trust: float) -> str:
    """Areas under the curve, and both errors at the fitted floor."""
    answered = np.array([r.answered for r in readings])
    gate, refusal = np.array([r.logits for r in readings]).T
    refused = refusal >= calm + trust * gate
    return (
        f"{len(readings)} questions: AUC of the gate {roc_auc_score(answered, gate):.3f}, of the model "
        f"{roc_auc_score(~answered, refusal):.3f}, of both "
        f"{roc_auc_score(answered, calm + trust * gate - refusal):.3f}; refused of the answerable "
        f"{refused[answered].mean():.3f}, of the others {refused[~answered].mean():.3f}"
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
    tune = read_questions(model, "tune")
    fitted = LogisticRegression(C=1.0, class_weight="balanced").fit(
        [r.logits for r in tune], [r.answered for r in tune]
    )
    weight = -float(fitted.coef_[0][1])
    calm, trust = float(fitted.intercept_[0]) / weight, float(fitted.coef_[0][0]) / weight
    print(f"CALM = {calm:.2f}\nTRUST = {trust:.2f}")
    print("tuning half,", describe(tune, calm, trust))
    if arguments.report:
        print("reporting half,", describe(read_questions(model, "report"), calm, trust))


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return float(np.log(p / (1 - p)))


if __name__ == "__main__":
    main()
