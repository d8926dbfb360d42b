"""Kills ingests: `python -m tests.ingest.killing random|steps FOLDER` → JSON of what stood after.

Forks an ingest of a new edition of three books, kills it (`kill -9`), opens and searches what is
there, and lets a following ingest finish. Each edition's passages all name their edition, so a mix
of two would show.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from corpus.index import Index
from ingest.build import IngestOptions, ingest
from tests.ingest.desk import EMBEDDER, Desk
from tests.ingest.printing import print_book

BOOKS = ("one.pdf", "two.pdf", "three.pdf")
MOMENTS = 50
_TOUCHES_DISK = frozenset(
    ["open", "os.rename", "os.mkdir", "os.remove", "os.chmod", "shutil.rmtree", "sqlite3.connect"]
)


class Round:
    """Editions of the same books, one after another, in one index."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.edition = 0

    def print_next(self) -> None:
        self.edition += 1
        for name in BOOKS:
            lines = [f"{name} edition{self.edition} says line{i}" for i in range(12)]
            print_book(self.desk.books / name, lines, lines)

    def start(self, before: Callable[[], None] = lambda: None) -> int:
        """Fork an ingest; the child's process id."""
        child = os.fork()
        if child == 0:
            before()
            options = IngestOptions(self.desk.index_dir, ocr="never", passage_words=20)
            report = ingest([self.desk.books], options, EMBEDDER, read=self.desk.read_pdf)
            os._exit(int(report.failed))
        return child

    def finish(self, child: int) -> bool:
        """Wait for a child; whether it came to its end by itself, and well."""
        return os.waitpid(child, 0)[1] == 0

    def standing(self) -> int:
        """The edition that the index holds, once all of it was read and found.

        Raises: AssertionError where two editions are mixed or something can't be found.
        """
        index = Index.open(self.desk.index_dir, EMBEDDER, fully=True)
        texts = [passage.embedded_text for passage in index.passages(range(len(index)))]
        editions = {word for text in texts for word in re.findall(r"edition\d+", text)}
        assert len(editions) == 1, f"mixed: {editions}"
        assert sorted(book.file for book in index.books) == sorted(BOOKS)
        edition = editions.pop()
        assert len(index.search_lexical(edition, 999)) == len(index)
        for row, vector in enumerate(EMBEDDER.encode(texts)):
            assert index.search_dense(vector, 1)[0].score > 0.999, row
            assert index.boxes(row)
        index.close()
        return int(edition.removeprefix("edition"))

    def outcome(self) -> str:
        """ "old" or "new", after a kill; then the following ingest, which must be whole."""
        found = self.standing()
        assert found in (self.edition, self.edition - 1), (found, self.edition)
        assert self.finish(self.start()), "the following ingest failed"
        assert self.standing() == self.edition
        names = {path.name for path in self.desk.index_dir.iterdir()}
        assert not [name for name in names if name.startswith("tmp-")], names
        assert len(names) <= 4, names  # .lock, CURRENT, two versions
        return "new" if found == self.edition else "old"


def kill_at_random(folder: Path) -> list[str]:
    """50 moments over the time that an ingest takes, half of them around its last fifth."""
    chance = random.Random(50)
    run = Round(folder)
    took: list[float] = []
    outcomes = []
    run.print_next()
    assert run.finish(run.start())
    for number in range(MOMENTS):
        run.print_next()
        took.append(_seconds(run))
        usual = statistics.median(took[-5:])
        low, high = (0.0, 1.1) if number % 2 else (0.8, 1.1)
        run.print_next()
        child = run.start()
        time.sleep(usual * chance.uniform(low, high))
        os.kill(child, signal.SIGKILL)
        run.finish(child)
        outcomes.append(run.outcome())
    return outcomes


def kill_at_every_step(folder: Path) -> list[str]:
    """At every call that touches the index on disk, one kill each, until an ingest gets through."""
    run = Round(folder)
    run.print_next()
    assert run.finish(run.start())
    outcomes = []
    while True:
        run.print_next()
        step = len(outcomes) + 1
        if run.finish(run.start(lambda step=step: _die_at(step, run.desk.index_dir))):  # type: ignore[misc]
            return outcomes
        outcomes.append(run.outcome())


def _die_at(step: int, folder: Path) -> None:
    """End this process at the n-th call that touches `folder`."""
    left = step
    inside = os.fspath(folder)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _TOUCHES_DISK and any(inside in str(argument) for argument in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _seconds(run: Round) -> float:
    start = time.monotonic()
    assert run.finish(run.start())
    return time.monotonic() - start


if __name__ == "__main__":
    kills = {"random": kill_at_random, "steps": kill_at_every_step}[sys.argv[1]]
    print(json.dumps(kills(Path(sys.argv[2]))))  # noqa: T201 (its caller reads this)
