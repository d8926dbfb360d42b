"""Who a model is: a fingerprint of its weights and of what it reads, the same wherever it lies.

Adapters are tied to it. A folder, a hub snapshot and another source of the same weights agree; a
requantised or retrained copy does not. Knows no adapter.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import WeightsDamaged

SAMPLE = 64  # values of each tensor: enough to tell retrained or requantised weights apart
FIXED_DATE = (
    "26 Jul 2024"  # Llama 3.2's template prints a date; its own fallback keeps prompts stable
)

# What tokenizer and template make of this is the tokenizer's hash: digits, units, marks, roles.
_PROBE = [
    {
        "role": "system",
        "content": "Answer from books. [1] “0.5–1 mg” ≥140/90 mmHg, 37+6 weeks.",
    },
    {"role": "user", "content": "Is 400 µg of folic acid enough?\nMy waters broke, H₂O <5 ml."},
    {"role": "assistant", "content": "Yes, 400 µg a day. [1]"},
    {"role": "user", "content": "And in the third trimester?"},
]


@dataclass(frozen=True, slots=True)
class BaseIdentity:
    """The registered name of a base model, and what its weights and its tokenizer are."""

    name: str
    revision: str  # of the weights
    tokenizer_sha256: str


def identify_base(name: str, folder: Path, tokenizer: Any) -> BaseIdentity:
    """Identity of the dense model in `folder`, read with `tokenizer` (of transformers)."""
    return BaseIdentity(name, weights_revision(folder), tokenizer_sha256(tokenizer))


def weights_revision(folder: Path) -> str:
    """Hash of the first values of every tensor, in bfloat16; milliseconds, whatever the size."""
    import torch
    from safetensors import SafetensorError, safe_open

    digest: dict[str, bytes] = {}
    try:
        for path in sorted(folder.glob("*.safetensors")):
            with safe_open(path, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118 (not a mapping)
                    part = tensors.get_slice(name)
                    first = part[:1] if len(part.get_shape()) > 1 else part[:SAMPLE]
                    values = first.flatten()[:SAMPLE].to(torch.bfloat16).float()
                    shape = str(part.get_shape()).encode()
                    digest[name] = shape + values.numpy().tobytes()
    except (OSError, SafetensorError) as error:
        raise WeightsDamaged(
            f"the weights in {folder} can't be read ({error}); expected whole *.safetensors. "
            "Fetch them again: python -m models pull NAME"
        ) from error
    digest.pop("lm_head.weight", None)  # tied to the embedding: some copies leave it out
    return hashlib.sha256(b"".join(digest[name] for name in sorted(digest))).hexdigest()[:16]


def tokenizer_sha256(tokenizer: Any) -> str:
    """Hash of what the tokenizer and its chat template make of a fixed conversation."""
    ids = tokenizer.apply_chat_template(
        _PROBE, add_generation_prompt=True, date_string=FIXED_DATE, return_dict=False
    )
    return hashlib.sha256(json.dumps([len(tokenizer), ids]).encode()).hexdigest()
