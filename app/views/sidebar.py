"""The side: what she has told, her country, and a new conversation."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.session import Session
from app.views.told import show_told
from rag.countries import load_countries


def show_sidebar(session: Session, ask: st.Page) -> None:
    """Draw it on every page; `ask` is where a new conversation begins."""
    with st.sidebar:
        if st.button("New conversation", icon=":material/edit_square:", width="stretch"):
            session.start_anew()
            st.switch_page(ask)
        show_told(session)
        _country(session)
        st.caption(
            "For learning, not medical advice. What you write stays in memory on the machine that "
            "runs this page, and is gone when you close the tab."
        )


def _country(session: Session) -> None:
    countries = load_countries()
    codes = sorted(countries, key=lambda code: countries[code].name)
    chosen = st.selectbox(
        "My country",
        codes,
        index=codes.index(session.country),
        format_func=lambda code: f"{countries[code].name} · {countries[code].emergency}",
        key="country",
    )
    if chosen and chosen != session.country:
        session.country = chosen
        session.profile = replace(session.profile, country=chosen)
        st.rerun()
