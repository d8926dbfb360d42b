"""What an ingest did, book by book: the record that `python -m ingest --json` prints.

Knows no PDF and no index; `ingest.build` fills it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from corpus.manifest import BookEntry

Status = Literal["added", "changed", "unchanged", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class BookReport:
    """One book: what happened to it, and what the index holds of it now (0 once it is gone)."""

    book: str  # file name, unique in the index
    status: Status
    title: str = ""
    path: str = ""
    pages: int = 0
    passages: int = 0
    ocr_pages: int = 0
    warnings: tuple[str, ...] = ()
    error: str = ""  # the reason, where it failed
    remedy: str = ""

    @classmethod
    def of(cls, entry: BookEntry, status: Status) -> BookReport:
        """A book that the index holds."""
        return cls(
            book=entry.book.file,
            status=status,
            title=entry.book.title,
            path=entry.book.path,
            pages=entry.pages,
            passages=entry.passages,
            ocr_pages=entry.ocr_pages,
            warnings=entry.warnings,
        )

    @classmethod
    def removed(cls, entry: BookEntry) -> BookReport:
        """A book that the index holds no more."""
        return cls(entry.book.file, "removed", entry.book.title, entry.book.path)


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage. Reading runs beside embedding, so stages may add up to more than total."""

    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("find", "read", "embed", "write"), 0.0)
    )

    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.seconds[stage] += time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The whole ingest; `as_json` is the stable face of `--json`.

    {"books": [BookReport…], "totals": {"books", "added", "changed", "unchanged", "removed",
    "failed", "duplicates", "pages", "passages", "ocr_pages"}, "seconds": {"find",
    "read", "embed", "write", "total"}, "index", "version", "published", "sources"}
    """

    books: tuple[BookReport, ...]
    index: str  # folder
    version: str  # of the index that is now current
    published: bool  # False: nothing changed, the version stands as it was
    sources: tuple[str, ...]  # what the index is kept in step with
    seconds: dict[str, float]
    duplicates: int = 0  # files with the bytes of another; each book is ingested once

    @property
    def failed(self) -> bool:
        return any(book.status == "failed" for book in self.books)

    @property
    def totals(self) -> dict[str, int]:
        held = [book for book in self.books if book.passages or book.pages]
        counts = Counter(book.status for book in self.books)
        return {
            "books": len(held),
            **{status: counts[status] for status in get_args(Status)},
            "duplicates": self.duplicates,
            **{
                name: sum(getattr(book, name) for book in held)
                for name in ("pages", "passages", "ocr_pages")
            },
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "books": [asdict(book) for book in self.books],
            "totals": self.totals,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "index": self.index,
            "version": self.version,
            "published": self.published,
            "sources": list(self.sources),
        }
