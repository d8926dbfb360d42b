"""Small trained adapters: which one belongs to the model, and whether it is whole.

An adapter is a folder `models/adapters/NAME` with PEFT's two files and a `card.toml`. Nothing is
attached whose base, tokenizer or checksum differ from the card. Training road: **adapter** → gate.
"""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import AdapterRefused
from models.identity import BaseIdentity
from models.weights import file_sha256

log = logging.getLogger(__name__)

ADAPTERS_DIR = Path(__file__).with_name("adapters")
CARD_NAME = "card.toml"
WEIGHTS_NAME = "adapter_model.safetensors"
CONFIG_NAME = "adapter_config.json"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AdapterCard(BaseModel):
    """What an adapter was made from and what it may be used with; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    base: str  # a name of models/registry.toml
    base_revision: str  # models.identity.weights_revision
    tokenizer_sha256: Sha256
    weights_sha256: Sha256
    licence: str
    recipe: str  # file or command that trained it
    data: list[str]
    limits: str
    default: bool = False  # the one that "auto" takes where several fit
    results: dict[str, Any] = {}


def read_card(folder: Path) -> AdapterCard:
    """The card of the adapter in `folder`.

    Raises:
        AdapterRefused: there is none, or it can't be read.
    """
    path = folder / CARD_NAME
    try:
        return AdapterCard(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise AdapterRefused(
            f"the adapter in {folder} has no card that can be read ({error}); expected {CARD_NAME} "
            f"beside {WEIGHTS_NAME}. {_WAY_OUT}"
        ) from error


def check_adapter(folder: Path, base: BaseIdentity) -> AdapterCard:
    """The card, once the adapter is whole and made for this base.

    Raises:
        AdapterRefused: something differs; the text says what, and how to go on.
    """
    card = read_card(folder)
    for what, wanted, found in (
        ("base model", card.base, base.name),
        ("base revision", card.base_revision, base.revision),
        ("tokenizer", card.tokenizer_sha256, base.tokenizer_sha256),
    ):
        if wanted != found:
            raise AdapterRefused(
                f"adapter {card.name} was trained on {what} {wanted}, but this model has {found}. "
                f"{_WAY_OUT}, or fetch its base: python -m models pull {card.base}"
            )
    weights = folder / WEIGHTS_NAME
    if not (folder / CONFIG_NAME).is_file() or not weights.is_file():
        raise AdapterRefused(
            f"adapter {card.name} lacks {CONFIG_NAME} or {WEIGHTS_NAME} (no other format is "
            f"loaded). {_WAY_OUT}"
        )
    if file_sha256(weights) != card.weights_sha256:
        raise AdapterRefused(f"{weights} does not match the sha256 of its card. {_WAY_OUT}")
    return card


def find_adapter(setting: str, base: BaseIdentity, adapters: Path = ADAPTERS_DIR) -> Path | None:
    """The folder of the adapter that the setting asks for: "auto", "none", a name or a folder.

    Raises:
        AdapterRefused: it is not there, does not fit, or several fit.
    """
    if setting == "none":
        return None
    folder = _find_auto(base, adapters) if setting == "auto" else _find_named(setting, adapters)
    if folder:
        check_adapter(folder, base)
    return folder


def _find_named(setting: str, adapters: Path) -> Path:
    folder = Path(setting) if "/" in setting else adapters / setting
    if not folder.is_dir():
        names = [found.name for found in _read_cards(adapters)]
        raise AdapterRefused(
            f"there is no adapter in {folder}. Valid for LLAMA_MD_ADAPTER: "
            + ", ".join(["auto", "none", *names])
        )
    return folder


def _find_auto(base: BaseIdentity, adapters: Path) -> Path | None:
    fitting = {f: card for f, card in _read_cards(adapters).items() if card.base == base.name}
    chosen = {f: card for f, card in fitting.items() if card.default} or fitting
    if len(chosen) > 1:
        names = ", ".join(card.name for card in chosen.values())
        raise AdapterRefused(
            f"several adapters fit {base.name}: {names}. Set LLAMA_MD_ADAPTER to one of them"
        )
    return next(iter(chosen), None)


def _read_cards(adapters: Path) -> dict[Path, AdapterCard]:
    """Every adapter with a card; a folder without one is passed over, with a warning."""
    cards = {}
    for folder in sorted(path for path in adapters.glob("*/") if path.is_dir()):
        try:
            cards[folder] = read_card(folder)
        except AdapterRefused as error:
            log.warning("%s", error)
    return cards


_WAY_OUT = "To run without it: LLAMA_MD_ADAPTER=none"
