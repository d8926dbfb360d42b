"""Prints small PDFs for tests, with reportlab; the same words make the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas


def print_book(path: Path, *pages: Sequence[str], title: str = "", password: str = "") -> Path:
    """A PDF with one printed line for each string of each page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=A5, invariant=True, encrypt=password or None)
    if title:
        canvas.setTitle(title)
    for lines in pages or ((),):
        for number, line in enumerate(lines):
            canvas.drawString(50, 520 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def print_booklet(path: Path, topic: str, pages: int = 2) -> Path:
    """A small book in which every sentence speaks of `topic`."""
    return print_book(
        path,
        *(
            [
                f"On page {page} we read what helps with {topic}.",
                f"Ask your midwife about {topic} at the visit in week {page + 10}.",
                f"Most people with {topic} feel better after {page + 2} days.",
            ]
            for page in range(1, pages + 1)
        ),
    )
