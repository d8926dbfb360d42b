"""Reads books in the background, a few at a time, and hands them over in their order.

A book that can't be read comes as its `ReadFailure`. Knows no index and no vectors.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from corpus.library import readable
from corpus.records import Book, Passage
from ingest.book import ReadBook
from ingest.errors import ReadFailure, WorkerFailure
from ingest.plan import Task

READERS = 2  # books read at a time: one more than that waits, read, for its vectors

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadPassages:
    """A book cut into passages, without its pages: they are many times larger."""

    book: Book
    passages: tuple[Passage, ...]
    pages: int
    ocr_pages: int
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, read: ReadBook, passages: Iterable[Passage]) -> ReadPassages:
        kept = tuple(passages)
        empty = () if kept else (f"no passage came out of its {len(read.pages)} pages",)
        warnings = (*read.warnings, *empty)
        return cls(read.book, kept, len(read.pages), len(read.ocr_pages), warnings)


Outcome = ReadPassages | ReadFailure
Read = Callable[[Path], ReadPassages]  # Raises: ReadFailure


def read_ahead(tasks: Iterable[Task], read: Read) -> Iterator[tuple[Task, Outcome | None]]:
    """Every task in order, with what reading it gave; None where it is not to be read."""
    pool = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
    waiting: deque[tuple[Task, Future[Outcome] | None]] = deque()
    try:
        for task in tasks:
            future = pool.submit(_read_safely, task.found.path, read) if task.read else None
            waiting.append((task, future))
            while sum(future is not None for _, future in waiting) > READERS:
                yield _finished(waiting.popleft())
        while waiting:
            yield _finished(waiting.popleft())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(entry: tuple[Task, Future[Outcome] | None]) -> tuple[Task, Outcome | None]:
    task, future = entry
    return task, future.result() if future else None


def _read_safely(path: Path, read: Read) -> Outcome:
    if readable(path) != str(path):
        return ReadFailure(f"the name {readable(path)!r} is not UTF-8.", "Rename the file.")
    try:
        return read(path)
    except ReadFailure as failure:
        return failure
    except OSError as error:
        return ReadFailure(
            f"{path.name} can't be read: {error.strerror or error}.",
            "Check that the file is there and that you may read it.",
        )
    except Exception as error:  # a surprise in one book must not cost the others
        _logger.exception("reading %s failed in a way nobody foresaw", path.name)
        return WorkerFailure(
            f"{path.name} could not be cut into passages ({type(error).__name__}: {error}).",
            "Please report it with the file; the other books are not affected.",
        )
