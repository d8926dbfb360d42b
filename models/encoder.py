"""A sentence-transformers model on this machine's CPU or GPU, as an `Embedder`.

Knows folders of weights, not where they come from. Book road: Passage → **vector** → index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from models.embedder import Embedder, Span, Vectors
from models.errors import WeightsMissing


class LocalEmbedder(Embedder):
    """Length-sorted batches through one transformer; vectors are means of its token vectors."""

    def __init__(self, name: str, folder: Path) -> None:
        self._model = SentenceTransformer(str(folder), local_files_only=True, device="cpu")
        self.name = name
        weights = (folder / "model.safetensors").read_bytes()
        self.revision = hashlib.sha256(weights).hexdigest()[:12]
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 256)

    def encode(self, texts: Sequence[str], /) -> Vectors:
        return np.asarray(
            self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False),
            dtype=np.float32,
        ).reshape(len(texts), self.dimension)

    def encode_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]], /
    ) -> tuple[Vectors, Vectors]:
        windows = [t[a:b] for t, of_t in zip(texts, spans, strict=True) for a, b in of_t]
        return self.encode(texts), self.encode(windows)

    def count_tokens(self, text: str, /) -> int:
        return len(self._model.tokenizer(text)["input_ids"])


def load_encoder(folder: Path, name: str) -> Embedder:
    """Load the embedder in `folder`.

    Raises:
        WeightsMissing: it was never fetched.
    """
    if not folder.is_dir():
        raise WeightsMissing(f"{name} is not in {folder}. Run: python -m models pull {name}")
    return LocalEmbedder(name, folder)
