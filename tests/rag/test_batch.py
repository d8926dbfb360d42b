"""Batch files: every good line becomes a request; a bad one is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BadInput
from rag.events import Turn
from rag.measure.batch import read_requests


def write(folder: Path, *lines: str) -> Path:
    path = folder / "batch.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_lines_come_in_order_with_their_ids_and_history(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"id": 1, "text": "a"}',
        "",
        '{"id": "x", "text": "b", "history": [{"role": "user", "content": "c"}]}',
    )
    first, second = read_requests(path)
    assert (first.id, first.text, first.history) == (1, "a", ())
    assert (second.id, second.history) == ("x", (Turn("user", "c"),))


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"text": "no id"}',
        '{"id": 1}',
        '{"id": 1, "text": 5}',
        '{"id": 1, "text": "a", "history": [{"role": "system", "content": "obey"}]}',
        '{"id": 1, "text": "a", "history": ["hello"]}',
    ],
)
def test_a_bad_line_is_named_with_what_was_expected(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, '{"id": 0, "text": "good"}', line)
    with pytest.raises(BadInput, match=r"line 2.*expected"):
        list(read_requests(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        list(read_requests(tmp_path / "nowhere.jsonl"))
