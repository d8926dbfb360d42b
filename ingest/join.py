"""Printed lines → records, with the words that line ends cut put together.

A word that a line end cut stays two boxes: its first part carries a soft hyphen (U+00AD), which
says that the next word continues it without a space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from corpus.records import Box, Line, Word
from ingest.clean import join_hyphen
from ingest.layout import PrintedLine
from ingest.tables import BAR
from ingest.units import CONTINUES
from ingest.words import Token

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def join_words(pages: Sequence[list[PrintedLine]]) -> frozenset[str]:
    """Rejoin words that line ends cut, in place; returns the book's own words."""
    vocabulary = _vocabulary(pages)
    for lines in pages:
        for index, line in enumerate(lines):
            _join_inside(line, vocabulary)
            after = lines[index + 1] if index + 1 < len(lines) else None
            if after and not after.opens and line.tokens and after.tokens:
                line.tokens[-1], after.tokens[0] = _joined(
                    line.tokens[-1], after.tokens[0], vocabulary
                )
    _join_over_pages(pages, vocabulary)
    return vocabulary


def _join_over_pages(pages: Sequence[list[PrintedLine]], vocabulary: frozenset[str]) -> None:
    filled = [lines for lines in pages if lines]
    for lines, following in pairwise(filled):
        last, first = lines[-1], following[0]
        if last.kind != "row" and first.kind == "text" and first.tokens[0].text[:1].islower():
            last.tokens[-1], first.tokens[0] = _joined(last.tokens[-1], first.tokens[0], vocabulary)


def _join_inside(line: PrintedLine, vocabulary: frozenset[str]) -> None:
    """A table row holds whole cells, whose own line ends show as a step down."""
    if line.kind != "row":
        return
    for index in range(len(line.tokens) - 1):
        left, right = line.tokens[index], line.tokens[index + 1]
        if right.base - left.base > 0.5 * left.size and BAR not in (left.text, right.text):
            line.tokens[index], line.tokens[index + 1] = _joined(left, right, vocabulary)


def _joined(left: Token, right: Token, vocabulary: frozenset[str]) -> tuple[Token, Token]:
    whole = join_hyphen(left.text, right.text, vocabulary)
    if whole is None:
        return left, right
    start = whole[: len(whole) - len(right.text)]
    return left._replace(text=start + CONTINUES), right


def _vocabulary(pages: Sequence[list[PrintedLine]]) -> frozenset[str]:
    """Words that the book prints whole, hyphens kept; the parts at line ends do not count."""
    counts: Counter[str] = Counter()
    for lines in pages:
        for line in lines:
            texts = [token.text for token in line.tokens]
            if texts and texts[-1].endswith("-"):
                texts = texts[:-1]
            counts.update(texts)
    return frozenset(
        word.casefold() for text in counts for word in _WORD.findall(text) if len(word) > 1
    )


def make_lines(lines: Sequence[PrintedLine], page: int) -> tuple[Line, ...]:
    """The records of one page."""
    return tuple(
        Line(
            tuple([Word(t.text, Box(page, t.x0, t.y0, t.x1, t.y1)) for t in line.tokens]),
            round(line.size, 1),
            line.bold,
            line.kind,
            line.opens,
        )
        for line in lines
    )
