"""Texts → unit vectors: the embedder of the index and of the verifier, a LangChain `Embeddings`.

Knows no book and no index. Book road: Passage → **vector** → index; question → **vector** → Hit.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from models.adapters import QUESTIONS_DIR, pick_adapter
from models.registry import find_model
from models.weights import find_weights
from settings import Settings, load_settings

Vectors = NDArray[np.float32]
Span = tuple[int, int]  # characters [start, end) of a text


class Embedder(Embeddings):
    """What every embedder offers; vectors are float32 of unit length, one row a text."""

    name: str
    revision: str
    dimension: int
    max_tokens: int

    @abstractmethod
    def encode(self, texts: Sequence[str], /) -> Vectors:
        """Vectors of `texts`, in their order, shape `(len(texts), dimension)`."""

    def encode_questions(self, texts: Sequence[str], /) -> Vectors:
        """Vectors of questions, to be held against those of texts; here they are the same."""
        return self.encode(texts)

    @abstractmethod
    def encode_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]], /
    ) -> tuple[Vectors, Vectors]:
        """Vectors of the texts, and of the windows inside them: text 0's spans, text 1's, …"""

    @abstractmethod
    def count_tokens(self, text: str, /) -> int:
        """How many of `max_tokens` the text takes, special tokens counted."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self.encode_questions([text])[0]]


def load_embedder(which: Settings | str | None = None) -> Embedder:
    """The embedder that the settings name (or the one of that name), loaded once a process.

    Raises:
        RegistryInvalid: there is no embedder of that name.
        WeightsMissing: it was never fetched.
        WeightsDamaged: its files are not what they should be.
        AdapterRefused: the question adapter belongs to another embedder.
    """
    settings = which if isinstance(which, Settings) else load_settings()
    name = which if isinstance(which, str) else settings.embedder
    return _load(name, settings)


@lru_cache(maxsize=2)
def _load(name: str, settings: Settings) -> Embedder:
    from models.device import set_threads  # pulls in torch
    from models.encoder import LocalEmbedder

    entry = find_model(name, "embedder")
    folder = find_weights(entry, settings)
    set_threads(settings)
    asking = pick_adapter(entry, settings.question_encoder, QUESTIONS_DIR)
    return LocalEmbedder(name, folder, asking=asking)


def read_max_tokens(folder: Path) -> int:
    """Tokens that the model reads: where sentence-transformers keeps it, before and since 6.0."""
    known = json.loads((folder / "sentence_bert_config.json").read_bytes()).get("max_seq_length")
    if known is None:
        known = json.loads((folder / "tokenizer_config.json").read_bytes())["model_max_length"]
    return int(known)
