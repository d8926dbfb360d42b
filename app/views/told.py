"""The card of what she has told: to see, to correct, to clear. In memory only.

Shows `rag.profile.Profile`; which words of a message change it is decided there.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.session import Session
from app.views.card import show_card_head
from rag.profile import Profile

NOT_SAID, PREGNANT, NOT_PREGNANT, GAVE_BIRTH = "Not said", "Pregnant", "Not pregnant", "Gave birth"
_STATES = (NOT_SAID, PREGNANT, NOT_PREGNANT, GAVE_BIRTH)
_DAYS_A_WEEK = 7


def show_told(session: Session) -> None:
    """Draw the card in the sidebar."""
    with st.container(border=True, key="told"):
        lines = session.profile.describe()
        show_card_head("What you have told me", *(lines or ("Nothing yet.",)))
        with st.expander("Correct or add"):
            _correct(session)
        if lines and st.button("Clear", key="told-clear", width="stretch"):
            session.profile = Profile(country=session.profile.country)
            st.rerun()


def _correct(session: Session) -> None:
    """Fields for every line of the card; new fields after each change, so they show what holds."""
    told = session.profile
    key = f"told-{abs(hash(told))}"
    state = st.selectbox("I am", _STATES, index=_STATES.index(_state(told)), key=f"{key}-state")
    changed = _change_state(told, state or NOT_SAID, key)
    changed = replace(
        changed,
        breastfeeding=st.checkbox("Breastfeeding", told.breastfeeding, key=f"{key}-feeding"),
        twins=st.checkbox("Twins or more", told.twins, key=f"{key}-twins"),
        allergies=_allergies(
            st.text_input(
                "Allergies", ", ".join(told.allergies), max_chars=200, key=f"{key}-allergy"
            )
        ),
    )
    if changed != told:
        session.profile = changed
        st.rerun()


def _state(told: Profile) -> str:
    if told.days_after_birth is not None and not told.after_loss:
        return GAVE_BIRTH
    if told.pregnant is None:
        return NOT_SAID
    return PREGNANT if told.pregnant else NOT_PREGNANT


def _change_state(told: Profile, state: str, key: str) -> Profile:
    """The profile with the state chosen, and its weeks where it has some."""
    if state == PREGNANT:
        weeks = _weeks("Weeks pregnant", told.weeks, 43, key)
        return replace(told, pregnant=True, weeks=weeks, days_after_birth=None)
    if state == GAVE_BIRTH:
        days = told.days_after_birth
        weeks = _weeks("Weeks since the birth", days and days / _DAYS_A_WEEK, 104, key)
        return replace(
            told, pregnant=False, weeks=None, days_after_birth=(weeks or 0) * _DAYS_A_WEEK
        )
    pregnant = None if state == NOT_SAID else False
    return replace(told, pregnant=pregnant, weeks=None, days_after_birth=None)


def _weeks(label: str, weeks: float | None, most: int, key: str) -> float | None:
    """A whole number of weeks; what was told more exactly stays as it is until it is changed."""
    whole = None if weeks is None else min(int(weeks), most)
    typed = st.number_input(label, 0, most, whole, placeholder="not said", key=f"{key}-{label}")
    return weeks if typed == whole else None if typed is None else float(typed)


def _allergies(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
