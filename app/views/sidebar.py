"""The side: the name, what she has told, her country, and a new conversation."""

from __future__ import annotations

import streamlit as st

from app.countries import countries, emergency_number
from app.resources import Desk
from app.session import Session


def show_sidebar(session: Session, desk: Desk) -> None:
    """Draw it on every page."""
    with st.sidebar:
        if st.button("New conversation", icon=":material/edit_square:", width="stretch"):
            session.start_anew()
            st.switch_page(st.session_state["ask_page"])
        _country(session)
        st.caption(
            "For learning, not medical advice. What you write stays in memory on the machine that "
            "runs this page, and is gone when you close the tab."
        )


def _country(session: Session) -> None:
    names = countries()
    codes = sorted(names, key=lambda code: names[code])
    chosen = st.selectbox(
        "My country",
        codes,
        index=codes.index(session.country) if session.country in codes else 0,
        format_func=lambda code: f"{names[code]} · {emergency_number(code)}",
        key="country",
    )
    session.country = chosen or session.country
