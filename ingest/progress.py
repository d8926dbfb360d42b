"""How far an ingest is: the bar with the time left, or nothing at all.

Knows no book. Writes to standard error only.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress


class Progress(Protocol):
    """Whoever shows how far the ingest is."""

    def start(self, books: int, size: int) -> None:
        """So many books are to be read, together `size` bytes."""

    def book(self, name: str, size: int, passages: int) -> None:
        """A book was read: `passages` vectors to come; 0 where it failed."""

    def advance(self, passages: int) -> None:
        """So many more passages have their vectors."""


class Silent:
    """Shows nothing."""

    def start(self, books: int, size: int) -> None: ...
    def book(self, name: str, size: int, passages: int) -> None: ...
    def advance(self, passages: int) -> None: ...


class Bar:
    """A bar in passages; how many the unread books will give is guessed from those read so far."""

    def __init__(self, console: Console) -> None:
        self._rich = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} passages"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._rich.add_task("looking for books", total=None)
        self._books = self._books_read = 0
        self._bytes_left = self._bytes_read = self._passages = 0

    def __enter__(self) -> Bar:
        self._rich.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rich.stop()

    def start(self, books: int, size: int) -> None:
        self._books, self._bytes_left = books, size
        self._rich.update(self._task, description=f"reading {books} books")

    def book(self, name: str, size: int, passages: int) -> None:
        self._books_read += 1
        self._bytes_left -= size
        if passages:
            self._bytes_read += size
            self._passages += passages
        to_come = self._bytes_left * self._passages / max(1, self._bytes_read)
        self._rich.update(
            self._task,
            description=f"book {self._books_read} of {self._books}: {name}",
            total=self._passages + to_come or None,
        )

    def advance(self, passages: int) -> None:
        self._rich.advance(self._task, passages)
