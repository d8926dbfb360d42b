"""Twins → a LoRA adapter on an encoder that reads a sentence and a passage together.

Two losses, added: of each sentence alone (binary cross entropy), and of the two of a pair, of which the said
one has to come higher (RankNet: Burges et al. 2005). The second cancels what both share, which is nearly
everything. Training road: Twins → **adapter** → gate. transformers' Trainer does the rest: torchrun for
several cores, checkpoints to go on from. Knows no file of ours and no gate.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from rich.console import Console
from transformers import PrinterCallback, Trainer, TrainingArguments, set_seed

from finetune.errors import NotFinite, RunInvalid
from finetune.learning.run import Run, find_checkpoint
from finetune.learning.watching import Checkpoints, Journal
from finetune.proofreading.twins import Twins, arrange
from models.adapters import WEIGHTS_NAME
from models.cross_encoder import HEAD, bring_cross_encoder, encode_pairs
from models.device import pick_device, pick_dtype

LAYERS = ["q", "k", "v", "o", "intermediate.dense", "output.dense"]  # of an MPNet block
KEEP_STEPS = 150  # between two checkpoints


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is trained; the card keeps it."""

    steps: int = 1400
    batch: int = 16  # twins a step, two sentences each
    learning_rate: float = 4e-4
    warmup: float = 0.05  # share of the steps
    rank: int = 32
    alpha: int = 64
    strangers: int = 2000  # twins over which sentences on other passages give way to the real ones
    least_strangers: float = 0.05
    seed: int = 1


class TwinTrainer(Trainer):
    """transformers' Trainer, with the two losses of the module's head."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        outputs = model(**inputs)
        loss = twin_loss(outputs.logits[:, 0].float())
        if not bool(torch.isfinite(loss)):
            raise NotFinite(
                f"the loss is {float(loss)} after step {self.state.global_step}, and so are the weights "
                f"by now. Begin anew with a lower Plan.learning_rate: rm -r {Path(str(self.args.output_dir)).parent}"
            )
        return (loss, outputs) if return_outputs else loss


def twin_loss(odds: torch.Tensor) -> torch.Tensor:
    """Of log odds `(2 n,)`, said and unsaid by turns."""
    said, unsaid = odds[0::2], odds[1::2]
    alone = (F.softplus(-said) + F.softplus(unsaid)) / 2
    return (alone + F.softplus(unsaid - said)).mean()


def train_twins(folder: Path, name: str, twins: Sequence[Twins], plan: Plan, run: Run) -> Path:
    """The folder of PEFT's adapter over the encoder in `folder`; a killed run goes on where it stood.

    Raises:
        NotFinite: a loss was NaN or infinite.
        RunInvalid: torchrun's processes can't share a step evenly.
        WeightsDamaged: there is no such encoder.
    """
    out = run.folder / "adapter"
    if (out / WEIGHTS_NAME).is_file():
        return out
    set_seed(plan.seed)
    model, tokenizer = bring_cross_encoder(folder, name)
    config = LoraConfig(
        r=plan.rank, lora_alpha=plan.alpha, target_modules=LAYERS, modules_to_save=[HEAD]
    )
    share = plan.strangers, plan.least_strangers
    trainer = TwinTrainer(
        model=get_peft_model(model, config),
        args=_configure(plan, run.checkpoints),
        train_dataset=list(arrange(twins, plan.steps * plan.batch, *share, plan.batch, plan.seed)),
        data_collator=lambda batch: encode_pairs(
            tokenizer, [pair for one in batch for pair in (one.said, one.unsaid)]
        ),
        callbacks=[Journal(run, Console(stderr=True)), Checkpoints()],
    )
    trainer.remove_callback(PrinterCallback)  # it writes to standard output
    last = find_checkpoint(run)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    if trainer.is_world_process_zero():
        part = run.folder / ".adapter.part"
        shutil.rmtree(part, ignore_errors=True)
        trainer.save_model(str(part))
        part.replace(out)
    return out


def _configure(plan: Plan, out: Path) -> TrainingArguments:
    """The plan in transformers' words; the processes of one run share each batch."""
    device = pick_device()
    processes = int(os.environ.get("WORLD_SIZE", "1"))  # torchrun's
    if plan.batch % processes:
        raise RunInvalid(
            f"{processes} processes can't share the {plan.batch} twins of a step; expected a divisor of it: "
            "torchrun --nproc-per-node 2 -m finetune proofreader"
        )
    return TrainingArguments(
        output_dir=str(out),
        seed=plan.seed,
        max_steps=plan.steps,
        per_device_train_batch_size=plan.batch // processes,
        learning_rate=plan.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=plan.warmup,
        weight_decay=0.01,
        max_grad_norm=1.0,
        bf16=pick_dtype(device) == torch.bfloat16,
        use_cpu=device.type == "cpu",
        train_sampling_strategy="sequential",  # `arrange` has set the order
        remove_unused_columns=False,
        save_strategy="steps",
        save_steps=KEEP_STEPS,
        save_total_limit=2,  # the older goes before the newer is marked whole
        logging_steps=20,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=device.type == "cuda",
    )
