"""Words → fragments and lines of print, the matter that columns and tables are cut from.

Pure geometry in one upright frame. Knows no PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from corpus.records import LineKind
from ingest.shapes import Shape
from ingest.words import Token

SPLIT_GAP = 0.9  # em: wider gaps inside a printed line may part columns or cells
STAND_IN = "\x00"  # the text of a token in whose place a box or table stands
ENUMERATOR = re.compile(r"^(?:[a-z]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])$")
DOTS = frozenset("•●○◦▪■□▫")
BULLETS = DOTS | frozenset("•●○◦▪■□▫‣⁃∙·►▶➢✓–—-*o§")


@dataclass(slots=True)
class PrintedLine:
    """One line of print; `tokens` in reading order."""

    tokens: list[Token]
    size: float
    bold: bool
    base: float
    x0: float
    x1: float
    kind: LineKind = "text"
    opens: bool = False

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(token.text for token in self.tokens)


@dataclass(slots=True)
class Fragment:
    """Words of one line without a wide gap between them."""

    tokens: list[Token]
    x0: float
    x1: float
    top: float  # cap height above the baseline
    bottom: float
    base: float
    size: float

    @classmethod
    def tall(cls, token: Token) -> Fragment:
        """The fragment of a stand-in: as high as the box or table in whose place it is."""
        return cls([token], token.x0, token.x1, token.y0, token.y1, token.base, token.size)

    @classmethod
    def of(cls, tokens: list[Token]) -> Fragment:
        """The fragment that these tokens, sorted by x, make."""
        size = max(token.size for token in tokens)
        base = median(token.base for token in tokens)
        x0, x1 = min(token.x0 for token in tokens), max(token.x1 for token in tokens)
        return cls(tokens, x0, x1, base - 0.7 * size, base + 0.2 * size, base, size)


def fragments_of(tokens: Sequence[Token], split_gap: float = SPLIT_GAP) -> list[Fragment]:
    """Group words by baseline, and part them at gaps wider than `split_gap` sizes."""
    fragments = [Fragment.tall(token) for token in tokens if token.text == STAND_IN]
    for row in _rows([token for token in tokens if token.text != STAND_IN]):
        row.sort(key=lambda token: token.x0)
        start, reach = 0, row[0].x1
        for index in range(1, len(row)):
            token, before = row[index], row[index - 1]
            gap = token.x0 - reach
            if index - start == 1 and gap < 5 * token.size and _labels(before, token):
                gap = 0.0  # a bullet and its item, however far apart
            listed = token.text in DOTS and gap > 0.4 * token.size  # a list in columns
            if listed or gap > split_gap * max(token.size, before.size):
                fragments.append(Fragment.of(row[start:index]))
                start = index
            reach = max(reach, token.x1)
        fragments.append(Fragment.of(row[start:]))
    return fragments


def _labels(label: Token, token: Token) -> bool:
    """Whether a line's first word is a bullet, an enumerator or a footnote's label."""
    if label.text in DOTS or ENUMERATOR.match(label.text):
        return True
    small = label.size <= 0.85 * token.size and len(label.text) <= 3
    return small and token.text[:1].isalpha()


def _rows(tokens: Sequence[Token]) -> Iterable[list[Token]]:
    """Words on one baseline, tolerating small raises, top to bottom."""
    row: list[Token] = []
    base = size = 0.0
    for token in sorted(tokens, key=lambda token: (token.base, token.x0)):
        if row and token.base - base > max(1.0, 0.3 * min(size, token.size)):
            yield row
            row = []
        if not row:
            base, size = token.base, token.size
        row.append(token)
        size = max(size, token.size)
    if row:
        yield row


def lines_of(fragments: Sequence[Fragment]) -> list[PrintedLine]:
    """Fragments of one column as lines, top to bottom."""
    tokens = [token for fragment in fragments for token in fragment.tokens]
    rows = list(_rows([token for token in tokens if token.text != STAND_IN]))
    rows += [[token] for token in tokens if token.text == STAND_IN]
    rows.sort(key=lambda row: row[0].base)
    return [make_line(sorted(row, key=lambda token: token.x0)) for row in rows]


def make_line(tokens: list[Token], kind: LineKind = "text") -> PrintedLine:
    """A line of these tokens, in this order."""
    letters = [token for token in tokens if token.text not in ("|", "•")] or tokens
    bold = sum(token.bold for token in letters) > 0.7 * len(letters)
    size = median(token.size for token in letters)
    base = median(token.base for token in letters)
    x0, x1 = min(token.x0 for token in tokens), max(token.x1 for token in tokens)
    return PrintedLine(tokens, size, bold, base, x0, x1, kind, kind != "text")


def vertical_rules(shapes: Sequence[Shape]) -> list[Shape]:
    """Upright thin lines."""
    return [s for s in shapes if s.kind == "rule" and s.y1 - s.y0 > max(6, 2 * (s.x1 - s.x0))]


def merge_levels(rules: Sequence[Shape]) -> list[Shape]:
    """Level rules that are drawn cell by cell, as the long lines that the eye sees."""
    merged: list[Shape] = []
    for rule in sorted(rules, key=lambda r: (round(r.y0), r.x0)):
        last = merged[-1] if merged else None
        if last and abs(last.y0 - rule.y0) < 1.5 and rule.x0 - last.x1 < 3:
            merged[-1] = last._replace(x1=max(last.x1, rule.x1))
        else:
            merged.append(rule)
    return merged


def horizontal_rules(shapes: Sequence[Shape]) -> list[Shape]:
    """Level thin lines."""
    return [s for s in shapes if s.kind == "rule" and s.x1 - s.x0 > max(10, 2 * (s.y1 - s.y0))]
