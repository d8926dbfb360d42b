"""The first screen: who this is, what it is not, four questions to begin with."""

from __future__ import annotations

import streamlit as st

from app.session import Session

EXAMPLES = (
    (
        ":material/pregnant_woman:",
        "Pregnancy",
        "How much folic acid do I need?",
    ),
    (":material/pill:", "Medicines", "Can I take ibuprofen while I am pregnant?"),
    (":material/child_care:", "Birth and after", "How long does bleeding last after the birth?"),
    (":material/female:", "Gynecology", "What can I do about very heavy periods?"),
)


def show_welcome(session: Session) -> str | None:
    """Draw it; gives the example that was chosen."""
    number = session.emergency_number
    with st.container(key="welcome"):
        st.title("Hello, what would you like to know?", anchor=False)
        st.text(
            "I look up your question on pregnancy and women's health in my books, "
            "answer in plain words, and show you the page of every sentence."
        )
        chosen = _examples()
        st.text(
            "I am a program, not a doctor: I can't examine you, and I don't replace your midwife "
            f"or doctor. If something feels wrong right now, call {number}."
        )
    return chosen


def _examples() -> str | None:
    chosen = None
    with st.container(key="examples"):
        for number, (icon, topic, question) in enumerate(EXAMPLES):
            label = f"**{topic}**  \n{question}"
            if st.button(label, key=f"example-{number}", icon=icon, width="stretch"):
                chosen = question
    return chosen
