"""What a person typed, made safe to read and of bearable length.

Knows no page and no model. It changes no word: it takes out what can't be read.
"""

from __future__ import annotations

import re

from rag.text.readable import strip_unreadable

MAX_CHARACTERS = 4000  # about 700 words: more than anyone tells a midwife in one breath

_BLANK_LINES = re.compile(r"\n{3,}")


def clean_message(text: str) -> str:
    """The message without control characters, reordering marks, piled-up accents, blank lines."""
    return _BLANK_LINES.sub("\n\n", strip_unreadable(text)).strip()


def is_too_long(text: str) -> bool:
    """Whether the message is over `MAX_CHARACTERS`."""
    return len(text) > MAX_CHARACTERS


def first_words(text: str, characters: int = 280) -> str:
    """The beginning of a long message, cut at a space where there is one."""
    if len(text) <= characters:
        return text
    head, _, _ = text[:characters].rpartition(" ")
    return f"{head or text[:characters]} …"
