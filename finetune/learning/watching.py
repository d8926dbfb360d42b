"""What is written down while a model learns, and what stops it: callbacks of the training loop.

`Journal` logs and refuses what is not a number; `Checkpoints` saves at every epoch and marks what
is whole; `Sampler` lets the model speak, because loss is not quality.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from finetune.errors import NotFinite
from finetune.examples import render_example
from finetune.learning.run import COMPLETE, Run, peak_bytes
from finetune.records import Dialogue, GroundedExample
from models.generation import Sampling, Turns, generate_tokens
from models.template import render_tokens

TEMPERATURES = (0.0, 0.6)  # greedy, and what the project's forerunner chose by hand
SAMPLE_TOKENS = 80
_WATCHED = ("loss", "grad_norm", "eval_loss")


class Journal(TrainerCallback):
    """A line of log.jsonl for every log, with tokens a second and peak memory."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run, self._console = run, console
        self._last = (0.0, time.monotonic())  # tokens seen, and when

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> None:
        seen = [row["num_tokens"] for row in state.log_history if "num_tokens" in row]
        self._last = (float(seen[-1]) if seen else 0.0, time.monotonic())

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        if not state.is_world_process_zero:
            return
        row: dict[str, Any] = {"step": state.global_step, "epoch": state.epoch, **(logs or {})}
        tokens, now = float(row.get("num_tokens", 0.0)), time.monotonic()
        if "loss" in row:
            row["tokens_per_s"] = round(
                (tokens - self._last[0]) / max(now - self._last[1], 1e-9), 1
            )
        self._last = (tokens or self._last[0], now)
        row["peak_bytes"] = peak_bytes()
        with self._run.log.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")
        check_numbers(row)
        self._console.print(_in_words(row, state), highlight=False)


class Checkpoints(TrainerCallback):
    """A checkpoint at the end of every epoch; `complete.json`, written last, makes it whole."""

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> TrainerControl:
        control.should_save = True
        return control

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> None:
        if not state.is_world_process_zero:
            return
        folder = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
        (folder / COMPLETE).write_text(json.dumps({"step": state.global_step}), encoding="utf-8")


class Sampler(TrainerCallback):
    """At every epoch, what the model says to the same questions, greedy and sampled, side by side."""

    def __init__(
        self, run: Run, tokenizer: Any, asked: Sequence[Dialogue | GroundedExample], seed: int
    ) -> None:
        self._run, self._tokenizer, self._asked, self._seed = run, tokenizer, asked, seed
        self._prompts = [render_tokens(tokenizer, render_example(example)) for example in asked]

    def on_epoch_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: Any = None,
        **more: Any,
    ) -> None:
        if not state.is_world_process_zero:
            return
        lines = [f"## Step {state.global_step}, epoch {state.epoch:.2f}", ""]
        lines += ["| question | " + " | ".join(f"temperature {t}" for t in TEMPERATURES) + " |"]
        lines += ["|---" * (1 + len(TEMPERATURES)) + "|"]
        was_training = model.training
        model.eval()
        for example, prompt in zip(self._asked, self._prompts, strict=True):
            said = [self._say(model, prompt, temperature) for temperature in TEMPERATURES]
            lines.append(
                "| " + " | ".join(_cell(text) for text in (example.question, *said)) + " |"
            )
        model.train(was_training)
        with self._run.samples.open("a", encoding="utf-8") as page:
            page.write("\n".join([*lines, "", ""]))

    def _say(self, model: Any, prompt: Sequence[int], temperature: float) -> str:
        sampling = Sampling(SAMPLE_TOKENS, temperature, self._seed)
        ends = frozenset(
            i for i, token in self._tokenizer.added_tokens_decoder.items() if token.special
        )
        tokens = list(generate_tokens(model, Turns(), prompt, ends, sampling))
        ended = "" if len(tokens) < SAMPLE_TOKENS else " … (did not stop)"
        return str(self._tokenizer.decode(tokens)) + ended


def check_numbers(row: dict[str, Any]) -> None:
    """Raises `NotFinite` when a logged loss or gradient is no number."""
    for name in _WATCHED:
        if name in row and not math.isfinite(float(row[name])):
            raise NotFinite(
                f"{name} is {row[name]} at step {row['step']}; nothing of this run is kept as a "
                "success. Lower learning_rate, or set precision to bf16 or fp32 in the recipe"
            )


def check_weights(tensors: dict[str, torch.Tensor]) -> None:
    """Raises `NotFinite` when a weight is no number; scanned before a run counts as done."""
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise NotFinite(
                f"{name} holds values that are no numbers; nothing of this run is kept as a "
                "success. Lower learning_rate, or set precision to bf16 or fp32 in the recipe"
            )


def _in_words(row: dict[str, Any], state: TrainerState) -> str:
    shown = {
        "loss": "loss {:.4f}", "eval_loss": "valid loss {:.4f}", "grad_norm": "gradient {:.2f}",
        "mean_token_accuracy": "accuracy {:.3f}", "tokens_per_s": "{:.0f} tokens/s",
    }  # fmt: skip
    parts = [text.format(float(row[name])) for name, text in shown.items() if name in row]
    return f"step {row['step']}/{state.max_steps}: " + ", ".join(
        [*parts, f"peak {row['peak_bytes'] / 2**30:.1f} GiB"]
    )


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
