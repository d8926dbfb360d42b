"""The report of an ingest for people: a line a book, what failed and how to mend it, the sum.

Knows the report only.
"""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from ingest.report import BookReport, IngestReport

MOST_WARNINGS = 4  # shown of one book

_COLOURS = {
    "added": "green", "changed": "green", "unchanged": "dim", "removed": "yellow", "failed": "red",
}  # fmt: skip


def print_report(report: IngestReport, console: Console) -> None:
    """A line for each book, then the sum."""
    for book in report.books:
        _print(console, _line_of(book))
        for warning in book.warnings[:MOST_WARNINGS]:
            _print(console, f"            [yellow]{escape(warning)}[/]")
        if len(book.warnings) > MOST_WARNINGS:
            more = len(book.warnings) - MOST_WARNINGS
            _print(console, f"            [yellow]… and {more} more, listed by --json[/]")
        if book.error:
            _print(console, f"            [red]{escape(book.error)}[/] {escape(book.remedy)}")
    totals = report.totals
    state = "is new" if report.published else "stands as it was"
    _print(
        console,
        f"{totals['books']} books, {totals['pages']:,} pages, {totals['passages']:,} passages in "
        f"{report.seconds['total']:.1f} s; {totals['failed']} failed. "
        f"Index {escape(report.index)} {report.version} {state}.",
    )
    _print(console, f"[dim]Kept in step with: {escape(', '.join(report.sources))}[/]")


def _line_of(book: BookReport) -> str:
    ocr = f", {book.ocr_pages} by text recognition" if book.ocr_pages else ""
    held = f"  {book.pages} pages{ocr}, {book.passages} passages" if book.pages else ""
    return f"[{_COLOURS[book.status]}]{book.status:>10}[/]  [bold]{escape(book.book)}[/]{held}"


def _print(console: Console, line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True)
