"""A stand-in for bitsandbytes' 4-bit linear layer that has its sizes, and computes nothing of use.

bitsandbytes packs weights when they reach a device; a rehearsal has no weights to pack. Beside the
training road: only `rehearsal` uses it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

# QLoRA, Dettmers et al. 2023 (arXiv 2305.14314), section 3: two weights a byte; one 8-bit constant
# a block of 64 weights; one float32 constant for 256 of these.
_WEIGHTS_A_BYTE, _BLOCK, _BLOCKS = 2, 64, 256


class FourBitLinear(nn.Linear):
    """A frozen linear layer whose weight is `(packed,)` bytes."""

    def __init__(self, like: nn.Linear, compute: torch.dtype) -> None:
        super().__init__(like.in_features, like.out_features, bias=False, dtype=torch.bfloat16)
        weights = like.in_features * like.out_features
        size = weights // _WEIGHTS_A_BYTE + weights // _BLOCK + 4 * weights // (_BLOCK * _BLOCKS)
        self.weight = nn.Parameter(torch.empty(size, dtype=torch.uint8), requires_grad=False)
        self.bias = like.bias
        self.compute = compute

    def forward(self, x: Tensor) -> Tensor:
        """`(..., in)` → `(..., out)`; the weight is unpacked for the product and not kept."""
        shape = (self.out_features, self.in_features)
        y: Tensor = _Unpacked.apply(  # type: ignore[no-untyped-call]
            x.to(self.compute), self.weight, shape
        )
        y = y if self.bias is None else y + self.bias.to(self.compute)
        return y.to(x.dtype)


class _Unpacked(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, packed: Tensor, shape: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(packed)
        ctx.shape = shape
        return x @ packed.new_empty(shape, dtype=x.dtype).t()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (packed,) = ctx.saved_tensors
        return grads[0] @ packed.new_empty(ctx.shape, dtype=grads[0].dtype), None, None


def put_in_four_bits(model: Any, compute: torch.dtype) -> Any:
    """The model with every linear layer but its head replaced, as transformers' loader does."""
    head = model.get_output_embeddings()
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear) and child is not head:
                setattr(parent, name, FourBitLinear(child, compute))
    model.is_loaded_in_4bit = True
    return model
