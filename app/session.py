"""What one browser tab remembers: its conversation, the card, the open page. In memory only.

Sessions share the desk and nothing else. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.runtime import Runtime, exists
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.message import clean_message, first_words, is_too_long
from app.ratings import Thumb
from app.reply import Reply
from app.resources import Desk
from corpus.records import Citation
from rag.countries import find_country
from rag.errors import QuestionTooLong
from rag.events import Event, Turn
from rag.profile import Profile, update_profile
from rag.reply.tone import open_gently
from rag.triage import triage

_TOO_LONG = (
    "That is more than I can take in at once. Tell me the most important part in a few sentences, "
    "and I will look it up. If something is wrong right now, do not wait for me: call {number}."
)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The page beside the conversation; `citation` is what to mark on it."""

    book_id: str
    page: int  # 1-based PDF page index
    citation: Citation | None = None


@dataclass
class Rating:
    """A thumb given to a reply; `explained` once the reason was sent or waved away."""

    thumb: Thumb
    row: int
    explained: bool = False


@dataclass
class Session:
    """Everything that is forgotten when the tab goes."""

    country: str
    replies: list[Reply] = field(default_factory=list)
    ratings: dict[str, Rating] = field(default_factory=dict)  # by Reply.id
    profile: Profile = field(default_factory=Profile)
    open_page: OpenPage | None = None
    conversations: int = 1

    @property
    def busy(self) -> bool:
        return bool(self.replies) and self.replies[-1].running

    @property
    def emergency_number(self) -> str:
        return find_country(self.country).emergency

    def ask(self, text: str, desk: Desk) -> None:
        """Begin a reply to `text`; one that is still running is stopped."""
        question = clean_message(text)
        if not question:
            return
        self.stop()
        if is_too_long(question):
            self.replies.append(self._refuse_length(question))
            return
        self.profile = update_profile(self.profile, question)
        self.replies.append(self._reply(question, self.history(), desk))

    def ask_again(self, desk: Desk) -> None:
        """Answer the last question anew."""
        if self.replies:
            self.stop()
            last = self.replies.pop()
            self.ratings.pop(last.id, None)
            self.replies.append(self._reply(last.question, self.history(), desk))

    def stop(self) -> None:
        """Stop the reply in the making, if there is one."""
        if self.busy:
            self.replies[-1].stop()

    def start_anew(self) -> None:
        """Forget the conversation; the card stays, she can clear it herself."""
        self.stop()
        self.replies.clear()
        self.ratings.clear()
        self.open_page = None
        self.conversations += 1

    def forget(self) -> None:
        """Forget everything, the card too."""
        self.start_anew()
        self.profile = Profile()

    def history(self) -> tuple[Turn, ...]:
        """The turns so far, as the assistant wants them."""
        return tuple(turn for reply in self.replies for turn in _turns(reply))

    def _refuse_length(self, question: str) -> Reply:
        """A kind limit; what the long message says of danger is still seen."""
        excuse = _TOO_LONG.format(number=self.emergency_number)

        def begin(_: Callable[[], bool]) -> Iterator[Event]:
            yield from _care(question, (), self.profile, self.country)
            raise QuestionTooLong(excuse)

        return Reply(first_words(question), begin, watch_tab())

    def _reply(self, question: str, history: tuple[Turn, ...], desk: Desk) -> Reply:
        profile = self.profile

        def begin(is_wanted: Callable[[], bool]) -> Iterator[Event]:
            if not desk.ready:  # the rules need no model: a danger sign does not wait for one
                yield from _care(question, history, profile, self.country)
            yield from desk.assistant().stream(question, history, profile, is_wanted)

        return Reply(question, begin, watch_tab())


def _care(
    question: str, history: tuple[Turn, ...], profile: Profile, country: str
) -> Iterator[Event]:
    """What is said before any model: danger signs, and the gentle opening of a heavy subject."""
    profile = replace(profile, country=profile.country or country)
    yield triage(question, history, profile)
    opening = open_gently(question, history, profile, find_country(country))
    if opening:
        yield opening


def current_session(desk: Desk) -> Session:
    """The session of the tab whose script is running; made at its first run."""
    if "session" not in st.session_state:
        st.session_state["session"] = Session(country=desk.settings.country.upper())
    session: Session = st.session_state["session"]
    return session


def watch_tab() -> Callable[[], bool]:
    """A question to ask from any thread: does the tab of this script still hold its connection?"""
    context = get_script_run_ctx()
    session_id = context.session_id if context else ""

    def is_open() -> bool:
        return not exists() or Runtime.instance().is_active_session(session_id)

    return is_open


def _turns(reply: Reply) -> Iterator[Turn]:
    yield Turn("user", reply.question)
    if reply.sentences:
        yield Turn("assistant", reply.text)
