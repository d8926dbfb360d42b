"""A LoRA adapter added to the weights it was trained on, tensor by tensor, without PEFT.

For encoders, which come without transformers (`models.bert`); a test holds it to PEFT's own merge.
Method: Hu et al. 2021, https://arxiv.org/abs/2106.09685.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from models.adapters import WEIGHTS_NAME
from models.errors import AdapterRefused

PREFIX = "base_model.model."  # what PEFT puts before the name of a module
DOWN, UP = "lora_A.weight", "lora_B.weight"  # (rank, in), (out, rank)


def merge_low_rank(weights: Mapping[str, Tensor], folder: Path) -> dict[str, Tensor]:
    """The weights with PEFT's adapter in `folder` added, W + alpha / rank · B A; others are shared.

    Raises:
        AdapterRefused: it is no plain LoRA, or changes a layer that is not there.
    """
    config = json.loads((folder / "adapter_config.json").read_bytes())
    if config["peft_type"] != "LORA" or config.get("use_dora") or config.get("use_rslora"):
        raise AdapterRefused(f"{folder} is no plain LoRA; expected one, to be added to an encoder")
    scale = config["lora_alpha"] / config["r"]
    parts = load_file(folder / WEIGHTS_NAME)
    merged = dict(weights)
    for name, down in parts.items():
        if not name.endswith(DOWN):
            continue
        layer = name.removeprefix(PREFIX).removesuffix(DOWN) + "weight"
        if layer not in merged:
            raise AdapterRefused(f"{folder} changes {layer}, which the encoder does not have")
        up = parts[name.removesuffix(DOWN) + UP]
        merged[layer] = merged[layer].float() + scale * (up.float() @ down.float())
    return merged
