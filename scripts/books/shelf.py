"""The shelf that readers see: `corpus/books/*.pdf` and `library.toml`, written and compared.

Knows where sources and books lie; `corpus/library.py` reads what is written here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from scripts.books.references import Reference, find_twins, read_references, tidy_references
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

    def read(self) -> tuple[list[Booklet], dict[str, Reference], list[str]]:
        """The sound booklets, the references, and the problems of the other booklets.

        Raises:
            SourceError: there is no booklet, or references.toml cannot be read.
        """
        paths = sorted(self.source.glob("[0-9][0-9]-*.md"))
        if not paths:
            raise SourceError(f"{self.source}: no booklets; expected files named NN-slug.md")
        references = read_references(self.source / "references.toml")
        booklets, problems = _read_each(paths)
        problems += find_problems(booklets, references, self.source / "style" / "diagrams")
        twins = [
            f"{self.source / 'references.toml'}: {twin}" for twin in find_twins(references.values())
        ]
        unsound = {problem.partition(":")[0] for problem in problems}
        return [b for b in booklets if str(b.path) not in unsound], references, problems + twins

    def build(self) -> tuple[dict[str, bytes], list[str]]:
        """Every file of the books folder by name, and the problems of what is left out."""
        booklets, references, problems = self.read()
        pdfs = {b.path.with_suffix(".pdf").name: typeset_booklet(b, references) for b in booklets}
        entries = [_describe_entry(b, pdf) for b, pdf in zip(booklets, pdfs.values(), strict=True)]
        return {**pdfs, "library.toml": _LIBRARY_HEAD + "\n".join(entries).encode()}, problems

    def write(self) -> list[str]:
        """Make all sound books, replace what changed, drop PDFs without a source; names of changes.

        References that writers appended are sorted into place first.

        Raises:
            SourceError: after the work, when some booklets are not sound; names every problem.
        """
        listing = self.source / "references.toml"
        listing.write_text(tidy_references(listing.read_text(encoding="utf-8")), encoding="utf-8")
        self.books.mkdir(parents=True, exist_ok=True)
        files, problems = self.build()
        changed = self._compare(files)
        for name in changed:
            path = self.books / name
            if name in files:
                path.write_bytes(files[name])
            elif not (self.source / name).with_suffix(".md").exists():
                path.unlink()
        if problems:
            raise SourceError("\n".join(problems))
        return changed

    def find_differences(self) -> list[str]:
        """Names of files that are not what `write` would leave.

        Raises:
            SourceError: a booklet is not sound; names every problem.
        """
        listing = (self.source / "references.toml").read_text(encoding="utf-8")
        untidy = [] if tidy_references(listing) == listing else ["references.toml"]
        files, problems = self.build()
        if problems:
            raise SourceError("\n".join(problems))
        return untidy + self._compare(files)

    def _compare(self, files: dict[str, bytes]) -> list[str]:
        stray = {path.name for path in self.books.glob("*.pdf")} - files.keys()
        changed = {name for name, data in files.items() if _read(self.books / name) != data}
        return sorted(stray | changed)


_LIBRARY_HEAD = b"""\
# What stands in this folder. Written by `make books` from corpus/source; edit the sources.

"""


def _read_each(paths: list[Path]) -> tuple[list[Booklet], list[str]]:
    """The booklets that follow the format, and what is wrong with the others."""
    booklets, problems = [], []
    for path in paths:
        try:
            booklets.append(read_booklet(path))
        except SourceError as error:
            problems.append(str(error))
    return booklets, problems


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
