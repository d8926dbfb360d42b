"""Recipe → finished run: load, apply the method, learn, scan what came out, write it down.

The order of the steps is here; each has a file: `loading`, `methods`, `examples`, `loop`,
`watching`, `curves`, `run`. Training road: tokens + loss mask → **adapter** → report.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from safetensors.torch import load_file
from transformers import set_seed

from finetune.errors import DataInvalid
from finetune.examples import Encoded, encode_examples
from finetune.learning.curves import plot_curves
from finetune.learning.intrinsic import find_ranks
from finetune.learning.loading import Learner, load_learner
from finetune.learning.loop import GuardedTrainer, make_trainer
from finetune.learning.methods import apply_method
from finetune.learning.run import (
    COMPLETE,
    HOME,
    Run,
    find_checkpoint,
    open_run,
    peak_bytes,
    write_run,
)
from finetune.learning.watching import Checkpoints, Journal, Sampler, check_weights
from finetune.recipe import Pretraining, Recipe
from finetune.records import DATA_HOME, Example, read_examples
from finetune.twelve import load_twelve
from models.weights import file_sha256

SPLITS = ("train", "valid")
OF_THE_LOOP = ("optimizer*", "scheduler*", "scaler*", "rng_state*", "train*", "README.md", COMPLETE)
Data = dict[str, list[Encoded]]  # by split


def train_recipe(
    recipe: Recipe, home: Path = HOME, data_home: Path = DATA_HOME, console: Console | None = None
) -> dict[str, Any]:
    """Train, or go on where a killed run stood; the contents of its `run.json`.

    Raises:
        NotFinite: a loss or a weight is no number; the run has no `run.json` then.
        RunInvalid, DataInvalid, RecipeInvalid: see there.
    """
    console = console or Console(stderr=True)
    started = time.monotonic()
    run = open_run(recipe, home)
    set_seed(recipe.seed)
    sets = find_sets(recipe.data, data_home)
    learner = load_learner(recipe)
    data, too_long = encode_sets(sets, learner.tokenizer, recipe)
    console.print(f"{recipe.name}: {_in_words(data)}, {len(too_long)} left out as too long")
    learner = _apply(recipe, learner, data["train"])
    if recipe.pretraining and not find_checkpoint(run):
        _pretrain(recipe, recipe.pretraining, learner, run, data_home)
    trainer = _learn(recipe, learner, data, run, sets, console)
    if not trainer.is_world_process_zero():
        return {}
    best = _keep_best(recipe, run)
    plot_curves(run)
    parameters = [(p.numel(), p.requires_grad) for p in learner.model.parameters()]
    results = {
        "data": [hash_set(folder) for folder in sets],
        "examples": {split: len(encoded) for split, encoded in data.items()},
        "too_long": too_long,
        "tokens_an_epoch": count_tokens(data["train"]),
        "parameters": sum(count for count, _ in parameters),
        "trainable_parameters": sum(count for count, learns in parameters if learns),
        "precision": learner.precision,
        "processes": trainer.args.world_size,
        "steps": trainer.state.global_step,
        "epochs": [row for row in trainer.state.log_history if "eval_loss" in row],
        "best_checkpoint": best.name,
        "seconds": round(time.monotonic() - started, 1),
        "peak_bytes": peak_bytes(),
    }
    return write_run(run, recipe, results)


def find_sets(names: Sequence[str], home: Path) -> list[Path]:
    """The folders of the prepared sets that a recipe names.

    Raises:
        DataInvalid: one is not there; the text lists those that are.
    """
    folders = []
    for name in names:
        folder = Path(name) if (Path(name) / "train.jsonl").is_file() else home / name
        if not (folder / "train.jsonl").is_file():
            valid = ", ".join(sorted(p.parent.name for p in home.glob("*/train.jsonl"))) or "none"
            raise DataInvalid(
                f"there is no prepared set {name!r} in {home}. There are: {valid}. "
                f"Make it with: python -m finetune prepare {name}"
            )
        folders.append(folder)
    return folders


def encode_sets(sets: Sequence[Path], tokenizer: Any, recipe: Recipe) -> tuple[Data, list[str]]:
    """Both splits of all sets as tokens, and the ids of the examples that are too long.

    Raises:
        DataInvalid: no example is left to learn from.
    """
    data: Data = {}
    too_long: list[str] = []
    for split in SPLITS:
        found = [example for folder in sets for example in _read(folder, split, recipe)]
        data[split], longer = encode_examples(found, tokenizer, recipe.training.max_tokens)
        too_long += longer
    if not data["train"]:
        raise DataInvalid(
            f"none of the examples fits into {recipe.training.max_tokens} tokens; raise "
            "training.max_tokens in the recipe"
        )
    return data, too_long


def _read(folder: Path, split: str, recipe: Recipe) -> list[Example]:
    path = folder / f"{split}.jsonl"
    if split != "train" and not path.is_file():
        return []
    return list(read_examples(path))[: recipe.most_examples or None]


def _apply(recipe: Recipe, learner: Learner, examples: Sequence[Encoded]) -> Learner:
    """The learner with what its method trains set to learn."""
    ranks: Sequence[int] = ()
    if recipe.method.ranks == "intrinsic":
        ranks = find_ranks(learner.model, examples, recipe.method.rank)
    model = apply_method(learner.model, recipe.method, ranks)
    return dataclasses.replace(learner, model=model)


def _pretrain(
    recipe: Recipe, stage: Pretraining, learner: Learner, run: Run, data_home: Path
) -> None:
    """Continued pretraining of the same weights on running text; leaves no checkpoint."""
    training = recipe.training.model_copy(
        update={
            "epochs": stage.epochs,
            "max_steps": stage.max_steps,
            "learning_rate": stage.learning_rate,
            "patience": 0,
        }
    )
    before = recipe.model_copy(update={"training": training})
    data, _ = encode_sets(find_sets(stage.data, data_home), learner.tokenizer, before)
    make_trainer(before, learner, {**data, "valid": []}, run.folder / "pretraining", ()).train()


def _learn(
    recipe: Recipe, learner: Learner, data: Data, run: Run, sets: Sequence[Path], console: Console
) -> GuardedTrainer:
    """Run the loop to its end, from the newest whole checkpoint if there is one."""
    watchers = [
        Journal(run, console),
        Checkpoints(),
        Sampler(run, learner.tokenizer, load_twelve(sets), recipe.seed),
    ]
    trainer = make_trainer(recipe, learner, data, run.checkpoints, watchers)
    checkpoint = find_checkpoint(run)
    if checkpoint:
        console.print(f"going on from {checkpoint.name}")
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return trainer


def _keep_best(recipe: Recipe, run: Run) -> Path:
    """Copy the weights of the checkpoint with the lowest valid loss, or the last, out of the loop."""
    last = find_checkpoint(run)
    if last is None:
        raise DataInvalid(f"{run.checkpoints} holds no checkpoint; train for at least one step")
    best = _read_best(last) or last
    weights = run.weights(recipe)
    shutil.rmtree(weights, ignore_errors=True)
    partial = weights.with_name(f".{weights.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    unwanted = shutil.ignore_patterns(*OF_THE_LOOP)
    shutil.copytree(best, partial, ignore=unwanted)
    for path in partial.glob("*.safetensors"):
        check_weights(load_file(path))
    partial.replace(weights)
    return best


def _read_best(last: Path) -> Path | None:
    """What the loop held to be the best checkpoint, if it is still there."""
    state = json.loads((last / "trainer_state.json").read_text(encoding="utf-8"))
    best = last.with_name(Path(state.get("best_model_checkpoint") or "none").name)
    return best if best.is_dir() else None


def hash_set(folder: Path) -> dict[str, str]:
    """The set's name, and the sha256 of its splits."""
    paths = [folder / f"{split}.jsonl" for split in SPLITS]
    return {"set": folder.name, **{p.stem: file_sha256(p) for p in paths if p.is_file()}}


def count_tokens(encoded: Sequence[Encoded]) -> int:
    """Tokens that one epoch reads."""
    return sum(len(one.input_ids) for one in encoded)


def _in_words(data: Data) -> str:
    return ", ".join(
        f"{len(encoded)} examples to {'learn' if split == 'train' else 'check'} "
        f"({count_tokens(encoded):,} tokens)"
        for split, encoded in data.items()
    )
