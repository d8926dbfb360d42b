"""What a plan takes for a reason to read a book again."""

from __future__ import annotations

from pathlib import Path

import ingest
from ingest.plan import _BUILD_SIDE, reader_version


def test_the_reader_is_named_by_the_code_that_shapes_passages() -> None:
    assert reader_version() == reader_version()
    assert len(reader_version()) == 12


def test_every_module_that_is_left_out_of_that_name_exists() -> None:
    modules = {path.stem for path in Path(ingest.__file__).parent.glob("*.py")}
    assert modules >= _BUILD_SIDE
    assert {"pdf", "clean", "chunk", "ocr"} <= modules - _BUILD_SIDE
