"""Keeps an index in step with folders of PDFs: reads what is new, copies the rest, swaps it in.

The index remembers every source it was given (folders, or single PDFs); each ingest brings all of
them up to date. Knows no PDF library, no vector file and no model by name. Book road:
PDF → Page → Passage → **index**.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.errors import LibraryUnreadable
from corpus.library import describe_book, find_books, readable
from corpus.manifest import BookEntry, EmbedderId, Fingerprint
from corpus.writer import IndexWriter, remove_leftovers, writing_lock
from ingest.book import ReadBook, ReadLimits
from ingest.chunk import chunk_pages
from ingest.embed import embed_passages
from ingest.errors import ReadFailure
from ingest.pdf import Ocr
from ingest.plan import Plan, Task, plan_ingest, reader_version
from ingest.previous import Previous, open_previous
from ingest.progress import Progress, Silent
from ingest.read_ahead import ReadPassages, read_ahead
from ingest.report import BookReport, IngestReport, Status, Stopwatch
from ingest.worker import read_in_worker
from models.embedder import Embedder

ReadPdf = Callable[[Path, ReadLimits, Ocr, str, float], ReadBook]  # Raises: ReadFailure

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How books are read and indexed; `settings.py` has the same fields, documented."""

    index_dir: Path
    ocr: Ocr = "auto"
    passage_words: int = 110
    windows: bool = False
    limits: ReadLimits = field(default_factory=ReadLimits)
    file_timeout_s: float = 300.0
    password: str = field(default="", repr=False)
    rebuild: bool = False  # read every book again
    only: bool = False  # forget the sources of earlier ingests


def ingest(
    paths: Sequence[Path],
    options: IngestOptions,
    embedder: Embedder,
    progress: Progress | None = None,
    read: ReadPdf = read_in_worker,
) -> IngestReport:
    """Bring the index in `options.index_dir` in step with `paths` and the sources it remembers.

    A file that can't be read fails alone and is named in the report; the index is replaced in one
    step, or not at all. A book whose bytes changed into something unreadable leaves the index; one
    whose bytes are the same, but that can't be read again, stays as it was.

    Raises:
        IndexBusy: another ingest is writing this index.
        IndexUnwritable: the new version could not be written; the old one stands.
        LibraryUnreadable: a library.toml is not valid; or there is no book, found or indexed.
    """
    started = time.perf_counter()
    with writing_lock(options.index_dir):
        remove_leftovers(options.index_dir)
        clock = Stopwatch()
        with clock.time("find"):
            identity = EmbedderId.of(embedder)
            previous = open_previous(options.index_dir, identity, windows=options.windows)
            sources = _choose_sources(paths, previous, options)
            plan = _make_plan(sources, previous, options, embedder)
        run = _Run(previous, options, embedder, progress or Silent(), read, clock)
        version = run.bring_up_to_date(plan, tuple(map(str, sources)))
        return IngestReport(
            books=(*run.rows, *map(BookReport.removed, plan.removed)),
            index=str(options.index_dir),
            version=version,
            published=version != previous.version,
            sources=tuple(map(str, sources)),
            seconds={**clock.seconds, "total": time.perf_counter() - started},
            duplicates=sum(len(task.copies) for task in plan.tasks),
        )


def _choose_sources(
    paths: Sequence[Path], previous: Previous, options: IngestOptions
) -> list[Path]:
    """What the index remembers and is still there, then what is asked for anew."""
    remembered = () if options.only else (Path(source) for source in previous.sources)
    asked = (path.absolute() for path in paths)
    return list(dict.fromkeys([*(path for path in remembered if path.exists()), *asked]))


def _make_plan(
    sources: Sequence[Path], previous: Previous, options: IngestOptions, embedder: Embedder
) -> Plan:
    library = find_books(sources)
    if not library.books and not previous.entries:
        raise LibraryUnreadable(
            f"no PDF found in {', '.join(map(str, sources)) or 'no folder at all'}; expected at "
            "least one .pdf file. Put a book there, or run: python -m ingest FOLDER"
        )
    for warning in library.warnings:
        _logger.warning("%s", warning)
    reuse = previous.index is not None and not options.rebuild
    return plan_ingest(library, previous.entries, _reading(options, embedder), reuse=reuse)


def _reading(options: IngestOptions, embedder: Embedder) -> Fingerprint:
    """All that shapes the passages of a book: if any of it changes, the book is read again."""
    return {
        "reader": reader_version(),
        "words": options.passage_words,
        "max_tokens": embedder.max_tokens,
        "ocr": options.ocr,
    }


class _Run:
    """Brings the books of a plan into a new version, one after another."""

    def __init__(
        self,
        previous: Previous,
        options: IngestOptions,
        embedder: Embedder,
        progress: Progress,
        read: ReadPdf,
        clock: Stopwatch,
    ) -> None:
        self._previous = previous
        self._options = options
        self._embedder = embedder
        self._progress = progress
        self._read_pdf = read
        self._clock = clock
        self._reading = _reading(options, embedder)
        self._entries: list[BookEntry] = []
        self.rows: list[BookReport] = []

    def bring_up_to_date(self, plan: Plan, sources: tuple[str, ...]) -> str:
        """Write a new version where anything differs; the name of the version that is current."""
        kept = [_describe(task, task.same) for task in plan.tasks if task.same and not task.read]
        if len(kept) == len(plan.tasks) and self._previous.holds(kept, sources):
            pairs = zip(plan.tasks, kept, strict=True)
            self.rows += [_row(task, entry, "unchanged") for task, entry in pairs]
            return self._previous.version
        with IndexWriter(
            self._options.index_dir,
            EmbedderId.of(self._embedder),
            {**self._reading, "windows": self._options.windows},
            sources,
        ) as writer:
            self._take_all(plan, writer)
            if self._previous.holds(self._entries, sources) or self._holds_nothing():
                return self._previous.version
            with self._clock.time("write"):
                return writer.publish()

    def _holds_nothing(self) -> bool:
        """No book could be read, and there was no index before: better none than an empty one."""
        return not self._entries and not self._previous.version

    def _take_all(self, plan: Plan, writer: IndexWriter) -> None:
        to_read = [task for task in plan.tasks if task.read]
        self._progress.start(books=len(to_read), size=sum(task.size for task in to_read))
        for task, outcome in read_ahead(plan.tasks, self._read):
            if outcome is None:
                self._keep(writer, task)
            elif isinstance(outcome, ReadFailure):
                self._progress.book(task.file, task.size, 0)
                self._fail(writer, task, outcome)
            else:
                self._progress.book(task.file, task.size, len(outcome.passages))
                self._add(writer, task, outcome)

    def _read(self, path: Path) -> ReadPassages:
        """Runs in a reader's thread."""
        options = self._options
        with self._clock.time("read"):
            read = self._read_pdf(
                path, options.limits, options.ocr, options.password, options.file_timeout_s
            )
            passages = chunk_pages(
                read,
                words=options.passage_words,
                count_tokens=self._embedder.count_tokens,
                max_tokens=self._embedder.max_tokens,
            )
            return ReadPassages.of(read, passages)

    def _add(self, writer: IndexWriter, task: Task, read: ReadPassages) -> None:
        if read.book.id != task.sha256:
            moving = ReadFailure(f"{task.file} changed while it was read.", "Run it again.")
            self._fail(writer, task, moving)
            return
        with self._clock.time("embed"):
            vectors = embed_passages(
                self._embedder,
                read.passages,
                windows=self._options.windows,
                advance=self._progress.advance,
            )
        entry = BookEntry(
            book=read.book,
            as_read=read.book,
            pages=read.pages,
            ocr_pages=read.ocr_pages,
            read_warnings=read.warnings,
            reading=dict(self._reading),
        )
        with self._clock.time("write"):
            entry = writer.add_book(_describe(task, entry), read.passages, vectors)
        self._entries.append(entry)
        self.rows.append(_row(task, entry, "changed" if task.same or task.before else "added"))

    def _keep(self, writer: IndexWriter, task: Task) -> None:
        entry = self._copy(writer, task)
        if entry is not None:
            self.rows.append(_row(task, entry, "unchanged"))

    def _fail(self, writer: IndexWriter, task: Task, failure: ReadFailure) -> None:
        """Name the file; what was read earlier stays only if it was read from these very bytes."""
        entry = self._copy(writer, task)
        failed = BookReport(task.file, "failed", error=failure.reason, remedy=failure.remedy)
        if entry is not None:
            warnings = (*entry.warnings, "the passages read earlier from the same bytes stay")
            row = replace(_row(task, entry, "failed"), warnings=warnings)
            self.rows.append(replace(row, error=failure.reason, remedy=failure.remedy))
            return
        old = task.same or task.before
        gone = ("its earlier version left the index",) if old else ()
        self.rows.append(replace(failed, path=readable(task.found.path), warnings=gone))
        self.rows += [
            replace(failed, book=readable(path.name), path=readable(path)) for path in task.copies
        ]

    def _copy(self, writer: IndexWriter, task: Task) -> BookEntry | None:
        """Copy the rows and vectors of a book with the same bytes, where there are any."""
        if self._previous.index is None or task.same is None:
            return None
        with self._clock.time("write"):
            entry = writer.copy_book(self._previous.index, _describe(task, task.same))
        self._entries.append(entry)
        return entry


def _describe(task: Task, entry: BookEntry) -> BookEntry:
    """The entry with what library.toml and the neighbours say of it today."""
    book, warnings = describe_book(task.found, entry.as_read or entry.book, task.file)
    copies = tuple(f"{readable(path)} holds the same bytes; ingested once" for path in task.copies)
    update = {"book": book, "warnings": (*entry.read_warnings, *warnings, *copies)}
    return entry.model_copy(update=update)


def _row(task: Task, entry: BookEntry, status: Status) -> BookReport:
    row = BookReport.of(entry, status)
    if task.same is None or task.same.book.path == entry.book.path:
        return row
    return replace(row, warnings=(*row.warnings, f"was {task.same.book.path} before"))
