"""Thumbs, reasons and comments in a local SQLite file; the conversation only where she shares it.

Knows no page. Rows: when, thumb, status of the answer, reason, comment, and, if shared, the words; names,
telephone numbers and e-mail addresses are masked in all of them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rag.text.privacy import mask_private

Thumb = Literal["up", "down"]
REASONS = {
    "up": ("Clear", "Answers my question", "Good page", "Kind"),
    "down": ("Wrong or unsafe", "Not my question", "Wrong page", "Hard to understand"),
}
MAX_COMMENT = 1000

_TABLE = """
CREATE TABLE IF NOT EXISTS ratings (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    thumb TEXT NOT NULL CHECK (thumb IN ('up', 'down')),
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    question TEXT,
    answer TEXT
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """The words of one turn, kept only because she ticked to share them."""

    question: str
    answer: str


class Ratings:
    """The file of ratings; made at the first rating."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, thumb: Thumb, status: str) -> int:
        """Keep a thumb; returns its id, for `explain`."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (now, thumb, status)
        with closing(self._connect()) as connection, connection:
            added = connection.execute(
                "INSERT INTO ratings (at, thumb, status) VALUES (?, ?, ?)", row
            )
            return int(added.lastrowid or 0)

    def explain(
        self, rating: int, reason: str, comment: str = "", shared: Shared | None = None
    ) -> None:
        """Add the reason to a thumb, and the words of the turn if they were shared."""
        words = (
            (mask_private(shared.question), mask_private(shared.answer)) if shared else (None, None)
        )
        row = (reason, mask_private(comment[:MAX_COMMENT]), *words, rating)
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "UPDATE ratings SET reason = ?, comment = ?, question = ?, answer = ? WHERE id = ?",
                row,
            )

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=10)
        connection.execute(_TABLE)
        return connection
