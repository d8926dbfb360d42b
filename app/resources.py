"""What all sessions share: settings, the assistant (loaded once, in the background), the library.

Knows no page and holds no conversation. The server calls `open_desk` once; pages call `desk`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.ratings import Ratings
from corpus.errors import CorpusError
from corpus.index import Index, LiveIndex
from corpus.records import Passage, TextBox
from models.errors import ModelError
from rag.events import Event, Turn
from rag.profile import Profile
from settings import ROOT, Settings, load_settings

if TYPE_CHECKING:
    from rag.retrieve import SearchResult

log = logging.getLogger(__name__)


class Finder(Protocol):
    """What the Search page needs of a retriever; `rag.retrieve.Retriever` is one."""

    def search(self, question: str, /, *, k: int) -> SearchResult: ...


class Speaker(Protocol):
    """What the app needs of an assistant; `rag.answer.Assistant` is one."""

    @property
    def retriever(self) -> Finder: ...

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        profile: Profile | None = None,
        is_wanted: Callable[[], bool] = ...,
    ) -> Iterator[Event]: ...


class Desk:
    """The one desk that every session sits at."""

    def __init__(
        self,
        settings: Settings,
        load: Callable[[Settings], Speaker],
        ratings: Path = ROOT / "var" / "ratings.sqlite",
    ) -> None:
        self.settings = settings
        self.ratings = Ratings(ratings)
        self._load = load
        self._assistant: Speaker | None = None
        self._live: LiveIndex | None = None
        self._loading = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether the next question is answered without waiting for the models."""
        return self._assistant is not None

    def warm_up(self) -> threading.Thread:
        """Load the models in the background, so that the first question is quick."""
        thread = threading.Thread(target=self._warm_up, name="warm-up", daemon=True)
        thread.start()
        return thread

    def assistant(self) -> Speaker:
        """The assistant; the first caller waits for the models. Tried anew after a failure.

        Raises:
            CorpusError, ModelError: no index, or no weights; the text names the remedy.
        """
        with self._loading:
            if self._assistant is None:
                self._assistant = self._load(self.settings)
            return self._assistant

    def index(self) -> Index:
        """The newest index.

        Raises:
            CorpusError: there is none, or it can't be opened.
        """
        if self._live is None:
            self._live = LiveIndex(self.settings.index_dir)
        return self._live.current()

    def book_path(self, book_id: str) -> Path:
        """Where a book's PDF lies. Raises: KeyError, CorpusError."""
        return Path(self.index().book(book_id).path)

    def boxes(self, passage: Passage) -> Sequence[TextBox]:
        """Where the words of a passage stand on paper; empty when the index has changed since."""
        if passage.boxes:
            return passage.boxes
        index = self.index()
        rows = index.rows_of_id(passage.id)
        return index.boxes(rows[0]) if rows else ()

    def _warm_up(self) -> None:
        try:
            self.assistant()
        except (CorpusError, ModelError) as error:
            log.warning("%s", error)


_desk: Desk | None = None


def open_desk(desk: Desk) -> Desk:
    """Make `desk` the one that the pages of this process use."""
    global _desk
    _desk = desk
    return desk


def desk() -> Desk:
    """The desk of this process; opened with the real assistant where nobody has opened one."""
    if _desk is None:
        return open_desk(Desk(load_settings(), load_assistant))
    return _desk


def load_assistant(settings: Settings) -> Speaker:
    """The real assistant; what it stands on (torch and all) is imported only now."""
    from rag.answer import load_assistant as load

    return load(settings)
