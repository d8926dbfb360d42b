"""One answer in the making: a thread of its own reads the assistant, the page reads what came.

Knows no Streamlit, so a rerun of the page or a click on it can't touch the generation. Stands
between `rag` and the views.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Literal
from uuid import uuid4

from corpus.errors import CorpusError
from corpus.records import Citation
from models.errors import ModelError
from rag.errors import RagError
from rag.events import Answer, Dropped, Event, Opening, Sentence, Triage

State = Literal["running", "done", "stopped", "failed"]
KNOWN_ERRORS: tuple[type[Exception], ...] = (CorpusError, ModelError, RagError)
UNKNOWN_PROBLEM = (
    "Something went wrong while I was answering. Please ask again; "
    "the person who runs this page finds the reason in the log."
)


class Reply:
    """The reply to one question; begins at once, and ends by itself, by `stop`, or with the tab.

    Args:
        begin: starts the assistant's events; called in the thread of the reply, so it may load.
            It is handed a question to ask at every piece of a draft: does this reply go on?
        is_wanted: asked before each event; False ends the reply (its tab is gone).
    """

    def __init__(
        self,
        question: str,
        begin: Callable[[Callable[[], bool]], Iterator[Event]],
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self.id = uuid4().hex[:12]
        self.question = question
        self.triage = Triage()
        self.opening: Opening | None = None
        self.sentences: list[Sentence] = []
        self.withheld = 0
        self.answer: Answer | None = None
        self.problem = ""
        self.state: State = "running"
        self._begin = begin
        self._is_wanted = is_wanted
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"reply-{self.id}", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self.state == "running"

    def stop(self) -> None:
        """Show nothing more; the thread ends at the assistant's next event."""
        self._stop.set()
        if self.state == "running":
            self.state = "stopped"

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the thread has let go of the assistant; False when it has not in time."""
        return self._ended.wait(timeout_s)

    @property
    def citations(self) -> list[Citation]:
        """The first citation of each number, in the order of the numbers."""
        first: dict[int, Citation] = {}
        for sentence in self.sentences:
            for citation in sentence.citations:
                first.setdefault(citation.n, citation)
        return [first[n] for n in sorted(first)]

    @property
    def text(self) -> str:
        """What was said, with its `[n]`: for the next turn's history, and for copying."""
        return Answer(status="answered", sentences=tuple(self.sentences)).text

    def _run(self) -> None:
        try:
            self._follow(self._begin(self._goes_on))
        except KNOWN_ERRORS as error:
            self.problem = str(error)
        finally:
            if self.state == "running":
                self.state = "done" if self.answer else "failed"
            if self.state == "failed":
                self.problem = self.problem or UNKNOWN_PROBLEM
            self._ended.set()

    def _follow(self, events: Iterator[Event]) -> None:
        for event in events:
            if not self._goes_on():
                break
            self._take(event)
        close = getattr(events, "close", None)
        if close is not None:
            close()

    def _goes_on(self) -> bool:
        if not self._is_wanted():
            self.stop()
        return not self._stop.is_set()

    def _take(self, event: Event) -> None:
        match event:
            case Triage():
                self.triage = event
            case Opening():
                self.opening = event
            case Sentence():
                self.sentences.append(event)
            case Dropped():
                self.withheld += 1
            case Answer():
                self.answer = event
