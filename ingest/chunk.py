"""Pages → Passages: about 110 words each, cut at sentence ends, never across sections.

Knows no PDF and no model: how many tokens a text takes is asked of a function that is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from corpus.records import Passage, TextBox, Word
from ingest.book import AskedAs, ReadBook
from ingest.collecting import collection_paused
from ingest.headings import plain
from ingest.pack import pack_units, split_unit
from ingest.sections import Section, read_sections
from ingest.units import BAR, CONTINUES, Unit, read_units

CountTokens = Callable[[str], int]
MIN_WORDS_SHARE = 0.15  # of a passage that is words of three letters; tables of numbers have more
_WORD = re.compile(r"(?<!\S)\S*?[^\W\d_]{3}\S*")
MAX_PATH_SHARE = 0.4  # of the embedder's tokens that the section path may take


def chunk_pages(
    read_book: ReadBook,
    words: int = 110,
    count_tokens: CountTokens | None = None,
    max_tokens: int = 256,
) -> list[Passage]:
    """Cut a book into passages of about `words` words, none longer than `max_tokens` tokens.

    The limit holds for the section path and the text together, as the embedder reads them.
    """
    with collection_paused():
        return _chunk(read_book, words, count_tokens, max_tokens)


def _chunk(
    read_book: ReadBook, words: int, count_tokens: CountTokens | None, max_tokens: int
) -> list[Passage]:
    asked = _AskedIndex(read_book.asked_as)
    labels = {page.number: page.label for page in read_book.pages}
    passages: list[Passage] = []
    for section in read_sections(read_book):
        path = _fitting_path(section.path, count_tokens, max_tokens)
        questions = asked.of(section)
        for units in pack_units(read_units(section.lines), words):
            for piece in _fit(units, path, count_tokens, max_tokens):
                text, boxes = typeset(piece)
                if not says_something(text):
                    continue
                pages = [box.box.page for box in boxes] or [section.first_page]
                first, last = min(pages), max(pages)
                passages.append(
                    Passage(
                        id=Passage.make_id(read_book.book.id, first, last, text),
                        book_id=read_book.book.id,
                        first_page=first,
                        last_page=last,
                        page_label=labels.get(first, str(first)),
                        section=path,
                        text=text,
                        boxes=tuple(boxes),
                        position=len(passages),
                        asked_as=questions,
                    )
                )
    return passages


def says_something(text: str) -> bool:
    """Whether a text is more than the axis of a chart or the cells of an empty form."""
    total = sum(word != BAR for word in text.split())
    words = len(_WORD.findall(text))
    return words >= MIN_WORDS_SHARE * total and words > 0


class _AskedIndex:
    """Which lay questions belong to which section."""

    def __init__(self, entries: Sequence[AskedAs]) -> None:
        self.entries = [(tuple(map(_bare, entry.section)), entry) for entry in entries]

    def of(self, section: Section) -> tuple[str, ...]:
        """Questions whose section this is: the same path, or the same last title near its page."""
        path = tuple(map(_bare, section.path))
        if not path:
            return ()
        same = [entry for titles, entry in self.entries if titles == path]
        if not same:
            same = [
                entry
                for titles, entry in self.entries
                if titles and titles[-1] == path[-1] and abs(entry.page - section.first_page) <= 1
            ]
        return tuple(dict.fromkeys(question for entry in same for question in entry.questions))


def _bare(title: str) -> str:
    """A title without its numbering, for comparing."""
    words = title.split()
    if len(words) > 1 and words[0].rstrip(".").replace(".", "").isdigit():
        words = words[1:]
    return plain(" ".join(words))


def _fitting_path(
    path: tuple[str, ...], count_tokens: CountTokens | None, max_tokens: int
) -> tuple[str, ...]:
    """The path, without its outer titles where it would leave too little room for the text."""
    if count_tokens is None:
        return path
    while path and count_tokens(" › ".join(path)) > MAX_PATH_SHARE * max_tokens:
        if len(path) == 1:
            shorter = " ".join(path[0].split()[: len(path[0].split()) // 2])
            path = (shorter + "…",) if shorter else ()
        else:
            path = path[1:]
    return path


def _fit(
    units: list[Unit], path: tuple[str, ...], count_tokens: CountTokens | None, max_tokens: int
) -> Iterator[list[Unit]]:
    """The units, in as many parts as it takes for each to be read whole by the embedder."""
    if count_tokens is None:
        yield units
        return
    text = typeset(units)[0]
    embedded = f"{' › '.join(path)}\n{text}" if path else text
    if count_tokens(embedded) <= max_tokens:
        yield units
        return
    parts = _halves(units)
    if len(parts) < 2:
        yield units  # a single character: there is nothing left to split
        return
    for part in parts:
        yield from _fit(part, path, count_tokens, max_tokens)


def _halves(units: list[Unit]) -> list[list[Unit]]:
    """Two parts of nearly equal length, cut between units or else inside the only one."""
    own = [unit for unit in units if not unit.repeated]
    head = units[: len(units) - len(own)]  # a repeated table heading goes with both parts
    if len(own) > 1:
        total = sum(unit.size for unit in own)
        sums = [sum(unit.size for unit in own[:index]) for index in range(1, len(own))]
        cut = 1 + min(range(len(sums)), key=lambda index: abs(2 * sums[index] - total))
        return [head + own[:cut], head + own[cut:]]
    if head:
        return [own] if len(own[0].words) < 2 else [[part] for part in split_unit(own[0])]
    return [[part] for part in split_unit(own[0])]


def typeset(units: Sequence[Unit]) -> tuple[str, list[TextBox]]:
    """The text of these units, and where each of its words stands on paper."""
    parts: list[str] = []
    boxes: list[TextBox] = []
    at = 0
    glue = ""
    for unit in units:
        if parts and glue:
            glue = "\n" if unit.opens else " "
        for word in unit.words:
            shown = word.text.removesuffix(CONTINUES)
            parts.append(glue + shown)
            at += len(glue)
            if _has_place(word) and not unit.repeated:
                boxes.append(TextBox(at, at + len(shown), word.box))
            at += len(shown)
            glue = "" if word.text.endswith(CONTINUES) else " "
    return "".join(parts), boxes


def _has_place(word: Word) -> bool:
    return word.box.x1 > word.box.x0
