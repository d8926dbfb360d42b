"""Writes a new version of the index, and puts it in the old one's place in one step.

    with writing_lock(folder):                    one ingest at a time
        with IndexWriter(folder, embedder) as writer:
            writer.copy_book(old_index, entry)    rows and vectors of an unchanged book
            writer.add_book(entry, passages, vectors)
            writer.publish()

A version is built in a temporary folder; its manifest is written last, the folder is renamed, and
CURRENT is replaced. Killed at any instant, the next open finds the old version or the new one,
whole; what is left lying is removed by the next writer. Knows no PDF and no embedder.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from corpus.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnwritable
from corpus.index import CURRENT, Index, current_version
from corpus.manifest import FILE_NAME as MANIFEST_FILE
from corpus.manifest import (
    BookEntry,
    EmbedderId,
    EmbedderIdentity,
    Fingerprint,
    Manifest,
    describe_file,
    file_sha256,
    write_manifest,
)
from corpus.records import Book, Passage
from corpus.store import FILE_NAME as PASSAGES_FILE
from corpus.store import PassageWriter
from corpus.vectors import BookVectors, VectorWriter

_LOCK = ".lock"
_TEMPORARY = "tmp-"
_VERSION = re.compile(r"v(\d{6,})-[0-9a-f]{8}")  # a running number, and a hash of the content


@contextmanager
def writing_lock(folder: Path) -> Iterator[None]:
    """Hold the right to write this index; the system lets go of it when the process dies.

    Raises:
        IndexBusy: another process holds it.
        IndexUnwritable: the folder can't be made or written.
    """
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
    except Timeout as error:
        raise IndexBusy(
            f"another ingest is writing {folder} right now; wait until it has finished, then run "
            "the command again"
        ) from error
    try:
        yield
    finally:
        lock.release()


class IndexWriter:
    """Builds one version; nothing of it shows before `publish`. Hold `writing_lock` meanwhile.

    Every method raises IndexUnwritable when the disk is full or the folder can't be written.
    """

    def __init__(
        self,
        folder: Path,
        embedder: EmbedderId,
        settings: Fingerprint | None = None,
        sources: Sequence[str] = (),
    ) -> None:
        self._folder = Path(folder).absolute()
        self._embedder = embedder
        self._settings = dict(settings or {})
        self._sources = tuple(sources)
        self._entries: list[BookEntry] = []
        self._vectors = VectorWriter(embedder.dimension)
        with _writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(self._folder)
            self._work = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=self._folder))
            self._passages = PassageWriter(self._work / PASSAGES_FILE)

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._passages.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def add_book(
        self, entry: BookEntry, passages: Sequence[Passage], vectors: BookVectors
    ) -> BookEntry:
        """Append a book that was just read; its counts and rows are filled in here."""
        with _writing(self._folder):
            first = self._passages.add(passages)
        self._vectors.add(vectors, first)
        return self._remember(entry, first, len(passages))

    def copy_book(self, index: Index, entry: BookEntry) -> BookEntry:
        """Append a book of an older version; `entry` may differ in what is not read from pages."""
        rows = index.rows_of_book(entry.book.id)
        with _writing(self._folder):
            first = self._passages.copy(index.folder / PASSAGES_FILE, rows)
        self._vectors.add(index.vectors_of(rows), first)
        return self._remember(entry, first, len(rows))

    def publish(self) -> str:
        """Finish the files, make them durable, and point CURRENT at them; the version's name."""
        with _writing(self._folder):
            content = self._finish()
            version = f"v{_number(_versions(self._folder)[-1:]) + 1:06d}-{content[:8]}"
            self._work.rename(self._folder / version)
            _sync(self._folder)
            _point_at(self._folder, version)
        remove_leftovers(self._folder)
        return version

    def _finish(self) -> str:
        """Write everything, the manifest last, and wait for the disk; the manifest's sha256."""
        self._passages.finish()
        self._vectors.save(self._work)
        manifest = Manifest(
            embedder=self._embedder,
            settings=self._settings,
            sources=self._sources,
            books=tuple(self._entries),
            files={path.name: describe_file(path) for path in sorted(self._work.iterdir())},
        )
        write_manifest(self._work, manifest)
        self._work.chmod(0o755)  # mkdtemp lets nobody else in; the app may run as somebody else
        for path in [*self._work.iterdir(), self._work]:
            _sync(path)
        return file_sha256(self._work / MANIFEST_FILE)

    def _remember(self, entry: BookEntry, first_row: int, passages: int) -> BookEntry:
        entry = entry.model_copy(update={"first_row": first_row, "passages": passages})
        self._entries.append(entry)
        return entry


def write_index(
    folder: Path,
    embedder: EmbedderIdentity,
    books: Iterable[tuple[Book, Sequence[Passage], BookVectors]],
) -> str:
    """Write and publish an index of these books in one go; the version's name."""
    with writing_lock(folder), IndexWriter(folder, EmbedderId.of(embedder)) as writer:
        for book, passages, vectors in books:
            last_page = max((passage.last_page for passage in passages), default=0)
            writer.add_book(BookEntry(book=book, pages=last_page), passages, vectors)
        return writer.publish()


def remove_leftovers(folder: Path) -> None:
    """Remove what killed ingests left, and all versions but the current and the one before it.

    Call it under `writing_lock`. Where CURRENT can't be read, no version is touched.
    """
    for path in folder.glob(f"{_TEMPORARY}*"):
        _remove(path)
    try:
        current = current_version(folder)
    except IndexMissing:
        current = ""
    except IndexDamaged:
        return
    versions = _versions(folder)
    older = [name for name in versions if _number([name]) < _number([current])]
    for name in set(versions) - {current, *older[-1:]}:
        shutil.rmtree(folder / name, ignore_errors=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into IndexUnwritable."""
    try:
        yield
    except Timeout:
        raise
    except (OSError, sqlite3.Error) as error:
        raise IndexUnwritable(
            f"{folder} can't be written: {error}. The index is as it was. Free some disk space, or "
            "choose a folder that you may write with --index or LLAMA_MD_INDEX_DIR"
        ) from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _versions(folder: Path) -> list[str]:
    """Names of the version folders, oldest first."""
    names = (path.name for path in folder.iterdir() if _VERSION.fullmatch(path.name))
    return sorted(names, key=lambda name: _number([name]))


def _number(names: Sequence[str]) -> int:
    """The number in a version's name; 0 where there is none."""
    found = _VERSION.fullmatch(names[0]) if names else None
    return int(found[1]) if found else 0


def _point_at(folder: Path, version: str) -> None:
    """Replace CURRENT in one step."""
    temporary = folder / f"{_TEMPORARY}{CURRENT}"
    temporary.write_text(version + "\n", encoding="ascii")
    _sync(temporary)
    temporary.replace(folder / CURRENT)
    _sync(folder)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
