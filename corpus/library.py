"""A folder of PDFs, and the `library.toml` beside them, → Books.

`library.toml` describes the PDFs of its own folder; what it leaves out comes from the PDF itself,
then from the file name:

    ["labour.pdf"]
    title = "Labour and birth"      # every key may be left out
    edition = "2nd edition"
    publisher = "…"
    year = 2026
    date = "2026-11-20"             # of publication; gives the year where that is left out
    region = "international"
    licence = "CC BY 4.0"
    sha256 = "…"                    # checked; a mismatch is a warning, not an error

Knows no PDF: what the PDF says of itself comes from whoever read it. Start of the book road.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from corpus.errors import LibraryUnreadable
from corpus.records import Book

FILE_NAME = "library.toml"

# What programs write into a PDF's title when nobody chose one.
_JUNK_TITLE = re.compile(
    r"""^(microsoft\ (word|powerpoint|excel)\b.* | untitled.* | (slide|layout|document|page)\ ?\d*
    | powerpoint\ presentation | print | title | cover | pii:.* | doi:.* | .*[\\/].*[\\/].*
    | .*\.(docx?|pptx?|xlsx?|indd|qxp|qxd|pdf|rtf|odt|tex|dvi|ps|html?|fm|p65|cdr|pub|ai|pages)
    | [\W\d_]* )$""",
    re.IGNORECASE | re.VERBOSE,
)
_SHORTEST_TITLE = 4  # characters; "BRA1" may be a title, "x" is not


class BookFacts(BaseModel):
    """What a library.toml says of one file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    edition: str = ""
    publisher: str = ""
    year: int | None = Field(default=None, ge=1500, le=2200)
    date: dt.date | None = None
    region: str = ""
    licence: str = ""
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")


_LibraryFile = TypeAdapter(dict[str, BookFacts])


@dataclass(frozen=True, slots=True)
class FoundBook:
    """A file that may be a book: where it lies, what brought it in, what library.toml says."""

    path: Path  # absolute
    source: Path  # the folder or file that was asked for
    facts: BookFacts | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """What lies under the paths that were asked for."""

    books: tuple[FoundBook, ...]
    warnings: tuple[str, ...] = ()  # of library.toml files, e.g. an entry without its PDF


def find_books(sources: Iterable[Path]) -> Library:
    """Every PDF under these folders, and these files themselves whatever their name; sorted.

    Hidden files and folders are passed over. A path that two sources share counts once.

    Raises:
        LibraryUnreadable: a library.toml is not valid.
    """
    found: dict[Path, FoundBook] = {}
    shelves: dict[Path, dict[str, BookFacts]] = {}
    for source in sources:
        for path in _pdfs_under(source):
            if path.parent not in shelves:
                shelves[path.parent] = read_library_file(path.parent)
            facts = shelves[path.parent].get(path.name)
            found.setdefault(path, FoundBook(path, source.absolute(), facts))
    warnings = [
        f"{folder / FILE_NAME} describes {name}, which is not there"
        for folder, facts in shelves.items()
        for name in facts
        if not (folder / name).exists()
    ]
    return Library(tuple(found[path] for path in sorted(found)), tuple(warnings))


def read_library_file(folder: Path) -> dict[str, BookFacts]:
    """The facts of `folder/library.toml` by file name; {} where there is none.

    Raises:
        LibraryUnreadable: not TOML, an unknown key, or a value of the wrong kind.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryUnreadable(f"{path} can't be read: {error}. Mend or remove it.") from error
    try:
        return _LibraryFile.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LibraryUnreadable(f"{path} is not valid TOML: {error}. Mend that line.") from error
    except ValidationError as error:
        raise LibraryUnreadable(f"{path}: {_explain(error)}") from error


def write_library_file(folder: Path, facts: Mapping[str, BookFacts]) -> None:
    """Write `folder/library.toml` with what is known of each file; comments in it are lost."""
    lines = []
    for file, book in sorted(facts.items()):
        lines.append(f"[{_as_toml(file)}]")
        known = book.model_dump(mode="json", exclude_defaults=True)
        lines += [f"{key} = {_as_toml(value)}" for key, value in known.items()]
        lines.append("")
    (folder / FILE_NAME).write_text("\n".join(lines), encoding="utf-8")


def describe_book(found: FoundBook, as_read: Book, file: str) -> tuple[Book, tuple[str, ...]]:
    """The book as the library shows it, and warnings.

    Args:
        as_read: what the PDF says of itself; its `title` is passed over where it is no title.
        file: its name, from `name_books`.
    """
    facts = found.facts or BookFacts()
    book = Book(
        id=as_read.id,
        file=file,
        path=str(found.path),
        title=facts.title or _title_of(as_read.title, found.path),
        edition=facts.edition or as_read.edition,
        publisher=facts.publisher or as_read.publisher,
        year=facts.year or (facts.date.year if facts.date else as_read.year),
        region=facts.region or as_read.region,
        licence=facts.licence or as_read.licence,
    )
    if facts.sha256 and facts.sha256 != as_read.id:
        return book, (
            f"{FILE_NAME} expects {found.path.name} with sha256 {facts.sha256[:12]}…, the file has "
            f"{as_read.id[:12]}…: another edition? Check its facts, then mend sha256",
        )
    return book, ()


def name_books(paths: Iterable[Path]) -> dict[Path, str]:
    """A name for each path, unique: the file name; of namesakes, all but one show their folder."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for path in paths:
        depth = 1
        while (name := readable("/".join(path.parts[-depth:]))) in taken:
            depth += 1
        taken.add(name)
        names[path] = name
    return names


def readable(path: Path | str) -> str:
    """The path as text that can be stored and shown: bytes that are no UTF-8 become "?"."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def is_title(text: str) -> bool:
    """Whether a PDF's own title can be shown to a reader."""
    text = text.strip()
    return len(text) >= _SHORTEST_TITLE and not _JUNK_TITLE.match(text)


def title_from_file_name(name: str) -> str:
    """`labour_care-guide_2020.pdf` → `Labour care guide 2020`."""
    words = re.sub(r"[\s_]+|(?<=\w)-(?=\w)|%20", " ", Path(name).stem).strip()
    return words[:1].upper() + words[1:] if words else name


def _as_toml(value: str | int) -> str:
    """JSON's strings and numbers are TOML's too, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _title_of(title: str, path: Path) -> str:
    title = " ".join(title.split())
    return title if title != path.stem and is_title(title) else title_from_file_name(path.name)


def _pdfs_under(source: Path) -> list[Path]:
    source = source.absolute()
    if not source.is_dir():
        return [source] if source.exists() and not _is_special(source) else []
    found = []
    for folder, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(folder, name)
            for name in sorted(files)
            if name.lower().endswith(".pdf")
            and not name.startswith(".")
            and not _is_special(Path(folder, name))
        ]
    return found


def _is_special(path: Path) -> bool:
    """A pipe, socket or device: opening it may wait for ever. A dead link is none: it fails."""
    return path.exists() and not path.is_file()


def _explain(error: ValidationError) -> str:
    """The first thing that is wrong, in words; an unknown key lists the valid ones."""
    first = error.errors()[0]
    file, *keys = (str(part) for part in first["loc"])
    key = ".".join(keys)
    if first["type"] == "extra_forbidden":
        return f"[{file!r}] has an unknown key {key!r}. Valid: {', '.join(BookFacts.model_fields)}"
    where = f"{key} of [{file!r}]" if key else f'"{file}" must be a table ["FILE.pdf"]'
    return f"{where}: {first['msg']} (found {first.get('input')!r})"
