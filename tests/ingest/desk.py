"""A folder of books, an index, and a reader in this process: what tests of the build work at."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from corpus.index import Index
from ingest.book import ReadBook, ReadLimits
from ingest.build import IngestOptions, ingest
from ingest.pdf import Ocr, read_pdf
from ingest.report import BookReport, IngestReport
from tests.fakes import HashingEmbedder

EMBEDDER = HashingEmbedder()


class Desk:
    """`read` holds the names of the files that the last ingest read."""

    def __init__(self, folder: Path) -> None:
        self.books = folder / "books"
        self.books.mkdir(parents=True)
        self.index_dir = folder / "index"
        self.read: list[str] = []
        self._one_at_a_time = threading.Lock()  # pdfium, which has a process of its own otherwise
        self.before_reading: Callable[[Path], None] = lambda path: None

    def ingest(
        self,
        *paths: Path,
        embedder: HashingEmbedder = EMBEDDER,
        words: int = 110,
        ocr: Ocr = "never",
        rebuild: bool = False,
        only: bool = False,
    ) -> IngestReport:
        self.read.clear()
        options = IngestOptions(
            self.index_dir, passage_words=words, ocr=ocr, rebuild=rebuild, only=only
        )
        return ingest(paths or [self.books], options, embedder, read=self.read_pdf)

    def index(self) -> Index:
        return Index.open(self.index_dir, EMBEDDER, fully=True)

    def finds(self, word: str) -> list[str]:
        """Files of the books whose passages hold the word."""
        index = self.index()
        rows = [row for row, _ in index.search_lexical(word, 99)]
        return sorted({index.book(passage.book_id).file for passage in index.passages(rows)})

    def read_pdf(
        self, path: Path, limits: ReadLimits, ocr: Ocr, password: str, timeout_s: float
    ) -> ReadBook:
        self.read.append(path.name)
        self.before_reading(path)
        with self._one_at_a_time:
            return read_pdf(path, limits, ocr, password)


def statuses(report: IngestReport) -> dict[str, str]:
    return {book.book: book.status for book in report.books}


def row_of(report: IngestReport, file: str) -> BookReport:
    return next(book for book in report.books if book.book == file)
