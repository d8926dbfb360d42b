"""The head of a card: a title and small grey lines. Words of books: plain text, never Markdown."""

from __future__ import annotations

import html

import streamlit as st


def show_card_head(title: str, *lines: str) -> None:
    """Draw the title, then each line that is not empty."""
    drawn = [f'<p class="title">{html.escape(title)}</p>']
    drawn += [f'<p class="quiet">{html.escape(line)}</p>' for line in lines if line]
    st.html("".join(drawn))
