"""Batch files of the command line: JSON lines in, checked requests out.

Knows no step of the road; `rag.__main__` feeds what it reads here to one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import BadInput
from rag.events import Turn


@dataclass(frozen=True, slots=True)
class Request:
    """One line of a batch file."""

    id: Any
    text: str
    history: tuple[Turn, ...]
    fields: dict[str, str] = field(default_factory=dict)


def read_requests(path: Path, fields: Sequence[str] = ("text",)) -> Iterator[Request]:
    """The requests of a file, in order; empty lines are passed over.

    Raises:
        BadInput: no such file, or a line that is not an object with an id and `fields` as strings.
    """
    try:
        stream = path.open(encoding="utf-8")
    except OSError as failure:
        raise BadInput(
            f"{path} could not be read ({failure.strerror}); expected JSON lines."
        ) from failure
    with stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield _read_line(line, f"{path}, line {number}", fields)


def _read_line(line: str, where: str, fields: Sequence[str]) -> Request:
    expected = f'expected {{"id": …, {", ".join(f"{name!r}: text" for name in fields)}}}'
    try:
        row = json.loads(line)
    except json.JSONDecodeError as failure:
        raise BadInput(f"{where} is not JSON ({failure.msg}); {expected}.") from failure
    if not isinstance(row, dict) or "id" not in row:
        raise BadInput(f"{where} has no id; {expected}.")
    for name in fields:
        if not isinstance(row.get(name), str):
            raise BadInput(f"{where} has no text under {name!r}; {expected}.")
    values = {name: row[name] for name in fields}
    return Request(row["id"], values[fields[0]], _read_history(row, where), values)


def _read_history(row: dict[str, Any], where: str) -> tuple[Turn, ...]:
    turns = []
    for turn in row.get("history") or ():
        good = isinstance(turn, dict) and isinstance(turn.get("content"), str)
        if not good or turn.get("role") not in ("user", "assistant"):
            raise BadInput(
                f"{where} has a history turn {turn!r}; "
                'expected {"role": "user" or "assistant", "content": text}.'
            )
        turns.append(Turn(turn["role"], turn["content"]))
    return tuple(turns)
