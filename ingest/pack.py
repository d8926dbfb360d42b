"""Units → groups of about the wished length: the cheapest cuts, found by dynamic programming.

A cut costs nothing before a title, little between paragraphs, more inside one, most behind a
line that introduces what follows. Knows no PDF and no model.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.records import Word
from ingest.units import BAR, Unit

LONGEST = 1.6  # of the wished length: more is never put together
SHORTEST = 0.35  # of the wished length: less is a tail, and dear
COST_TAIL = 2.0
COST_SENTENCE = 0.12  # a cut inside a paragraph
COST_ITEM = 0.06  # a cut inside a list or a table
COST_LEAD = 1.5  # a cut behind an introduction
GAIN_TITLE = 0.1  # a cut before a title
_CLAUSE_ENDS = (BAR, ";", ":", ",", ".", "–", "—", ")")


def pack_units(units: Sequence[Unit], words: int) -> list[list[Unit]]:
    """Groups of consecutive units, each near `words` words, headers said again for table rows."""
    if not units:
        return []
    sizes = [unit.size for unit in units]
    total = sum(sizes)
    wished = total / max(1, round(total / words))
    cheapest = [0.0] + [float("inf")] * len(units)
    came_from = [0] * (len(units) + 1)
    for end in range(1, len(units) + 1):
        length = 0
        for start in range(end - 1, -1, -1):
            length += sizes[start]
            if length > LONGEST * words and start < end - 1:
                break
            cost = cheapest[start] + _length_cost(length, wished) + _cut_cost(units, end)
            if cost < cheapest[end]:
                cheapest[end], came_from[end] = cost, start
    groups: list[list[Unit]] = []
    end = len(units)
    while end:
        groups.append(list(units[came_from[end] : end]))
        end = came_from[end]
    return [_with_header(group) for group in reversed(groups)]


def _length_cost(length: int, wished: float) -> float:
    """Quadratic in how far off, and a tail costs extra."""
    off = (length - wished) / max(1.0, wished)
    return off * off + (COST_TAIL if length < SHORTEST * wished else 0.0)


def _cut_cost(units: Sequence[Unit], end: int) -> float:
    if end == len(units):
        return 0.0
    before, after = units[end - 1], units[end]
    if before.leads:
        return COST_LEAD
    if not after.opens:
        return COST_SENTENCE
    if after.title:
        return -GAIN_TITLE
    return COST_ITEM if (after.item or after.row) and before.item == after.item else 0.0


def _with_header(group: list[Unit]) -> list[Unit]:
    """A group that begins inside a table says the table's heading first."""
    first = group[0]
    if not first.header:
        return group
    return [Unit(list(first.header), opens=True, row=True, leads=True, repeated=True), *group]


def split_unit(unit: Unit) -> list[Unit]:
    """A sentence or row that is too long, in two, at the clause end nearest its middle."""
    words = unit.words
    if len(words) < 2:
        return _split_word(unit)
    middle = len(words) / 2
    cuts = [
        index + 1
        for index in range(len(words) - 1)
        if words[index].text.endswith(_CLAUSE_ENDS) and abs(index + 1 - middle) < 0.35 * len(words)
    ]
    cut = min(cuts, key=lambda index: abs(index - middle), default=round(middle))
    halves = (words[:cut], words[cut:])
    return [_part(unit, half, index == 0) for index, half in enumerate(halves)]


def _part(unit: Unit, words: list[Word], first: bool) -> Unit:
    return Unit(words, opens=unit.opens and first, item=unit.item, row=unit.row)


def _split_word(unit: Unit) -> list[Unit]:
    """A word longer than the embedder reads (a sequence, an address): its halves, same box."""
    word = unit.words[0]
    middle = len(word.text) // 2
    if not middle:
        return [unit]
    halves = (Word(word.text[:middle], word.box), Word(word.text[middle:], word.box))
    return [_part(unit, [half], index == 0) for index, half in enumerate(halves)]
