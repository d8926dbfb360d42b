"""`python -m finetune questions`: teach the embedder how people ask, and put what learnt it in service.

Trains an adapter that only questions go through, measures it on passages that were held out, and writes
`models/questions/NAME/` only when it finds them better than the embedder alone, and no worse than what is
in service. Training road: Asked → **question encoder** → gate.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers.utils import logging as transformers_logging

from finetune.asking.loop import Plan, Shelf, train_encoder
from finetune.asking.pages import Asked, gather
from finetune.learning.run import HOME as RUNS
from finetune.measuring.figures import check_rivals
from finetune.promote import (
    check_name,
    install,
    read_weights,
    render_card,
    write_config,
    write_weights,
)
from models.adapters import QUESTIONS_DIR, WEIGHTS_NAME, AdapterCard, pick_adapter, read_adapter
from models.embedder import load_embedder
from models.encoder import LocalEmbedder
from models.registry import find_model
from models.weights import file_sha256, find_weights, fingerprints
from settings import Settings

DEPTHS = (1, 5, 10)
GAIN = 0.01  # of recall@5 on held-out passages, over the embedder alone
SLACK = 0.01  # and under the adapter in service
DATA = (
    "questions on the ten booklets, written for this project: finetune/readings, finetune/grounded, asked_as",
    "questions written for this project on passages of MedQuAD and of OpenStax Nutrition, Pharmacology and "
    "Population Health for Nurses (CC BY 4.0)",
)
LIMITS = (
    "For questions in English, held against texts of the embedder it was trained on; the texts' own vectors "
    "do not change. It learnt most on pregnancy and women's health."
)

log = logging.getLogger(__name__)


def train_questions(
    settings: Settings,
    place: str = "",
    plan: Plan | None = None,
    name: str = "",
    home: Path = QUESTIONS_DIR,
    runs: Path = RUNS,
) -> dict[str, Any]:
    """Train, measure, and put in service; where it lies, its bytes, and the figures.

    `place`: a folder with OpenStax modules and MedQuAD, as `finetune prepare reading` takes.

    Raises:
        GateClosed: it finds held-out passages no better; the run stays in `var/finetune/runs`.
        NotFinite: a loss or a weight was NaN or infinite.
        RunInvalid: `name` is no folder name.
    """
    plan = plan or Plan()
    name = name or f"{settings.embedder}-questions"
    check_name(name)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    embedder = load_embedder(settings)
    entry = find_model(settings.embedder, "embedder")
    folder = find_weights(entry, settings)
    pages, asked = gather(settings, embedder, place)
    shelf = Shelf.of(pages, embedder)
    learnt = [one for one in asked if one.split == "train"]
    held = [one for one in asked if one.split != "train"]
    own = embedder.encode([one.question for one in learnt])
    log.info("%s questions to learn from, %s on held-out passages", len(learnt), len(held))
    started = time.monotonic()
    model = train_encoder(folder, learnt, shelf, own, plan, _progress(plan))
    seconds = time.monotonic() - started

    run = runs / name
    model.save_pretrained(run)
    write_config(run, settings.embedder, run)
    write_weights(read_weights(run / WEIGHTS_NAME), run / WEIGHTS_NAME)
    card = AdapterCard(
        base=entry.name,
        base_revision=embedder.revision,
        tokenizer_sha256=fingerprints(folder)[1],
        weights_sha256=file_sha256(run / WEIGHTS_NAME),
        licence=entry.licence,
        data=list(DATA[: 2 if place else 1]),
        limits=LIMITS,
        recipe={**dataclasses.asdict(plan), "questions": len(learnt), "seconds": round(seconds)},
    )
    render_card(card, run)
    figures = _compare(run, held, shelf, settings, home)
    render_card(card.model_copy(update={"results": {"questions": len(held), **figures}}), run)
    check_questions_gate(figures, run)
    install(run, home / name)
    size = (home / name / WEIGHTS_NAME).stat().st_size
    return {"folder": str(home / name), "bytes": size, "figures": figures}


def measure_questions(
    held: Sequence[Asked], vectors: NDArray[np.float32], shelf: Shelf
) -> dict[str, float]:
    """Recall of the passage among all, at each depth, and of the sentence within its passage, first."""
    scores, of_sentences = shelf.score(torch.from_numpy(vectors))
    ranks, sentences = [], []
    for one, row, mine in zip(held, scores, of_sentences, strict=True):
        ranks.append(int((row > row[list(one.right)].max()).sum()))
        inside = torch.isin(shelf.owners, torch.tensor(one.right))
        if one.said and len(one.said) < inside.sum():
            sentences.append(bool(mine[list(one.said)].max() >= mine[inside].max()))
    found = {f"recall_{d}": float(np.mean([rank < d for rank in ranks])) for d in DEPTHS}
    found["sentence_first"] = float(np.mean(sentences))
    return {key: round(value, 4) for key, value in found.items()}


def check_questions_gate(figures: dict[str, dict[str, float]], run: Path) -> None:
    """Let pass what finds more: see `train_questions`.

    Raises:
        GateClosed: the text names the figure.
    """
    found = figures["trained"]["recall_5"]
    rivals = {"the embedder alone": figures["embedder"]["recall_5"] + GAIN}
    if "in_service" in figures:
        rivals["the adapter in service"] = figures["in_service"]["recall_5"] - SLACK
    mend = (
        f"What was trained stays in {run}. Write more questions in finetune/readings, or train longer: "
        "python -m finetune questions --steps N"
    )
    check_rivals("recall@5 on held-out passages", found, rivals, mend)


def _compare(
    run: Path, held: Sequence[Asked], shelf: Shelf, settings: Settings, home: Path
) -> dict[str, dict[str, float]]:
    """The figures of the embedder alone, of what was trained, and of what is in service."""
    entry = find_model(settings.embedder, "embedder")
    folder = find_weights(entry, settings)
    who = {"embedder": None, "trained": read_adapter(run)}
    serving = pick_adapter(entry, "auto", home)
    if serving is not None:
        who["in_service"] = serving
    questions = [one.question for one in held]
    return {
        role: measure_questions(
            held,
            LocalEmbedder(entry.name, folder, asking=adapter).encode_questions(questions),
            shelf,
        )
        for role, adapter in who.items()
    }


def _progress(plan: Plan) -> Callable[[int, float], None]:
    """Tells the log of every 25th step: its mean loss, and the time left."""
    started, losses = time.monotonic(), list[float]()

    def tell(step: int, loss: float) -> None:
        losses.append(loss)
        if step % 25 == 0 or step == plan.steps:
            left = (time.monotonic() - started) / step * (plan.steps - step)
            mean = np.mean(losses[-25:])
            log.info("step %s of %s, loss %.3f, %.0f s left", step, plan.steps, mean, left)

    return tell
