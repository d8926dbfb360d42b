"""Rows of a public set: from a file, a folder, or the hub at one revision.

Training road: place → record → **Row** → Fate. The hub is read as a stream: nothing of a set whose
licence is not known stays behind in a cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from finetune.data.medquad import read_medquad
from finetune.data.rows import Row
from finetune.data.sources import Source, check_columns, read_record
from finetune.data.tables import hash_files, read_file
from finetune.errors import DataInvalid

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rows of a source, and where they are from, without the folders of this machine."""

    rows: tuple[Row, ...]
    origin: str  # a file's or folder's name, or the hub id
    revision: str = ""  # the hub's commit
    sha256: str = ""  # of the file or folder


def load_rows(
    source: Source, place: str = "", revision: str = "", limit: int | None = None
) -> Loaded:
    """The first `limit` rows of the source, from `place`: a file, a folder or a hub id.

    Raises:
        DataInvalid: there is no such place, it can't be read, or it lacks the source's columns.
    """
    place = place or source.hub_id
    if not place:
        raise DataInvalid(
            f"{source.name} has no place on the hub; expected a file or a folder. "
            f"Name it: python -m finetune prepare {source.name} --from FILE"
        )
    path = Path(place).expanduser()
    if path.exists():
        rows = tuple(_read_rows(source, read_records(path), path.name, limit))
        return Loaded(rows, path.resolve().name, sha256=hash_files(path))
    if not _HUB_ID.fullmatch(place):
        raise DataInvalid(
            f"{place} is not there; expected a file, a folder or a hub id (owner/name). "
            "Mend the path after --from"
        )
    commit = _find_commit(place, revision)
    rows = tuple(_read_rows(source, _stream(place, commit), place, limit))
    return Loaded(rows, place, revision=commit)


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file or a folder on this machine.

    Raises:
        DataInvalid: it holds no rows that we can read.
    """
    if path.is_file():
        return read_file(path)
    if next(path.rglob("*.xml"), None):
        return read_medquad(path)
    return _stream(str(path), "")


def _read_rows(
    source: Source, records: Iterable[dict[str, Any]], where: str, limit: int | None
) -> Iterator[Row]:
    records = iter(records)
    first = next(records, None)
    if first is None:
        raise DataInvalid(
            f"{where} holds no rows; expected those of {source.name}. "
            "Name another place with --from"
        )
    check_columns(source, first, where)
    for number, record in enumerate(islice(chain([first], records), limit), start=1):
        yield read_record(source, record, number)


def _find_commit(hub_id: str, revision: str) -> str:
    """The commit that the revision names now, so that the report can pin it."""
    from httpx import TransportError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        return str(HfApi().dataset_info(hub_id, revision=revision or None, timeout=30).sha)
    except (TransportError, OfflineModeIsEnabled, OSError) as failure:
        known = isinstance(failure, HfHubHTTPError)
        says = str(failure).strip().splitlines()[0] if known else "the hub can't be reached"
        raise DataInvalid(
            f"{hub_id}{' at ' + revision if revision else ''}: {says}; expected a set on the hub. "
            "Check its name and revision, or name a file with --from"
        ) from failure


def _stream(place: str, revision: str) -> Iterator[dict[str, Any]]:
    """The records of all splits of a set on the hub, or of a folder in the hub's layout."""
    from datasets import load_dataset  # type: ignore[import-untyped]
    from datasets.exceptions import DatasetsError  # type: ignore[import-untyped]
    from httpx import TransportError

    try:
        splits = load_dataset(place, revision=revision or None, streaming=True)
        for split in splits.values():
            yield from split
    except (DatasetsError, TransportError, OSError, ValueError) as failure:
        name = Path(place).name if Path(place).exists() else place
        says = (str(failure).strip().splitlines() or [type(failure).__name__])[0]
        raise DataInvalid(
            f"{name} could not be read ({says}); expected CSV, JSON lines or Parquet files. "
            "Name one of its files with --from"
        ) from failure
