"""A child process reads: what happens to it happens to one file."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import worker
from ingest.errors import NotAPdf, WorkerFailure
from ingest.pdf import read_pdf
from ingest.worker import close_workers, read_in_worker
from tests.ingest.typeset import good_book


@pytest.fixture(autouse=True)
def _fresh_workers() -> Iterator[None]:
    close_workers()
    yield
    close_workers()


def test_the_child_reads_as_this_process_does(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    assert read_in_worker(path, ocr="never") == read_pdf(path, ocr="never")


def test_one_child_reads_file_after_file_and_failures_come_back(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").write_bytes(b"no pdf")
    read_in_worker(path, ocr="never")
    (child,) = worker._idle
    with pytest.raises(NotAPdf, match=r"b\.pdf is not a PDF"):
        read_in_worker(tmp_path / "b.pdf", ocr="never")
    assert len(read_in_worker(path, ocr="never").pages) == 4
    assert worker._idle == [child]
    assert child.files == 3


def test_several_threads_read_at_once(tmp_path: Path) -> None:
    paths = [good_book(tmp_path / f"{n}.pdf", pages=n + 1) for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        books = list(pool.map(lambda path: read_in_worker(path, ocr="never"), paths))
    assert [len(book.pages) for book in books] == [1, 2, 3]


def stopped_child() -> int:
    """A child that will answer no request, as one that hangs inside a library."""
    child = worker._take()
    worker._give_back(child)
    os.kill(child.process.pid, signal.SIGSTOP)
    return child.process.pid


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    stopped_child()
    started = time.monotonic()
    with pytest.raises(WorkerFailure, match=r"a\.pdf was not read within 1 seconds") as caught:
        read_in_worker(path, ocr="never", timeout_s=1)
    assert "LLAMA_MD_FILE_TIMEOUT_S" in caught.value.remedy
    assert time.monotonic() - started < 30
    assert len(read_in_worker(path, ocr="never").pages) == 4


def test_a_crash_fails_the_file_with_the_signals_name(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    threading.Timer(0.5, os.kill, (stopped_child(), signal.SIGKILL)).start()
    with pytest.raises(WorkerFailure, match="SIGKILL"):
        read_in_worker(path, ocr="never", timeout_s=60)


def test_a_child_that_died_between_files_is_replaced(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    read_in_worker(path, ocr="never")
    os.kill(worker._idle[0].process.pid, signal.SIGKILL)
    worker._idle[0].process.wait()
    assert len(read_in_worker(path, ocr="never").pages) == 4


def test_no_file_handle_is_left_open(tmp_path: Path) -> None:
    path = good_book(tmp_path / "a.pdf")
    read_in_worker(path, ocr="never")
    close_workers()
    before = len(os.listdir("/proc/self/fd"))
    read_in_worker(path, ocr="never")
    close_workers()
    assert len(os.listdir("/proc/self/fd")) <= before
