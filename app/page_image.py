"""A page of a PDF as an image, sharp on dense screens, drawn once and remembered.

The only place of the app that opens a PDF. Knows no passage: marks are laid over the image by the
browser, so one image serves every highlight.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pypdfium2 as pdfium

from app.errors import PageUnavailable

WIDTH_PX = 1400  # twice the widest the panel gets on a usual screen, so letters stay sharp
MAX_HEIGHT_PX = 4000  # a poster-sized page is drawn smaller rather than filling the memory
REMEMBERED = 64  # images, of some 100 kB each

# pdfium keeps global state: one call at a time (pypdfium2 README, "Thread incompatibility").
_PDFIUM = threading.Lock()


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Size of a page in points as displayed, its printed label, and how many pages there are."""

    width: float
    height: float
    label: str
    pages: int


@lru_cache(maxsize=512)
def page_info(path: str, page: int) -> PageInfo:
    """What the browser must know to lay marks over page `page` (1-based).

    Raises:
        PageUnavailable: the file is gone or can't be opened, or has no such page.
    """
    with _open_page(path, page) as (document, opened):
        width, height = opened.get_size()
        label = document.get_page_label(page - 1) or str(page)
        return PageInfo(width, height, label, len(document))


@lru_cache(maxsize=REMEMBERED)
def render_page(path: str, page: int) -> bytes:
    """Page `page` (1-based) as WebP.

    Raises:
        PageUnavailable: the file is gone or can't be opened, or has no such page.
    """
    with _open_page(path, page) as (_, opened):
        width, height = opened.get_size()
        scale = min(WIDTH_PX / width, MAX_HEIGHT_PX / height)
        image = opened.render(scale=scale).to_pil()
    out = io.BytesIO()
    image.convert("RGB").save(out, format="WEBP", quality=85, method=2)
    return out.getvalue()


@contextmanager
def _open_page(path: str, page: int) -> Iterator[tuple[pdfium.PdfDocument, pdfium.PdfPage]]:
    if not Path(path).is_file():
        raise PageUnavailable(
            f"{Path(path).name} is no longer where it was when it was read. "
            "Put it back, or run: python -m ingest"
        )
    with _PDFIUM:
        try:
            document = pdfium.PdfDocument(path)
        except pdfium.PdfiumError as error:
            raise PageUnavailable(f"{Path(path).name} can't be opened: {error}") from error
        try:
            if not 1 <= page <= len(document):
                raise PageUnavailable(
                    f"{Path(path).name} has pages 1 to {len(document)}; {page} was asked for."
                )
            yield document, document[page - 1]
        finally:
            document.close()
