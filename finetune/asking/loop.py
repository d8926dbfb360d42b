"""Asked questions → a LoRA adapter on the embedder that only questions go through.

The passages' vectors stay as the index holds them, so that all of them are rivals at every step: a
softmax over the whole library (in-batch negatives: Karpukhin et al. 2020, arXiv 2004.04906). Training
road: Asked → **question encoder**. Knows no file of ours and no gate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from finetune.asking.pages import Asked, Pages
from finetune.errors import NotFinite
from models.embedder import Embedder

WARM_UP = 20  # steps
MOST_TOKENS = 64  # of a question
TOGETHER = 32  # questions in one pass: of about one length, so that little is padding
NEVER = -1e4  # score of what does not count

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is trained; the card keeps it."""

    steps: int = 450
    batch: int = 128  # questions a step
    learning_rate: float = 3e-4
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    temperature: float = 0.05  # cosine units
    said: float = 0.5  # weight of the right sentence within its passage
    keep: float = 1.0  # weight of staying near the encoder's own vector, for books it never saw
    seed: int = 7


@dataclass(frozen=True)
class Shelf:
    """The vectors of all pages, unit length."""

    whole: Tensor  # (passages, width)
    sentences: Tensor  # (sentences, width)
    owners: Tensor  # (sentences,) passage of each

    @classmethod
    def of(cls, pages: Pages, embedder: Embedder) -> Shelf:
        whole = embedder.encode([passage.embedded_text for passage in pages.passages])
        sentences = embedder.encode(pages.sentences)
        return cls(*map(torch.from_numpy, (whole, sentences, pages.owners)))

    def score(self, asked: Tensor) -> tuple[Tensor, Tensor]:
        """Of questions `(n, width)`: mean of passage and best sentence `(n, passages)`; each sentence."""
        of_sentences = asked @ self.sentences.T
        owners = self.owners.expand(len(asked), -1)
        best = of_sentences.new_full((len(asked), len(self.whole)), NEVER)
        best = best.scatter_reduce(1, owners, of_sentences, "amax")
        return (asked @ self.whole.T + best) / 2, of_sentences


def train_encoder(
    folder: Path,
    learnt: Sequence[Asked],
    shelf: Shelf,
    own: Vectors,
    plan: Plan,
    tell: Callable[[int, float], None] = lambda _step, _loss: None,
) -> Any:
    """PEFT's model over the embedder in `folder`, trained; `own`: vectors of the questions before.

    `tell` hears the step and its loss.

    Raises:
        NotFinite: a loss was NaN or infinite.
    """
    torch.manual_seed(plan.seed)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    base = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    config = LoraConfig(
        r=plan.rank, lora_alpha=plan.alpha, lora_dropout=plan.dropout,
        target_modules=["query", "key", "value", "dense"], exclude_modules=["pooler.dense"],
    )  # fmt: skip
    model = get_peft_model(base, config).train()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.learning_rate, weight_decay=0.01)
    before = torch.from_numpy(own)
    for step, places in enumerate(_batches(len(learnt), plan), start=1):
        batch = [learnt[place] for place in places]
        asked = encode_with(model, tokenizer, [one.question for one in batch])
        loss = _loss(asked, batch, shelf, plan)
        loss = loss + plan.keep * (1 - (asked * before[places]).sum(1)).mean()
        if not torch.isfinite(loss):
            raise NotFinite(
                f"the loss of step {step} is {loss.item()}, the first question of its batch is "
                f"{batch[0].question!r}. Train with a lower learning rate"
            )
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate * _schedule(step, plan.steps)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        tell(step, loss.item())
    return model.eval()


def encode_with(model: Any, tokenizer: Any, questions: Sequence[str]) -> Tensor:
    """Mean of the token vectors, unit length: as `models.encoder` pools. Short ones go together."""
    order = sorted(range(len(questions)), key=lambda place: len(questions[place]))
    pooled = []
    for part in range(0, len(order), TOGETHER):
        batch = tokenizer(
            [questions[place] for place in order[part : part + TOGETHER]],
            padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt",
        )  # fmt: skip
        hidden = model(**batch).last_hidden_state
        pooled.append((hidden * batch["attention_mask"][:, :, None]).sum(1))
    back = torch.tensor(order).argsort()
    return F.normalize(torch.cat(pooled)[back], dim=1)


def _batches(count: int, plan: Plan) -> Iterator[list[int]]:
    """`plan.steps` batches of places; every question once before any comes again."""
    chance = np.random.default_rng(plan.seed)
    waiting: list[int] = []
    for _ in range(plan.steps):
        while len(waiting) < plan.batch:
            waiting += chance.permutation(count).tolist()
        yield waiting[: plan.batch]
        del waiting[: plan.batch]


def _schedule(step: int, steps: int) -> float:
    """Warm-up, then half a cosine."""
    return min(1.0, step / WARM_UP) * (1 + math.cos(math.pi * step / steps)) / 2


def _loss(asked: Tensor, batch: Sequence[Asked], shelf: Shelf, plan: Plan) -> Tensor:
    """How surprised it is by the right passages among all, and by the right sentence in them."""
    scores, of_sentences = (part / plan.temperature for part in shelf.score(asked))
    shape = scores.shape
    right, beside = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    surprise = []
    for row, one in enumerate(batch):
        right[row, list(one.right)] = True
        beside[row, list(one.beside)] = True
        inside = torch.isin(shelf.owners, torch.tensor(one.right))
        if one.said and len(one.said) < inside.sum():
            mine = of_sentences[row]
            held = mine[inside].logsumexp(0)
            surprise.append(held - mine[list(one.said)].logsumexp(0))
    among = scores.masked_fill(beside, NEVER).logsumexp(1)
    loss = (among - scores.masked_fill(~right, NEVER).logsumexp(1)).mean()
    return loss + plan.said * torch.stack(surprise).mean() if surprise else loss
