"""Reads a PDF in a child process: a crash, a hang or a memory blow-up fails one file only."""

from __future__ import annotations

from pathlib import Path

from ingest.book import ReadBook, ReadLimits
from ingest.pdf import Ocr, read_pdf


def read_in_worker(
    path: Path,
    limits: ReadLimits | None = None,
    ocr: Ocr = "auto",
    password: str = "",
    timeout_s: float = 300.0,
) -> ReadBook:
    """`read_pdf` in a child process that is ended after `timeout_s` seconds.

    Raises:
        ReadFailure: what `read_pdf` raised, or WorkerFailure for a crash, hang or lack of memory.
    """
    return read_pdf(path, limits, ocr, password)  # a first version: the same process
