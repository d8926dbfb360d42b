"""A LoRA rank for every block from the intrinsic dimension of what it computes.

Intrinsic dimension by the two-nearest-neighbour estimator (Facco et al. 2017, Scientific Reports 7,
12140): with μ the ratio of the distances to the second and the first neighbour, d = n / Σ log μ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from finetune.examples import Encoded
from finetune.learning.methods import count_blocks

POINTS = 96  # sequences looked at, one point each: the hidden state at its last token
LEAST_RANK = 4


def find_ranks(model: Any, examples: Sequence[Encoded], mean_rank: int) -> list[int]:
    """A rank a block, in proportion to its intrinsic dimension, `mean_rank` on average."""
    states = collect_states(model, examples[:POINTS])  # a block each: (points, hidden)
    dimensions = torch.tensor([estimate_dimension(points) for points in states])
    scaled = dimensions / dimensions.mean() * mean_rank
    return [max(LEAST_RANK, round(float(rank))) for rank in scaled]


@torch.inference_mode()
def collect_states(model: Any, examples: Sequence[Encoded]) -> list[Tensor]:
    """What every block puts out at the last token of each example: `(points, hidden)` a block."""
    rows: list[list[Tensor]] = [[] for _ in range(count_blocks(model))]
    for example in examples:
        ids = torch.tensor([example.input_ids], device=model.device)
        hidden = model(input_ids=ids, output_hidden_states=True, logits_to_keep=1).hidden_states
        for of_block, state in zip(rows, hidden[1:], strict=True):
            of_block.append(state[0, -1].float().cpu())
    return [torch.stack(of_block) for of_block in rows]


def estimate_dimension(points: Tensor, discarded: float = 0.1) -> float:
    """Intrinsic dimension of points `(n, features)`, the largest ratios left out as outliers."""
    distances = torch.cdist(points.double(), points.double())
    distances.fill_diagonal_(float("inf"))
    nearest = distances.topk(2, largest=False).values  # (n, 2)
    ratios = (nearest[:, 1] / nearest[:, 0].clamp_min(1e-12)).sort().values
    kept = ratios[: max(2, round(len(ratios) * (1 - discarded)))].clamp_min(1 + 1e-9)
    ranks = torch.arange(1, len(kept) + 1, dtype=torch.float64) / len(ratios)
    x, y = kept.log(), -(1 - ranks).log()
    return float((x * y).sum() / (x * x).sum())
