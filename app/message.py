"""What a person typed, made safe to read and of bearable length.

Knows no page and no model. It changes no word: it takes out what can't be read.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 4000  # about 700 words: more than anyone tells a midwife in one breath

# Everything of Unicode category Cc but newline and tab, and the marks that reorder text
# (UAX #9: embeddings, overrides, isolates), which can make a sentence read as another.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_MARK_PILES = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)


def clean_message(text: str) -> str:
    """The message without control characters, reordering marks, piled-up accents, blank lines."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _MARK_PILES.sub(r"\1", _UNREADABLE.sub("", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def is_too_long(text: str) -> bool:
    """Whether the message is over `MAX_CHARACTERS`."""
    return len(text) > MAX_CHARACTERS


def first_words(text: str, characters: int = 280) -> str:
    """The beginning of a long message, cut at a space where there is one."""
    if len(text) <= characters:
        return text
    head, _, _ = text[:characters].rpartition(" ")
    return f"{head or text[:characters]} …"
