"""vectors.faiss and owners.bin: exact inner-product search over unit vectors.

A vector belongs to one passage and is of one kind: the "passage" itself, a "window" of some 40
words inside it, or a "question" that its section answers. Knows no text and no embedder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexDamaged

_faiss: Any = faiss  # its type stubs lag behind its Python wrappers
Kind = Literal["passage", "window", "question"]
KINDS: tuple[Kind, ...] = ("passage", "window", "question")
FILE_NAME = "vectors.faiss"
OWNERS_FILE_NAME = "owners.bin"  # (vectors, 2) of <i4: passage row, kind's place in KINDS

Vectors = NDArray[np.float32]
Owners = NDArray[np.int32]


class DenseHit(NamedTuple):
    """A vector near the question: its passage's row, the cosine, and what kind of vector it is."""

    row: int
    score: float
    kind: Kind


@dataclass(frozen=True)
class BookVectors:
    """The vectors of one book: `matrix` (n, dimension) of unit rows, `owners` (n, 2).

    An owner is (the passage's place within the book, the kind's place in KINDS).
    """

    matrix: Vectors
    owners: Owners

    @staticmethod
    def of(matrix: Vectors, passages: Sequence[int], kinds: Sequence[Kind]) -> BookVectors:
        """From parallel lists: a vector, its passage's place within the book, its kind."""
        codes = [KINDS.index(kind) for kind in kinds]
        owners = np.array([passages, codes], dtype=np.int32).reshape(2, -1).T
        return BookVectors(np.ascontiguousarray(matrix, dtype=np.float32), owners)


class VectorStore:
    """Read-only search over the vectors of one version; any number of threads may share it."""

    def __init__(self, folder: Path) -> None:
        try:
            self._index: Any = faiss.read_index(str(folder / FILE_NAME))
            owners = np.fromfile(folder / OWNERS_FILE_NAME, dtype="<i4").reshape(-1, 2)
        except (RuntimeError, OSError, ValueError) as error:
            raise IndexDamaged(
                f"the vectors in {folder} can't be read ({type(error).__name__}). "
                "Run: python -m ingest --rebuild"
            ) from error
        self._owners: Owners = owners.astype(np.int32, copy=False)
        if len(owners) != self.count:
            raise IndexDamaged(f"{folder} has {self.count} vectors for {len(owners)} owners")
        self._by_row = np.argsort(self._owners[:, 0], kind="stable")
        self._sorted_rows = self._owners[self._by_row, 0]

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(
        self, vectors: Vectors, k: int, kinds: Collection[Kind] | None = None
    ) -> list[list[DenseHit]]:
        """The k nearest vectors to each row of `vectors` (n, dimension), best first."""
        selector, available = self._selector(kinds)
        k = min(k, available)
        if k < 1:
            return [[] for _ in vectors]
        parameters = _faiss.SearchParameters(sel=selector) if selector is not None else None
        wanted = np.ascontiguousarray(vectors, dtype=np.float32)
        scores, places = self._index.search(wanted, k, params=parameters)
        return [
            [self._hit(place, score) for place, score in zip(*found, strict=True) if place >= 0]
            for found in zip(places.tolist(), scores.tolist(), strict=True)
        ]

    def of_rows(self, rows: Sequence[int]) -> BookVectors:
        """All vectors of these passages; an owner is (place in `rows`, kind)."""
        places, positions = self._places(rows)
        matrix = self._reconstruct(places)
        return BookVectors(matrix, np.stack([positions, self._owners[places, 1]], axis=1))

    def best_scores(self, vector: Vectors, rows: Sequence[int]) -> dict[Kind, Vectors]:
        """For each kind the best cosine of each passage in `rows`; -inf where it has none."""
        found = self.of_rows(rows)
        scores = found.matrix @ np.asarray(vector, dtype=np.float32).ravel()
        best = np.full((len(KINDS), len(rows)), -np.inf, dtype=np.float32)
        np.maximum.at(best, (found.owners[:, 1], found.owners[:, 0]), scores)
        return dict(zip(KINDS, best, strict=True))

    def _hit(self, place: int, score: float) -> DenseHit:
        row, kind = self._owners[place].tolist()
        return DenseHit(row, score, KINDS[kind])

    def _selector(self, kinds: Collection[Kind] | None) -> tuple[Any, int]:
        if kinds is None:
            return None, self.count
        chosen = np.isin(self._owners[:, 1], [KINDS.index(kind) for kind in kinds])
        if chosen.all():
            return None, self.count
        bits = np.packbits(chosen, bitorder="little")
        return _faiss.IDSelectorBitmap(bits), int(chosen.sum())

    def _places(self, rows: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Places of the rows' vectors, and for each the position of its row in `rows`."""
        wanted = np.asarray(rows, dtype=np.int64).reshape(-1)
        starts = np.searchsorted(self._sorted_rows, wanted, side="left")
        stops = np.searchsorted(self._sorted_rows, wanted, side="right")
        runs = [self._by_row[a:b] for a, b in zip(starts, stops, strict=True)]
        positions = np.repeat(np.arange(len(wanted), dtype=np.int32), stops - starts)
        places = np.concatenate(runs) if runs else np.empty(0, dtype=np.int64)
        return places.astype(np.int64), positions

    def _reconstruct(self, places: NDArray[np.int64]) -> Vectors:
        if not len(places):
            return np.empty((0, self.dimension), dtype=np.float32)
        matrix: Vectors = self._index.reconstruct_batch(places)
        return matrix


class VectorWriter:
    """Collects the vectors of a new version."""

    def __init__(self, dimension: int) -> None:
        self._index: Any = faiss.IndexFlatIP(dimension)
        self._owners: list[Owners] = [np.empty((0, 2), dtype=np.int32)]

    def add(self, vectors: BookVectors, first_row: int) -> None:
        """Append one book's vectors; its first passage stands in `first_row`."""
        if len(vectors.owners):
            self._index.add(np.ascontiguousarray(vectors.matrix, dtype=np.float32))
            self._owners.append(vectors.owners + np.array([first_row, 0], dtype=np.int32))

    def save(self, folder: Path) -> None:
        """Raises: OSError."""
        try:
            faiss.write_index(self._index, str(folder / FILE_NAME))
        except RuntimeError as error:  # how faiss says that the disk is full
            raise OSError(f"{FILE_NAME} could not be written whole") from error
        # plain bytes: reading an .npy header parses Python, which CPython 3.11 can't do in threads
        np.concatenate(self._owners).astype("<i4").tofile(folder / OWNERS_FILE_NAME)
