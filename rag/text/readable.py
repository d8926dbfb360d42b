"""Characters: what can't be read is taken out, what the verifier can't read is refused.

Messages (app/message.py) and drafts (rag/answer.py) go through here. Knows no meaning.
"""

from __future__ import annotations

import re
import unicodedata

# Everything of Unicode category Cc but newline and tab, the marks that reorder text (UAX #9:
# embeddings, overrides, isolates, and the implicit marks) or split a word unseen (zero width space,
# soft hyphen, word joiner), and the tag characters that hide a text within another. The joiners
# U+200C and U+200D stay: Persian, Hindi and families of emoji need them.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_MARK_PILES = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)


def strip_unreadable(text: str) -> str:
    """The text, composed (NFC), without control characters, reordering marks and piled-up accents."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _MARK_PILES.sub(r"\1", _UNREADABLE.sub("", text))


def foreign_characters(text: str, passage: str) -> str:
    """Letters, digits and signs that a text has, the verifier does not read and the passage lacks."""
    return "".join(
        dict.fromkeys(
            c
            for c in text
            if c > "~" and not "\xc0" <= c <= "\xff" and c not in _PUNCTUATION and c not in passage
        )
    )


_PUNCTUATION = frozenset("’‘“”–—…•·é×°½¼¾µμ≥≤£€\xa0 ")
