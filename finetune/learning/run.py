"""A run's folder: what was started, what is complete, and `run.json`, written last.

    recipe.json      the recipe, as started: a resumed run must have the same
    checkpoints/     checkpoint-N/, complete when it holds complete.json
    log.jsonl        a line a logged step       samples.md   what the model says, epoch by epoch
    curves.png       loss, accuracy, rate       adapter/ (or model/)   what came out
    run.json         everything about the run; its existence means that the run is whole

Training road: adapter → **run** → report. Knows no model.
"""

from __future__ import annotations

import json
import platform
import resource
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import torch

from finetune.errors import RunInvalid
from finetune.recipe import Recipe
from settings import ROOT

HOME = ROOT / "var" / "finetune" / "runs"
COMPLETE = "complete.json"
PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets", "tokenizers")


@dataclass(frozen=True, slots=True)
class Run:
    """Paths of one run."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def log(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def samples(self) -> Path:
        return self.folder / "samples.md"

    @property
    def report(self) -> Path:
        return self.folder / "run.json"

    def weights(self, recipe: Recipe) -> Path:
        return self.folder / ("adapter" if recipe.method.is_adapter else "model")


def open_run(recipe: Recipe, home: Path = HOME) -> Run:
    """The recipe's run, new or to be resumed.

    Raises:
        RunInvalid: the folder holds a finished run, or one of another recipe.
    """
    run = Run(home / recipe.name)
    started = run.folder / "recipe.json"
    text = json.dumps(recipe.model_dump(mode="json"), indent=1)
    if run.report.is_file():
        raise RunInvalid(
            f"{run.folder} holds a finished run. Give the recipe another name, or delete the folder"
        )
    if started.is_file() and started.read_text(encoding="utf-8") != text:
        raise RunInvalid(
            f"{run.folder} was started with another recipe, so it can't be resumed with this one. "
            "Give the recipe another name, or delete the folder"
        )
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    started.write_text(text, encoding="utf-8")
    return run


def find_checkpoint(run: Run) -> Path | None:
    """The newest checkpoint that was written whole; None at the beginning."""
    whole = (path.parent for path in run.checkpoints.glob(f"checkpoint-*/{COMPLETE}"))
    return max(whole, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def write_run(run: Run, recipe: Recipe, results: dict[str, Any]) -> dict[str, Any]:
    """Write `run.json` and return it."""
    report = {
        "status": "finished",
        "recipe": recipe.model_dump(mode="json"),
        "seed": recipe.seed,
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        "machine": describe_machine(),
        **results,
    }
    run.report.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def describe_machine() -> dict[str, Any]:
    """Processor, cores, memory and accelerators."""
    return {
        "processor": platform.machine(),
        "threads": torch.get_num_threads(),
        "memory_bytes": psutil.virtual_memory().total,
        "accelerators": [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())],
    }


def peak_bytes() -> int:
    """The most memory held so far: on the accelerator where there is one, else of the process."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
