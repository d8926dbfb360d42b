"""Why the thumb went up or down: a small form under the turn, in her own time."""

from __future__ import annotations

import streamlit as st

from app.ratings import MAX_COMMENT, REASONS, Shared
from app.reply import Reply
from app.resources import Desk
from app.session import Rating


def show_reasons(reply: Reply, rating: Rating, desk: Desk) -> None:
    """Ask for a reason; nothing of the conversation is kept unless she ticks the box."""
    with st.form(f"reasons-{reply.id}", border=True):
        reasons = st.pills(
            "What was it? (you need not say)", REASONS[rating.thumb], selection_mode="multi"
        )
        comment = st.text_area("Anything else", max_chars=MAX_COMMENT, height=80)
        share = st.checkbox(
            "Keep this question and answer with my rating, so that it can be mended"
        )
        st.caption(
            "Without the tick only the thumb, the reason and your comment are kept, on this machine. "
            "Telephone numbers, e-mail addresses and names after “my name is” are masked."
        )
        send, skip = st.columns([1, 1])
        sent = send.form_submit_button("Send", type="primary", width="stretch")
        skipped = skip.form_submit_button("Not now", width="stretch")
    if sent:
        shared = Shared(reply.question, reply.text) if share else None
        desk.ratings.explain(rating.row, ", ".join(reasons), comment, shared)
    if sent or skipped:
        rating.explained = True
        if sent:
            st.toast("Thank you. It is kept on this machine only.")
        st.rerun()
