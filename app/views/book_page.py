"""The page beside the conversation: a real page of the book, the cited passage marked on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from app.components import show_book_page
from app.errors import PageUnavailable
from app.highlight import Mark, mark_passage
from app.page_image import PageInfo, page_info
from app.resources import Desk
from app.session import OpenPage, Session
from corpus.errors import CorpusError
from corpus.records import Book, Citation

_STEPS = {"back": -1, "forward": 1}


def show_open_page(session: Session, desk: Desk) -> None:
    """Draw the open page, if there is one, and do what was clicked on it."""
    if session.open_page is None:
        return
    with st.container(key="book-page"):
        did = show_book_page("book-page-view", _page_data(session.open_page, desk))
    if did.act:
        session.open_page = _turn_page(session.open_page, did.act, desk)
        st.rerun()


def open_citation(citation: Citation, desk: Desk) -> OpenPage:
    """The page where the quoted words begin, or else the passage."""
    passage = citation.hit.passage
    marks = _marks(citation, desk)
    quoted = [mark.box.page for mark in marks if mark.quoted]
    return OpenPage(passage.book_id, min(quoted, default=passage.first_page), citation)


def _turn_page(opened: OpenPage, act: str, desk: Desk) -> OpenPage | None:
    if act == "close":
        return None
    if act == "home" and opened.citation:
        return open_citation(opened.citation, desk)
    return replace(opened, page=opened.page + _STEPS.get(act, 0))


def _page_data(opened: OpenPage, desk: Desk) -> dict[str, Any]:
    try:
        book = desk.index().book(opened.book_id)
        info = page_info(book.path, opened.page)
    except (KeyError, CorpusError, PageUnavailable) as error:
        return _no_page(opened, str(error))
    marks = _marks(opened.citation, desk) if opened.citation else []
    here = [mark for mark in marks if mark.box.page == opened.page]
    return _head(opened, book) | {
        "page": opened.page,
        "pages": info.pages,
        "folio": _folio(opened.page, info),
        "image": f"/book-page/{book.id}/{opened.page}",
        "alt": f"Page {info.label} of {book.title}",
        "width": info.width,
        "height": info.height,
        "marks": [{"box": _corners(mark), "quoted": mark.quoted} for mark in here],
        "away": bool(marks) and not here,
        "problem": "",
    }


def _head(opened: OpenPage, book: Book) -> dict[str, Any]:
    section = opened.citation.hit.passage.section if opened.citation else ()
    return {"title": book.title, "about": book.imprint, "section": " › ".join(section)}


def _folio(page: int, info: PageInfo) -> str:
    """Which page this is: its printed label, and its place in the file where the two differ."""
    place = f"{page} of {info.pages}"
    return f"Page {place}" if info.label == str(page) else f"Page {info.label} ({place})"


def _marks(citation: Citation, desk: Desk) -> list[Mark]:
    passage = citation.hit.passage
    return mark_passage(passage.text, desk.boxes(passage), citation.quote)


def _corners(mark: Mark) -> list[float]:
    """A little air around the letters."""
    box, air = mark.box, 1.2
    return [box.x0 - air, box.y0 - air, box.x1 + air, box.y1 + air]


def _no_page(opened: OpenPage, problem: str) -> dict[str, Any]:
    hit = opened.citation.hit if opened.citation else None
    return {
        "title": hit.book.title if hit else "",
        "about": hit.book.imprint if hit else "",
        "section": "",
        "page": opened.page,
        "pages": 0,
        "folio": "",
        "marks": [],
        "away": False,
        "problem": f"This page can't be shown. {problem}",
    }
