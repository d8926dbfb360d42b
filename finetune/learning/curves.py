"""The curves of a run: loss, accuracy and learning rate by step, from its log alone."""

from __future__ import annotations

import json
from typing import Any

from finetune.learning.run import Run

PANELS = (
    ("loss", ("loss", "eval_loss")),
    ("next-token accuracy", ("mean_token_accuracy", "eval_mean_token_accuracy")),
    ("learning rate", ("learning_rate",)),
    ("tokens a second", ("tokens_per_s",)),
)
_NAMES = {"loss": "learnt", "eval_loss": "checked", "mean_token_accuracy": "learnt"}


def plot_curves(run: Run) -> None:
    """Write `curves.png` beside the run's log."""
    from matplotlib.figure import Figure

    rows = read_log(run)
    figure = Figure(figsize=(11, 6), layout="constrained")
    for axes, (title, columns) in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
        for column in columns:
            points = [(row["step"], float(row[column])) for row in rows if column in row]
            if points:
                axes.plot(*zip(*points, strict=True), label=_NAMES.get(column, "checked"))
        axes.set(title=title, xlabel="step")
        if len(columns) > 1:
            axes.legend()
    figure.savefig(run.folder / "curves.png", dpi=110)


def read_log(run: Run) -> list[dict[str, Any]]:
    """The rows of `log.jsonl`; of a step that was logged twice, as after a resume, the later."""
    lines = run.log.read_text(encoding="utf-8").splitlines() if run.log.is_file() else []
    latest: dict[tuple[int, bool], dict[str, Any]] = {}
    for row in map(json.loads, lines):
        latest[(row["step"], "eval_loss" in row)] = row
    return sorted(latest.values(), key=lambda row: int(row["step"]))
