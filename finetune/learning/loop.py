"""The loop itself: TRL's SFTTrainer over encoded examples, which stops at the first bad loss.

Training road: tokens + loss mask → **adapter**. Knows no files of rows and no passages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from datasets import Dataset  # type: ignore[import-untyped]
from transformers import EarlyStoppingCallback, PrinterCallback, TrainerCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from finetune.errors import NotFinite
from finetune.examples import Encoded
from finetune.learning.loading import Learner
from finetune.recipe import Recipe, Training

LOG_STEPS = 5
IGNORED = -100  # the label of a token that is not learnt, as torch's cross entropy has it


class GuardedTrainer(SFTTrainer):
    """SFTTrainer that names the examples of a batch whose loss is no number, and ends there."""

    names: dict[str, str]  # fingerprint of a sequence → id of its example
    tokens_read: int = 0  # padding counted

    def training_step(self, model: Any, inputs: dict[str, Any], *more: Any, **named: Any) -> Any:
        sequences = split_batch(inputs)
        loss = super().training_step(model, inputs, *more, **named)  # type: ignore[no-untyped-call]
        if not bool(torch.isfinite(loss).all()):
            found = [self.names.get(fingerprint(ids), "?") for ids in sequences]
            raise NotFinite(
                f"the loss is {float(loss):g} after step {self.state.global_step}, in the batch of "
                f"{', '.join(found)}; nothing of this run is kept as a success. Look at those "
                "examples, lower learning_rate, or set precision to bf16 or fp32 in the recipe"
            )
        return loss

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Cross entropy with the head applied at learnt positions only.

        TRL's own loss takes the head at every position and waits for all processes at every batch;
        on a CPU that was a third of the time. Sum over the answer tokens of the whole step, divided
        by their number, as there.
        """
        targets = inputs["labels"][:, 1:]  # (batch, seq - 1)
        places = (targets != IGNORED).any(0).nonzero().flatten()
        given = {name: value for name, value in inputs.items() if name != "labels"}
        outputs = model(**given, use_cache=False, logits_to_keep=places)
        logits, wanted = outputs.logits.float(), targets[:, places]  # (batch, places, vocabulary)
        total = F.cross_entropy(
            logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="sum"
        )
        learnt = wanted != IGNORED
        loss = total / (learnt.sum() if num_items_in_batch is None else num_items_in_batch)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes
        self._note(inputs["input_ids"].numel(), (logits.argmax(-1) == wanted)[learnt])
        return (loss, outputs) if return_outputs else loss

    def _note(self, tokens: int, right: torch.Tensor) -> None:
        """Next-token accuracy and tokens read, of this process alone, for the next log."""
        mode = "train" if self.is_in_train and torch.is_grad_enabled() else "eval"
        self._metrics[mode]["mean_token_accuracy"].append(float(right.float().mean()))
        if mode == "train":
            self.tokens_read += tokens * self.accelerator.num_processes
            self._metrics[mode]["num_tokens"] = [self.tokens_read]


def split_batch(inputs: dict[str, Any]) -> list[list[int]]:
    """The sequences of a batch: padding taken off, or a packed row cut where positions begin anew."""
    batch = inputs["input_ids"].detach().cpu()  # (batch, seq)
    if "position_ids" in inputs:
        row, positions = batch[0].tolist(), inputs["position_ids"][0].cpu()
        starts = [*(positions == 0).nonzero().flatten().tolist(), len(row)]
        return [row[a:b] for a, b in pairwise(starts)]
    lengths = inputs["attention_mask"].sum(1).tolist()
    return [ids[:length] for ids, length in zip(batch.tolist(), lengths, strict=True)]


def fingerprint(ids: Sequence[int]) -> str:
    """A hash of a sequence, to find its example again."""
    return hashlib.sha256(repr(list(ids)).encode()).hexdigest()


def make_trainer(
    recipe: Recipe,
    learner: Learner,
    data: dict[str, list[Encoded]],
    out: Path,
    callbacks: Sequence[TrainerCallback],
) -> GuardedTrainer:
    """A trainer of `learner.model`, whose method has been applied; `data` has train and valid."""
    callbacks = list(callbacks)
    if recipe.training.patience and data["valid"]:
        callbacks.append(EarlyStoppingCallback(recipe.training.patience))
    trainer = GuardedTrainer(
        model=learner.model,
        args=configure(recipe, learner.precision, bool(data["valid"]), out),
        train_dataset=_as_dataset(data["train"]),
        eval_dataset=_as_dataset(data["valid"]) if data["valid"] else None,
        processing_class=learner.tokenizer,
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)  # it writes to standard output
    trainer.names = {fingerprint(one.input_ids): one.id for one in data["train"]}
    return trainer


def configure(recipe: Recipe, precision: str, evaluates: bool, out: Path) -> SFTConfig:
    """The recipe in TRL's words."""
    training = recipe.training
    return SFTConfig(
        output_dir=str(out),
        seed=recipe.seed,
        data_seed=recipe.seed,
        num_train_epochs=training.epochs,
        max_steps=training.max_steps,
        per_device_train_batch_size=training.batch_examples,
        per_device_eval_batch_size=training.batch_examples,
        gradient_accumulation_steps=training.accumulation,
        max_length=training.max_tokens,
        packing=training.packing,
        eval_packing=False,
        learning_rate=training.learning_rate,
        lr_scheduler_type=_schedule(training),
        warmup_steps=training.warmup_share,
        weight_decay=training.weight_decay,
        max_grad_norm=training.clip_norm,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=training.gradient_checkpointing,
        eval_strategy="epoch" if evaluates else "no",
        metric_for_best_model="eval_loss" if evaluates else None,
        save_strategy="steps",
        save_steps=training.save_steps or 10**9,  # Checkpoints saves at every epoch besides
        save_total_limit=training.keep_checkpoints,
        logging_steps=LOG_STEPS,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,  # Journal tells of every step
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        train_sampling_strategy="group_by_length",  # processes that wait for one another
    )


def _schedule(training: Training) -> str:
    return "cosine" if training.schedule == "cosine" else "constant_with_warmup"


def _as_dataset(encoded: Sequence[Encoded]) -> Dataset:
    return Dataset.from_dict(
        {
            "input_ids": [one.input_ids for one in encoded],
            "labels": [one.labels for one in encoded],
        }
    )
