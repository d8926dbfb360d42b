"""What is measured: a base model, alone, with the adapter in service, or with one fresh from a run.

Each is the app's own chat model, and keeps how its last draft ended. An adapter without a card gets
one in memory, so that it passes the very checks that the app makes. Knows no question and no figure.
Training road: run → **candidate** → report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import PrivateAttr

from finetune.errors import RunInvalid
from models.adapters import (
    ADAPTERS_DIR,
    WEIGHTS_NAME,
    Adapter,
    AdapterCard,
    base_revision,
    pick_adapter,
    tokenizer_sha256,
)
from models.device import set_threads
from models.generation import Sampling, loops
from models.local import Loaded, LocalChatModel, bring_model
from models.registry import ModelEntry, find_model, load_registry
from models.weights import file_sha256, find_weights
from settings import ROOT, Settings

Ending = Literal["itself", "limit", "loop", "cut"]
Role = Literal["base", "in service", "adapter"]
CONFIG_NAME = "adapter_config.json"
EVALUATIONS = ROOT / "var" / "finetune" / "evaluations"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote, before any sentence was withheld, and why it went no further.

    "itself" = its end token; "cut" = the reader closed the stream while it was still writing.
    """

    text: str
    tokens: int
    ending: Ending


class WatchedChatModel(LocalChatModel):
    """The app's chat model; `take_draft` tells of the last answer."""

    _said: list[int] | None = PrivateAttr(default=None)
    _ending: Ending = PrivateAttr(default="cut")

    def write_tokens(self, prompt: Sequence[int], sampling: Sampling) -> Iterator[int]:
        said = self._said = list[int]()
        self._ending = "cut"
        for token in super().write_tokens(prompt, sampling):
            said.append(token)
            yield token
        whole: Ending = "limit" if len(said) >= sampling.max_tokens else "itself"
        self._ending = "loop" if loops(said) else whole

    def unload(self) -> None:
        """Give the memory back; the next use loads it again."""
        with self._loading:
            self._loaded = None

    def take_draft(self) -> Draft | None:
        """The draft since the last call; None when the model was not asked."""
        said, self._said = self._said, None
        if said is None:
            return None
        text = self.load().tokenizer.decode(said, skip_special_tokens=True)
        return Draft(text, len(said), self._ending)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run left, or a folder with an adapter."""

    name: str
    home: Path  # where its evaluation is written
    folder: Path  # holds the weights
    whole: bool  # all weights of a model, not an adapter
    base: str  # a name of models/registry.toml
    sha256: str  # of the weights
    run: dict[str, Any]  # run.json; {} without one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to measure."""

    role: Role
    name: str
    sha256: str  # of the adapter's weights; "" for the base
    model: WatchedChatModel


def find_trained(path: Path, base: str = "", settings: Settings | None = None) -> Trained:
    """The adapter (or whole model) of a run's folder, or the adapter in `path` itself.

    Raises:
        RunInvalid: neither is there, or nothing says which base it was trained on.
        RegistryInvalid: `base` is no chat model of the register.
    """
    run = _read_json(path / "run.json") if (path / "run.json").is_file() else {}
    for folder, weights in (
        (path / "adapter", WEIGHTS_NAME),
        (path, WEIGHTS_NAME),
        (path / "model", "*.safetensors"),
    ):
        files = sorted(folder.glob(weights))
        if files:
            break
    else:
        raise RunInvalid(
            f"{path} holds no trained weights; expected a run's folder with adapter/{WEIGHTS_NAME}, "
            "or the folder of an adapter. Make one with: python -m finetune train RECIPE"
        )
    name = path.resolve().name
    return Trained(
        name=name,
        home=EVALUATIONS / name if folder == path else path,
        folder=folder,
        whole=weights != WEIGHTS_NAME,
        base=find_model(base or _base_of(folder, run, settings), "chat").name,
        sha256=_sha256_of(files),
        run=run,
    )


def load_candidates(
    trained: Trained, settings: Settings, home: Path = ADAPTERS_DIR
) -> Iterator[Candidate]:
    """Base, adapter in service (if any), and the trained one; each loaded when it is its turn.

    Raises:
        RunInvalid: the run was made on other weights than the base here.
        ModelError: the base is not here, or an adapter does not belong to it.
    """
    entry = find_model(trained.base, "chat")
    weights = find_weights(entry, settings)
    set_threads(settings)
    yield Candidate("base", entry.name, "", _watch(entry, weights, None, settings))
    serving = find_in_service(trained.base, home)
    if serving:
        model = _watch(entry, weights, serving, settings)
        yield Candidate("in service", serving.name, serving.card.weights_sha256, model)
    adapter = None if trained.whole else as_adapter(trained, settings)
    folder = trained.folder if trained.whole else weights
    model = _watch(entry, folder, adapter, settings)
    yield Candidate("adapter", trained.name, trained.sha256, model)


def find_in_service(base: str, home: Path = ADAPTERS_DIR) -> Adapter | None:
    """The adapter that the app takes for this base by itself."""
    return pick_adapter(find_model(base, "chat"), "auto", home)


def as_adapter(trained: Trained, settings: Settings, loaded: Loaded | None = None) -> Adapter:
    """The trained adapter with a card in memory: base, revision, tokenizer and weights, no more.

    Raises:
        RunInvalid: it holds a whole model, or was trained on another revision of the base.
    """
    if trained.whole:
        raise RunInvalid(
            f"{trained.folder} holds all weights of a model, expected an adapter. "
            "Train with an adapter method, or take it out with: python -m finetune export"
        )
    entry = find_model(trained.base, "chat")
    loaded = loaded or bring_model(entry.name, find_weights(entry, settings), None)
    revision = base_revision(loaded.model)
    if trained.run.get("base_revision", revision) != revision:
        raise RunInvalid(
            f"{trained.name} was trained on {entry.name} {trained.run['base_revision']}, here lies "
            f"{revision}. Fetch the same weights, or train it anew: python -m finetune train RECIPE"
        )
    card = AdapterCard(
        base=entry.name,
        base_revision=revision,
        tokenizer_sha256=tokenizer_sha256(loaded.tokenizer),
        weights_sha256=file_sha256(trained.folder / WEIGHTS_NAME),
        licence=entry.licence,
        data=[],
        limits="",
    )
    return Adapter(name=trained.name, folder=trained.folder, card=card)


def _watch(
    entry: ModelEntry, folder: Path, adapter: Adapter | None, settings: Settings
) -> WatchedChatModel:
    """As `models.local.load_local_model` builds it: figures are of what readers would get."""
    return WatchedChatModel(
        bring=lambda: bring_model(entry.name, folder, adapter),
        name=entry.name,
        context_tokens=entry.context_tokens,
        reads_openings=adapter is not None,
        chooses=entry.chooses,
        temperature=entry.temperature if settings.temperature is None else settings.temperature,
        seed=settings.seed,
        max_answer_tokens=settings.max_answer_tokens,
        adapter=adapter.name if adapter else "",
    )


def _base_of(folder: Path, run: dict[str, Any], settings: Settings | None) -> str:
    """The registry's name of the base: from the recipe, or from the path that PEFT wrote down."""
    named = run.get("recipe", {}).get("model", "")
    if named:
        return str(named)
    config = folder / CONFIG_NAME
    path = _read_json(config).get("base_model_name_or_path") if config.is_file() else ""
    chat = [name for name, entry in load_registry().items() if entry.kind == "chat"]
    found = [part for part in Path(path or "").parts if part in chat]
    if found:
        return found[-1]
    if settings is not None and not path:
        return settings.model
    raise RunInvalid(
        f"nothing in {folder} names its base (adapter_config.json says {path!r}); expected one of "
        f"{', '.join(sorted(chat))}. Name it with: --model NAME"
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as failure:
        raise RunInvalid(
            f"{path} can't be read ({failure}); expected a JSON object, as a finished run leaves it. "
            "Train it anew: python -m finetune train RECIPE"
        ) from failure
    if not isinstance(row, dict):
        raise RunInvalid(f"{path} holds {type(row).__name__}, expected a JSON object")
    return row


def _sha256_of(files: Sequence[Path]) -> str:
    """The file's sha256; of several files, the sha256 of theirs."""
    sums = [file_sha256(file) for file in files]
    return sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()
