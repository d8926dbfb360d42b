"""What can go wrong between a PDF and the index: one small tree.

IngestError
├── CatalogueInvalid      corpus/catalogue.toml, or a name looked up in it, can't be used
├── DownloadFailed        a book of the catalogue could not be fetched
└── ReadFailure           this file can't be read; the others can
    ├── NotFound          there is no such file
    ├── EmptyFile         0 bytes
    ├── NotAPdf           some other kind of file
    ├── TooLarge          more bytes, pages or decompressed data than the limits allow
    ├── PasswordNeeded    encrypted, and neither the empty nor the given password opens it
    ├── NoPages           a PDF without a page
    ├── DamagedPdf        truncated or corrupt beyond reading
    ├── OcrUnavailable    pages need OCR, and the OCR engine can't be loaded
    └── WorkerFailure     the reading process crashed, hung or ran out of memory
"""

from __future__ import annotations


class IngestError(Exception):
    """Root of this room's errors; the text says what happened, what was expected, what mends it."""


class CatalogueInvalid(IngestError):
    """The catalogue breaks its format, or has no open book of that name."""


class DownloadFailed(IngestError):
    """An address gave no answer, or something else than the PDF."""


class ReadFailure(IngestError):
    """One file that can't be read: `reason` with the value found, `remedy` with what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[ReadFailure], tuple[str, str]]:
        """Survive the way back from the worker process."""
        return type(self), (self.reason, self.remedy)


class NotFound(ReadFailure):
    """There is no such file."""


class EmptyFile(ReadFailure):
    """The file has 0 bytes."""


class NotAPdf(ReadFailure):
    """The file is something other than a PDF."""


class TooLarge(ReadFailure):
    """The file holds more bytes, pages or decompressed data than the limits allow."""


class PasswordNeeded(ReadFailure):
    """The file is encrypted and no known password opens it."""


class NoPages(ReadFailure):
    """The PDF has no page."""


class DamagedPdf(ReadFailure):
    """The PDF is truncated or corrupt beyond reading."""


class OcrUnavailable(ReadFailure):
    """Pages need OCR and the engine can't be loaded."""


class WorkerFailure(ReadFailure):
    """The reading process crashed, hung or ran out of memory."""
