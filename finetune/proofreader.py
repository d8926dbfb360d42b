"""`python -m finetune proofreader`: teach an encoder whether a page says a sentence, and put it in service.

Measures it on passages of the test split, beside who reads only the sentence and beside the proofreader in
service; writes `models/proofreaders/NAME/` only when it tells more. Training road: Twins → adapter → **gate**.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.errors import RunInvalid
from finetune.learning.run import HOME, Run
from finetune.measuring.reading import check_reading_gate, guess_by_text, measure_reading
from finetune.promote import install, read_weights, render_card, write_config, write_weights
from finetune.proofreading.loop import Plan, train_twins
from finetune.proofreading.twins import as_pair, pair_up
from finetune.records import DATA_HOME, ReadingExample, read_split
from models.adapters import PROOFREADERS_DIR, WEIGHTS_NAME, AdapterCard, pick_adapter, read_adapter
from models.cross_encoder import PROOFREADS, CrossEncoder
from models.registry import find_model
from models.weights import file_sha256, find_weights, fingerprints
from settings import Settings

NAME = f"{PROOFREADS}-proofreader"
DATA = DATA_HOME / "reading-sentences"
SOURCES = {
    "starter-library": "minimal pairs on the ten booklets, written for this project: finetune/readings",
    "medquad": "minimal pairs written for this project on passages of MedQuAD (CC BY 4.0)",
    "openstax": "minimal pairs written for this project on passages of OpenStax Nutrition, Pharmacology and "
    "Population Health for Nurses (CC BY 4.0)",
}
LIMITS = (
    "Tells whether a few sentences of a page say a sentence, in English. Of twins that differ in a word or two "
    "it still takes some for the other: it stands beside the verifier's checks, and never in their place."
)


def train_proofreader(
    settings: Settings,
    plan: Plan | None = None,
    data: Path = DATA,
    home: Path = PROOFREADERS_DIR,
    runs: Path = HOME,
) -> dict[str, Any]:
    """Train, measure, and put in service; where it lies, its bytes, and the figures; {} beside torchrun's first.

    `data`: what `finetune prepare reading` writes of sentences. A killed run goes on where it stood, a
    finished one is only measured.

    Raises:
        GateClosed: it tells no more than who sees no passage, or less than the one in service.
        DataInvalid, NotFinite, RunInvalid: as pair_up, train_twins and open_proofreading.
    """
    plan = plan or Plan()
    entry = find_model(PROOFREADS, "cross-encoder")
    folder = find_weights(entry, settings)
    train, test = read_split(data, "train"), read_split(data, "test")
    pairs = pair_up(train)
    revision, tokenizer = fingerprints(folder)
    begun = {
        **dataclasses.asdict(plan),
        "twins": len(pairs),
        "train_sha256": file_sha256(data / "train.jsonl")[:16],
        "base_revision": revision,
    }
    run = open_proofreading(runs / NAME, begun)
    trained = train_twins(folder, entry.name, pairs, plan, run)
    if not is_first_process():
        return {}

    draft = run.folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    size, _ = write_weights(read_weights(trained / WEIGHTS_NAME), draft / WEIGHTS_NAME)
    write_config(trained, entry.name, draft)
    sources = {example.source for example in train}
    card = AdapterCard(
        base=entry.name,
        base_revision=revision,
        tokenizer_sha256=tokenizer,
        weights_sha256=file_sha256(draft / WEIGHTS_NAME),
        licence=entry.licence,
        data=[note for source, note in SOURCES.items() if source in sources],
        limits=LIMITS,
        recipe=begun,
    )
    render_card(card, draft)
    figures = {"text_alone": measure_reading(test, guess_by_text(train, test, settings))}
    who = {"trained": read_adapter(draft), "in_service": pick_adapter(entry, "auto", home)}
    for role, adapter in who.items():
        if adapter is not None:
            model = CrossEncoder(entry, folder, adapter, settings)
            figures[role] = measure_reading(test, read_sentences(model, test))
    render_card(card.model_copy(update={"results": {"sentences": len(test), **figures}}), draft)
    mend = (
        "Write more pairs in finetune/readings, or raise Plan.steps in finetune/proofreading/loop.py; then: "
        f"rm -r {run.folder} && python -m finetune proofreader"
    )
    check_reading_gate(figures, "sentences", mend)
    install(draft, home / NAME)
    return {"folder": str(home / NAME), "bytes": size, "figures": figures}


def open_proofreading(folder: Path, begun: Mapping[str, Any]) -> Run:
    """The run in a folder, new or to go on; `begun`: plan, rows and base, which have to stay the same.

    Raises:
        RunInvalid: it was begun with others.
    """
    run, record, text = Run(folder), folder / "recipe.json", json.dumps(begun, indent=1)
    if record.is_file() and record.read_text(encoding="utf-8") != text:
        raise RunInvalid(
            f"{folder} was begun with another plan, other rows or another base than {text}: see {record}. "
            f"Begin anew: rm -r {folder}"
        )
    if is_first_process() and not record.is_file():
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        part = record.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(record)
    return run


def is_first_process() -> bool:
    """Whether this is torchrun's first process, or there is no other."""
    return os.environ.get("RANK", "0") == "0"


def read_sentences(model: CrossEncoder, examples: Sequence[ReadingExample]) -> NDArray[np.float64]:
    """The probability that its passage says each sentence."""
    odds = model.odds([as_pair(example) for example in examples])
    return 1 / (1 + np.exp(-odds.astype(np.float64)))
