"""The index as its readers see it: open a version, search it, notice a new one.

The only public face of the index on disk; `corpus.writer` makes what this opens. It finds rows and
scores: which of them answer a question is decided in `rag.retrieve`. No torch, no network.

    index = Index.open(folder, embedder)
    index.search_dense(vector, k=50)            [(row, cosine, kind)]
    index.search_lexical("waters breaking", 50) [(row, bm25)]
    index.passage(row), index.book(book_id), index.boxes(row)
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from corpus.errors import CorpusError, IndexDamaged, IndexMissing
from corpus.manifest import (
    BookEntry,
    EmbedderIdentity,
    Manifest,
    check_embedder,
    check_files,
    read_manifest,
)
from corpus.records import Book, Passage, TextBox
from corpus.store import FILE_NAME as PASSAGES_FILE
from corpus.store import LEXICAL_WEIGHTS, PassageStore
from corpus.vectors import KINDS, BookVectors, DenseHit, Kind, Vectors, VectorStore

__all__ = ["CURRENT", "KINDS", "DenseHit", "Index", "Kind", "LiveIndex"]

CURRENT = "CURRENT"  # the pointer: a file that holds the name of the version in use
_logger = logging.getLogger(__name__)


class Index:
    """One whole version of the index: read-only, never changing, for any number of threads.

    A passage's row, 0 … len(index) - 1, is valid for this version only; its `id` lives on.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._entries = {entry.book.id: entry for entry in manifest.books}
        self._vectors = VectorStore(folder)
        self._store = PassageStore(folder / PASSAGES_FILE)
        if self._store.count != manifest.passages or self._vectors.dimension != (
            manifest.embedder.dimension
        ):
            self.close()
            raise IndexDamaged(
                f"the files in {folder} do not belong together. Run: python -m ingest --rebuild"
            )

    @classmethod
    def open(
        cls, folder: Path, embedder: EmbedderIdentity | None = None, *, fully: bool = False
    ) -> Index:
        """Open the current version in `folder`.

        Args:
            embedder: whoever will embed the questions; refused if the index was made with another.
            fully: compare checksums too, not only sizes (reads every byte).

        Raises:
            IndexMissing: nothing was ingested yet.
            IndexUnfit: another embedder, or another format version.
            IndexDamaged: a file is gone, cut short or altered.
        """
        folder = Path(folder).absolute()
        version = current_version(folder)
        while True:
            try:
                return cls._open_version(folder / version, embedder, fully)
            except IndexDamaged:
                # two ingests may have passed since CURRENT was read: then its version is gone
                version, before = current_version(folder), version
                if version == before:
                    raise

    @classmethod
    def _open_version(cls, folder: Path, embedder: EmbedderIdentity | None, fully: bool) -> Index:
        manifest = read_manifest(folder)
        if embedder is not None:
            check_embedder(manifest, embedder, folder.parent)
        check_files(folder, manifest.files, fully=fully)
        return cls(folder, manifest)

    def close(self) -> None:
        """Let go of the files; only needed where a program opens many indexes."""
        self._store.close()

    def __len__(self) -> int:
        return self.manifest.passages

    @property
    def version(self) -> str:
        return self.folder.name

    # books

    @cached_property
    def books(self) -> tuple[Book, ...]:
        return tuple(entry.book for entry in self.manifest.books)

    @property
    def entries(self) -> tuple[BookEntry, ...]:
        """The books with their counts and warnings."""
        return self.manifest.books

    def book(self, book_id: str) -> Book:
        """Raises: KeyError."""
        return self._entries[book_id].book

    def rows_of_book(self, book_id: str) -> range:
        """Raises: KeyError."""
        return self._entries[book_id].rows

    # passages

    def passage(self, row: int, *, boxes: bool = False) -> Passage:
        """One passage; its boxes are read only where asked for. Raises: KeyError."""
        passage = self._store.passages([row])[0]
        return replace(passage, boxes=self.boxes(row)) if boxes else passage

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """Passages in the order of `rows`, without boxes. Raises: KeyError."""
        return self._store.passages(rows)

    def boxes(self, row: int) -> tuple[TextBox, ...]:
        """Where the words of the passage stand on paper."""
        return self._store.boxes(row)

    def rows_of_id(self, passage_id: str) -> list[int]:
        """Rows of a passage id: one, or several where a page says the same thing twice."""
        return self._store.rows_of_id(passage_id)

    def by_section(self, book_id: str, section: Sequence[str]) -> list[int]:
        """Rows of one section (its exact path of headings), in reading order."""
        return self._store.rows_of_section(book_id, section)

    def sections(self) -> list[tuple[str, tuple[str, ...], int]]:
        """(book id, section path, first row) of every section, in reading order."""
        return self._store.sections()

    def neighbours(self, row: int, before: int = 1, after: int = 1) -> list[int]:
        """Rows just before and after, of the same book and section, in reading order."""
        here = self.passage(row)
        rows = self.rows_of_book(here.book_id)
        left = range(max(rows.start, row - before), row)
        right = range(row + 1, min(rows.stop, row + after + 1))
        section = {
            other
            for other, passage in zip([*left, *right], self.passages([*left, *right]), strict=True)
            if passage.section == here.section
        }
        return [*_unbroken(reversed(left), section)[::-1], *_unbroken(right, section)]

    # searches

    def search_dense(
        self, vector: Vectors, k: int, kinds: Collection[Kind] | None = None
    ) -> list[DenseHit]:
        """The k vectors nearest to one unit vector (dimension,), best first; all kinds by default.

        Several may belong to one passage: the best per passage is the caller's choice.
        """
        return self.search_dense_batch(np.asarray(vector).reshape(1, -1), k, kinds)[0]

    def search_dense_batch(
        self, vectors: Vectors, k: int, kinds: Collection[Kind] | None = None
    ) -> list[list[DenseHit]]:
        """`search_dense` for each row of `vectors` (n, dimension)."""
        if vectors.ndim != 2 or vectors.shape[1] != self._vectors.dimension:
            raise ValueError(
                f"vectors of shape {vectors.shape} given; this index searches "
                f"(n, {self._vectors.dimension}), made by {self.manifest.embedder}"
            )
        return self._vectors.search(vectors, k, kinds)

    def search_lexical(
        self,
        query: str | Iterable[str],
        k: int,
        weights: Sequence[float] = LEXICAL_WEIGHTS,
    ) -> list[tuple[int, float]]:
        """(row, BM25) of the k best passages that hold any of the words, best first.

        `query` is text as typed (cut into words here), or an iterable of terms, where a term of
        several words is a phrase. Nothing in it is syntax. `weights`: section, text, asked_as.
        """
        return self._store.search(query, k, weights)

    def dense_scores(self, vector: Vectors, rows: Sequence[int]) -> dict[Kind, Vectors]:
        """Best cosine per kind for given passages, each (len(rows),); -inf where it has none."""
        return self._vectors.best_scores(vector, rows)

    def vectors_of(self, rows: Sequence[int]) -> BookVectors:
        """All vectors of these passages; `owners[:, 0]` is the place in `rows`."""
        return self._vectors.of_rows(rows)


class LiveIndex:
    """The index of a folder, always the newest version: a long-running program asks `current()`.

    Whoever holds the `Index` of an earlier call goes on with it undisturbed.
    """

    def __init__(self, folder: Path, embedder: EmbedderIdentity | None = None) -> None:
        """Raises: as `Index.open`."""
        self._folder = Path(folder).absolute()
        self._embedder = embedder
        self._lock = threading.Lock()
        self._seen = self._pointer()
        self._index = Index.open(self._folder, embedder)

    def current(self) -> Index:
        """The newest version that can be opened; costs one `stat` when nothing changed."""
        seen = self._pointer()
        if seen != self._seen:
            with self._lock:
                if seen != self._seen:
                    self._reopen()
                    self._seen = seen
        return self._index

    def _reopen(self) -> None:
        try:
            index = Index.open(self._folder, self._embedder)
        except CorpusError as error:
            _logger.warning("staying with index %s: %s", self._index.version, error)
        else:
            self._index = index

    def _pointer(self) -> tuple[int, int] | None:
        """What changes whenever CURRENT is replaced."""
        try:
            status = (self._folder / CURRENT).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns


def current_version(folder: Path) -> str:
    """Name of the version that CURRENT points to.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: CURRENT holds no version's name.
    """
    path = folder / CURRENT
    try:
        name = path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise IndexMissing(
            f"there is no index in {folder}. Make one with: python -m ingest"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{path} can't be read ({type(error).__name__})") from error
    if not name or name != Path(name).name:
        raise IndexDamaged(f"{path} names no version ({name!r}). Run: python -m ingest --rebuild")
    return name


def _unbroken(rows: Iterable[int], wanted: Collection[int]) -> list[int]:
    """The rows up to the first that is not wanted."""
    found: list[int] = []
    for row in rows:
        if row not in wanted:
            break
        found.append(row)
    return found
