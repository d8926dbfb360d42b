"""A recipe's model and tokenizer in memory, in the number format that this machine trains in.

Knows the register and folders of weights. Training road: **recipe → model** → trainable model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from finetune.errors import RecipeInvalid
from finetune.examples import set_pad_token
from finetune.methods import quantization
from finetune.recipe import Recipe
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
    from transformers import AutoConfig, AutoModelForCausalLM

    folder = find_folder(recipe.model, settings or load_settings())
    precision = pick_precision(recipe.training.precision)
    tokenizer = load_tokenizer(folder)
    set_pad_token(tokenizer)
    dtype = _DTYPES[precision] if recipe.method.is_adapter and precision != "fp16" else torch.float32
    if recipe.random_weights:
        torch.manual_seed(recipe.seed)
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        model = AutoModelForCausalLM.from_config(config, dtype=dtype)
    else:
        four_bit = quantization(recipe.method, _DTYPES[precision])
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, local_files_only=True, quantization_config=four_bit
        )
    model.config.use_cache = False
    return Learner(model, tokenizer, precision)


def find_folder(model: str, settings: Settings) -> Path:
    """The folder that transformers loads: of a name of the register, or the folder itself."""
    if (Path(model) / "config.json").is_file():
        return Path(model)
    return find_dense(find_weights(find_model(model, "chat"), settings))


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
    if wanted == "bf16" or wanted == "fp16" or wanted == "fp32":
        return wanted
    names: dict[torch.dtype, Precision] = {
        torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"
    }  # fmt: skip
    return names[pick_dtype(device)]
