"""The index's manifest: what a version of the index holds, and with what it was made.

Written last, so its existence means that the version is complete. Knows nothing of how passages and
vectors are stored. Book road: … Passage → **index** → Hit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.errors import IndexDamaged, IndexUnfit
from corpus.records import Book

FORMAT_VERSION = 1
FILE_NAME = "manifest.json"

Fingerprint = Mapping[str, str | int | float | bool]  # settings that something was made with


class EmbedderIdentity(Protocol):
    """What the index must know of an embedder; `models.embedder.Embedder` has it."""

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def dimension(self) -> int: ...


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EmbedderId(_Record):
    """Which embedder made the vectors; all are of unit length where `normalised`."""

    name: str
    revision: str
    dimension: int
    normalised: bool = True

    @classmethod
    def of(cls, embedder: EmbedderIdentity) -> EmbedderId:
        return cls(name=embedder.name, revision=embedder.revision, dimension=embedder.dimension)

    def __str__(self) -> str:
        return f"{self.name} ({self.revision or 'no revision'}, {self.dimension} dimensions)"


class BookEntry(_Record):
    """One book of the index: its record, its counts, and the settings that it was read with."""

    book: Book
    pages: int
    passages: int = 0
    first_row: int = 0  # its passages are the rows first_row … first_row + passages - 1
    ocr_pages: int = 0
    warnings: tuple[str, ...] = ()  # all that a reader of the library should know
    read_warnings: tuple[str, ...] = ()  # those of them that reading gave
    reading: dict[str, str | int | float | bool] = {}
    as_read: Book | None = None  # what the PDF says of itself, before library.toml

    @property
    def rows(self) -> range:
        return range(self.first_row, self.first_row + self.passages)


class StoredFile(_Record):
    """Size and sha256 of one file of the version."""

    bytes: int
    sha256: str


class Manifest(_Record):
    """Everything that `Index.open` must know before it trusts the files beside it."""

    format_version: int = FORMAT_VERSION
    embedder: EmbedderId
    settings: dict[str, str | int | float | bool] = {}
    sources: tuple[str, ...] = ()  # folders and PDFs that this index is kept in step with
    books: tuple[BookEntry, ...]
    files: dict[str, StoredFile]

    @property
    def passages(self) -> int:
        return sum(entry.passages for entry in self.books)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` into a version folder, after every other file of it."""
    (folder / FILE_NAME).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read `manifest.json`.

    Raises:
        IndexUnfit: it is of another format version.
        IndexDamaged: it is missing or unreadable.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
        found = _Version.model_validate_json(text).format_version
        if found != FORMAT_VERSION:
            raise IndexUnfit(
                f"{folder} has index format {found}; this program reads format {FORMAT_VERSION}. "
                "Run: python -m ingest --rebuild"
            )
        return Manifest.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise IndexDamaged(
            f"{path} can't be read ({type(error).__name__}); expected the manifest of a finished "
            "index. Run: python -m ingest --rebuild"
        ) from error


def read_sources(folder: Path) -> tuple[str, ...]:
    """The sources of a version of any format, as far as they can be read."""
    try:
        text = (folder / FILE_NAME).read_text(encoding="utf-8")
        return _Version.model_validate_json(text).sources
    except (OSError, UnicodeDecodeError, ValidationError):
        return ()


class _Version(BaseModel):
    """What every format of the manifest has in common."""

    format_version: int
    sources: tuple[str, ...] = ()


def check_embedder(manifest: Manifest, embedder: EmbedderIdentity, folder: Path) -> None:
    """Refuse an index that another embedder made: its vectors mean something else.

    Raises:
        IndexUnfit: name, revision or dimension differ.
    """
    wanted = EmbedderId.of(embedder)
    if manifest.embedder != wanted:
        raise IndexUnfit(
            f"the index in {folder} was made with the embedder {manifest.embedder}, but this "
            f"program runs {wanted}. Run: python -m ingest --rebuild   "
            f"(or set LLAMA_MD_EMBEDDER={manifest.embedder.name})"
        )


def check_files(folder: Path, files: Mapping[str, StoredFile], *, fully: bool) -> None:
    """Compare the files with the manifest: sizes, and with `fully` their sha256 too.

    Raises:
        IndexDamaged: a file is missing, of another size, or altered.
    """
    for name, stored in files.items():
        path = folder / name
        try:
            found = path.stat().st_size
            wrong = f"has {found} bytes, not {stored.bytes}" if found != stored.bytes else ""
            if not wrong and fully and file_sha256(path) != stored.sha256:
                wrong = "does not match its checksum"
        except OSError as error:
            wrong = f"can't be read ({error.strerror or type(error).__name__})"
        if wrong:
            raise IndexDamaged(f"{path} {wrong}. Run: python -m ingest --rebuild")


def describe_file(path: Path) -> StoredFile:
    """Size and checksum of a finished file."""
    return StoredFile(bytes=path.stat().st_size, sha256=file_sha256(path))


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
