"""Small trained adapters: which one belongs to a model, and attaching it after it is checked.

`models/adapters/NAME/` holds PEFT's adapter_config.json and adapter_model.safetensors, and
card.toml, without which nothing is attached. Knows no training; `finetune` writes what this reads.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tomllib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import AdapterRefused, WeightsMissing
from models.registry import ModelEntry
from models.weights import file_sha256, find_weights
from settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger(__name__)

ADAPTERS_DIR = Path(__file__).with_name("adapters")
READERS_DIR = Path(__file__).with_name("readers")  # of those that read for the gate
PROOFREADERS_DIR = Path(__file__).with_name("proofreaders")  # of those that read for the verifier
QUESTIONS_DIR = Path(__file__).with_name("questions")  # of embedders, for questions alone
WEIGHTS_NAME = "adapter_model.safetensors"
CARD_NAME = "card.toml"


class AdapterCard(BaseModel):
    """What an adapter says of itself; `results` and `recipe` are free tables for its readers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str  # a name of models/registry.toml
    base_revision: str  # see `base_revision`
    tokenizer_sha256: str  # see `tokenizer_sha256`
    weights_sha256: str
    licence: str
    data: list[str]
    limits: str
    recipe: dict[str, object] = {}
    results: dict[str, object] = {}


class Adapter(BaseModel):
    """A folder with an adapter whose card could be read."""

    model_config = ConfigDict(frozen=True)

    name: str
    folder: Path
    card: AdapterCard


def read_adapter(folder: Path) -> Adapter:
    """The adapter in a folder.

    Raises:
        AdapterRefused: no card, a card with other fields, or weights that do not match it.
    """
    card_path, weights = folder / CARD_NAME, folder / WEIGHTS_NAME
    try:
        card = AdapterCard(**tomllib.loads(card_path.read_text(encoding="utf-8")))
    except FileNotFoundError as failure:
        raise AdapterRefused(
            f"{folder} has no {CARD_NAME}; an adapter without a card is not used. "
            "Make one with: python -m finetune promote"
        ) from failure
    except (tomllib.TOMLDecodeError, ValidationError, TypeError) as failure:
        raise AdapterRefused(f"{card_path} can't be used: {failure}") from failure
    if not weights.is_file() or file_sha256(weights) != card.weights_sha256:
        raise AdapterRefused(
            f"{weights} is missing or not the file of its card. Restore it from where it came"
        )
    return Adapter(name=folder.name, folder=folder, card=card)


def pick_adapter(entry: ModelEntry, wanted: str, home: Path = ADAPTERS_DIR) -> Adapter | None:
    """The adapter that is wanted for this model: by name, `auto`, or `none`.

    Raises:
        AdapterRefused: the named adapter is not there, or made for another model.
    """
    if wanted == "none":
        return None
    folders = sorted(path.parent for path in home.glob(f"*/{CARD_NAME}"))
    if wanted == "auto":
        fitting = (read_adapter(folder) for folder in folders)
        return next((adapter for adapter in fitting if adapter.card.base == entry.name), None)
    if not (home / wanted).is_dir():
        valid = ", ".join(["auto", "none", *(folder.name for folder in folders)])
        raise AdapterRefused(f"there is no adapter {wanted!r}. Valid names: {valid}")
    return read_adapter(home / wanted)


def find_serving(
    entry: ModelEntry, wanted: str, home: Path, settings: Settings
) -> tuple[Path, Adapter] | None:
    """The weights of a model and the adapter of `home` that is wanted for it; None without either.

    Raises:
        AdapterRefused, WeightsDamaged: it is there, and not whole.
    """
    adapter = pick_adapter(entry, wanted, home)
    if adapter is None:
        return None
    try:
        return find_weights(entry, settings), adapter
    except WeightsMissing as missing:
        log.warning("the app goes without %s: %s", adapter.name, missing)
        return None


def attach_adapter(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, adapter: Adapter, base: str
) -> PreTrainedModel:
    """The model with the adapter merged into its weights: no slower than the base.

    Raises:
        AdapterRefused: trained on another base, revision or tokenizer.
    """
    check_fits(adapter, base, base_revision(model), tokenizer_sha256(tokenizer))
    return merge_adapter(model, adapter.folder)


def check_fits(
    adapter: Adapter, base: str, revision: str, tokenizer: str, setting: str = "LLAMA_MD_ADAPTER"
) -> None:
    """Nothing, if the adapter was trained on this base; `setting` is the one that names it.

    Raises:
        AdapterRefused: it was trained on another base, revision or tokenizer.
    """
    for what, found, expected in (
        ("base", base, adapter.card.base),
        ("revision", revision, adapter.card.base_revision),
        ("tokenizer", tokenizer, adapter.card.tokenizer_sha256),
    ):
        if found != expected:
            raise AdapterRefused(
                f"adapter {adapter.name} was trained on {what} {expected}, this model has {found}. "
                f"Set {setting}=none, or train it anew: python -m finetune train"
            )


def merge_adapter(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """PEFT's merge, without what its packages say of kernels and of one another's old names."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
        from peft import PeftModel

        attached = PeftModel.from_pretrained(model, str(folder))
        merged: PreTrainedModel = attached.merge_and_unload()
    return merged


def base_revision(model: PreTrainedModel) -> str:
    """A fingerprint of the weights: sha256 over the shapes and a sample of every tensor.

    The same for every copy of one release, wherever it was fetched; a sample (64 values a tensor,
    in float32) keeps it under a second for a model of a billion parameters.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().flatten()
        sample = flat[:: max(1, flat.numel() // 64)][:64].float().cpu().bfloat16().float()
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(sample.numpy().tobytes())
    return digest.hexdigest()[:16]


def tokenizer_sha256(tokenizer: PreTrainedTokenizerBase) -> str:
    """Hash of the vocabulary and the chat template: what training and serving must share."""
    vocabulary = sorted(tokenizer.get_vocab().items())
    text = json.dumps([vocabulary, tokenizer.chat_template], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
