"""Spans → words: which runs of characters belong together, and what small raised ones mean.

Works in one upright frame: text that runs up or down the page is turned before it comes here.
Knows neither lines nor columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ingest.clean import attach_script, is_exponent, is_marker, normalise
from ingest.glyphs import Span

SMALL = 0.85  # a script is drawn at most this large, relative to its base
RAISED = 0.15  # and its baseline lies at least this far up, in sizes of the base
LOWERED = 0.06
TOUCHING = 0.05  # in sizes: a space is never this narrow
WORD_GAP = 0.28  # in sizes: a gap wider than this parts words that pdfium ran together


_ORNAMENTS = re.compile(r"wingdings|webdings|dingbats", re.IGNORECASE)
_TICKS = {"ü": "✓", "\uf0fc": "✓", "à": "→", "\uf0e0": "→", "è": "→", "\uf0e8": "→"}


class Token(NamedTuple):
    """One printed word in layout coordinates."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float  # y of the baseline
    size: float
    bold: bool


class _Open:
    """The word that is being put together."""

    __slots__ = ("base", "bold", "scripted", "size", "text", "x0", "x1", "y0", "y1")

    def __init__(self, span: Span) -> None:
        self.text = shown(span)
        self.scripted = False  # the last piece was raised or lowered
        self.x0, self.y0, self.x1, self.y1 = span.x0, span.y0, span.x1, span.y1
        self.base, self.size, self.bold = span.ink.base_y, span.ink.size, span.ink.bold

    def widen(self, span: Span) -> None:
        self.x0, self.y0 = min(self.x0, span.x0), min(self.y0, span.y0)
        self.x1, self.y1 = max(self.x1, span.x1), max(self.y1, span.y1)

    def token(self) -> Token:
        return Token(self.text, self.x0, self.y0, self.x1, self.y1, self.base, self.size, self.bold)


def shown(span: Span) -> str:
    """What the span shows: its characters, or a bullet where a font of ornaments draws it."""
    if len(span.text) == 1 and _ORNAMENTS.search(span.ink.font):
        return _TICKS.get(span.text, "•")
    return normalise(span.text)


def read_words(spans: Iterable[Span]) -> list[Token]:
    """Join spans into words, in the file's own order."""
    words: list[Token] = []
    current: _Open | None = None
    for span in spans:
        if current is not None and _extend(current, span):
            continue
        if current is not None and current.text:
            words.append(current.token())
        current = _Open(span)
    if current is not None and current.text:
        words.append(current.token())
    return _without_leaders(words)


def _without_leaders(words: list[Token]) -> list[Token]:
    """Without rows of replacement characters: dot leaders of a font that maps them to nothing."""
    return [
        word
        for index, word in enumerate(words)
        if word.text.strip("\ufffd")
        or not any(
            near.text == word.text
            for near in words[max(0, index - 1) : index + 2]
            if near is not word
        )
    ]


def _extend(word: _Open, span: Span) -> bool:
    """Add the span to the word if it continues it; False if it begins a new one."""
    size = word.size or 1.0
    gap = span.x0 - word.x1
    if not -0.6 * size < gap < WORD_GAP * size or abs(span.ink.base_y - word.base) > 0.8 * size:
        return False
    rise = (word.base - span.ink.base_y) / size
    small = span.ink.size <= SMALL * size
    if small and rise >= RAISED:
        return _add_raised(word, span, span.joined or gap < 0.2 * size)
    if small and rise <= -LOWERED and span.joined:
        word.text = attach_script(word.text, normalise(span.text), "sub")
        word.scripted = True
        word.widen(span)
        return True
    doubtful = word.scripted or span.ink.angle % 360 != 0  # pdfium sees spaces there
    touches = span.joined or (doubtful and -0.1 * size < gap < TOUCHING * size)
    if not touches or abs(rise) > 0.5:
        return False
    if word.size <= SMALL * span.ink.size and rise < 0:
        return False  # a raised footnote label before its text
    word.text += normalise(span.text)
    word.scripted = False
    word.widen(span)
    return True


def _add_raised(word: _Open, span: Span, touches: bool) -> bool:
    script = normalise(span.text)
    if not touches:
        return False
    marker = is_marker(script) and not is_exponent(word.text, script)
    if marker and not any(letter.isalnum() or letter in ")].%" for letter in word.text):
        return False  # after a bare bullet or dash it is no reference
    word.text = attach_script(word.text, script, "super")
    word.scripted = True
    if not marker:
        word.widen(span)
    return True
