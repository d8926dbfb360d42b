"""What of a model learns: one small function a method, over PEFT and transformers.

Each takes a causal LM and the recipe's method and returns the model with the right weights
trainable. Training road: **model → trainable model** → adapter. Knows no data and no loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from peft import (
    BOFTConfig,
    LoraConfig,
    PeftModel,
    get_peft_model,
    prepare_model_for_kbit_training,
)

from finetune.errors import RecipeInvalid
from finetune.recipe import Method
from models.adapters import ADAPTERS_DIR, READERS_DIR, WEIGHTS_NAME

_BLOCK = re.compile(r"(?:^|\.)layers\.(\d+)\.")  # of a Llama's parameter names


def apply_method(model: Any, method: Method, ranks: Sequence[int] = ()) -> Any:
    """The model with what the method trains set to learn, and everything else frozen.

    `ranks`: for `layer_lora` with ranks = "intrinsic", the rank of each block.
    """
    if method.name == "layer_lora":
        explicit = method.ranks if isinstance(method.ranks, tuple) else tuple(ranks)
        return layer_lora(model, method, explicit)
    return METHODS[method.name](model, method)


def lora(model: Any, method: Method) -> Any:
    """Low-rank adapters, Hu et al. 2021, arXiv 2106.09685; new ones, or those of `start` go on learning.

    Raises:
        RecipeInvalid: there is no such adapter, or it has another rank or alpha.
    """
    if not method.start:
        return get_peft_model(model, _lora_config(method))
    homes = [home / method.start for home in (ADAPTERS_DIR, READERS_DIR)]
    folder = next((home for home in homes if (home / WEIGHTS_NAME).is_file()), None)
    if folder is None:
        raise RecipeInvalid(
            f"method.start is {method.start!r}; expected the name of a folder in models/adapters "
            "or models/readers"
        )
    config = LoraConfig.from_pretrained(str(folder))
    if (config.r, config.lora_alpha) != (method.rank, method.alpha):
        raise RecipeInvalid(
            f"method.start {method.start!r} has rank {config.r} and alpha {config.lora_alpha}, the "
            f"recipe says {method.rank} and {method.alpha}; give it the same"
        )
    return PeftModel.from_pretrained(model, str(folder), is_trainable=True)


def rslora(model: Any, method: Method) -> Any:
    """LoRA scaled by alpha / √r, stable at high rank: Kalajdzievski 2023, arXiv 2312.03732."""
    return get_peft_model(model, _lora_config(method, use_rslora=True))


def dora(model: Any, method: Method) -> Any:
    """Magnitude and direction apart: Liu et al. 2024, arXiv 2402.09353."""
    return get_peft_model(model, _lora_config(method, use_dora=True))


def qlora(model: Any, method: Method) -> Any:
    """LoRA over 4-bit weights: Dettmers et al. 2023, arXiv 2305.14314. Needs `quantization`."""
    if not getattr(model, "is_loaded_in_4bit", False):
        raise RecipeInvalid(
            "method 'qlora' got a model that is not in 4 bits; load it with the quantization that "
            "finetune.learning.methods.quantization gives"
        )
    ready = prepare_model_for_kbit_training(model)  # type: ignore[no-untyped-call]
    return get_peft_model(ready, _lora_config(method))


def layer_lora(model: Any, method: Method, ranks: Sequence[int]) -> Any:
    """LoRA with a rank of its own for every block; alpha / r stays what the recipe says.

    Raises:
        RecipeInvalid: not one rank a block.
    """
    blocks = count_blocks(model)
    if len(ranks) != blocks:
        raise RecipeInvalid(
            f"method.ranks has {len(ranks)} ranks, the model has {blocks} blocks; give one a block"
        )
    scale = method.alpha / method.rank
    pattern = {rf".*\.layers\.{n}\..*": rank for n, rank in enumerate(ranks)}
    alphas = {name: max(1, round(scale * rank)) for name, rank in pattern.items()}
    config = _lora_config(method, rank_pattern=pattern, alpha_pattern=alphas)
    return get_peft_model(model, config)


def boft(model: Any, method: Method) -> Any:
    """Orthogonal butterfly factors: Liu et al. 2023, arXiv 2311.06243."""
    config = BOFTConfig(
        boft_block_size=method.block_size,
        boft_n_butterfly_factor=method.butterfly_factor,
        boft_dropout=method.dropout,
        target_modules=_targets(method),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def selective(model: Any, method: Method) -> Any:
    """Only the last blocks and lm_head learn; where lm_head is tied, the embeddings with it."""
    first = count_blocks(model) - method.last_blocks
    model.requires_grad_(False)
    for name, parameter in model.named_parameters():
        block = block_of(name)
        parameter.requires_grad_(block is not None and block >= first)
    model.get_output_embeddings().requires_grad_(True)
    return model


def freeze_lower(model: Any, method: Method) -> Any:
    """The lower share of the blocks and the embeddings are frozen, counted as numbers."""
    first = round(count_blocks(model) * method.frozen_share)
    for name, parameter in model.named_parameters():
        block = block_of(name)
        parameter.requires_grad_(block >= first if block is not None else "embed" not in name)
    return model


def full(model: Any, method: Method) -> Any:
    """Every weight learns."""
    return model.requires_grad_(True)


METHODS: dict[str, Callable[[Any, Method], Any]] = {
    "lora": lora,
    "rslora": rslora,
    "dora": dora,
    "qlora": qlora,
    "boft": boft,
    "selective": selective,
    "freeze_lower": freeze_lower,
    "full": full,
}


def quantization(method: Method, dtype: torch.dtype) -> Any:
    """How the base is loaded: NF4 with double quantization for `qlora`, None for the others."""
    if method.name != "qlora":
        return None
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def block_of(parameter: str) -> int | None:
    """The number of the block that a parameter's name puts it in; None outside the blocks."""
    found = _BLOCK.search(parameter)
    return int(found.group(1)) if found else None


def count_blocks(model: Any) -> int:
    """Blocks of a transformer, from its config."""
    return int(model.config.num_hidden_layers)


def _targets(method: Method) -> str | list[str]:
    return method.targets if isinstance(method.targets, str) else list(method.targets)


def _lora_config(method: Method, **more: Any) -> LoraConfig:
    return LoraConfig(
        r=method.rank,
        lora_alpha=method.alpha,
        lora_dropout=method.dropout,
        target_modules=_targets(method),
        task_type="CAUSAL_LM",
        **more,
    )
