"""Search, for whoever reads books in: the ranked passages of a query with all their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.message import clean_message, first_words
from app.reply import KNOWN_ERRORS
from app.resources import Desk
from app.session import Session
from app.views.book_page import open_citation
from app.views.card import show_card_head
from app.views.library import show_no_index
from app.views.turn import name_place
from corpus.errors import CorpusError
from corpus.records import Citation, Hit

if TYPE_CHECKING:
    from rag.retrieve import SearchResult


SHOWN = 10
MAX_QUERY = 500  # characters
_VERDICTS = {
    "enough": "The books answer this",
    "not_in_books": "The books do not answer this",
    "out_of_scope": "This is about something else",
}


def show_search(session: Session, desk: Desk) -> None:
    """Draw the page."""
    st.title("Search the books", anchor=False)
    st.text("The passages that a question finds, best first, before any answer is written.")
    typed = st.text_input("Question or words", key="search-words")
    query = clean_message(typed or "")[:MAX_QUERY]
    if not query:
        return
    try:
        found = desk.assistant().retriever.search(query, k=SHOWN)
    except KNOWN_ERRORS as error:
        if isinstance(error, CorpusError):
            show_no_index(error)
        else:
            st.text(str(error))
        return
    show_card_head(*_evidence(found))
    for rank, hit in enumerate(found.hits, start=1):
        _show_hit(rank, hit, session, desk)


def _show_hit(rank: int, hit: Hit, session: Session, desk: Desk) -> None:
    with st.container(border=True, key=f"hit-{rank}"):
        about, action = st.columns([5, 1], vertical_alignment="top")
        with about:
            about_book = (hit.book.imprint, name_place(hit), _score(hit))
            show_card_head(f"{rank}. {hit.book.title}", *about_book)
        if action.button("Page", key=f"page-{rank}", width="stretch"):
            session.open_page = open_citation(Citation(rank, hit), desk)
        st.text(first_words(hit.passage.text, 600))


def _evidence(found: SearchResult) -> list[str]:
    """Whether an answer would be tried, and what that was decided on."""
    evidence = found.evidence
    corrected = f"searched as: {found.query}" if found.query else ""
    features = " · ".join(f"{name} {value:.3f}" for name, value in evidence.features.items())
    return [f"{_VERDICTS[evidence.verdict]} ({evidence.score:.2f})", corrected, features]


def _score(hit: Hit) -> str:
    parts = " · ".join(f"{name} {value:.3f}" for name, value in hit.parts.items())
    return f"score {hit.score:.3f}  ({parts})" if parts else f"score {hit.score:.3f}"
