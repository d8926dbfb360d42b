"""The script that Streamlit runs for every click: frame, navigation, the page that was chosen.

Knows which pages there are; each draws itself in `app.views`.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.components import LOGO, show_quick_exit, show_style
from app.resources import desk
from app.session import current_session
from app.views.ask import show_ask
from app.views.book_page import show_open_page
from app.views.library import show_library
from app.views.search import show_search
from app.views.sidebar import show_sidebar


def draw() -> None:
    """Draw the whole page once."""
    here = desk()
    st.set_page_config(page_title="Llama, MD", page_icon=LOGO)
    st.logo(LOGO, size="large")
    show_style()
    session = current_session(here)
    ask = st.Page(
        partial(show_ask, session, here),
        title="Ask",
        icon=":material/chat:",
        url_path="ask",
        default=True,
    )
    library = st.Page(
        partial(show_library, session, here),
        title="Library",
        icon=":material/menu_book:",
        url_path="library",
    )
    search = st.Page(
        partial(show_search, session, here),
        title="Search",
        icon=":material/search:",
        url_path="search",
    )
    chosen = st.navigation([ask, library, search])
    st.session_state["ask_page"] = ask
    with st.container(key="quick-exit"):
        if show_quick_exit(here.settings.exit_url).left:
            session.forget()
    show_sidebar(session, here)
    chosen.run()
    show_open_page(session, here)


draw()
