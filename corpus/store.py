"""passages.sqlite: the rows of the passages, their boxes, and the BM25 search over them.

One of the two owners of files in a version folder (the other is `corpus.vectors`). A row number is
the passage's place in the version: 0, 1, 2, …; the rows of one book follow one another. Knows
nothing of vectors, versions or PDFs.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import IndexDamaged
from corpus.records import Box, Passage, TextBox

FILE_NAME = "passages.sqlite"
LEXICAL_WEIGHTS = (1.5, 1.0, 1.0)  # of a word in the section path, the text, asked_as
MAX_TERMS = 128  # words beyond these add time to a query, not meaning

_SEPARATOR = "\x1f"  # between headings, and between questions; the tokenizer skips it
_COLUMNS = "id, book_id, first_page, last_page, page_label, section, text, position, asked_as"
_SCHEMA = """
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, book_id TEXT NOT NULL, first_page INTEGER NOT NULL,
    last_page INTEGER NOT NULL, page_label TEXT NOT NULL, section TEXT NOT NULL,
    text TEXT NOT NULL, position INTEGER NOT NULL, asked_as TEXT NOT NULL);
CREATE TABLE boxes (row INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
    section, text, asked_as, content='passages', content_rowid='row',
    tokenize='porter unicode61 remove_diacritics 2');
"""
_FINISH = """
CREATE INDEX passages_by_id ON passages (id);
CREATE INDEX passages_by_section ON passages (book_id, section);
INSERT INTO words (words) VALUES ('rebuild');
INSERT INTO words (words) VALUES ('optimize');
"""
_BOX_TYPE = np.dtype(
    [(name, "<i4") for name in ("start", "end", "page")]
    + [(name, "<f4") for name in ("x0", "y0", "x1", "y1")]
)


class PassageStore:
    """Read-only view of one passages.sqlite; any number of threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            # `immutable`: a published version never changes, so sqlite needs no locks of its own
            self._connection = sqlite3.connect(
                f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self.count: int = self._query("SELECT count(*) FROM passages")[0][0]
        except sqlite3.Error as error:
            raise _damaged(path, error) from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of these rows, in the same order, without their boxes.

        Raises:
            KeyError: a row that the index does not have.
        """
        found: dict[int, Passage] = {}
        for part in _parts(sorted({int(row) for row in rows})):
            marks = ",".join("?" * len(part))
            query = f"SELECT row, {_COLUMNS} FROM passages WHERE row IN ({marks})"
            found.update((record[0], _passage(record[1:])) for record in self._query(query, part))
        return [found[int(row)] for row in rows]

    def boxes(self, row: int) -> tuple[TextBox, ...]:
        """Where the words of a passage stand on paper."""
        found = self._query("SELECT data FROM boxes WHERE row = ?", (int(row),))
        return _unpack_boxes(found[0][0]) if found else ()

    def rows_of_id(self, passage_id: str) -> list[int]:
        return self._rows("SELECT row FROM passages WHERE id = ? ORDER BY row", (passage_id,))

    def rows_of_section(self, book_id: str, section: Sequence[str]) -> list[int]:
        query = "SELECT row FROM passages WHERE book_id = ? AND section = ? ORDER BY row"
        return self._rows(query, (book_id, _join(section)))

    def sections(self) -> list[tuple[str, tuple[str, ...], int]]:
        """(book id, section path, first row) of every section, in reading order."""
        query = "SELECT book_id, section, min(row) FROM passages GROUP BY 1, 2 ORDER BY 3"
        return [(book, _split(section), row) for book, section, row in self._query(query)]

    def search(
        self, query: str | Iterable[str], k: int, weights: Sequence[float] = LEXICAL_WEIGHTS
    ) -> list[tuple[int, float]]:
        """Rows with any of the words, best first, with their BM25 score (higher is better).

        Args:
            query: text as a person typed it, cut into words here; or terms, where a term of
                several words is searched as a phrase.
            weights: of the section path, the text and asked_as.
        """
        match = match_expression(query)
        if not match or k < 1:
            return []
        return self._query(
            "SELECT rowid, -bm25(words, ?, ?, ?) AS score FROM words WHERE words MATCH ? "
            "ORDER BY score DESC, rowid LIMIT ?",
            (*weights, match, k),
        )

    def _rows(self, query: str, values: Sequence[Any]) -> list[int]:
        return [record[0] for record in self._query(query, values)]

    def _query(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _damaged(self._path, error) from error


class PassageWriter:
    """Fills a new passages.sqlite; not for sharing between threads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # the file counts only once it is published whole: no journal, and one sync at the end
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)
        self.count = 0

    def add(self, passages: Sequence[Passage]) -> int:
        """Append passages; returns the row of the first."""
        first = self.count
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f"INSERT INTO passages (row, {_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",
            ((first + i, *_record(passage)) for i, passage in enumerate(passages)),
        )
        self._connection.executemany(
            "INSERT INTO boxes (row, data) VALUES (?, ?)",
            ((first + i, _pack_boxes(p.boxes)) for i, p in enumerate(passages) if p.boxes),
        )
        self._connection.execute("COMMIT")
        self.count += len(passages)
        return first

    def copy(self, source: Path, rows: range) -> int:
        """Append rows of another passages.sqlite as they stand; returns the row of the first."""
        first = self.count
        values = (first - rows.start, rows.start, rows.stop)
        self._connection.execute("ATTACH ? AS old", (str(source),))
        try:
            for table, columns in (("passages", _COLUMNS), ("boxes", "data")):
                self._connection.execute(
                    f"INSERT INTO main.{table} (row, {columns}) SELECT row + ?, {columns} "
                    f"FROM old.{table} WHERE row >= ? AND row < ? ORDER BY row",
                    values,
                )
        finally:
            self._connection.execute("DETACH old")
        self.count += len(rows)
        return first

    def finish(self) -> None:
        """Build the indexes and the word search, and close the file."""
        self._connection.executescript(_FINISH)
        self.close()

    def close(self) -> None:
        self._connection.close()


def match_expression(query: str | Iterable[str]) -> str:
    """An FTS5 expression that finds any of the terms, safe for whatever a person typed."""
    terms = re.findall(r"\w+", query) if isinstance(query, str) else query
    cleaned = (_printable(term).replace('"', " ").strip() for term in terms)
    unique = dict.fromkeys(term for term in cleaned if re.search(r"\w", term))
    return " OR ".join(f'"{term}"' for term in list(unique)[:MAX_TERMS])


def _record(passage: Passage) -> tuple[Any, ...]:
    return (
        passage.id,
        passage.book_id,
        passage.first_page,
        passage.last_page,
        _printable(passage.page_label),
        _join(passage.section),
        _printable(passage.text),
        passage.position,
        _join(passage.asked_as),
    )


def _passage(record: Sequence[Any]) -> Passage:
    id_, book_id, first_page, last_page, label, section, text, position, asked_as = record
    return Passage(
        id=id_,
        book_id=book_id,
        first_page=first_page,
        last_page=last_page,
        page_label=label,
        section=_split(section),
        text=text,
        position=position,
        asked_as=_split(asked_as),
    )


def _join(parts: Sequence[str]) -> str:
    return _SEPARATOR.join(_printable(part).replace(_SEPARATOR, " ") for part in parts)


def _split(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(_SEPARATOR)) if joined else ()


def _printable(text: str) -> str:
    """The text with what sqlite can't hold replaced one for one, so that box offsets stay true."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _pack_boxes(boxes: Sequence[TextBox]) -> bytes:
    rows = [(b.start, b.end, b.box.page, b.box.x0, b.box.y0, b.box.x1, b.box.y1) for b in boxes]
    return zlib.compress(np.array(rows, dtype=_BOX_TYPE).tobytes(), level=3)


def _unpack_boxes(data: bytes) -> tuple[TextBox, ...]:
    rows = np.frombuffer(zlib.decompress(data), dtype=_BOX_TYPE).tolist()
    return tuple(TextBox(start, end, Box(*box)) for start, end, *box in rows)


def _parts(values: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    """Pieces small enough for one SQL statement."""
    return (values[i : i + size] for i in range(0, len(values), size))


def _damaged(path: Path, error: sqlite3.Error) -> IndexDamaged:
    return IndexDamaged(f"{path} can't be read ({error}). Run: python -m ingest --rebuild")
