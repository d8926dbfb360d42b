"""`python -m finetune promote --as reader | proofreader`: the gate between who was taught to read and the app.

Measures what it tells on passages of the test split, beside who reads only the sentence or question
and never the passage; puts it in service only when reading helps, and no less than with the one
in service. Training road: ReadingExample → adapter → **gate**.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from finetune.errors import DataInvalid
from finetune.examples import render_example
from finetune.measuring.candidate import Trained, as_adapter
from finetune.promote import Label, card_fields, check_finished, check_rivals, place
from finetune.records import DATA_HOME, ReadingExample, read_examples
from models.adapters import PROOFREADERS_DIR, READERS_DIR, Adapter, pick_adapter
from models.embedder import load_embedder
from models.language import ChatModel
from models.local import LocalChatModel, make_reading_model
from models.registry import find_model
from models.weights import find_weights
from rag.prompt import YES
from settings import Settings


@dataclass(frozen=True, slots=True)
class Post:
    """What an adapter is put in service for."""

    home: Path
    data: Path  # the prepared set whose test split judges it
    kind: str  # "questions" or "sentences"
    limits: str


POSTS = {
    "reader": Post(
        READERS_DIR,
        DATA_HOME / "reading-questions",
        "questions",
        "Says Yes or No to “Does it answer this?” of a few sentences of a page, in English. Of a question "
        "and a twin that the page leaves open it takes one in five for the other: it advises the gate.",
    ),
    "proofreader": Post(
        PROOFREADERS_DIR,
        DATA_HOME / "reading-sentences",
        "sentences",
        "Says Yes or No to “Does it say this?” of a few sentences of a page, in English. Of twins that "
        "differ in a word or two it takes one in five for the other: it stands beside the verifier's "
        "checks, and never in their place.",
    ),
}
MARGIN = 0.05  # of the area under the curve, above who does not read the passage
SLACK = 0.01  # and below the reader in service
LEARNT_FROM = 6000  # examples of the train split that the text alone is fitted on
Array = NDArray[np.float64]


def promote_reader(
    trained: Trained, label: Label, settings: Settings, post: Post = POSTS["reader"]
) -> dict[str, Any]:
    """Put the adapter in service at a post; where it lies, its bytes, and its figures.

    Raises:
        GateClosed: it does not read better than who sees no passage, or than the one in service.
        DataInvalid, RunInvalid, NotFinite, AdapterRefused: as `finetune.promote.promote`.
    """
    check_finished(trained)
    test = read_split(post.data, "test")
    figures = {
        "reader": measure_reading(
            test, read_all(_load(as_adapter(trained, settings), settings), test)
        ),
        "text_alone": measure_reading(
            test, guess_by_text(read_split(post.data, "train"), test, settings)
        ),
    }
    serving = pick_adapter(find_model(trained.base, "chat"), "auto", post.home)
    if serving is not None:
        figures["in_service"] = measure_reading(test, read_all(_load(serving, settings), test))
    check_reading_gate(figures, post.kind)
    results = {"examples": len(test), **figures}
    name = label.name or trained.name
    fields = card_fields(
        trained, Label(name, label.licence, label.data, label.limits or post.limits), results
    )
    return {**place(trained, name, fields, settings, post.home), "figures": figures}


def read_split(folder: Path, split: str) -> list[ReadingExample]:
    """The reading examples of a prepared split.

    Raises:
        DataInvalid: there are none.
    """
    found = [e for e in read_examples(folder / f"{split}.jsonl") if isinstance(e, ReadingExample)]
    if not found:
        raise DataInvalid(
            f"{folder / split}.jsonl holds no reading example; expected what this writes: "
            "python -m finetune prepare reading"
        )
    return found


def read_all(model: ChatModel, examples: Sequence[ReadingExample]) -> Array:
    """The probability of Yes for each example."""
    return np.array([model.opening_chance(render_example(example), YES) for example in examples])


def guess_by_text(
    train: Sequence[ReadingExample], test: Sequence[ReadingExample], settings: Settings
) -> Array:
    """The same of who never sees a passage: a logistic model on the vector of what is asked."""
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


def check_reading_gate(figures: dict[str, dict[str, float]], kind: str = "questions") -> None:
    """Let pass who reads: see `promote_reader`. What the app will ask decides.

    Raises:
        GateClosed: the text names the figure.
    """
    name = f"{kind}_auc"
    found = figures["reader"][name]
    rivals = {"who sees no passage": figures["text_alone"][name] + MARGIN}
    if "in_service" in figures:
        rivals["the reader in service"] = figures["in_service"][name] - SLACK
    mend = "Write more rows in finetune/readings, or train longer: python -m finetune train RECIPE"
    check_rivals(name, found, rivals, mend)


def _load(adapter: Adapter, settings: Settings) -> LocalChatModel:
    folder = find_weights(find_model(adapter.card.base, "chat"), settings)
    return make_reading_model(folder, adapter, settings)
