"""A section's lines → units, the grains of passages: sentences and table rows.

Knows no PDF and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.records import Line, Word
from ingest.sentences import sentence_ends

CONTINUES = "\u00ad"  # at the end of a word that a line end cut: the next one continues it
BAR = "|"
SMALL_PRINT = 0.95  # of the text's size: footnotes are set smaller
MAX_FOOTNOTES = 7
_ENDED = (".", "!", "?", ":", ";", "”", '"', ")")


@dataclass(slots=True)
class Unit:
    """Words that stay together: a sentence, or a row of a table."""

    words: list[Word]
    opens: bool = False  # a paragraph, list item or row begins here
    leads: bool = False  # says what follows (a list's or table's first line): no cut behind it
    item: bool = False
    row: bool = False
    title: bool = False  # a bold line of its own: the best place to cut before
    header: tuple[Word, ...] = ()  # of the table that this row stands in
    repeated: bool = False  # a table heading said again; it stands elsewhere on paper

    @property
    def size(self) -> int:
        """Words, a word cut by a line end counted once."""
        return sum(not word.text.endswith(CONTINUES) and word.text != BAR for word in self.words)


@dataclass(slots=True)
class _Block:
    """A paragraph, list item, title or row."""

    words: list[Word]
    kind: str
    bold: bool
    page: int
    size: float


def read_units(lines: Sequence[tuple[int, Line]]) -> list[Unit]:
    """The grains of one section in reading order."""
    units: list[Unit] = []
    blocks = _blocks(lines)
    header: tuple[Word, ...] = ()
    for index, block in enumerate(blocks):
        before = blocks[index - 1] if index else None
        after = blocks[index + 1] if index + 1 < len(blocks) else None
        if block.kind == "row":
            if before is None or before.kind != "row":
                header = _header(block, after)
            elif header and _text(block.words) == _text(header):
                continue  # a table that goes on over a page says its heading again
            units.append(_row(block, header))
        else:
            units += _sentences(block, before, after)
    return units


def _blocks(lines: Sequence[tuple[int, Line]]) -> list[_Block]:
    """Lines put together to paragraphs, over column and page ends where the sentence goes on."""
    blocks: list[_Block] = []
    for page, line in lines:
        if not line.words:
            continue
        if blocks and page != blocks[-1].page:
            _lift_footnotes(blocks, line)
        if blocks and _continues(blocks[-1], line):
            blocks[-1].words.extend(line.words)
            blocks[-1].page = page
        else:
            blocks.append(_Block(list(line.words), line.kind, line.bold, page, line.size))
    return blocks


def _lift_footnotes(blocks: list[_Block], line: Line) -> None:
    """Small print at a page's end goes before the sentence that runs on over it."""
    for back in range(2, min(len(blocks), MAX_FOOTNOTES) + 1):
        text, notes = blocks[-back], blocks[1 - back :]
        if any(note.kind == "row" or note.size > SMALL_PRINT * text.size for note in notes):
            return
        if _continues(text, line):
            blocks[-back:] = [*notes, text]
            return


def _continues(block: _Block, line: Line) -> bool:
    if line.kind == "row" or block.kind == "row":
        return False
    if not line.opens:
        return True
    if line.kind == "item" or line.bold != block.bold:
        return False
    last = block.words[-1].text
    if last.endswith(CONTINUES):
        return True
    first = line.words[0].text
    return not last.endswith(_ENDED) and first[:1].islower()


def _sentences(block: _Block, before: _Block | None, after: _Block | None) -> list[Unit]:
    texts = [word.text for word in block.words]
    units, start = [], 0
    for end in sentence_ends(texts):
        units.append(Unit(block.words[start:end], opens=start == 0, item=block.kind == "item"))
        start = end
    title = block.bold and len(block.words) <= 14 and not texts[-1].endswith((".", ";", ","))
    units[0].title = title
    introduces = texts[-1].endswith(":") and after is not None
    follows = after is not None and (after.kind == "item") and block.kind != "item"
    units[-1].leads = title or introduces or (follows and len(block.words) < 40)
    return units


def _header(block: _Block, after: _Block | None) -> tuple[Word, ...]:
    """The words of a table's first row, if it names columns rather than holding values."""
    texts = [word.text for word in block.words]
    cells = texts.count(BAR) + 1
    if after is None or after.kind != "row" or cells < 2 or len(texts) > 12 * cells:
        return ()
    digits = sum(any(letter.isdigit() for letter in text) for text in texts)
    return tuple(block.words) if block.bold or digits <= 0.2 * len(texts) else ()


def _text(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def _row(block: _Block, header: tuple[Word, ...]) -> Unit:
    own = bool(header) and block.words[0] is header[0]
    return Unit(block.words, opens=True, leads=own, row=True, header=() if own else header)
