"""The conversation: welcome, turns, the reply in the making, and the place to write.

The reply itself lives in a thread (`app.reply`); the last turn is a fragment that looks at it every
few tenths of a second while it runs.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.components import show_turn
from app.reply import Reply
from app.resources import Desk
from app.session import Rating, Session
from app.views.book_page import open_citation
from app.views.rating import show_reasons
from app.views.turn import turn_data
from app.views.welcome import show_welcome

POLL_S = 0.35


def show_ask(session: Session, desk: Desk) -> None:
    """Draw the page."""
    asked = None
    if not session.replies:
        asked = show_welcome(session)
    else:
        with st.container(key="conversation"):
            _show_conversation(session, desk)
    typed = st.chat_input("Type your question", key="question")
    if typed or asked:
        session.ask(typed or asked or "", desk)
        st.rerun()
    st.bottom.caption(f"A program, not a doctor. In an emergency call {session.emergency_number}.")


def _show_conversation(session: Session, desk: Desk) -> None:
    *earlier, last = session.replies
    for reply in earlier:
        show_reply(reply, session, desk)
    look = st.fragment(show_last, run_every=POLL_S if last.running else None)
    look(last, session, desk)


def show_last(reply: Reply, session: Session, desk: Desk) -> None:
    """The last turn; when it has just ended, the whole page is drawn once more."""
    was_running = reply.running
    show_reply(reply, session, desk)
    if was_running and not reply.running:
        st.rerun()


def show_reply(reply: Reply, session: Session, desk: Desk) -> None:
    """One turn, and what she did with it."""
    rating = session.ratings.get(reply.id)
    data = turn_data(
        reply,
        session.emergency_number,
        ready=desk.ready,
        last=reply is session.replies[-1],
        thumb=rating.thumb if rating else "",
    )
    did = show_turn(f"turn-{reply.id}", data)
    if _obey(did, reply, session, desk):
        st.rerun()
    if rating and not rating.explained:
        show_reasons(reply, rating, desk)


def _obey(did: Any, reply: Reply, session: Session, desk: Desk) -> bool:
    """Do what was clicked; whether anything was."""
    if did.cite is not None:
        _open_cited(did.cite, reply, session, desk)
    elif did.act == "stop":
        reply.stop()
    elif did.act == "again":
        session.ask_again(desk)
    elif did.rate in ("up", "down"):
        status = reply.answer.status if reply.answer else reply.state
        session.ratings[reply.id] = Rating(did.rate, desk.ratings.add(did.rate, status))
    else:
        return False
    return True


def _open_cited(at: Any, reply: Reply, session: Session, desk: Desk) -> None:
    """Open the page of `[sentence, citation]`; a place that does not exist opens nothing."""
    try:
        row, column = (int(number) for number in at)
        citation = reply.sentences[row].citations[column]
    except (TypeError, ValueError, IndexError):
        return
    session.open_page = open_citation(citation, desk)
