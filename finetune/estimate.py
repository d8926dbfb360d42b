"""Will it fit? What training would need of memory, against what this machine has.

Reads recipes and shapes; trains nothing. `scripts/bench/finetune.py` holds the figures against real
runs. Beside the training road: config → rehearsal → **estimate**.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from finetune.learning.loading import pick_precision
from finetune.learning.methods import METHODS
from finetune.recipe import Method, Recipe, Training
from finetune.sizing.memory import Room, measure_room, process_bytes
from finetune.sizing.rehearsal import Needs, rehearse_step
from finetune.sizing.shapes import find_config, load_shapes
from settings import Settings

Fit = Literal["yes", "barely", "no"]
Targets = Literal["all", "qv"]
# How far measured peaks lay from their estimates in `python -m scripts.bench.finetune`: at most so
# far where freed tensors go back to the system at once, which is also the bound that issue 5 asks for;
MARGIN = 0.15
# and so much higher where they go back into glibc's heap, which the next ones fill with gaps.
HEAP_MARGIN = 0.55
# Makes glibc give them back (mallopt(3), M_MMAP_THRESHOLD, at its own first value); a step of the
# smallest model then took nearly twice as long on 2 cores.
TIGHT = "MALLOC_MMAP_THRESHOLD_=131072"
# Tokenizer, data set and trainer, beside the imports: what two steps over next to no model added to
# each of the 12 processes of `python -m scripts.bench.finetune` (79 to 81 MiB).
LOOP_BYTES = 80 * 2**20
_QV = ("q_proj", "v_proj")  # Hu et al. 2021 (arXiv 2106.09685), section 7.1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be trained, and how."""

    model: str  # see `shapes.find_config`
    method: Method
    training: Training
    answer_tokens: int = 128  # that an example learns; a logit each for the whole vocabulary

    @classmethod
    def of(cls, recipe: Recipe, answer_tokens: int) -> Plan:
        return cls(recipe.model, recipe.method, recipe.training, answer_tokens)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A plan, what it needs, and what there is."""

    plan: Plan
    needs: Needs
    room: Room
    process_bytes: int  # of Python and its libraries, in the same memory; 0 on an accelerator

    @property
    def total_bytes(self) -> int:
        """The peak of the whole process, without gaps between tensors."""
        return self.needs.peak_bytes + self.process_bytes

    @property
    def most_bytes(self) -> int:
        """What it may come to with gaps between tensors, in the heap or on the accelerator."""
        margin = MARGIN if self.room.device == "cuda" else HEAP_MARGIN
        return round(self.total_bytes * (1 + margin))

    @property
    def fits(self) -> Fit:
        if self.most_bytes <= self.room.free_bytes:
            return "yes"
        return "barely" if self.total_bytes <= self.room.free_bytes else "no"


def choose_method(name: str, rank: int, targets: Targets) -> Method:
    """The method of that name; rank and targets go where the method has such a thing."""
    fields: dict[str, Any] = {"name": name}
    if name in ("lora", "rslora", "dora", "qlora"):
        fields["rank"] = rank
    if name in ("lora", "rslora", "dora", "qlora", "boft"):
        fields["targets"] = _QV if targets == "qv" else "all-linear"
    return Method(**fields)


def measure_own_room() -> tuple[Room, int]:
    """This machine's room once this process has ended, and what the process takes of it.

    The second is 0 where the room is an accelerator's.
    """
    room, own = measure_room(), process_bytes()
    if room.device != "cpu":
        return room, 0
    return dataclasses.replace(room, free_bytes=room.free_bytes + own), own + LOOP_BYTES


def estimate_memory(
    plan: Plan, settings: Settings, room: tuple[Room, int] | None = None
) -> Estimate:
    """What a process of the plan needs in its steps, and this machine's room for it.

    Loading comes on top, for a moment and in pages that the system can take back. `room` is
    `measure_own_room`'s, if it was measured before.

    Raises:
        RegistryInvalid: the model's shape is not known.
        RecipeInvalid: the plan's precision is not to be had here.
    """
    if plan.training.precision == "auto":
        update = {"precision": pick_precision("auto")}
        plan = dataclasses.replace(plan, training=plan.training.model_copy(update=update))
    config = find_config(plan.model, settings)
    needs = rehearse_step(config, plan.method, plan.training, plan.answer_tokens)
    return Estimate(plan, needs, *(room or measure_own_room()))


def estimate_table(like: Plan, targets: Targets, settings: Settings) -> Iterator[Estimate]:
    """An estimate for each published shape and each method, in that order; else as `like`.

    BOFT gets q and v alone: over all layers its square matrices outgrow every model.
    """
    room = measure_own_room()
    for model in load_shapes():
        for name in METHODS:
            method = choose_method(name, like.method.rank, "qv" if name == "boft" else targets)
            plan = dataclasses.replace(like, model=model, method=method)
            yield estimate_memory(plan, settings, room)


def as_row(estimate: Estimate) -> dict[str, Any]:
    """One flat row for machines."""
    plan, needs, room = estimate.plan, estimate.needs, estimate.room
    return {
        "model": plan.model,
        "method": plan.method.name,
        "precision": plan.training.precision,
        "batch_examples": plan.training.batch_examples,
        "max_tokens": plan.training.max_tokens,
        "answer_tokens": plan.answer_tokens,
        "accumulation": plan.training.accumulation,
        "gradient_checkpointing": plan.training.gradient_checkpointing,
        "parameters": needs.parameters,
        "trainable": needs.trainable,
        "weights_bytes": needs.weights_bytes,
        "gradient_bytes": needs.gradient_bytes,
        "optimizer_bytes": needs.optimizer_bytes,
        "activation_bytes": needs.activation_bytes,
        "peak_bytes": needs.peak_bytes,
        "process_bytes": estimate.process_bytes,
        "total_bytes": estimate.total_bytes,
        "most_bytes": estimate.most_bytes,
        "device": room.device,
        "memory_bytes": room.total_bytes,
        "free_bytes": room.free_bytes,
        "fits": estimate.fits,
    }


def in_words(estimate: Estimate) -> str:
    """The estimate for a reader, in GiB."""
    row = as_row(estimate)
    lines = [
        f"{row['model']}, {row['method']}, {row['precision']}: {row['batch_examples']} × "
        f"{row['max_tokens']} tokens; {row['trainable']:,} of {row['parameters']:,} parameters learn",
        *(
            f"  {what:<44}{row[key] / 2**30:8.2f} GiB"
            for what, key in (
                ("weights", "weights_bytes"),
                ("gradients", "gradient_bytes"),
                ("optimizer states (AdamW)", "optimizer_bytes"),
                ("activations kept for the backward pass", "activation_bytes"),
                ("peak of a step, the loss's buffers included", "peak_bytes"),
                ("Python and its libraries", "process_bytes"),
                ("in all", "total_bytes"),
                ("with gaps between tensors, at most", "most_bytes"),
            )
        ),
        f"  {row['device']}: {row['free_bytes'] / 2**30:.2f} of {row['memory_bytes'] / 2**30:.2f} GiB "
        f"free. Fits: {row['fits']}",
    ]
    if row["fits"] == "barely" and row["device"] == "cpu":
        lines.append(f"  Without gaps, but slower: {TIGHT} python -m finetune train RECIPE")
    if row["fits"] != "yes":
        lines.append("  Less: --method qlora, --checkpointing, or a lower --length or --batch")
    return "\n".join(lines)


def as_markdown(estimates: Sequence[Estimate]) -> str:
    """Models down, methods across, GiB in all; bold: fits here also with gaps, ?: only without."""
    methods = list(dict.fromkeys(estimate.plan.method.name for estimate in estimates))
    titles = [f"{name} (q, v)" if name == "boft" else name for name in methods]
    lines = [f"| GiB | {' | '.join(titles)} |", f"|---|{'---:|' * len(methods)}"]
    for model in dict.fromkeys(estimate.plan.model for estimate in estimates):
        cells = [_cell(e) for e in estimates if e.plan.model == model]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(estimate: Estimate) -> str:
    text = f"{estimate.total_bytes / 2**30:.1f}"
    return {"yes": f"**{text}**", "barely": f"{text}?", "no": text}[estimate.fits]
