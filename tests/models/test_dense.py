"""A folder that transformers reads is taken as it is; a GGUF that can't be unpacked is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.dense import find_dense
from models.errors import WeightsDamaged


def test_a_dense_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "copy.gguf").write_bytes(b"")
    assert find_dense(tmp_path) == tmp_path


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not weights at all" * 100])
def test_a_gguf_that_can_not_be_unpacked_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.gguf").write_bytes(content)
    with pytest.raises(WeightsDamaged, match=r"broken\.gguf"):
        find_dense(tmp_path)
    assert not (tmp_path / "dense").exists()
