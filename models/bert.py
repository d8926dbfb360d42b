"""The forward pass of a BERT encoder in plain torch: what a sentence embedder needs, nothing else.

Written out because importing it from transformers costs every command line its first seconds; a
test holds it to the same vectors. Architecture: Devlin et al. 2018, https://arxiv.org/abs/1810.04805.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict
from torch import Tensor

MASKED = -1e4  # added to the scores of padding; finite in float16 too


class BertConfig(BaseModel):
    """The keys of `config.json` that the forward pass depends on; the others are training's."""

    model_config = ConfigDict(frozen=True)

    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int
    layer_norm_eps: float
    max_position_embeddings: int
    hidden_act: str = "gelu"
    position_embedding_type: str = "absolute"


@dataclass(frozen=True, slots=True)
class _Affine:
    """Weight and bias of a linear layer or a layer norm."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class _Layer:
    qkv: _Affine  # query, key and value in one multiplication
    attended: _Affine
    attended_norm: _Affine
    up: _Affine
    down: _Affine
    norm: _Affine


class BertEncoder:
    """Token ids → token vectors; `weights` are named as in a BERT checkpoint."""

    def __init__(
        self,
        config: BertConfig,
        weights: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.config = config
        self._weights = {name.removeprefix("bert."): w for name, w in weights.items()}
        self._device, self._dtype = device, dtype
        words = self._weights["embeddings.word_embeddings.weight"]
        positions = self._weights["embeddings.position_embeddings.weight"]
        segment = self._weights["embeddings.token_type_embeddings.weight"][0]
        self._words = words.to(self._device, self._dtype)
        self._positions = (positions + segment).to(self._device, self._dtype)  # one segment only
        self._norm = self._affine("embeddings.LayerNorm")
        self._layers = [self._layer(n) for n in range(config.num_hidden_layers)]
        self._weights = {}

    def forward(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """Vectors `(batch, seq, hidden)` of ids `(batch, seq)`; the mask is True on text."""
        scores = None if mask is None else (~mask)[:, None, None, :].to(self._words.dtype) * MASKED
        hidden = self._normed(self._words[ids] + self._positions[: ids.shape[1]], self._norm)
        for layer in self._layers:
            attended = self._attend(hidden, layer.qkv, scores)
            hidden = self._normed(hidden + _linear(attended, layer.attended), layer.attended_norm)
            widened = F.gelu(_linear(hidden, layer.up))
            hidden = self._normed(hidden + _linear(widened, layer.down), layer.norm)
        return hidden

    def _attend(self, hidden: Tensor, qkv: _Affine, scores: Tensor | None) -> Tensor:
        batch, seq, width = hidden.shape
        heads = self.config.num_attention_heads
        split = _linear(hidden, qkv).view(batch, seq, 3, heads, width // heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # each (batch, heads, seq, width/heads)
        mixed = self._mix(query, key, value, scores)
        return mixed.transpose(1, 2).reshape(batch, seq, width)

    def _mix(self, query: Tensor, key: Tensor, value: Tensor, scores: Tensor | None) -> Tensor:
        """Attention of `(batch, heads, seq, width)`; training has its own way to the same."""
        return F.scaled_dot_product_attention(query, key, value, attn_mask=scores)

    def _normed(self, x: Tensor, norm: _Affine) -> Tensor:
        return F.layer_norm(
            x, (self.config.hidden_size,), norm.weight, norm.bias, self.config.layer_norm_eps
        )

    def _affine(self, *names: str) -> _Affine:
        weight = torch.cat([self._weights[f"{name}.weight"] for name in names])
        bias = torch.cat([self._weights[f"{name}.bias"] for name in names])
        return _Affine(weight.to(self._device, self._dtype), bias.to(self._device, self._dtype))

    def _layer(self, n: int) -> _Layer:
        at = f"encoder.layer.{n}"
        return _Layer(
            qkv=self._affine(*(f"{at}.attention.self.{x}" for x in ("query", "key", "value"))),
            attended=self._affine(f"{at}.attention.output.dense"),
            attended_norm=self._affine(f"{at}.attention.output.LayerNorm"),
            up=self._affine(f"{at}.intermediate.dense"),
            down=self._affine(f"{at}.output.dense"),
            norm=self._affine(f"{at}.output.LayerNorm"),
        )


def _linear(x: Tensor, layer: _Affine) -> Tensor:
    return F.linear(x, layer.weight, layer.bias)
