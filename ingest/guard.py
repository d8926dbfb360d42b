"""What a file must pass before a PDF library sees it: there, a PDF, and of a bearable size.

Measures what the streams decompress to without ever holding more than a slice of it.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from ingest.book import ReadLimits
from ingest.errors import DamagedPdf, EmptyFile, NotAPdf, NotFound, TooLarge

HEADER_WITHIN = 1024  # PDF readers look this far for %PDF- (PDF 32000-1, implementation note 13)
SLICE = 1 << 16
_STREAM = re.compile(rb"stream\r?\n")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")


def read_bytes(path: Path, limits: ReadLimits) -> bytes:
    """The file's bytes, once it is known to be a PDF within the limits.

    Raises:
        ReadFailure: missing, empty, no PDF, or over a limit.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise NotFound(f"{path} is a folder, a PDF file was expected.", "Name the file.")
        check_size(path, size, limits)
        data = path.read_bytes()
    except OSError as error:
        reason = f"{path} can't be read: {error.strerror}."
        raise NotFound(reason, "Check the path and its permissions.") from error
    if b"%PDF-" not in data[:HEADER_WITHIN]:
        raise NotAPdf(
            f"{path.name} is not a PDF: it begins with {data[:8]!r}, %PDF- was expected.",
            "Export it as PDF, or take it out of the folder.",
        )
    check_streams(path.name, data, limits.max_stream_bytes)
    return data


def check_size(path: Path, size: int, limits: ReadLimits) -> None:
    """Refuse a file of 0 bytes or of more than the limit."""
    if size == 0:
        raise EmptyFile(
            f"{path.name} has 0 bytes, a PDF was expected.", "Copy or download it again."
        )
    if size > limits.max_bytes:
        raise TooLarge(
            f"{path.name} has {size:,} bytes, at most {limits.max_bytes:,} are read.",
            "Split the book, or raise the limit: LLAMA_MD_MAX_BYTES.",
        )


def check_streams(name: str, data: bytes, max_bytes: int) -> None:
    """Refuse a file whose streams decompress to more than `max_bytes`.

    Pictures count one by one (a scanned book is large and honest), all else counts together.
    """
    total = 0
    for found in _STREAM.finditer(data):
        head = data[max(0, found.start() - 2000) : found.start()]
        head = head[head.rfind(b" obj") + 1 :]
        filters = len(_FLATE.findall(head))
        if not filters:
            continue
        picture = b"/Image" in head
        size = _inflated_size(
            memoryview(data)[found.end() :], filters, max_bytes - (0 if picture else total)
        )
        total += 0 if picture else size
        if max(size, total) > max_bytes:
            raise TooLarge(
                f"{name} holds streams that decompress to more than {max_bytes:,} bytes.",
                "Do not trust the file; if you do, raise LLAMA_MD_MAX_STREAM_BYTES.",
            )


def _inflated_size(data: memoryview, filters: int, enough: int) -> int:
    """Bytes the zlib stream at the start of `data` inflates to; stops a little past `enough`.

    A stream that was deflated twice counts with both its sizes.
    """
    outer = zlib.decompressobj()
    inner = zlib.decompressobj() if filters > 1 else None
    size = at = 0
    pending: bytes | memoryview = b""
    try:
        while size <= enough and not outer.eof:
            if not pending:
                pending = data[at : at + SLICE]
                at += SLICE
                if not len(pending):
                    break
            piece = outer.decompress(pending, SLICE)
            pending = outer.unconsumed_tail
            size += len(piece)
            if inner is not None and piece and not inner.eof:
                size += _inflate_on(inner, piece, enough - size)
    except zlib.error:
        return size  # damaged, or encrypted: what the libraries will read ends here too
    return size


def _inflate_on(inner: zlib._Decompress, piece: bytes, enough: int) -> int:
    size = 0
    while piece and size <= enough and not inner.eof:
        size += len(inner.decompress(piece, SLICE))
        piece = inner.unconsumed_tail
    return size


def damaged(name: str, why: object) -> DamagedPdf:
    """The failure for a file that no library can open."""
    return DamagedPdf(
        f"{name} is damaged or cut off: {why}.",
        "Copy or download it again, or repair it (for example: qpdf broken.pdf mended.pdf).",
    )
