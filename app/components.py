"""The page's own elements: a turn of the conversation, a book page, the frame.

Their scripts write every word with `textContent`, so nothing that a person, a model or a book wrote
is ever read as markup. Knows no session; texts and events go in and out as plain data.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_ASSETS = Path(__file__).with_name("assets")
LOGO = str(_ASSETS / "logo.svg")


def show_turn(key: str, data: dict[str, Any]) -> Any:
    """One question with its reply; gives `.cite` [sentence, citation], `.rate`, `.act`."""
    return _element("reply")(
        key=key,
        data=data,
        on_cite_change=_nothing,
        on_rate_change=_nothing,
        on_act_change=_nothing,
    )


def show_book_page(key: str, data: dict[str, Any]) -> Any:
    """A page of a book with its marks; gives `.act`: back, forward, home or close."""
    return _element("page")(key=key, data=data, on_act_change=_nothing)


def show_frame(address: str, place: str) -> Any:
    """The button that leaves for `address` at once; gives `.left`. `place` names what is open."""
    data = {
        "label": "Leave now",
        "hint": "Leaves this page at once. Pressing Shift three times does the same.",
        "address": address,
        "place": place,
    }
    return _element("frame")(
        key="quick-exit-button", data=data, on_left_change=_nothing, width="content"
    )


def show_style() -> None:
    """The page's own style sheet, on top of Streamlit's theme."""
    st.html(_ASSETS / "app.css")


@lru_cache(maxsize=8)
def _element(name: str) -> ComponentRenderer:
    css = (_ASSETS / f"{name}.css").read_text(encoding="utf-8")
    js = (_ASSETS / f"{name}.js").read_text(encoding="utf-8")
    return st.components.v2.component(f"llama_md_{name}", css=css, js=js)


def _nothing() -> None:
    """Streamlit asks for a callback to every event; the views read the events themselves."""
