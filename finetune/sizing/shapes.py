"""A model's shape without its weights: from `shapes.toml`, a folder, a config.json, or the hub.

Knows no memory and no data. Beside the training road: `estimate` rehearses a step on a shape.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.errors import ModelError, RegistryInvalid
from models.registry import load_registry
from models.weights import holds_model
from settings import Settings

SHAPES_FILE = Path(__file__).with_name("shapes.toml")
_NOT_CONFIG = frozenset(("source", "parameters", "model_type"))


@lru_cache(maxsize=1)
def load_shapes() -> dict[str, dict[str, Any]]:
    """The published shapes by name, smallest first, each as its table says."""
    return tomllib.loads(SHAPES_FILE.read_text(encoding="utf-8"))


def find_config(model: str, settings: Settings) -> Any:
    """The transformers config of a shape, a model of the register, a path, or a hub repository.

    Raises:
        RegistryInvalid: it is none of these; the text lists the names.
    """
    from transformers import AutoConfig

    shape = load_shapes().get(model)
    if shape:
        fields = {key: value for key, value in shape.items() if key not in _NOT_CONFIG}
        return AutoConfig.for_model(shape["model_type"], **fields)
    try:
        return AutoConfig.from_pretrained(_find_source(model, settings))
    except (OSError, ValueError, KeyError, ModelError) as failure:
        names = sorted(
            {*load_shapes(), *(n for n, e in load_registry().items() if e.kind == "chat")}
        )
        raise RegistryInvalid(
            f"the shape of {model!r} is not known ({_in_short(failure)}). Expected one of "
            f"{', '.join(names)}; or a config.json, the folder of one, or a hub repository OWNER/NAME"
        ) from failure


def _find_source(model: str, settings: Settings) -> str | Path:
    """What `AutoConfig.from_pretrained` is to read."""
    path = Path(model)
    if path.exists():
        folder = path.parent if path.is_file() else path
        if not holds_model(folder):
            raise OSError(f"there is no config.json in {folder}")
        return folder
    if model in load_registry():
        from finetune.learning.loading import find_folder

        return find_folder(model, settings)
    if model.count("/") != 1:
        raise OSError("no such name, file or folder")
    return model  # a repository on the hub


def _in_short(failure: Exception) -> str:
    return str(failure).strip().splitlines()[0]
