"""The reading side's front door: one PDF file → ReadBook.

Checks the file against the limits, then joins what pypdf knows (structure) with what pdfium
sees (text with boxes). Knows nothing of passages or the index.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Literal

import pypdfium2 as pdfium

from corpus.records import Book, Box, Line, Page, Word
from ingest.book import ReadBook, ReadLimits
from ingest.errors import DamagedPdf, EmptyFile, NoPages, NotAPdf, NotFound, TooLarge

log = logging.getLogger(__name__)

Ocr = Literal["auto", "never", "always"]


def read_pdf(
    path: Path, limits: ReadLimits | None = None, ocr: Ocr = "auto", password: str = ""
) -> ReadBook:
    """Read one PDF into cleaned pages in reading order.

    Raises:
        ReadFailure: the file can't be read; carries the reason and the remedy.
    """
    limits = limits or ReadLimits()
    data = read_bytes(path, limits)
    try:
        document = pdfium.PdfDocument(data, password=password or None)
    except pdfium.PdfiumError as error:
        raise DamagedPdf(f"{path.name} can't be opened: {error}.", "Get a fresh copy.") from error
    pages = []
    for index, page in enumerate(document, start=1):
        text = page.get_textpage().get_text_bounded()
        width, height = page.get_size()
        lines = tuple(
            Line(tuple(Word(word, Box(index, 0, 0, width, height)) for word in line.split()))
            for line in text.splitlines()
            if line.split()
        )
        pages.append(Page(index, str(index), width, height, lines))
    if not pages:
        raise NoPages(f"{path.name} has no pages.", "Remove it from the folder.")
    book = Book(hashlib.sha256(data).hexdigest(), path.name, str(path.resolve()), path.stem)
    return ReadBook(book, tuple(pages))


def read_bytes(path: Path, limits: ReadLimits) -> bytes:
    """The file's bytes, once it is known to be a PDF of a bearable size."""
    if not path.is_file():
        raise NotFound(f"{path} is not a file.", "Check the path.")
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile(f"{path.name} has 0 bytes, a PDF was expected.", "Get a fresh copy of it.")
    if size > limits.max_bytes:
        raise TooLarge(
            f"{path.name} has {size:,} bytes, more than the {limits.max_bytes:,} allowed.",
            "Split the book, or raise LLAMA_MD_MAX_BYTES.",
        )
    data = path.read_bytes()
    if b"%PDF-" not in data[:1024]:
        raise NotAPdf(
            f"{path.name} is not a PDF: it does not begin with %PDF-.",
            "Export it as PDF, or remove it from the folder.",
        )
    return data
