"""What a PDF says about itself, read with pypdf: outline, labels, metadata, lay questions.

Nothing here is needed to read the text: what can't be read becomes a warning, never a failure.
"""

from __future__ import annotations

import json
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import Destination, DictionaryObject

from ingest.book import AskedAs
from ingest.clean import normalise

log = logging.getLogger(__name__)
T = TypeVar("T")

ASKED_AS = "asked_as.json"
MAX_ATTACHMENT_BYTES = 2_000_000
MAX_OUTLINE_DEPTH = 8
MAX_OUTLINE_ITEMS = 20_000
MAX_QUESTION_CHARS = 300
# pypdf warns that damaged files raise other errors than its own; these are what the fuzz test met.
STRUCTURE_ERRORS = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """An outline entry where the file points it; `x`, `y` in PDF user space, None when not said."""

    path: tuple[str, ...]
    page: int  # 1-based
    x: float | None
    y: float | None


@dataclass(slots=True)
class Structure:
    """All that a PDF says about itself."""

    title: str = ""
    author: str = ""
    year: int | None = None
    labels: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    asked_as: list[AskedAs] = field(default_factory=list)
    hides_layers: bool = False  # some optional content is switched off
    warnings: list[str] = field(default_factory=list)


def read_structure(data: bytes, password: str = "") -> Structure:
    """Read everything that can be read; the rest is named in `warnings`."""
    structure = Structure()
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = _attempt(structure, "its structure", lambda: _open(data, password), None)
    if reader is None:
        return structure
    _attempt(structure, "its metadata", lambda: _read_metadata(reader, structure), None)
    structure.labels = _attempt(structure, "its page labels", lambda: reader.page_labels, [])
    structure.marks = _attempt(structure, "its outline", lambda: list(_marks(reader)), [])
    structure.hides_layers = _attempt(structure, "its layers", lambda: _hides_layers(reader), True)
    _attempt(structure, ASKED_AS, lambda: _read_asked_as(reader, structure), None)
    return structure


def _attempt(structure: Structure, what: str, read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except STRUCTURE_ERRORS as error:
        log.debug("%s can't be read", what, exc_info=True)
        structure.warnings.append(f"{what} can't be read ({type(error).__name__}: {error})")
        return otherwise


def _open(data: bytes, password: str) -> PdfReader:
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt("") and password:
        reader.decrypt(password)
    return reader


def _read_metadata(reader: PdfReader, structure: Structure) -> None:
    info = reader.metadata
    if info is None:
        return
    structure.title = clean_title(str(info.title or ""))
    structure.author = clean_title(str(info.author or ""))
    raw_date = str(info.get("/CreationDate", ""))
    found = re.search(r"(19|20)\d{2}", raw_date[:8])
    structure.year = int(found.group()) if found else None


def clean_title(text: str) -> str:
    """One line, composed, without control characters."""
    text = normalise(re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text))
    return re.sub(r"\s+", " ", text).strip()


def _marks(reader: PdfReader) -> Iterator[Mark]:
    """Outline entries depth first; a list inside the outline holds the entries under the last."""
    stack: list[tuple[Iterator[Any], tuple[str, ...]]] = [(iter(reader.outline), ())]
    last: tuple[str, ...] = ()
    count = 0
    while stack and count < MAX_OUTLINE_ITEMS:
        entries, path = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            last = path
        elif isinstance(entry, list):
            if len(stack) < MAX_OUTLINE_DEPTH:
                stack.append((iter(entry), last))
        else:
            count += 1
            title = clean_title(str(entry.title or ""))
            last = (*path, title) if title else path
            number = _page_of(reader, entry)
            if title and number is not None:
                yield Mark(last, number + 1, _number(entry.left), _number(entry.top))


def _page_of(reader: PdfReader, entry: Destination) -> int | None:
    try:
        number = reader.get_destination_page_number(entry)
    except STRUCTURE_ERRORS:
        return None
    return number if number is not None and number >= 0 else None


def _number(value: Any) -> float | None:
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None


def _hides_layers(reader: PdfReader) -> bool:
    """Whether the default configuration switches optional content off (PDF 32000-1, 8.11.4)."""
    layers = reader.root_object.get("/OCProperties")
    layers = layers.get_object() if layers is not None else None
    if not isinstance(layers, DictionaryObject):
        return False
    default = layers.get("/D")
    default = default.get_object() if default is not None else {}
    if not isinstance(default, DictionaryObject):
        return False
    return bool(default.get("/OFF")) or default.get("/BaseState") == "/OFF"


def _read_asked_as(reader: PdfReader, structure: Structure) -> None:
    for attachment in reader.attachment_list:
        if attachment.name != ASKED_AS:
            continue
        content = attachment.content
        if len(content) > MAX_ATTACHMENT_BYTES:
            structure.warnings.append(
                f"{ASKED_AS} has {len(content):,} bytes, at most {MAX_ATTACHMENT_BYTES:,} are read"
            )
            continue
        structure.asked_as, problems = parse_asked_as(content)
        structure.warnings += problems


def parse_asked_as(content: bytes) -> tuple[list[AskedAs], list[str]]:
    """The lay questions of an `asked_as.json`, and what is wrong with it."""
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        return [], [f"{ASKED_AS} is no JSON ({error})"]
    if not isinstance(entries, list):
        return [], [f"{ASKED_AS} is a {type(entries).__name__}, a list was expected"]
    good: list[AskedAs] = []
    bad: list[int] = []
    for index, entry in enumerate(entries):
        parsed = _parse_entry(entry)
        if parsed is None:
            bad.append(index)
        else:
            good.append(parsed)
    if not bad:
        return good, []
    some = ", ".join(map(str, bad[:5]))
    return good, [
        f"{ASKED_AS}: {len(bad)} of {len(entries)} entries left out (entry {some}): expected "
        '{"section": [texts], "page": number from 1, "questions": [texts]}'
    ]


def _parse_entry(entry: object) -> AskedAs | None:
    if not isinstance(entry, dict):
        return None
    section, page, questions = (entry.get(key) for key in ("section", "page", "questions"))
    if not isinstance(page, int) or isinstance(page, bool) or page < 1:
        return None
    titles, asked = _texts(section), _texts(questions)
    return AskedAs(titles, page, asked) if titles and asked else None


def _texts(value: object) -> tuple[str, ...]:
    """The value as clean texts; nothing when it is not a list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return ()
    texts = (clean_title(item)[:MAX_QUESTION_CHARS] for item in value)
    return tuple(text for text in texts if text)
