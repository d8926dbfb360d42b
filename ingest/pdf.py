"""The reading side's front door: one PDF file → ReadBook.

Joins what pypdf knows of the file (structure) with what pdfium sees on its pages (print), and
has the print ordered and cleaned. Knows nothing of passages or the index.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pypdfium2 as pdfium

from corpus.records import Book, Page
from ingest.book import ReadBook, ReadLimits
from ingest.clean import text_quality
from ingest.errors import NoPages, PasswordNeeded, TooLarge
from ingest.furniture import PageText, remove_furniture
from ingest.glyphs import Sheet, read_sheet
from ingest.guard import damaged, read_bytes
from ingest.headings import PageLines, PlacedMark, find_headings
from ingest.hidden import Pixels, drop_hidden
from ingest.join import join_words, make_lines
from ingest.ocr import DPI, MAX_SIDE, read_picture
from ingest.reading import Direction, directions_of, order_lines
from ingest.shapes import View
from ingest.structure import Mark, Structure, read_structure

log = logging.getLogger(__name__)

Ocr = Literal["auto", "never", "always"]
Progress = Callable[[str, int], None]  # ("page" or "ocr", 1-based page)

USABLE = 0.45  # text quality below which a page is read by OCR
FEW_CHARACTERS = 60  # a page with less text than a stamp, and a picture, is a scan
LARGE_PICTURE = 0.4  # of the page's area
DRAWN = 150  # shapes without text: print turned into outlines
LOOK_DPI = 108  # pixels an inch of the page that hidden text is sought on
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD


@dataclass(slots=True)
class _Leaf:
    """A page while it is being read."""

    number: int
    sheet: Sheet
    directions: list[Direction]
    quality: float
    ocr: bool = False
    warnings: list[str] = field(default_factory=list)
    place: Callable[[float, float], tuple[float, float]] = lambda x, y: (x, y)


def read_pdf(
    path: Path,
    limits: ReadLimits | None = None,
    ocr: Ocr = "auto",
    password: str = "",
    progress: Progress | None = None,
) -> ReadBook:
    """Read one PDF into cleaned pages in reading order.

    Raises:
        ReadFailure: the file can't be read; carries the reason and the remedy.
    """
    limits = limits or ReadLimits()
    data = read_bytes(path, limits)
    document = open_document(path.name, data, password)
    try:
        if len(document) > limits.max_pages:
            raise TooLarge(
                f"{path.name} has {len(document):,} pages, at most {limits.max_pages:,} are read.",
                "Split the book, or raise the limit: LLAMA_MD_MAX_PAGES.",
            )
        structure = read_structure(data, password)
        leaves = list(_read_leaves(document, ocr, structure.hides_layers, progress))
    finally:
        document.close()
    if all(leaf.warnings and not leaf.sheet.height for leaf in leaves):
        raise damaged(path.name, "none of its pages can be read")
    return _assemble(_describe(path, data, structure), leaves, structure)


def open_document(name: str, data: bytes, password: str = "") -> pdfium.PdfDocument:
    """Open with the empty password, then with the given one.

    Raises:
        ReadFailure: encrypted with another password, without pages, or damaged.
    """
    error: pdfium.PdfiumError | None = None
    for key in dict.fromkeys(("", password)):
        try:
            return pdfium.PdfDocument(data, password=key or None)
        except pdfium.PdfiumError as failure:
            error = failure
    code = getattr(error, "err_code", None)
    if code == _PASSWORD_ERROR:
        raise PasswordNeeded(
            f"{name} is protected by a password"
            + (", and the given one does not open it." if password else "."),
            "Save a copy without the password, or give it in library.toml.",
        ) from error
    if code == 0:
        raise NoPages(f"{name} has no pages.", "Take it out of the folder.") from error
    raise damaged(name, error) from error


def _read_leaves(
    document: pdfium.PdfDocument, ocr: Ocr, distrust: bool, progress: Progress | None
) -> Iterator[_Leaf]:
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError as error:
            warning = f"page {index + 1} can't be read ({error})"
            yield _Leaf(index + 1, Sheet(index + 1, 0, 0), [], 0.0, warnings=[warning])
            continue
        try:
            yield _read_leaf(page, index + 1, ocr, distrust, progress)
        finally:
            page.close()
        if progress:
            progress("page", index + 1)


def _read_leaf(
    page: pdfium.PdfPage, number: int, ocr: Ocr, distrust: bool, progress: Progress | None
) -> _Leaf:
    sheet = read_sheet(page, number)
    hidden = drop_hidden(sheet, lambda: render(page, LOOK_DPI), distrust)
    directions = directions_of(sheet)
    words = [token.text for direction in directions for token in direction.tokens]
    leaf = _Leaf(number, sheet, directions, text_quality(words), place=View(page).point)
    if hidden:
        leaf.warnings.append(hidden)
    if ocr == "always" or (ocr == "auto" and needs_ocr(sheet, words, leaf.quality)):
        if progress:
            progress("ocr", number)
        _read_by_ocr(page, leaf)
    return leaf


def needs_ocr(sheet: Sheet, words: list[str], quality: float) -> bool:
    """Whether the page shows something that its text layer does not say."""
    characters = sum(map(len, words))
    if characters >= FEW_CHARACTERS:
        return quality < USABLE
    area = max(1.0, sheet.width * sheet.height)
    pictures = sum(
        (shape.x1 - shape.x0) * (shape.y1 - shape.y0)
        for shape in sheet.shapes
        if shape.kind in ("image", "shading")
    )
    return pictures / area > LARGE_PICTURE or len(sheet.shapes) > DRAWN


def _read_by_ocr(page: pdfium.PdfPage, leaf: _Leaf) -> None:
    """Replace the leaf's text by what OCR reads, if that is more than what stood there."""
    tokens = read_picture(render(page, DPI), leaf.sheet.width, leaf.sheet.height)
    words = [token.text for token in tokens]
    before = sum(len(token.text) for direction in leaf.directions for token in direction.tokens)
    if not words or (sum(map(len, words)) <= before and leaf.quality >= USABLE):
        return
    leaf.directions = [Direction(0, tokens, leaf.sheet.shapes)]
    leaf.quality, leaf.ocr = text_quality(words), True


def render(page: pdfium.PdfPage, dpi: float) -> Pixels:
    """The page as displayed, as (height, width, 3) pixels."""
    width, height = page.get_size()
    scale = min(dpi / 72, MAX_SIDE / max(1.0, width, height))
    bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
    pixels: Pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    return pixels


def _describe(path: Path, data: bytes, structure: Structure) -> Book:
    """What the file says of the book; library.toml knows better where it speaks."""
    return Book(
        id=hashlib.sha256(data).hexdigest(),
        file=path.name,
        path=str(path.resolve()),
        title=structure.title or path.stem.replace("_", " "),
        publisher=structure.author,
        year=structure.year,
    )


def _assemble(book: Book, leaves: list[_Leaf], structure: Structure) -> ReadBook:
    """Order, clean and label what was read."""
    texts = [
        (
            direction,
            PageText(
                leaf.number, direction.tokens, *direction.frame(leaf.sheet), direction.tables()
            ),
        )
        for leaf in leaves
        for direction in leaf.directions
    ]
    for angle in {direction.angle for direction, _ in texts}:
        remove_furniture([text for direction, text in texts if direction.angle == angle])
    for direction, text in texts:
        direction.tokens = text.tokens
    pages = [PageLines(leaf.number, order_lines(leaf.sheet, leaf.directions)) for leaf in leaves]
    outline = find_headings(pages, [_placed(mark, leaves) for mark in structure.marks])
    vocabulary = join_words([page.lines for page in pages])
    log.debug("%s: %d words known, %d headings", book.file, len(vocabulary), len(outline))
    labels = structure.labels
    made = tuple(
        Page(
            leaf.number,
            labels[leaf.number - 1] if leaf.number <= len(labels) else str(leaf.number),
            leaf.sheet.width,
            leaf.sheet.height,
            make_lines(page.lines, leaf.number),
            round(leaf.quality, 3),
            leaf.ocr,
            tuple(leaf.warnings),
        )
        for leaf, page in zip(leaves, pages, strict=True)
    )
    warnings = [*structure.warnings, *(note for leaf in leaves for note in leaf.warnings)]
    return ReadBook(book, made, tuple(outline), tuple(structure.asked_as), tuple(warnings))


def _placed(mark: Mark, leaves: list[_Leaf]) -> PlacedMark:
    """The outline entry in displayed coordinates."""
    if mark.y is None or not 1 <= mark.page <= len(leaves):
        return PlacedMark(mark.path, mark.page, None, None)
    x, y = leaves[mark.page - 1].place(mark.x or 0.0, mark.y)
    return PlacedMark(mark.path, mark.page, x if mark.x else None, max(0.0, y))
