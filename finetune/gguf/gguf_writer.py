"""A Llama, or a LoRA adapter of one, as a GGUF file in float16 that llama.cpp loads.

Follows GGUF's specification (ggml, docs/gguf.md) and what llama.cpp expects of the family "llama".
Knows no runs. Training road: adapter → **export**.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from torch import Tensor

from finetune.errors import ExportRefused, NotFinite
from finetune.gguf.gguf_vocab import add_tokenizer

_ARCHITECTURE = gguf.MODEL_ARCH.LLAMA
_TURNED = ("q_proj", "k_proj")  # whose rows llama.cpp wants in the order of its rotation
LARGEST = torch.finfo(torch.float16).max


def write_model(model: Any, tokenizer: Any, path: Path, name: str, licence: str) -> None:
    """The model `(a LlamaForCausalLM)` and its tokenizer in one file.

    Raises:
        ExportRefused: another family, or a tokenizer that llama.cpp has no name for.
        NotFinite: a weight is no number that float16 holds.
    """
    _check_family(model.config)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[_ARCHITECTURE])
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_license(licence)
    _add_shape(writer, model.config)
    add_tokenizer(writer, tokenizer, model.config.vocab_size)
    names = _names(model.config)
    tied = model.config.tie_word_embeddings
    for key, tensor in model.state_dict().items():
        if not (tied and key == "lm_head.weight"):
            turned = _turn(tensor, key, model.config)
            writer.add_tensor(_find_name(names, key), as_float16(turned, key))
    factors = rotation_factors(model)
    if factors is not None:
        writer.add_tensor(gguf.TENSOR_NAMES[gguf.MODEL_TENSOR.ROPE_FREQS] + ".weight", factors)
    _write(writer)


def write_adapter(adapted: Any, path: Path, name: str) -> None:
    """The LoRA adapter of a PeftModel over a Llama, for llama.cpp's --lora.

    llama.cpp scales a layer by alpha / rank with one alpha for all; where the layers' scalings
    differ (rsLoRA, a rank per block), the difference is multiplied into B.

    Raises:
        ExportRefused: not a plain LoRA: DoRA, BOFT and full layers have no place in such a file.
        NotFinite: as `write_model`.
    """
    config = adapted.get_base_model().config
    _check_family(config)
    names, layers = _names(config), dict(_lora_layers(adapted))
    alpha = max(scaling * down.shape[0] for down, _, scaling in layers.values())
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[_ARCHITECTURE])
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    writer.add_name(name)
    for key, (down, up, scaling) in layers.items():
        scaled = _turn(up, key, config) * (scaling * down.shape[0] / alpha)
        target = _find_name(names, f"{key}.weight")
        writer.add_tensor(f"{target}.lora_a", as_float16(down, key))  # (rank, in)
        writer.add_tensor(f"{target}.lora_b", as_float16(scaled, key))  # (out, rank)
    _write(writer)


def as_float16(tensor: Tensor, name: str) -> np.ndarray[Any, Any]:
    """Matrices in float16, vectors (norms) in float32, as llama.cpp keeps them.

    Raises:
        NotFinite: a value is NaN, infinite or larger than float16 holds.
    """
    if not bool((tensor.abs() <= LARGEST).all()):  # false for NaN too
        raise NotFinite(
            f"{name} holds a value that float16 can't (its largest is {float(tensor.abs().max()):g}); "
            "expected finite weights. Nothing is exported; train anew with a lower learning_rate"
        )
    dtype = torch.float32 if tensor.dim() == 1 else torch.float16
    array: np.ndarray[Any, Any] = tensor.detach().to("cpu", dtype).contiguous().numpy()
    return array


def rotation_factors(model: Any) -> np.ndarray[Any, Any] | None:
    """By how much each frequency of the rotation is slowed `(head_dim / 2,)`; None = not at all.

    Llama 3.1 and 3.2 stretch their context so; transformers has the frequencies ready.
    """
    rotary = model.model.rotary_emb
    plain, _ = rotary.compute_default_rope_parameters(model.config)
    factors = plain.to(rotary.inv_freq.device) / rotary.inv_freq
    if bool(torch.allclose(factors, torch.ones_like(factors))):
        return None
    array: np.ndarray[Any, Any] = factors.float().cpu().numpy()
    return array


def _check_family(config: Any) -> None:
    if config.model_type != "llama":
        raise ExportRefused(
            f"the model's family is {config.model_type!r}, expected 'llama': GGUF is written for that "
            "one. Export --to merged, and convert that with llama.cpp's own tools"
        )


def _add_shape(writer: gguf.GGUFWriter, config: Any) -> None:
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _lora_layers(adapted: Any) -> Iterator[tuple[str, tuple[Tensor, Tensor, float]]]:
    """Each adapted layer's name in the base, A `(rank, in)`, B `(out, rank)` and scaling."""
    from peft.tuners.lora import LoraLayer

    found = False
    for name, module in adapted.get_base_model().named_modules():
        if not isinstance(module, LoraLayer):
            continue
        (adapter,) = module.lora_A.keys()
        if adapter in module.lora_variant:
            raise ExportRefused(
                f"{name} has an adapter that is more than A and B (DoRA), which llama.cpp's adapter "
                "files can't hold. Export --to gguf: there it is merged in"
            )
        found = True
        down: Any = module.lora_A[adapter].weight
        up: Any = module.lora_B[adapter].weight
        yield name, (down.float(), up.float(), float(module.scaling[adapter]))
    if not found:
        raise ExportRefused(
            "the adapter has no LoRA layers, the only kind that llama.cpp's adapter files hold. "
            "Export --to gguf: there it is merged in"
        )


def _turn(tensor: Tensor, name: str, config: Any) -> Tensor:
    """Rows of q and k from halves (transformers) to neighbouring pairs (llama.cpp) within each head.

    Su et al. 2021 (arXiv 2104.09864) rotates pairs; which rows make a pair is each program's choice.
    """
    if not any(part in name for part in _TURNED):
        return tensor
    heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
    halves = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:])
    return halves.transpose(1, 2).reshape(tensor.shape)


def _names(config: Any) -> gguf.TensorNameMap:
    return gguf.get_tensor_name_map(_ARCHITECTURE, config.num_hidden_layers)


def _find_name(names: gguf.TensorNameMap, key: str) -> str:
    name = names.get_name(key, try_suffixes=(".weight", ".bias"))
    if name is None:
        raise ExportRefused(
            f"llama.cpp knows no tensor {key!r} in a Llama. Export --to merged instead"
        )
    return name


def _write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
