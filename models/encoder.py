"""A sentence-transformers folder (BERT, mean pooling) on this machine, as an `Embedder`.

Knows folders of weights, not where they come from. Book road: Passage → **vector** → index.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from models.adapters import Adapter, check_fits
from models.bert import BertConfig, BertEncoder
from models.device import open_thread_pool, pick_device, pick_dtype
from models.embedder import Embedder, Span, Vectors, read_max_tokens
from models.errors import WeightsDamaged
from models.low_rank import merge_low_rank
from models.weights import fingerprints

# Tokens a batch, padding counted: above this the activations leave the cache of a CPU core
# (measured on 2 cores, bfloat16: 73 passages/s at 512, 144 at 2048, 49 at 8192).
BATCH_TOKENS = {"cpu": 2048, "cuda": 65536}


@dataclass(frozen=True, slots=True)
class _Pooled:
    """Vectors of some texts and of the windows in them, on the CPU."""

    texts: Tensor  # (texts, dimension)
    windows: list[Tensor]  # a text each: (windows of the text, dimension)


class LocalEmbedder(Embedder):
    """Length-sorted batches through one encoder; a vector is the mean of its token vectors."""

    def __init__(
        self,
        name: str,
        folder: Path,
        dtype: torch.dtype | None = None,
        asking: Adapter | None = None,
    ) -> None:
        """`asking`: an adapter that questions go through, and texts do not."""
        self._device = pick_device()
        weights = folder / "model.safetensors"
        tokenizer = folder / "tokenizer.json"
        try:
            config = BertConfig.model_validate_json((folder / "config.json").read_bytes())
            _check_supported(folder, config)
            self.max_tokens = read_max_tokens(folder)
            tensors = load_file(weights)
            dtype = dtype or pick_dtype(self._device)
            self._encoder = self._asker = BertEncoder(config, tensors, self._device, dtype)
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except (OSError, ValidationError, SafetensorError, KeyError, ValueError) as error:
            raise WeightsDamaged(
                f"the embedder in {folder} can't be loaded ({error}); expected a "
                f"sentence-transformers folder. Run: python -m models pull {name}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._tokenizing = threading.Lock()  # truncation is a state of the tokenizer
        self._pool = open_thread_pool(self._device)
        self.name = name
        self.revision, vocabulary = fingerprints(folder)
        self.dimension = config.hidden_size
        if asking is not None:
            made_for = name, self.revision, vocabulary
            check_fits(asking, *made_for, setting="LLAMA_MD_QUESTION_ENCODER")
            merged = merge_low_rank(tensors, asking.folder)
            self._asker = BertEncoder(config, merged, self._device, dtype)

    def encode(self, texts: Sequence[str], /) -> Vectors:
        return self._encode(texts, [()] * len(texts))[0]

    def encode_questions(self, texts: Sequence[str], /) -> Vectors:
        """Vectors of questions, by the encoder that was taught how people ask, where there is one."""
        return self._encode(texts, [()] * len(texts), self._asker)[0]

    def encode_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]], /
    ) -> tuple[Vectors, Vectors]:
        """One forward pass for both: a window is the mean of its token vectors, read in context.

        A window behind the last token that the embedder reads gets its text's vector.
        """
        return self._encode(texts, spans)

    def count_tokens(self, text: str, /) -> int:
        return len(self._tokenizer.encode(text).ids)

    def _encode(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        encoder: BertEncoder | None = None,
    ) -> tuple[Vectors, Vectors]:
        tokens = self._tokenize(texts)
        ends = np.cumsum([0, *(len(of_text) for of_text in spans)])
        found = np.zeros((len(texts), self.dimension), dtype=np.float32)
        windows = np.zeros((int(ends[-1]), self.dimension), dtype=np.float32)
        batches = list(self._batches(tokens))
        each = map if len(batches) == 1 else self._pool.map  # a question waits for no worker
        pooled = each(
            partial(self._run, encoder or self._encoder),
            ([tokens[row] for row in rows] for rows in batches),
            ([spans[row] for row in rows] for rows in batches),
        )
        for rows, of_batch in zip(batches, pooled, strict=True):
            found[rows] = of_batch.texts.numpy()
            for row, of_text in zip(rows, of_batch.windows, strict=True):
                windows[ends[row] : ends[row + 1]] = of_text.numpy()
        return found, windows

    def _tokenize(self, texts: Sequence[str]) -> list[Encoding]:
        with self._tokenizing:
            self._tokenizer.enable_truncation(self.max_tokens)
            tokens = self._tokenizer.encode_batch(list(texts))
            self._tokenizer.no_truncation()
        return tokens

    def _batches(self, tokens: Sequence[Encoding]) -> Iterator[list[int]]:
        """Row numbers, longest texts first, so that a batch holds texts of nearly one length."""
        rows = sorted(range(len(tokens)), key=lambda row: -len(tokens[row].ids))
        start = 0
        while start < len(rows):
            longest = len(tokens[rows[start]].ids)
            size = max(1, BATCH_TOKENS[self._device.type] // longest)
            yield rows[start : start + size]
            start += size

    @torch.inference_mode()
    def _run(
        self, encoder: BertEncoder, tokens: Sequence[Encoding], spans: Sequence[Sequence[Span]]
    ) -> _Pooled:
        """One forward pass; sums over tokens in float32, then unit length."""
        lengths = [len(one.ids) for one in tokens]
        ids = torch.zeros(len(tokens), lengths[0], dtype=torch.long)
        for row, one in enumerate(tokens):
            ids[row, : lengths[row]] = torch.tensor(one.ids)
        mask = torch.arange(lengths[0]) < torch.tensor(lengths)[:, None]
        padded = lengths[-1] < lengths[0]
        hidden = encoder.forward(
            ids.to(self._device), mask.to(self._device) if padded else None
        ).float()
        sums = (hidden * mask.to(self._device)[:, :, None]).sum(1)
        vectors = F.normalize(sums, dim=1)
        windows = [
            _pool_windows(hidden[row], one.offsets, of_text, vectors[row])
            for row, (one, of_text) in enumerate(zip(tokens, spans, strict=True))
        ]
        return _Pooled(vectors.cpu(), [of_text.cpu() for of_text in windows])


def _pool_windows(
    hidden: Tensor, offsets: Sequence[Span], spans: Sequence[Span], whole: Tensor
) -> Tensor:
    """Means of the token vectors `(seq, dimension)` that touch each span of characters."""
    if not spans:
        return whole.new_zeros((0, len(whole)))
    at = torch.tensor(offsets)  # (tokens, 2); special tokens are (0, 0) and touch nothing
    wanted = torch.tensor(spans)[:, :, None]  # (windows, 2, 1)
    inside = (at[:, 0] < wanted[:, 1]) & (at[:, 1] > wanted[:, 0])  # (windows, tokens)
    sums = inside.to(hidden) @ hidden[: len(at)]
    found = inside.any(1, keepdim=True).to(hidden.device)
    return F.normalize(torch.where(found, sums, whole), dim=1)


def _check_supported(folder: Path, config: BertConfig) -> None:
    """This encoder does what all-MiniLM, gte and e5 need; refuse what would silently differ."""
    pooling = _read_json(folder / "1_Pooling" / "config.json")
    if (
        config.hidden_act != "gelu"
        or config.position_embedding_type != "absolute"
        or not (pooling.get("pooling_mode_mean_tokens") or pooling.get("pooling_mode") == "mean")
    ):
        raise ValueError("only BERT with GELU, absolute positions and mean pooling is supported")


def _read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
