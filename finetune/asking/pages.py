"""Questions written by hand → the passages and sentences that answer them, among all others.

Three sources: the answered questions of finetune/readings, the rows of finetune/grounded, and the
questions that the booklets carry. Training road: row → **Asked** → question encoder. Knows no loop.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.records import Passage
from finetune.data.splits import split_of
from finetune.grounded import ROWS_DIR as GROUNDED_DIR
from finetune.grounded import near_gold, read_rows
from finetune.reading import ROWS_DIR as READINGS_DIR
from finetune.reading import ReadingRow, as_plain, find_passage, read_others, read_reading_rows
from models.embedder import Embedder
from rag.measure.evaluate import GOLD
from rag.retrieve import load_retriever
from rag.text.sentences import split_sentences
from settings import Settings

LIBRARY = "starter-library"

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answer stands; all places are those of `Pages`."""

    question: str
    source: str  # of the passages: "starter-library", "openstax", "medquad"
    split: str  # of the passages: what is held out are passages, with all that is asked of them
    right: tuple[int, ...]  # passages that answer
    beside: tuple[int, ...] = ()  # those before and after, which may: neither right nor wrong
    said: tuple[int, ...] = ()  # sentences that hold the answer, where it was marked


@dataclass(frozen=True)
class Pages:
    """Every passage that may answer, as the search holds it."""

    passages: tuple[Passage, ...]
    split: tuple[str, ...]  # of each passage
    sentences: tuple[str, ...]
    owners: NDArray[np.int64]  # (sentences,) place of the passage

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The texts with single spaces."""
        return tuple(as_plain(passage.text) for passage in self.passages)

    def saying(self, place: int, words: str) -> Iterator[int]:
        """The sentences of a passage that hold these words, or a part of them."""
        first, last = np.searchsorted(self.owners, [place, place + 1])
        start, text = 0, " ".join(self.sentences[first:last])
        at = text.find(as_plain(words))
        for number in range(first, last):
            end = start + len(self.sentences[number])
            if 0 <= at < end and start < at + len(as_plain(words)):
                yield number
            start = end + 1


def gather(settings: Settings, embedder: Embedder, place: str = "") -> tuple[Pages, list[Asked]]:
    """All passages and questions; those near a gold question are left out.

    `place`: a folder with OpenStax modules (`*.md`) and MedQuAD (`medquad*.jsonl`); "" = the library alone.
    """
    index = load_retriever(settings, embedder).live.current()
    library = index.passages(range(len(index)))
    files = [index.book(passage.book_id).file for passage in library]
    rows = list(read_reading_rows(READINGS_DIR))
    texts = read_others(Path(place)) if place else {}
    others = [
        (row, _as_passage(row, text))
        for row in rows
        if row.source != LIBRARY and (text := find_passage(row, texts))
    ]
    pages = _pages([*library, *(passage for _, passage in others)])
    by_file = {file: [n for n, other in enumerate(files) if other == file] for file in set(files)}
    homes = {row.id: _home(row, pages, by_file) for row in rows if row.source == LIBRARY}
    homes |= {row.id: [n] for n, (row, _) in enumerate(others, start=len(library))}
    split = ["train"] * len(pages.passages)
    for id, places in homes.items():
        for n in places:  # held out where any row on it is
            split[n] = split_of(id) if split[n] == "train" else split[n]
    pages = replace(pages, split=tuple(split))
    found = [*_of_readings(rows, homes, pages), *_of_grounded(by_file, pages), *_carried(pages)]
    beside = _neighbours(library)
    asked = [replace(one, beside=_beside(one.right, beside)) for one in _join(found)]
    return pages, _far_from_gold(asked, embedder)


def _pages(passages: Sequence[Passage]) -> Pages:
    split = [
        [as_plain(span.text) for span in split_sentences(passage.text)] or [as_plain(passage.text)]
        for passage in passages
    ]
    owners = np.repeat(np.arange(len(passages)), [len(sentences) for sentences in split])
    return Pages(tuple(passages), (), tuple(itertools.chain(*split)), owners)


def _as_passage(row: ReadingRow, text: str) -> Passage:
    section = (row.section,) if row.section else ()
    return Passage(row.id, row.book, 1, 1, "1", section, text)


def _home(row: ReadingRow, pages: Pages, by_file: Mapping[str, Sequence[int]]) -> list[int]:
    """The passages that a row on the library was written on: cut anew, one may have become two."""
    texts = {row.book: " ".join(pages.plain[n] for n in by_file.get(row.book, ()))}
    text = find_passage(row, texts)
    if not text:
        return []
    return [n for n in by_file[row.book] if pages.plain[n] in text or text in pages.plain[n]]


def _of_readings(
    rows: Iterable[ReadingRow], homes: Mapping[str, Sequence[int]], pages: Pages
) -> Iterator[Asked]:
    for row in rows:
        for question, words in row.answered:
            right = [n for n in homes.get(row.id, ()) if as_plain(words) in pages.plain[n]]
            if right:
                said = [s for n in right for s in pages.saying(n, words)]
                split = _split_of([pages.split[n] for n in right])
                yield Asked(question, row.source, split, tuple(right), said=tuple(said))


def _of_grounded(by_file: Mapping[str, Sequence[int]], pages: Pages) -> Iterator[Asked]:
    for row in read_rows(GROUNDED_DIR):
        if row.earlier:  # a follow-up is no question by itself
            continue
        places = by_file.get(row.book, ())
        pairs = [
            (n, claim.anchor)
            for claim in row.answer
            for n in places
            if as_plain(claim.anchor) in pages.plain[n]
        ]
        said = [s for n, words in pairs for s in pages.saying(n, words)]
        yield from _of_training(row.question, [n for n, _ in pairs], said, pages)


def _carried(pages: Pages) -> Iterator[Asked]:
    owners: dict[str, list[int]] = {}
    for n, passage in enumerate(pages.passages):
        for question in passage.asked_as:
            owners.setdefault(question, []).append(n)
    for question, right in owners.items():
        yield from _of_training(question, right, (), pages)


def _of_training(
    question: str, right: Sequence[int], said: Sequence[int], pages: Pages
) -> Iterator[Asked]:
    """Learnt from only where none of its passages is held out."""
    if right and all(pages.split[n] == "train" for n in right):
        places, sentences = tuple(dict.fromkeys(right)), tuple(dict.fromkeys(said))
        yield Asked(question, LIBRARY, "train", places, said=sentences)


def _join(found: Iterable[Asked]) -> Iterator[Asked]:
    """One for each question: a passage that also answers it is no rival of another that does.

    Held out where any of its passages is.
    """
    same: dict[str, list[Asked]] = {}
    for one in found:
        same.setdefault(one.question, []).append(one)
    for question, ones in same.items():
        right = dict.fromkeys(n for one in ones for n in one.right)
        said = dict.fromkeys(n for one in ones for n in one.said)
        split = _split_of([one.split for one in ones])
        yield Asked(question, ones[0].source, split, tuple(right), said=tuple(said))


def _split_of(splits: Sequence[str]) -> str:
    """Held out where any part is."""
    return next((split for split in splits if split != "train"), "train")


def _neighbours(library: Sequence[Passage]) -> dict[int, list[int]]:
    pairs = [
        (n, n + 1)
        for n, (one, two) in enumerate(itertools.pairwise(library))
        if one.book_id == two.book_id
    ]
    beside: dict[int, list[int]] = {}
    for one, two in pairs:
        beside.setdefault(one, []).append(two)
        beside.setdefault(two, []).append(one)
    return beside


def _beside(right: Sequence[int], beside: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    return tuple({m for n in right for m in beside.get(n, ())} - set(right))


def _far_from_gold(asked: Sequence[Asked], embedder: Embedder) -> list[Asked]:
    gold = sorted(GOLD.parent.glob("*questions*.jsonl"))
    near = near_gold([one.question for one in asked], embedder, gold)
    return [one for one, is_near in zip(asked, near, strict=True) if not is_near]
