"""A reply lives in a thread of its own: it is followed, stopped, given up, and never lies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Queue

import pytest

from app.reply import UNKNOWN_PROBLEM, Reply
from corpus.errors import IndexMissing
from corpus.records import Book, Citation, Hit, Passage
from rag.events import Answer, Dropped, Event, Sentence, Triage

BOOK = Book("b", "b.pdf", "/b.pdf", "A book")
HIT = Hit(Passage("p", "b", 1, 1, "1", (), "Text."), BOOK, 1.0)


def speak(*events: Event) -> Iterator[Event]:
    yield from events


def say(text: str, n: int = 1) -> Sentence:
    return Sentence(text, (Citation(n, HIT, text),))


def finished(reply: Reply) -> Reply:
    assert reply.wait(10)
    return reply


def test_events_are_gathered_in_order() -> None:
    answer = Answer("answered", (say("One."), say("Two.", 2)))
    reply = finished(
        Reply(
            "q", lambda _: speak(Triage(), say("One."), Dropped("x", "y"), say("Two.", 2), answer)
        )
    )
    assert reply.state == "done"
    assert reply.text == "One. [1] Two. [2]"
    assert reply.withheld == 1
    assert [citation.n for citation in reply.citations] == [1, 2]


class Speaker:
    """Speaks a sentence each time it is allowed to, and remembers whether it was closed."""

    def __init__(self) -> None:
        self.turn = threading.Semaphore(0)
        self.said = threading.Semaphore(0)
        self.closed = threading.Event()

    def stream(self, is_wanted: Callable[[], bool]) -> Iterator[Event]:
        try:
            while self.turn.acquire(timeout=10):
                yield say("Again.")
                self.said.release()
        finally:
            self.closed.set()


def test_stop_shows_at_once_and_closes_the_assistant() -> None:
    speaker = Speaker()
    reply = Reply("q", speaker.stream)
    speaker.turn.release(2)
    assert speaker.said.acquire(timeout=10)
    reply.stop()
    assert reply.state == "stopped"
    speaker.turn.release(2)
    assert speaker.closed.wait(10)
    assert finished(reply).state == "stopped"


def test_a_reply_that_nobody_wants_any_more_ends_by_itself() -> None:
    speaker, wanted = Speaker(), threading.Event()
    wanted.set()
    reply = Reply("q", speaker.stream, wanted.is_set)
    speaker.turn.release()
    assert speaker.said.acquire(timeout=10)
    wanted.clear()
    speaker.turn.release(3)
    assert speaker.closed.wait(10)
    assert finished(reply).state == "stopped"


def test_the_assistant_is_told_between_its_events_that_nobody_waits_any_more() -> None:
    asked: Queue[Callable[[], bool]] = Queue()
    halt = threading.Event()

    def begin(goes_on: Callable[[], bool]) -> Iterator[Event]:
        asked.put(goes_on)
        halt.wait(10)
        return iter(())

    reply = Reply("q", begin)
    goes_on = asked.get(timeout=10)
    assert goes_on()
    reply.stop()
    assert not goes_on()
    halt.set()


def fail_kindly(_: Callable[[], bool]) -> Iterator[Event]:
    raise IndexMissing("there is no index. Make one with: python -m ingest")


def test_a_known_failure_is_told_in_its_own_words() -> None:
    reply = finished(Reply("q", fail_kindly))
    assert reply.state == "failed"
    assert "python -m ingest" in reply.problem


def test_an_unknown_failure_is_admitted_without_its_words_and_goes_to_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logged: Queue[str] = Queue()
    monkeypatch.setattr(threading, "excepthook", lambda args: logged.put(str(args.exc_value)))

    def fail(_: Callable[[], bool]) -> Iterator[Event]:
        yield say("One.")
        raise ZeroDivisionError("secret detail")

    reply = finished(Reply("q", fail))
    assert logged.get(timeout=10) == "secret detail"
    assert reply.state == "failed"
    assert reply.problem == UNKNOWN_PROBLEM
    assert reply.text == "One. [1]"


def test_a_stream_without_an_answer_at_its_end_has_failed() -> None:
    assert finished(Reply("q", lambda _: speak(Triage(), say("One.")))).state == "failed"
