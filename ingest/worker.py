"""Reads a PDF in a child process: a crash, a hang or a memory blow-up fails one file only.

The child is a fresh interpreter without torch, started once and used for file after file; one
that crashed or was ended is replaced. Parent and child talk over a pipe; with the parent gone
the child ends itself.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from ingest.book import ReadBook, ReadLimits
from ingest.collecting import collection_paused
from ingest.errors import ReadFailure, WorkerFailure
from ingest.pdf import Ocr, read_pdf
from settings import ROOT

log = logging.getLogger(__name__)

OCR_PAGE_S = 90.0  # what each page read by OCR adds to a file's time; 10 to 20 s are usual
MAX_MEMORY_BYTES = 8 << 30  # address space of a child; OCR maps about 2 GiB
WATCH_S = 2.0  # how soon a child notices that its parent is gone


@dataclass(frozen=True, slots=True)
class _Request:
    path: Path
    limits: ReadLimits
    ocr: Ocr
    password: str


def read_in_worker(
    path: Path,
    limits: ReadLimits | None = None,
    ocr: Ocr = "auto",
    password: str = "",
    timeout_s: float = 300.0,
) -> ReadBook:
    """`read_pdf` in a child process, ended after `timeout_s` seconds (more for pages of OCR).

    Raises:
        ReadFailure: what `read_pdf` raised, or WorkerFailure for a crash, hang or lack of memory.
    """
    request = _Request(path, limits or ReadLimits(), ocr, password)
    worker = _take()
    used = worker.files > 0
    try:
        book = worker.read(request, timeout_s)
    except _Crash as crash:
        if not used:
            raise crash.failure(path) from None
        log.info("the reader crashed on %s; once more in a fresh one", path.name)
        worker = _Worker()
        try:
            book = worker.read(request, timeout_s)
        except _Crash as again:
            raise again.failure(path) from None
    finally:
        _give_back(worker)
    return book


class _Crash(Exception):
    """The child ended without an answer."""

    def __init__(self, code: int | None, last_words: str) -> None:
        super().__init__(code, last_words)
        self.code, self.last_words = code, last_words

    def failure(self, path: Path) -> WorkerFailure:
        """The failure that the file's row shows."""
        how = f"exit code {self.code}"
        if self.code is not None and self.code < 0:
            with contextlib.suppress(ValueError):
                how = signal.Signals(-self.code).name
        words = f": {self.last_words}" if self.last_words else ""
        return WorkerFailure(
            f"{path.name} made its reader crash ({how}{words}).",
            "The file is most likely damaged: get a fresh copy, or print it to a new PDF.",
        )


class _Worker:
    """One child process and the pipe to it."""

    def __init__(self) -> None:
        self.files = 0
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        ours, theirs = os.pipe(), os.pipe()  # (read, write): from the child, to the child
        environment = dict(os.environ)
        paths = [str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest.worker", str(theirs[0]), str(ours[1])],
            pass_fds=(theirs[0], ours[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            env=environment,
        )
        os.close(theirs[0])
        os.close(ours[1])
        self.answers = Connection(ours[0], writable=False)
        self.requests = Connection(theirs[1], readable=False)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def read(self, request: _Request, timeout_s: float) -> ReadBook:
        """Have the child read one file."""
        self.files += 1
        deadline = time.monotonic() + timeout_s
        try:
            self.requests.send(request)
            while True:
                left = deadline - time.monotonic()
                if left <= 0 or not self.answers.poll(left):
                    raise self._ended_for_time(request.path, timeout_s)
                with collection_paused():
                    answer = self.answers.recv()
                if answer == "ocr":
                    deadline += OCR_PAGE_S
                elif isinstance(answer, ReadBook):
                    return answer
                elif isinstance(answer, ReadFailure):
                    raise answer
        except (EOFError, OSError):
            raise self._crash() from None

    def _ended_for_time(self, path: Path, timeout_s: float) -> WorkerFailure:
        self.close()
        return WorkerFailure(
            f"{path.name} was not read within {timeout_s:g} seconds.",
            "If the book is that large, raise LLAMA_MD_FILE_TIMEOUT_S; else get a fresh copy.",
        )

    def _crash(self) -> _Crash:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        code = self.process.poll()
        self.errors.seek(0)
        lines = self.errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        self.close()
        return _Crash(code, lines[-1][:200] if lines else "")

    def close(self) -> None:
        """End the child."""
        if self.alive:
            self.process.kill()
        self.process.wait()
        for end in (self.answers, self.requests, self.errors):
            with contextlib.suppress(OSError):
                end.close()


_idle: list[_Worker] = []
_lock = threading.Lock()


def _take() -> _Worker:
    with _lock:
        while _idle:
            worker = _idle.pop()
            if worker.alive:
                return worker
            worker.close()
    return _Worker()


def _give_back(worker: _Worker) -> None:
    if worker.alive:
        with _lock:
            _idle.append(worker)


@atexit.register
def close_workers() -> None:
    """End all idle children."""
    with _lock:
        while _idle:
            _idle.pop().close()


def serve(requests: Connection, answers: Connection) -> None:
    """The child's life: read files until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    gc.disable()  # millions of small records, no cycles: collecting is a third of the time
    while True:
        try:
            request = requests.recv()
        except EOFError:
            return
        answers.send(_answer(request, answers))
        gc.collect()


def _answer(request: _Request, answers: Connection) -> ReadBook | ReadFailure:
    def tell(what: str, _page: int) -> None:
        if what == "ocr":
            answers.send("ocr")

    try:
        return read_pdf(request.path, request.limits, request.ocr, request.password, tell)
    except ReadFailure as failure:
        return failure
    except MemoryError:
        return WorkerFailure(
            f"{request.path.name} needs more than {MAX_MEMORY_BYTES >> 30} GiB of memory to read.",
            "Split the book, or get a fresh copy if it should be small.",
        )


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(0)


if __name__ == "__main__":
    # the module as the parent knows it, so that what is pickled has the same name on both sides
    from ingest import worker

    worker.serve(
        Connection(int(sys.argv[1]), writable=False), Connection(int(sys.argv[2]), readable=False)
    )
