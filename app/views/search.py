"""Search, for whoever reads books in: the ranked passages of a query with all their scores."""

from __future__ import annotations

import streamlit as st

from app.message import clean_message, first_words
from app.reply import KNOWN_ERRORS
from app.resources import Desk
from app.session import OpenPage, Session
from app.views.card import show_card_head
from app.views.library import show_no_index
from app.views.turn import name_place
from corpus.errors import CorpusError
from corpus.records import Citation, Hit


def show_search(session: Session, desk: Desk) -> None:
    """Draw the page."""
    st.title("Search the books", anchor=False)
    st.text("The passages that a question finds, best first, before any answer is written.")
    typed = st.text_input("Question or words", key="search-words", max_chars=500)
    query = clean_message(typed or "")
    if not query:
        return
    try:
        found = desk.assistant().retriever.search(query)
    except KNOWN_ERRORS as error:
        if isinstance(error, CorpusError):
            show_no_index(error)
        else:
            st.text(str(error))
        return
    for rank, hit in enumerate(found.hits, start=1):
        _show_hit(rank, hit, session)


def _show_hit(rank: int, hit: Hit, session: Session) -> None:
    with st.container(border=True, key=f"hit-{rank}"):
        about, action = st.columns([5, 1], vertical_alignment="top")
        with about:
            show_card_head(f"{rank}. {hit.book.title}", name_place(hit), _score(hit))
        if action.button("Page", key=f"page-{rank}", width="stretch"):
            passage = hit.passage
            session.open_page = OpenPage(passage.book_id, passage.first_page, Citation(rank, hit))
        st.text(first_words(hit.passage.text, 600))


def _score(hit: Hit) -> str:
    parts = " · ".join(f"{name} {value:.3f}" for name, value in hit.parts.items())
    return f"score {hit.score:.3f}  ({parts})" if parts else f"score {hit.score:.3f}"
