"""Files of rows on this machine: CSV, JSON lines, JSON, Parquet, and MedQuAD's XML.

Training road: file → **record** (column → value) → Row. Knows no source; nothing is cast, so that
`007` and `1,000` stay as they are written.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from finetune.data.medquad import read_medquad
from finetune.errors import DataInvalid

Record = dict[str, Any]
LONGEST_CELL = 10_000_000  # characters; Python's own limit, 131,072, is under some clinical notes


def read_file(path: Path) -> Iterator[Record]:
    """The records of a file, in order.

    Raises:
        DataInvalid: its ending is not known, or it is not what its ending says.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DataInvalid(
            f"{path.name} ends in {path.suffix or 'nothing'!r}; expected one of "
            f"{', '.join(READERS)}. Convert it, or name another file with --from"
        )
    try:
        yield from reader(path)
    except (UnicodeDecodeError, csv.Error, OSError) as failure:
        raise DataInvalid(
            f"{path.name} could not be read ({failure}); expected {path.suffix} in UTF-8. "
            "Save it so, or name another file with --from"
        ) from failure


def hash_files(place: Path) -> str:
    """sha256 of a file's bytes; of a folder, over the names and bytes of all its files."""
    digest = hashlib.sha256()
    if place.is_file():
        digest.update(place.read_bytes())
        return digest.hexdigest()
    for path in sorted(p for p in place.rglob("*") if p.is_file() and ".git" not in p.parts):
        digest.update(f"{path.relative_to(place).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read_csv(path: Path) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for record in csv.DictReader(lines):
            yield {str(key): value for key, value in record.items() if key is not None}


def _read_json_lines(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _read_object(line, f"{path.name}, line {number}")


def _read_object(line: str, where: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError as failure:
        raise DataInvalid(
            f"{where} is no JSON ({failure}); expected one object a line. Mend that line"
        ) from failure
    if not isinstance(record, dict):
        raise DataInvalid(f"{where} is no object; expected one a line. Mend that line")
    return record


def _read_json(path: Path) -> Iterator[Record]:
    try:
        records = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as failure:
        raise DataInvalid(
            f"{path.name} is no JSON ({failure}); expected a list of objects. JSON lines go in a "
            "file that ends in .jsonl"
        ) from failure
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise DataInvalid(f"{path.name} is no list of objects; expected rows. Convert it to JSONL")
    yield from records


def _read_parquet(path: Path) -> Iterator[Record]:
    import pyarrow  # type: ignore[import-untyped]
    import pyarrow.parquet  # type: ignore[import-untyped]

    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            for batch in table.iter_batches():
                yield from batch.to_pylist()
    except pyarrow.ArrowException as failure:
        raise DataInvalid(
            f"{path.name} is no Parquet file ({failure}). Get it anew, or name another with --from"
        ) from failure


READERS: dict[str, Callable[[Path], Iterator[Record]]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".json": _read_json,
    ".parquet": _read_parquet,
    ".xml": read_medquad,
}
