"""What an ingest has to do: which books to keep as they are, which to read, which to let go.

A book is known by the sha256 of its bytes, so renaming a file costs nothing, and the same bytes in
two files are one book. Knows no PDF, no model and no index file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.library import FoundBook, Library, name_books
from corpus.manifest import BookEntry, Fingerprint, file_sha256

# Modules of this room that do not shape passages; a change in any other one reads the books again.
_BUILD_SIDE = frozenset(
    """__init__ __main__ build catalogue download embed errors plan previous progress read_ahead
    report show worker""".split()
)


@dataclass(frozen=True, slots=True)
class Task:
    """One book to bring into the new version: copied from the old one, or read."""

    found: FoundBook
    sha256: str  # "" where the file can't be read, or has 0 bytes
    file: str  # its name in the index
    copies: tuple[Path, ...] = ()  # other files with the same bytes
    size: int = 0  # bytes
    same: BookEntry | None = None  # the old index has these bytes
    before: BookEntry | None = None  # the old index has other bytes under this path
    read: bool = True  # False: `same` is copied


@dataclass(frozen=True, slots=True)
class Plan:
    tasks: tuple[Task, ...]  # in the order of their paths
    removed: tuple[BookEntry, ...]  # in the old index, and found no more


@cache
def reader_version() -> str:
    """Hash of the sources that turn a PDF into passages: a better reader reads the books again."""
    paths = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256()
    for path in paths:
        if path.stem not in _BUILD_SIDE:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def plan_ingest(
    library: Library, old: Sequence[BookEntry], reading: Fingerprint, *, reuse: bool
) -> Plan:
    """Compare what was found with what the old index holds.

    Args:
        old: the old index's books; [] where there is none.
        reading: a book that was read with other settings is read again.
        reuse: False reads every book again.
    """
    names = name_books(book.path for book in library.books)
    by_hash = {entry.book.id: entry for entry in old}
    by_path = {entry.book.path: entry for entry in old}
    groups = _group_by_bytes(library.books)
    there = {sha256 for sha256, _ in groups}
    tasks = []
    for sha256, group in groups:
        found = _best_of(group, by_hash.get(sha256))
        same, before = by_hash.get(sha256), by_path.get(str(found.path))
        if before is not None and before.book.id in there:
            before = None  # not changed: still here, or moved
        tasks.append(
            Task(
                found=found,
                sha256=sha256 if len(sha256) == 64 else "",
                file=names[found.path],
                copies=tuple(other.path for other in group if other is not found),
                size=_size(found.path),
                same=same,
                before=before,
                read=not (reuse and same is not None and same.reading == dict(reading)),
            )
        )
    there |= {task.before.book.id for task in tasks if task.before}
    removed = tuple(entry for entry in old if entry.book.id not in there)
    return Plan(tuple(tasks), removed)


def _group_by_bytes(books: Sequence[FoundBook]) -> list[tuple[str, list[FoundBook]]]:
    """Books with the same bytes together; one that can't be read stands alone, to fail by name."""
    groups: dict[str, list[FoundBook]] = {}
    for book in books:
        try:
            key = file_sha256(book.path) if _size(book.path) else f"empty: {book.path}"
        except OSError:
            key = f"unreadable: {book.path}"
        groups.setdefault(key, []).append(book)
    return list(groups.items())


def _best_of(group: Sequence[FoundBook], same: BookEntry | None) -> FoundBook:
    """Of files with the same bytes: the one the index knows, else one of library.toml."""
    known = same.book.path if same else ""
    return min(group, key=lambda book: (str(book.path) != known, book.facts is None))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
