"""The Library: which books the answers come from, how each was read, and which index is in use."""

from __future__ import annotations

import streamlit as st

from app.resources import Desk
from app.session import OpenPage, Session
from app.views.card import show_card_head
from corpus.errors import CorpusError, IndexMissing
from corpus.index import Index
from corpus.manifest import BookEntry


def show_library(session: Session, desk: Desk) -> None:
    """Draw the page."""
    st.title("Library", anchor=False)
    try:
        index = desk.index()
    except CorpusError as error:
        show_no_index(error)
        return
    st.text("Every answer comes from these books, and from nowhere else.")
    if desk.settings.region:
        st.text(say_preference(desk.settings.region, index))
    _show_totals(index)
    for entry in index.entries:
        _show_book(entry, session)
    st.caption(f"Index {index.version} · made with {index.manifest.embedder.name}")


def show_no_index(error: CorpusError) -> None:
    """What to do where there is no index, or none that opens."""
    if isinstance(error, IndexMissing):
        st.subheader("No books have been read yet", anchor=False)
        st.text("Put PDF books into the books folder, then let them be read with this command:")
        st.code("python -m ingest", language=None)
        st.text("This page notices the books by itself as soon as they are ready.")
    else:
        st.subheader("The books can't be opened", anchor=False)
        st.text(str(error))


def say_preference(region: str, index: Index) -> str:
    """Which books come first by the setting, or which regions it could name."""
    regions = sorted({book.region for book in index.books if book.region})
    if region.casefold() in (known.casefold() for known in regions):
        return f"Where pages answer about as well, those of the region “{region}” come first."
    known = ", ".join(regions) or "none"
    return f"The setting prefers the region “{region}”, but no book has it. There are: {known}."


def _show_totals(index: Index) -> None:
    entries = index.entries
    columns = st.columns(4)
    totals = {
        "Books": len(entries),
        "Pages": sum(entry.pages for entry in entries),
        "Passages": len(index),
        "Pages read by OCR": sum(entry.ocr_pages for entry in entries),
    }
    for column, (name, count) in zip(columns, totals.items(), strict=True):
        column.metric(name, f"{count:,}")


def _show_book(entry: BookEntry, session: Session) -> None:
    book = entry.book
    with st.container(border=True, key=f"book-{book.id[:12]}"):
        about, action = st.columns([5, 1], vertical_alignment="center")
        with about:
            show_card_head(book.title, book.imprint or book.file, _counts(entry))
        if action.button("Open", key=f"open-{book.id[:12]}", width="stretch"):
            session.open_page = OpenPage(book.id, 1)
        if entry.warnings:
            with st.expander(f"Remarks on how it was read ({len(entry.warnings)})"):
                st.text("\n".join(entry.warnings))


def _counts(entry: BookEntry) -> str:
    parts = [f"{entry.pages} pages", f"{entry.passages} passages"]
    if entry.ocr_pages:
        parts.append(f"{entry.ocr_pages} read by OCR")
    if entry.book.licence:
        parts.append(entry.book.licence)
    return " · ".join(parts)
