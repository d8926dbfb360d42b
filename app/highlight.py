"""Word boxes of a passage → the rectangles to mark on its page, the quoted words stronger.

Pure geometry on `corpus.records`; knows no PDF and no browser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.records import Box, TextBox

_SAME_LINE = 0.5  # boxes that share this much of the lower one's height stand on one line
_WORD_GAP = 1.6  # a gap wider than this many heights is a column gutter, not a space


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle to highlight; `quoted` where it carries the cited words themselves."""

    box: Box
    quoted: bool


def mark_passage(text: str, boxes: Sequence[TextBox], quote: str = "") -> list[Mark]:
    """Rectangles line by line for a passage and, where it is found in it, its quote."""
    start, end = find_quote(text, quote)
    words = [(word.box, word.start < end and word.end > start) for word in boxes]
    return [Mark(box, quoted) for box, quoted in _merge_lines(words)]


def find_quote(text: str, quote: str) -> tuple[int, int]:
    """Where `quote` stands in `text`, whatever the white space between words; (0, 0) if nowhere."""
    words = quote.split()
    if not words:
        return 0, 0
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    return found.span() if found else (0, 0)


def _merge_lines(words: Sequence[tuple[Box, bool]]) -> list[tuple[Box, bool]]:
    merged: list[tuple[Box, bool]] = []
    for box, quoted in words:
        if merged and merged[-1][1] == quoted and _continues(merged[-1][0], box):
            merged[-1] = (_join(merged[-1][0], box), quoted)
        else:
            merged.append((box, quoted))
    return merged


def _continues(line: Box, word: Box) -> bool:
    """Whether `word` follows on the same printed line."""
    height = min(line.y1 - line.y0, word.y1 - word.y0)
    shared = min(line.y1, word.y1) - max(line.y0, word.y0)
    gap = word.x0 - line.x1
    return (
        line.page == word.page
        and shared >= _SAME_LINE * height
        and -height <= gap <= _WORD_GAP * max(line.y1 - line.y0, word.y1 - word.y0)
    )


def _join(one: Box, other: Box) -> Box:
    return Box(
        one.page,
        min(one.x0, other.x0),
        min(one.y0, other.y0),
        max(one.x1, other.x1),
        max(one.y1, other.y1),
    )
