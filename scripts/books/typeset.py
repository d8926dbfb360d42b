"""Lays a booklet out: numbers its references, hands its tree as JSON to Typst, gets PDF bytes.

The look lives in `corpus/source/style`; nothing of it is known here. Same source, same bytes:
fixed date, fonts from packages (never the system's), no clock.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import font_source_sans_pro  # type: ignore[import-untyped]
import typst

from scripts.books.references import Reference
from scripts.books.source import Block, Booklet, Chapter, Mark, SourceError, Span, Spans

WEIGHTS = ("Light", "Regular", "It", "Semibold", "SemiboldIt", "Bold", "BoldIt")


def typeset_booklet(booklet: Booklet, references: dict[str, Reference]) -> bytes:
    """The booklet as PDF.

    Raises:
        SourceError: Typst refused the style or a diagram; carries its message.
    """
    root = booklet.path.parent
    when = datetime(booklet.date.year, booklet.date.month, booklet.date.day, tzinfo=UTC)
    tree = json.dumps(describe_booklet(booklet, references), ensure_ascii=False)
    with TemporaryDirectory(prefix="llama-md-fonts-") as folder:
        compiler = typst.Compiler(
            input=root / "style" / "main.typ",
            root=root,
            font_paths=_gather_fonts(Path(folder)),
            sys_inputs={"booklet": tree},
        )
        try:
            pdf = compiler.compile(format="pdf", timestamp=when)
        except typst.TypstError as error:
            raise SourceError(f"{booklet.path}: Typst: {error.diagnostic}") from error
    if not isinstance(pdf, bytes):
        raise SourceError(f"{booklet.path}: Typst gave no PDF")
    return pdf


def _gather_fonts(folder: Path) -> typst.Fonts:
    """Typst's own fonts and Source Sans Pro (SIL OFL), one file a weight.

    The package holds each weight as .otf and .ttf; which of two Typst would take depends on the
    order of the file system, and the bytes of the book on it.
    """
    files = Path(font_source_sans_pro.__file__).parent / "files"
    for weight in WEIGHTS:
        shutil.copy(files / f"SourceSansPro-{weight}.ttf", folder)
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def describe_booklet(booklet: Booklet, references: dict[str, Reference]) -> dict[str, object]:
    """The tree that `style/main.typ` renders; JSON types only."""
    return {
        "number": booklet.number,
        "title": booklet.title,
        "subtitle": booklet.subtitle,
        "edition": booklet.edition,
        "year": booklet.date.year,
        "month": booklet.date.month,
        "day": booklet.date.day,
        "month_name": booklet.date.strftime("%B"),
        "region": booklet.region,
        "licence": booklet.licence,
        "authors": booklet.authors,
        "colour": booklet.colour,
        "chapters": [_describe_chapter(chapter, references) for chapter in booklet.chapters],
    }


def _describe_chapter(chapter: Chapter, references: dict[str, Reference]) -> dict[str, object]:
    numbers = _number_marks(chapter)
    return {
        "title": chapter.title,
        "sections": [
            {
                "title": section.title,
                "asked_as": section.asked_as,
                "blocks": [_describe_block(block, numbers) for block in section.blocks],
            }
            for section in chapter.sections
        ],
        "references": [_describe_reference(mark, references[mark.key]) for mark in numbers],
    }


def _number_marks(chapter: Chapter) -> dict[Mark, int]:
    """1, 2, 3… for the chapter's different marks (reference and place), in order of appearance."""
    marks = (m for s in chapter.sections for block in s.blocks for m in block.marks)
    distinct = dict.fromkeys(mark for mark in marks if mark.key != "none")
    return {mark: number for number, mark in enumerate(distinct, start=1)}


def _describe_reference(mark: Mark, reference: Reference) -> dict[str, object]:
    return {
        "organisation": reference.organisation,
        "title": reference.title,
        "identifier": reference.identifier,
        "year": reference.year,
        "locator": mark.locator,
        "page": reference.page,
    }


def _describe_block(block: Block, numbers: dict[Mark, int]) -> dict[str, object]:
    return {
        "kind": block.kind,
        "spans": _describe_spans(block.spans, numbers),
        "items": [_describe_spans(item, numbers) for item in _close_list(block.items)],
        "ordered": block.ordered,
        "rows": [[_describe_spans(cell, numbers) for cell in row] for row in block.rows],
        "box": block.box,
        "title": block.title,
        "blocks": [_describe_block(inner, numbers) for inner in block.blocks],
        "name": block.name,
    }


def _close_list(items: tuple[Spans, ...]) -> tuple[Spans, ...]:
    """The items, the last one with a full stop: what follows the list is a new sentence."""
    if not items:
        return items
    *before, last = items
    words = [index for index, span in enumerate(last) if span.text.strip()]
    if not words or last[words[-1]].text.rstrip()[-1] in ".!?:”)":
        return items
    at = words[-1]
    closed = replace(last[at], text=last[at].text.rstrip() + ".")
    return (*before, (*last[:at], closed, *last[at + 1 :]))


def _describe_spans(spans: Spans, numbers: dict[Mark, int]) -> list[dict[str, object]]:
    return [_describe_span(span, numbers) for span in spans]


def _describe_span(span: Span, numbers: dict[Mark, int]) -> dict[str, object]:
    return {
        "text": span.text,
        "strong": span.strong,
        "emphasis": span.emphasis,
        "marks": sorted({numbers[mark] for mark in span.marks if mark.key != "none"}),
    }
