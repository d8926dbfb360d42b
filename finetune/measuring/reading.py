"""Whether somebody who was taught to read a page reads it: figures beside who never sees the page, and the gate.

Training road: ReadingExample → chance of Yes → **figures** → gate. Knows no model but the embedder.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from finetune.measuring.figures import check_rivals
from finetune.records import ReadingExample
from models.embedder import load_embedder
from rag.prompt import YES
from settings import Settings

MARGIN = 0.05  # of the area under the curve, above who does not read the passage
SLACK = 0.01  # and below the one in service
LEARNT_FROM = 6000  # examples of the train split that the text alone is fitted on
Array = NDArray[np.float64]


def guess_by_text(
    train: Sequence[ReadingExample], test: Sequence[ReadingExample], settings: Settings
) -> Array:
    """The chance of Yes by who never sees a passage: a logistic model on the vector of what is asked."""
    encode = load_embedder(settings).encode
    learnt = random.Random(0).sample(train, min(len(train), LEARNT_FROM))
    model = LogisticRegression(C=10.0, max_iter=2000)
    model.fit(encode([e.asked for e in learnt]), [e.answer == YES for e in learnt])
    chances: Array = model.predict_proba(encode([e.asked for e in test]))[:, 1]
    return chances


def measure_reading(examples: Sequence[ReadingExample], chances: Array) -> dict[str, float]:
    """Area under the curve and share right, for the sentences and for the questions among them."""
    figures = {}
    kinds: dict[str, Callable[[ReadingExample], bool]] = {
        "sentences": lambda e: not e.is_question, "questions": lambda e: e.is_question
    }  # fmt: skip
    truth = np.array([example.answer == YES for example in examples])
    for name, belongs in kinds.items():
        mine = np.array([belongs(example) for example in examples])
        if not mine.any():
            continue
        figures[f"{name}_auc"] = round(float(roc_auc_score(truth[mine], chances[mine])), 4)
        right = (chances[mine] > 0.5) == truth[mine]
        figures[f"{name}_right"] = round(float(right.mean()), 4)
    return figures


def check_reading_gate(figures: Mapping[str, Mapping[str, float]], kind: str, mend: str) -> None:
    """Let pass who reads: better than the text alone, and no worse than who is in service.

    `kind`: "questions" or "sentences", what the app will ask; `mend`: what to do about it.

    Raises:
        GateClosed: the text names the figure.
    """
    name = f"{kind}_auc"
    found = figures["trained"][name]
    rivals = {"who sees no passage": figures["text_alone"][name] + MARGIN}
    if "in_service" in figures:
        rivals["the one in service"] = figures["in_service"][name] - SLACK
    check_rivals(name, found, rivals, mend)
