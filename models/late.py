"""An embedder that says who it is at once, and loads itself when a vector is first wanted.

An ingest that finds nothing new needs only the name of the embedder: this spares it torch and the
weights, some seconds. Knows the folder's facts; `models.encoder` does the work.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from models.embedder import Embedder, Span, Vectors, load_embedder, read_max_tokens
from models.errors import WeightsDamaged
from models.registry import find_model
from models.weights import file_sha256, find_weights
from settings import Settings


class LateEmbedder(Embedder):
    """Stands for the embedder that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Raises: as `load_embedder`."""
        folder = find_weights(find_model(settings.embedder, "embedder"), settings)
        self._settings = settings
        self.name = settings.embedder
        try:
            self.revision = file_sha256(folder / "model.safetensors")[:12]
            self.dimension = int(_read(folder / "config.json")["hidden_size"])
            self.max_tokens = read_max_tokens(folder)
        except (OSError, ValueError, KeyError) as error:
            raise WeightsDamaged(
                f"the embedder in {folder} can't be read ({error}). "
                f"Run: python -m models pull {self.name}"
            ) from error

    @cached_property
    def _loaded(self) -> Embedder:
        return load_embedder(self._settings)

    def encode(self, texts: Sequence[str], /) -> Vectors:
        return self._loaded.encode(texts)

    def encode_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]], /
    ) -> tuple[Vectors, Vectors]:
        return self._loaded.encode_windows(texts, spans)

    def count_tokens(self, text: str, /) -> int:
        return self._loaded.count_tokens(text)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
