"""The shelf that readers see: `corpus/books/*.pdf` and `library.toml`, written and compared.

Knows where sources and books lie; `corpus/library.py` reads what is written here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from scripts.books.references import Reference, read_references, tidy_references
from scripts.books.rules import find_problems
from scripts.books.source import Booklet, SourceError, read_booklet
from scripts.books.typeset import typeset_booklet

ROOT = Path(__file__).resolve().parents[2]
PUBLISHER = "Llama, MD project"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The two folders of the workshop."""

    source: Path = ROOT / "corpus" / "source"
    books: Path = ROOT / "corpus" / "books"

    def read(self) -> tuple[list[Booklet], dict[str, Reference]]:
        """Every booklet and the references, checked.

        Raises:
            SourceError: a file breaks the format or a rule; every problem on a line of its own.
        """
        paths = sorted(self.source.glob("[0-9][0-9]-*.md"))
        if not paths:
            raise SourceError(f"{self.source}: no booklets; expected files named NN-slug.md")
        booklets = [read_booklet(path) for path in paths]
        references = read_references(self.source / "references.toml")
        problems = find_problems(booklets, references, self.source / "style" / "diagrams")
        if problems:
            raise SourceError("\n".join(problems))
        return booklets, references

    def build(self) -> dict[str, bytes]:
        """Every file of the books folder by name, made from the sources; nothing is written."""
        booklets, references = self.read()
        pdfs = {b.path.with_suffix(".pdf").name: typeset_booklet(b, references) for b in booklets}
        entries = [_describe_entry(b, pdf) for b, pdf in zip(booklets, pdfs.values(), strict=True)]
        return {**pdfs, "library.toml": _LIBRARY_HEAD + "\n".join(entries).encode()}

    def write(self) -> list[str]:
        """Make all books, replace what changed, drop PDFs that have no source; names of changes.

        References that writers appended are sorted into place first.
        """
        listing = self.source / "references.toml"
        listing.write_text(tidy_references(listing.read_text(encoding="utf-8")), encoding="utf-8")
        self.books.mkdir(parents=True, exist_ok=True)
        files = self.build()
        changed = self._compare(files)
        for name in changed:
            path = self.books / name
            if name in files:
                path.write_bytes(files[name])
            else:
                path.unlink()
        return changed

    def find_differences(self) -> list[str]:
        """Names of files that are not what `write` would leave."""
        listing = (self.source / "references.toml").read_text(encoding="utf-8")
        untidy = [] if tidy_references(listing) == listing else ["references.toml"]
        return untidy + self._compare(self.build())

    def _compare(self, files: dict[str, bytes]) -> list[str]:
        stray = {path.name for path in self.books.glob("*.pdf")} - files.keys()
        changed = {name for name, data in files.items() if _read(self.books / name) != data}
        return sorted(stray | changed)


_LIBRARY_HEAD = b"""\
# What stands in this folder. Written by `make books` from corpus/source; edit the sources.

"""


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _describe_entry(booklet: Booklet, pdf: bytes) -> str:
    values = {
        "title": booklet.title,
        "edition": booklet.edition,
        "publisher": PUBLISHER,
        "year": booklet.date.year,
        "date": booklet.date.isoformat(),
        "region": booklet.region,
        "licence": booklet.licence,
        "sha256": hashlib.sha256(pdf).hexdigest(),
    }
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join([f'["{booklet.path.with_suffix(".pdf").name}"]', *lines, ""])


def _toml(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
