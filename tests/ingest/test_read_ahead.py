"""Books are read in the background, a few at a time, and come in their order."""

from __future__ import annotations

import threading
from pathlib import Path

from corpus.library import FoundBook
from corpus.records import Book
from ingest.errors import DamagedPdf, ReadFailure
from ingest.plan import Task
from ingest.read_ahead import READERS, ReadPassages, read_ahead


def make_task(name: str, *, read: bool = True) -> Task:
    return Task(FoundBook(Path(name), Path(".")), "", name, read=read)


def read_nothing(path: Path) -> ReadPassages:
    return ReadPassages(Book(path.name, path.name, "", ""), (), 1, 0, ())


def test_books_come_in_order_also_those_that_are_not_read() -> None:
    tasks = [make_task(str(i), read=bool(i % 3)) for i in range(10)]
    found = list(read_ahead(tasks, read_nothing))
    assert [task for task, _ in found] == tasks
    assert [outcome is not None for _, outcome in found] == [task.read for task in tasks]


def test_no_more_books_wait_than_fit() -> None:
    started: list[str] = []
    lock = threading.Lock()

    def read(path: Path) -> ReadPassages:
        with lock:
            started.append(path.name)
        return read_nothing(path)

    for taken, _ in enumerate(read_ahead([make_task(str(i)) for i in range(20)], read), start=1):
        with lock:
            assert len(started) <= taken + READERS + 1


def test_a_failure_takes_the_place_of_its_book() -> None:
    def read(path: Path) -> ReadPassages:
        if path.name == "1":
            raise DamagedPdf("1 is damaged.", "Get another.")
        if path.name == "2":
            raise PermissionError(13, "Permission denied")
        return read_nothing(path)

    outcomes = [outcome for _, outcome in read_ahead([make_task(str(i)) for i in range(4)], read)]
    assert [isinstance(outcome, ReadFailure) for outcome in outcomes] == [False, True, True, False]
    assert "Permission denied" in str(outcomes[2])


def test_an_early_end_leaves_the_rest_unread() -> None:
    read: list[str] = []

    def note(path: Path) -> ReadPassages:
        read.append(path.name)
        return read_nothing(path)

    books = read_ahead([make_task(str(i)) for i in range(50)], note)
    next(books)
    books.close()
    assert len(read) < 10
