"""The script that Streamlit runs for every click: frame, navigation, the page that was chosen.

Knows which pages there are; each draws itself in `app.views`.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.components import LOGO, show_frame, show_style
from app.resources import Desk, desk
from app.session import Session, current_session
from app.views.ask import show_ask
from app.views.book_page import show_open_page
from app.views.library import show_library
from app.views.search import show_search
from app.views.sidebar import show_sidebar

PAGES = (
    ("Ask", "chat", show_ask),
    ("Library", "menu_book", show_library),
    ("Search", "search", show_search),
)


def draw() -> None:
    """Draw the whole page once."""
    here = desk()
    st.set_page_config(page_title="Llama, MD", page_icon=LOGO)
    st.logo(LOGO, size="large")
    show_style()
    session = current_session(here)
    ask, *others = (
        st.Page(
            partial(show, session, here),
            title=title,
            icon=f":material/{icon}:",
            url_path=title.lower(),
            default=title == "Ask",
        )
        for title, icon, show in PAGES
    )
    chosen = st.navigation([ask, *others])
    _show_frame(f"{chosen.title} {session.conversations}", session, here)
    show_sidebar(session, ask)
    chosen.run()
    show_open_page(session, here)


def _show_frame(place: str, session: Session, here: Desk) -> None:
    """What stands on every page: the way out."""
    with st.container(key="quick-exit"):
        if show_frame(here.settings.exit_url, place).left:
            session.forget()


draw()
