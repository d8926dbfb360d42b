"""Trains the reranker: a low-rank change of the embedder, and a head, on pairs.

The forward pass is `models.reranker.read_pairs`, that of serving: factors are merged into the base
anew at every step, and the gradient flows through the merge. Made for a CPU and a time limit: the
rate falls with whichever runs out first, steps or minutes, so a run that is cut short has landed.
Training road: Pair → **reranker** → gate (scripts/fit_gate.py). Knows no index.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Encoding
from torch import Tensor

from finetune.errors import NotFinite
from finetune.reranking.pairs import Pair
from models.bert import BertConfig, BertEncoder
from models.device import pick_device, pick_dtype
from models.reranker import (
    DOWN,
    UP,
    WEIGHTS_NAME,
    RerankerCard,
    merge_change,
    open_tokenizer,
    read_pairs,
    stack_pairs,
    write_card,
)
from models.weights import file_sha256

_LINEAR = ("self.query", "self.key", "self.value", "output.dense", "intermediate.dense")
_UNMARKED = frozenset(("asked", "medquad"))  # sources whose right texts have no answer marked
_POOL = 512  # pairs sorted by length at a time, so that a batch is padded little
_TOLD_EVERY = 20  # steps between two lines of the log
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RerankRecipe:
    """Everything that decides a run besides its pairs."""

    rank: int = 32
    alpha: int = 64
    learning_rate: float = 8e-4
    warmup: float = 0.06  # share of the run
    epochs: int = 3
    batch_pairs: int = 32
    max_tokens: int = 224
    minutes: float = 14.0  # of the loop
    place_weight: float = 0.5  # of the loss over single tokens
    near_miss_weight: float = 2.0  # rows that no booklet answers are few, and what the gate is for
    right_weight: float = 1.5
    seed: int = 7

    @property
    def scale(self) -> float:
        return self.alpha / self.rank


@dataclass(frozen=True, slots=True)
class _Batch:
    """Tensors of some pairs; `marked` says for which the answer's place is known."""

    ids: Tensor  # (pairs, seq), as are mask, inside and places
    mask: Tensor
    inside: Tensor
    places: Tensor
    answers: Tensor  # (pairs,), as are weight and marked
    weight: Tensor
    marked: Tensor


class _LearningEncoder(BertEncoder):
    """The same with attention written out: on a CPU there and back in 30 ms instead of 76."""

    def _mix(self, query: Tensor, key: Tensor, value: Tensor, scores: Tensor | None) -> Tensor:
        closeness = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        return (closeness if scores is None else closeness + scores).softmax(-1) @ value


class Trainer:
    """The base, frozen, and what is learnt on it."""

    def __init__(self, base: Path, recipe: RerankRecipe) -> None:
        self.recipe, self.base = recipe, base
        self._device = pick_device()
        self._dtype = pick_dtype(self._device)
        self._config = BertConfig.model_validate_json((base / "config.json").read_bytes())
        self._tokenizer = open_tokenizer(base, recipe.max_tokens)
        weights = {name.removeprefix("bert."): w for name, w in _load(base).items()}
        self.change = {
            name: w.to(self._device).requires_grad_()
            for name, w in start_change(weights, recipe).items()
        }
        changed = {f"{name.removesuffix(DOWN)}.weight" for name in self.change}
        self._weights = {
            name: w.to(self._device, w.dtype if name in changed else self._dtype)
            for name, w in weights.items()
        }

    def train(self, pairs: Sequence[Pair]) -> dict[str, Any]:
        """Run the loop; what it did, in numbers.

        Raises:
            NotFinite: a loss is not a number.
        """
        recipe = self.recipe
        torch.manual_seed(recipe.seed)
        optimizer = torch.optim.AdamW(self.change.values(), lr=recipe.learning_rate)
        steps = recipe.epochs * math.ceil(len(pairs) / recipe.batch_pairs)
        started, tokens, running, step = time.monotonic(), 0, 0.0, 0
        for step, batch in enumerate(self._batches(pairs), start=1):
            minutes = (time.monotonic() - started) / 60
            done = max(step / steps, minutes / recipe.minutes)
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * min(done / recipe.warmup, 1 - done)
            loss = self._learn(batch, optimizer)
            if not math.isfinite(loss):
                raise NotFinite(
                    f"the loss of step {step} is {loss}; expected a number. Lower learning_rate in "
                    "finetune/reranking/reranking.py, then: python -m finetune rerank"
                )
            tokens += int(batch.mask.sum())
            running = loss if step == 1 else 0.95 * running + 0.05 * loss
            if step % _TOLD_EVERY == 0:
                rate = tokens / (time.monotonic() - started)
                log.info(f"step {step}/{steps}, loss {running:.3f}, {rate:.0f} tokens/s")
        seconds = time.monotonic() - started
        return {
            "steps": step,
            "seconds": round(seconds),
            "tokens": tokens,
            "tokens_per_second": round(tokens / max(seconds, 1e-9)),
            "loss": round(running, 4),
        }

    @torch.inference_mode()
    def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Log odds of each pair, as serving would give them."""
        encoder = self._encoder()
        order = sorted(range(len(pairs)), key=lambda place: len(pairs[place].text))
        found = [0.0] * len(pairs)
        for start in range(0, len(order), self.recipe.batch_pairs):
            places = order[start : start + self.recipe.batch_pairs]
            batch = self._stack([pairs[place] for place in places])
            readings = read_pairs(encoder, self.change, batch.ids, batch.mask, batch.inside)
            for place, score in zip(places, readings.answers.tolist(), strict=True):
                found[place] = score
        return found

    def save(self, folder: Path, card: dict[str, Any]) -> RerankerCard:
        """Write weights (float16) and card into `folder`; `card`: fields that this can't know.

        Raises:
            NotFinite: a weight is not a number.
        """
        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: w.detach().cpu().half().contiguous() for name, w in self.change.items()}
        bad = [name for name, w in weights.items() if not bool(torch.isfinite(w).all())]
        if bad:
            raise NotFinite(
                f"{bad[0]} holds a value that is not a number; expected finite weights. "
                "Train anew: python -m finetune rerank"
            )
        save_file(weights, folder / WEIGHTS_NAME)
        written = RerankerCard(
            base_revision=file_sha256(self.base / "model.safetensors")[:12],
            weights_sha256=file_sha256(folder / WEIGHTS_NAME),
            scale=self.recipe.scale,
            max_tokens=self.recipe.max_tokens,
            recipe=asdict(self.recipe),
            **card,
        )
        write_card(folder, written)
        return written

    def _learn(self, batch: _Batch, optimizer: torch.optim.Optimizer) -> float:
        readings = read_pairs(self._encoder(), self.change, batch.ids, batch.mask, batch.inside)
        of_pairs = F.binary_cross_entropy_with_logits(readings.answers, batch.answers, batch.weight)
        of_tokens = F.binary_cross_entropy_with_logits(
            readings.places, batch.places, batch.inside * batch.marked[:, None], reduction="sum"
        ) / (batch.inside * batch.marked[:, None]).sum().clamp(min=1)
        loss = of_pairs + self.recipe.place_weight * of_tokens
        if torch.isfinite(loss):
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.change.values(), 1.0)
            optimizer.step()
        return loss.item()

    def _encoder(self) -> BertEncoder:
        merged = merge_change(self._weights, self.change, self.recipe.scale)
        return _LearningEncoder(self._config, merged, self._device, self._dtype)

    def _batches(self, pairs: Sequence[Pair]) -> Iterator[_Batch]:
        """Batches of all epochs: shuffled, pairs of about one length together."""
        chance = random.Random(self.recipe.seed)
        for _ in range(self.recipe.epochs):
            shuffled = chance.sample(pairs, len(pairs))
            batches = []
            for start in range(0, len(shuffled), _POOL):
                pool = sorted(shuffled[start : start + _POOL], key=lambda pair: len(pair.text))
                size = self.recipe.batch_pairs
                batches += [pool[place : place + size] for place in range(0, len(pool), size)]
            chance.shuffle(batches)
            yield from map(self._stack, batches)

    def _stack(self, pairs: Sequence[Pair]) -> _Batch:
        encoded = self._tokenizer.encode_batch([(pair.question, pair.text) for pair in pairs])
        ids, mask, inside = stack_pairs(encoded)
        places = torch.zeros(ids.shape)
        for row, (pair, one) in enumerate(zip(pairs, encoded, strict=True)):
            places[row, : len(one.ids)] = torch.tensor(_marks(pair, one))
        marked = [not (pair.answers and pair.source in _UNMARKED) for pair in pairs]
        tensors = (
            ids, mask, inside, places,
            torch.tensor([float(pair.answers) for pair in pairs]),
            torch.tensor([self._weigh(pair) for pair in pairs]),
            torch.tensor(marked, dtype=torch.float32),
        )  # fmt: skip
        return _Batch(*(tensor.to(self._device) for tensor in tensors))

    def _weigh(self, pair: Pair) -> float:
        if pair.answers:
            return self.recipe.right_weight
        return self.recipe.near_miss_weight if pair.source == "near_miss" else 1.0


def start_change(base: Mapping[str, Tensor], recipe: RerankRecipe) -> dict[str, Tensor]:
    """Factors that change nothing yet, for every linear layer of the encoder, and a fresh head."""
    chance = torch.Generator().manual_seed(recipe.seed)
    change = {}
    for name in sorted(base):
        layer = name.removesuffix(".weight")
        if name.endswith(".weight") and layer.startswith("encoder.") and layer.endswith(_LINEAR):
            outputs, inputs = base[name].shape
            factor = torch.randn(recipe.rank, inputs, generator=chance) / math.sqrt(inputs)
            change[layer + DOWN] = factor
            change[layer + UP] = torch.zeros(outputs, recipe.rank)
    width = base["embeddings.word_embeddings.weight"].shape[1]
    change["head.answer"] = torch.randn(2 * width, generator=chance) * 0.02
    change["head.answer_bias"] = torch.zeros(1)
    change["head.place"] = torch.randn(width, generator=chance) * 0.02
    change["head.place_bias"] = torch.full((1,), -2.0)  # few tokens belong to an answer
    return change


def _marks(pair: Pair, encoded: Encoding) -> list[float]:
    """1.0 for each token of the text that lies in a span of the answer."""
    marks = []
    for of, (start, end) in zip(encoded.sequence_ids, encoded.offsets, strict=True):
        touches = any(start < stop and end > begin for begin, stop in pair.spans)
        marks.append(float(of == 1 and touches))
    return marks


def _load(base: Path) -> dict[str, Tensor]:
    return {
        name: w.float()
        for name, w in load_file(base / "model.safetensors").items()
        if w.is_floating_point()
    }
