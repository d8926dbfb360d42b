"""The one list of references, `corpus/source/references.toml`, read and checked for form.

Knows no booklet. Every reference that a booklet marks stands here once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from scripts.books.source import SourceError

CHECKS = {
    "looked-up": "a stored copy was found and the cited facts compared with it",
    "known": "an established document, cited from knowledge of it",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that booklets cite."""

    key: str
    title: str
    organisation: str
    year: int
    identifier: str  # "NG201", "9789240045989", "Practice Bulletin 222"; "" when it has none
    page: str  # its official web page, "" when it has none
    checked: str  # a key of CHECKS


def read_references(path: Path) -> dict[str, Reference]:
    """Every reference by its key.

    Raises:
        SourceError: not TOML, a key twice, a field missing or unknown.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{path}: not TOML: {error}") from error
    return {key: _read_reference(path, key, values) for key, values in table.items()}


def tidy_references(text: str) -> str:
    """The same file with its entries sorted by key, one empty line between them."""
    head, *entries = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    entries.sort(key=lambda entry: entry.partition("]")[0])
    return "\n\n".join(part.strip() for part in (head, *entries)) + "\n"


def find_twins(references: Iterable[Reference]) -> list[str]:
    """Documents that are listed under two keys: same organisation and title."""
    first: dict[tuple[str, str], str] = {}
    twins = []
    for reference in references:
        name = (_fold(reference.organisation), _fold(reference.title))
        other = first.setdefault(name, reference.key)
        if other != reference.key:
            twins.append(f"[{other}] and [{reference.key}] are the same document; keep one")
    return twins


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _read_reference(path: Path, key: str, values: dict[str, object]) -> Reference:
    wanted = {field.name for field in fields(Reference)} - {"key"}
    given = {"identifier": "", "page": ""} | values
    if given.keys() != wanted:
        odd = ", ".join(sorted(given.keys() ^ wanted))
        raise SourceError(f"{path}: [{key}] has missing or unknown fields: {odd}")
    if given["checked"] not in CHECKS:
        raise SourceError(
            f"{path}: [{key}] checked = '{given['checked']}'; expected {' or '.join(CHECKS)}"
        )
    return Reference(key=key, **given)  # type: ignore[arg-type]  # the fields were compared above
