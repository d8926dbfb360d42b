"""What each stretch of a passage is on the page: a sentence, a heading, a line that leads in, an item, a row.

Knows the marks on the page and no meaning. A quote is made whole by it (rag/reply/wholes.py): a list with its
lead-in, a row of a table with its headings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.text.sentences import Span, split_sentences

Kind = Literal["sentence", "heading", "lead", "item", "row"]
BULLETS = "•▪◦‣–*-"
BAR = " | "
_LONGEST_CAPTION = 20  # words, of the line above a table
_LONGEST_HEADING = 9
_ENDS = ".!?…”’\"')]"

_RUN_IN = re.compile(
    r"(?:At|Before|After|From|Until|Between)(?: [^\s,]+){1,5}\.$"
)  # "At 37 weeks."


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of a passage and what it is; a "lead" announces the list or the table that follows."""

    span: Span
    kind: Kind


@lru_cache(maxsize=1024)
def read_layout(text: str) -> tuple[Stretch, ...]:
    """The stretches of a passage, in order."""
    found: list[Stretch] = []
    for span in reversed(split_sentences(text)):
        kind = _kind_of(span.text, found[-1].kind if found else "")
        if kind in ("sentence", "heading") and _is_caption(text, span, found):
            kind = "lead"
        found.append(Stretch(span, kind))
    return tuple(reversed(found))


def _kind_of(text: str, after: str) -> Kind:
    """What a stretch is, by its marks and by the kind of the one after it."""
    if BAR in text:
        return "row"
    if text[0] in BULLETS:
        return "item"
    if text[-1] == ":" or after == "item":
        return "lead"
    short = len(text.split()) <= _LONGEST_HEADING
    if (short and text[-1] not in _ENDS) or _RUN_IN.match(text):
        return "heading"
    return "sentence"


def _is_caption(text: str, span: Span, after: list[Stretch]) -> bool:
    """Whether it stands in the line right above a table; `after` holds what follows, the last first."""
    row = next((stretch.span.start for stretch in reversed(after) if stretch.kind == "row"), -1)
    line = text[span.start : row].strip() if row >= 0 else ""
    return bool(line) and "\n" not in line and len(line.split()) <= _LONGEST_CAPTION
