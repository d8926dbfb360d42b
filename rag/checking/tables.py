# ruff: noqa: E501  (a pattern is read whole)
"""The rows of a passage's tables as texts of their own: a row's name with one cell, under their headings.

"Vaccine | United Kingdom | United States", "RSV | From 28 weeks | 32 to 36 weeks" becomes "RSV, United
Kingdom, From 28 weeks" and "RSV, United States, 32 to 36 weeks", so that no cell can stand under another's
heading. Knows lines and bars, no meaning; rag/checking/windows.py reads what it makes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from rag.checking.polarity import has_denial
from rag.checking.quantities import find_quantities

_BAR = " | "
_LONGEST_HEADING = 12  # words a cell
_FEWEST_ROWS = 2  # beneath a heading
_INNER_MARK = re.compile(r"\s*[():]\s*|\s+[-–—]\s+|\.\s+")
_ASKING = re.compile(
    r"\bwhat (?:usually |normally )?(?:happens|is done)\b|\b(?:when|where|who|what|which|how (?:much|many|long|often|soon))\b",
    re.IGNORECASE,
)
_OPENING_CAPITAL = re.compile(r"[A-Z][a-z]+(?!\s+[A-Z])\b")
_NUMBER = re.compile(r"\d")
_BARE = re.compile(
    r"(?:(?:by|from|up to|about|fewer than|less than|more than|over|under)\s+)?[\d.,]+(?:\s*(?:[-–]|to)\s*[\d.,]+)?",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(?:weeks?|days?|months?|years?|hours?|minutes?)", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?P<what>\w+)\s+(?:in|per|out of|of)\s+(?:every\s+)?(?P<base>1,?0+)\s+(?P<whom>\w+)",
    re.IGNORECASE,
)  # "Pregnancies in 100 women": a bare number in its column counts these
_EVENTS = {"pregnancies": "become pregnant", "births": "give birth", "deaths": "die"}
_BOUNDS = re.compile(r"\b(?:until|from|by|before|after|up to|within)$", re.IGNORECASE)


def read_tables(sentences: Sequence[str]) -> dict[int, list[str]]:
    """For the number of each row: the texts it stands for; none for a row of headings."""
    texts: dict[int, list[str]] = {}
    for first, last in _find_tables(sentences):
        rows = _list_cells(sentences[first:last])
        headings = rows[0] if _is_heading(rows) else []
        if headings:
            texts[first] = []
        for number, cells in enumerate(rows[bool(headings) :], first + bool(headings)):
            texts[number] = _write_row(cells, headings)
    return texts


def spell_rows(sentences: Sequence[str]) -> dict[int, str]:
    """For the number of each row under headings: all of it as one sentence; "" for the headings.

    "Mug of tea | 75 mg" under "Drink | Caffeine, about" becomes "Mug of tea: caffeine, about 75 mg."
    """
    texts: dict[int, str] = {}
    for first, last in _find_tables(sentences):
        rows = _list_cells(sentences[first:last])
        if not _is_heading(rows):
            continue
        texts[first] = ""
        for number, (name, *cells) in enumerate(rows[1:], first + 1):
            told = [
                _say_cell(heading, cell)
                for heading, cell in zip(rows[0][1:], cells, strict=True)
                if cell
            ]
            texts[number] = f"{name}: {'; '.join(told).rstrip('.')}."
    return texts


def _say_cell(heading: str, cell: str) -> str:
    if (_COUNTED.search(heading) or _UNIT.fullmatch(heading)) and _BARE.fullmatch(cell):
        return _join_heading(heading, _open_small(cell))
    return f"{_open_small(heading)} {_open_small(cell)}".strip()


def _find_tables(sentences: Sequence[str]) -> list[tuple[int, int]]:
    """Runs `[first, last)` of rows with as many cells."""
    runs: list[tuple[int, int]] = []
    for number, text in enumerate(sentences):
        if _BAR not in text:
            continue
        bars = text.count(_BAR)
        if runs and runs[-1][1] == number and sentences[number - 1].count(_BAR) == bars:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def _list_cells(rows: Sequence[str]) -> list[list[str]]:
    return [[cell.strip() for cell in row.split(_BAR)] for row in rows]


def _is_heading(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: short cells that hold no number and deny nothing."""
    plain = all(
        len(cell.split()) <= _LONGEST_HEADING
        and not _NUMBER.search(_COUNTED.sub("", cell))
        and not has_denial(cell)
        for cell in rows[0]
    )
    return plain and len(rows) > _FEWEST_ROWS and not any(cell[-1:] == "." for cell in rows[0])


def _write_row(cells: list[str], headings: list[str]) -> list[str]:
    """A row's name with each cell under its heading, and two cells beside one another."""
    columns = [_list_statements(cell) for cell in cells]
    named = [
        [_join_heading(heading, statement) for statement in statements]
        for heading, statements in zip(headings or [""] * len(cells), columns, strict=True)
    ]
    texts = [f"{', '.join(named[0])}, {text}" for cell in named[1:] for text in cell]
    for first, second in combinations(range(1, len(cells)), 2):
        texts += [f"{', '.join(columns[first])}, {text}" for text in named[second]]
    rivals = sum(bool(find_quantities(cell)) for cell in cells[1:]) > 1
    if len(cells) > 2 and not rivals and not any(has_denial(cell) for cell in cells):
        texts.append(", ".join(text for cell in named for text in cell))
    return texts


def _list_statements(cell: str) -> list[str]:
    """What a cell says between its semicolons, or all of it where something is denied."""
    plain = join_marks(cell)
    if has_denial(plain):
        return [plain.replace(";", ",")]
    return [_open_small(piece.strip()) for piece in plain.split(";") if piece.strip()] or [plain]


def _open_small(cell: str) -> str:
    """ "Twins" as "twins": a capital that only opens a cell makes no name."""
    return cell[:1].lower() + cell[1:] if _OPENING_CAPITAL.match(cell) else cell


def join_marks(text: str) -> str:
    """A text with its colons, brackets and dashes as commas: what it says holds for all of it."""
    return _INNER_MARK.sub(", ", text.rstrip(".")).strip(" ,")


def _join_heading(heading: str, statement: str) -> str:
    """ "Until when", "3 days" becomes "Until 3 days"; "Weeks", "16" becomes "16 weeks"."""
    counted = _COUNTED.search(heading)
    if counted and _BARE.fullmatch(statement):
        what = _EVENTS.get(counted["what"].lower(), counted["what"].lower())
        rest = _INNER_MARK.sub(", ", heading[counted.end() :]).strip(" ,")
        return f"{statement} in {counted['base']} {counted['whom']} {what} {rest}".strip()
    if _UNIT.fullmatch(heading) and _BARE.fullmatch(statement):
        return f"{statement} {heading.lower()}"
    name = _open_small(_ASKING.sub("", _INNER_MARK.sub(", ", heading)).strip(" ,"))
    if not name:
        return statement
    return f"{name}{' ' if _BOUNDS.search(name) else ', '}{statement}"
