"""A small cross-encoder: reads a question beside a text and says how surely the text answers it.

Weights of the embedder with a low-rank change merged in (LoRA, Hu et al. 2021,
https://arxiv.org/abs/2106.09685), and a head; `models/rerankers/NAME/` holds the change, the head
and card.toml. Knows no book and no gate. Stands beside `models.encoder`; written by
`python -m finetune rerank`, which trains with the forward pass that stands here.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from models.bert import BertConfig, BertEncoder
from models.device import pick_device, pick_dtype, set_threads
from models.errors import AdapterRefused, WeightsDamaged
from models.registry import find_model
from models.weights import file_sha256, find_weights
from settings import Settings

RERANKERS_DIR = Path(__file__).with_name("rerankers")
WEIGHTS_NAME = "reranker.safetensors"
CARD_NAME = "card.toml"
DOWN, UP = ".lora_A", ".lora_B"  # PEFT's names for the two factors of a change


class RerankerCard(BaseModel):
    """What a reranker says of itself; `results` and `recipe` are free tables for its readers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str  # an embedder of models/registry.toml
    base_revision: str  # see `Embedder.revision`
    weights_sha256: str
    scale: float  # alpha / rank: what a change is multiplied with
    max_tokens: int  # of question and text together; a longer text is cut
    licence: str
    data: list[str]
    limits: str
    recipe: dict[str, object] = {}
    results: dict[str, object] = {}


@dataclass(frozen=True, slots=True)
class Readings:
    """What the head makes of some pairs."""

    answers: Tensor  # (pairs,): log odds that the text answers
    places: Tensor  # (pairs, seq): log odds that a token belongs to the answer


class Reranker:
    """Question and texts → log odds that each text answers; one instance serves all threads."""

    def __init__(self, base: Path, change: Mapping[str, Tensor], card: RerankerCard) -> None:
        """`base`: the embedder's folder; `change`: factors and head, as `merge_change` names them.

        Raises:
            WeightsDamaged: the base can't be read.
        """
        self._device = pick_device()
        try:
            config = BertConfig.model_validate_json((base / "config.json").read_bytes())
            weights = merge_change(load_file(base / "model.safetensors"), change, card.scale)
            self._encoder = BertEncoder(config, weights, self._device, pick_dtype(self._device))
            self._tokenizer = open_tokenizer(base, card.max_tokens)
        except (OSError, ValidationError, SafetensorError, KeyError, ValueError) as error:
            raise WeightsDamaged(
                f"the reranker's base in {base} can't be loaded ({error}). "
                f"Run: python -m models pull {card.base}"
            ) from error
        self._head = {name: w.float() for name, w in change.items() if name.startswith("head.")}
        self._head = {name: w.to(self._device) for name, w in self._head.items()}

    @torch.inference_mode()
    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log odds that each text answers the question, shape `(len(texts),)`."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        pairs = self._tokenizer.encode_batch([(question, text) for text in texts])
        ids, mask, inside = stack_pairs(pairs)
        ids, mask, inside = ids.to(self._device), mask.to(self._device), inside.to(self._device)
        found = read_pairs(self._encoder, self._head, ids, mask, inside)
        scores: NDArray[np.float32] = found.answers.cpu().numpy()
        return scores


def read_pairs(
    encoder: BertEncoder, head: Mapping[str, Tensor], ids: Tensor, mask: Tensor, inside: Tensor
) -> Readings:
    """The forward pass of training and serving; `ids`, `mask`, `inside` `(pairs, seq)`.

    Tokens of the text (`inside`) that look like an answer are weighed in, beside the first token.
    """
    hidden = encoder.forward(ids, mask).float()
    places = hidden @ head["head.place"] + head["head.place_bias"]
    share = F.softmax(places.masked_fill(~inside, -1e4), dim=1)
    pooled = torch.cat([hidden[:, 0], (share[:, :, None] * hidden).sum(1)], dim=1)
    return Readings(pooled @ head["head.answer"] + head["head.answer_bias"], places)


def merge_change(
    base: Mapping[str, Tensor], change: Mapping[str, Tensor], scale: float
) -> dict[str, Tensor]:
    """The base's weights with `scale · B A` added where the change has factors of that name.

    Raises:
        KeyError: a factor of a weight that the base does not have.
    """
    merged = dict(base)
    for name, down in change.items():
        if name.endswith(DOWN):
            weight = f"{name.removesuffix(DOWN)}.weight"
            up = change[name.removesuffix(DOWN) + UP]
            merged[weight] = base[weight].float() + scale * (up.float() @ down.float())
    return merged


def open_tokenizer(base: Path, max_tokens: int) -> Tokenizer:
    """The base's tokenizer for pairs: only the text is cut, never the question."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, strategy="longest_first")
    return tokenizer


def stack_pairs(pairs: Sequence[Encoding]) -> tuple[Tensor, Tensor, Tensor]:
    """(ids, what is no padding, what is of the text), each `(pairs, longest)`."""
    longest = max(len(pair.ids) for pair in pairs)
    ids = torch.zeros(len(pairs), longest, dtype=torch.long)
    inside = torch.zeros(len(pairs), longest, dtype=torch.bool)
    for row, pair in enumerate(pairs):
        ids[row, : len(pair.ids)] = torch.tensor(pair.ids)
        inside[row, : len(pair.ids)] = torch.tensor([of == 1 for of in pair.sequence_ids])
    lengths = torch.tensor([len(pair.ids) for pair in pairs])
    return ids, torch.arange(longest) < lengths[:, None], inside


def find_reranker(base: str, revision: str, home: Path = RERANKERS_DIR) -> Path | None:
    """The folder of the reranker trained on this revision of an embedder; None without one."""
    for path in sorted(home.glob(f"*/{CARD_NAME}")):
        card = read_card(path.parent)
        if (card.base, card.base_revision) == (base, revision):
            return path.parent
    return None


def read_card(folder: Path) -> RerankerCard:
    """The card of a reranker.

    Raises:
        AdapterRefused: no card, or one with other fields.
    """
    try:
        return RerankerCard(**tomllib.loads((folder / CARD_NAME).read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as failure:
        raise AdapterRefused(
            f"{folder / CARD_NAME} can't be used: {failure}. "
            "Train the reranker anew: python -m finetune rerank"
        ) from failure


@lru_cache(maxsize=2)
def load_reranker(
    base: str, revision: str, settings: Settings, home: Path = RERANKERS_DIR
) -> Reranker | None:
    """The reranker that ships for an embedder, by its name and revision; None without one.

    Raises:
        AdapterRefused: its weights are not those of its card.
    """
    folder = find_reranker(base, revision, home)
    if folder is None:
        return None
    card, weights = read_card(folder), folder / WEIGHTS_NAME
    if not weights.is_file() or file_sha256(weights) != card.weights_sha256:
        raise AdapterRefused(
            f"{weights} is missing or not the file of its card. Restore it from where it came"
        )
    set_threads(settings)
    return Reranker(find_weights(find_model(base, "embedder"), settings), load_file(weights), card)


def write_card(folder: Path, card: RerankerCard) -> None:
    """Write card.toml; the tables come last, their values as JSON, which TOML reads too."""
    plain = card.model_dump(exclude={"recipe", "results"})
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in plain.items()]
    for table in ("recipe", "results"):
        rows: dict[str, object] = getattr(card, table)
        lines += ["", f"[{table}]"]
        lines += [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in rows.items()]
    (folder / CARD_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
