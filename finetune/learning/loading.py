"""A recipe's model and tokenizer in memory, in the number format that this machine trains in.

Knows the register and folders of weights. Training road: **recipe → model** → trainable model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import torch

from finetune.errors import RecipeInvalid
from finetune.examples import set_pad_token
from finetune.learning.methods import quantization
from finetune.recipe import Recipe
from finetune.sizing.shapes import find_config
from models.dense import find_dense
from models.device import pick_device, pick_dtype
from models.local import load_tokenizer
from models.registry import find_model
from models.weights import find_weights
from settings import Settings, load_settings

Precision = Literal["bf16", "fp16", "fp32"]
_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Learner:
    """A causal LM before a method is applied, its tokenizer, and how its loop computes."""

    model: Any
    tokenizer: Any
    precision: Precision


def load_learner(recipe: Recipe, settings: Settings | None = None) -> Learner:
    """The model of a recipe.

    Frozen weights are kept in the precision of the loop; weights that learn are kept in float32,
    for an update smaller than a bfloat16 step would be lost.

    Raises:
        WeightsMissing, WeightsDamaged, RegistryInvalid: there is no such model here.
        RecipeInvalid: float16 asked for on a CPU, or random weights of a folder without a config.
    """
    settings = settings or load_settings()
    precision = pick_precision(recipe.training.precision)
    tokenizer = load_tokenizer(find_folder(recipe.tokenizer or recipe.model, settings))
    set_pad_token(tokenizer)
    frozen = recipe.method.is_adapter and precision != "fp16"
    dtype = _DTYPES[precision] if frozen else torch.float32
    model = (_make_random if recipe.random_weights else _load_weights)(recipe, settings, dtype)
    model.config.use_cache = False
    return Learner(model, tokenizer, precision)


def _load_weights(recipe: Recipe, settings: Settings, dtype: torch.dtype) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        find_folder(recipe.model, settings),
        dtype=dtype,
        local_files_only=True,
        quantization_config=quantization(recipe.method, dtype),
    )


def _make_random(recipe: Recipe, settings: Settings, dtype: torch.dtype) -> Any:
    """The shape of a model with weights of chance: what it learns means nothing, its cost is real."""
    from transformers import AutoModelForCausalLM

    torch.manual_seed(recipe.seed)
    config = find_config(recipe.model, settings)
    return AutoModelForCausalLM.from_config(config, dtype=dtype)  # type: ignore[no-untyped-call]


def find_folder(model: str, settings: Settings) -> Path:
    """The folder that transformers loads: of a name of the register, or the folder itself."""
    if (Path(model) / "config.json").is_file():
        return Path(model)
    entry = find_model(model)
    folder = find_weights(entry, settings)
    return find_dense(folder) if entry.kind == "chat" else folder


def pick_precision(wanted: str) -> Precision:
    """bf16 where the device multiplies it, else fp16 with a scaler on CUDA, fp32 on a CPU.

    Raises:
        RecipeInvalid: fp16 on a CPU, which has no scaler: the losses would become NaN.
    """
    device = pick_device()
    if wanted == "fp16" and device.type == "cpu":
        raise RecipeInvalid(
            "training.precision is 'fp16', and this machine has no accelerator; half precision "
            "without a scaler gives NaN losses. Set it to 'auto', 'bf16' or 'fp32'"
        )
    if wanted in ("bf16", "fp16", "fp32"):
        return cast(Precision, wanted)
    names: dict[torch.dtype, Precision] = {
        torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"
    }  # fmt: skip
    return names[pick_dtype(device)]
