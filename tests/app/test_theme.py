"""The palette can be read: each pair of text and ground has the contrast that WCAG 2.2 asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import app.components

ROOM = Path(app.components.__file__).parent
THEME = tomllib.loads((ROOM / ".streamlit" / "config.toml").read_text())["theme"]
PAIRS = (
    ("textColor", "backgroundColor"),
    ("textColor", "secondaryBackgroundColor"),
    ("grayTextColor", "backgroundColor"),
    ("grayTextColor", "secondaryBackgroundColor"),
    ("linkColor", "backgroundColor"),
    ("primaryColor", "backgroundColor"),
    ("redTextColor", "redBackgroundColor"),
    ("orangeTextColor", "orangeBackgroundColor"),
)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [THEME["light"], THEME["dark"]], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(theme: dict[str, Any], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


def test_the_emergency_banner_is_white_on_a_red_that_carries_it() -> None:
    css = (ROOM / "assets" / "reply.css").read_text()
    red = css.split(".banner.emergency { background: ")[1][:7]
    assert contrast(red, "#ffffff") >= 7


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    files = [path for path in (ROOM / "assets").iterdir() if path.suffix in {".css", ".js", ".svg"}]
    assert len(files) >= 7
    for path in files:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text, path.name
        assert "innerHTML" not in text, path.name
