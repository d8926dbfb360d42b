"""A passage as rows to compare with: its sentences, read, each with what it may take for granted.

"It is given once a day" is about what the sentence before is about; a list's item belongs to its
lead-in, a cell to its row and heading (rag/checking/tables.py), and a sentence stands beside its parts
(rag/checking/parts.py). Knows readings (rag/checking/reading.py), no sentence to be verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.checking.parallels import Stretch, find_members, name_ordinals
from rag.checking.parts import Part, list_parts
from rag.checking.reading import Reading, read_sentence
from rag.checking.tables import read_tables
from rag.checking.terms import key_of
from rag.text.sentences import Span, split_sentences

_SUBJECT_TOKENS = 3  # content words at a sentence's head that a following "it" may stand for
_ITEM = re.compile(r"^(?:[•●▪◦‣·○■□►*–—-]|\(?(?:\d{1,2}|[a-z])[.)])\s+")
_DIFFER = re.compile(
    r"(?:guidelines|countries|advice|experts)\s+(?:\w+\s+){0,4}?differs?\b.* on ", re.IGNORECASE
)
_TO_DO = re.compile(
    r"(?:call|phone|ring|go|see|get|contact|tell|ask|seek|speak|talk|come|stop)\b", re.IGNORECASE
)
_HAPPENS = re.compile(
    r"(?:you|your|the|there|it|a|an|one)\s(?:[\w’'-]+\s){0,5}?(?:is|are|has|have|feels?|cannot|can|do|does|"
    r"moves?|stops?|comes?|gets?|becomes?|vomit|think|see|bleed|lose|break|notice|had|hurts?|swells?)\b",
    re.IGNORECASE,
)
_MATERNAL = frozenset(
    map(
        key_of,
        (
            "pregnancy",
            "pregnant",
            "birth",
            "baby",
            "placenta",
            "antenatal",
            "trimester",
            "labour",
            "midwife",
        ),
    )
)
_PRONOUN = re.compile(
    r"^(?:(?:if|when|once|where|while|after|before|although|because|usually|rarely|often|sometimes)\s+)?"
    r"(?:it|its|they|their|this|these|such|both|he|she|symptoms|signs)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A passage read sentence by sentence, with the keys its sentences may take for granted."""

    text: str
    spans: tuple[Span, ...]
    readings: tuple[Reading, ...]
    subject: frozenset[str]
    topic: frozenset[str]
    vocabulary: frozenset[str] = frozenset()
    differing: frozenset[str] = frozenset()  # keys of X after "Guidelines differ on X."


@dataclass(frozen=True, slots=True)
class Window:
    """One sentence of the passage, with what it may take for granted."""

    number: int  # which sentence of the passage
    reading: Reading
    subject: frozenset[str]  # keys of the heading, and of whom an "it" may stand for
    topic: frozenset[str]  # keys that the passage keeps speaking of
    maternal: bool  # the passage speaks of pregnancy or birth
    given: frozenset[str]  # keys of what an opening "it" stands for
    tabular: bool = False  # a row of a table: its verbs go without saying
    members: tuple[Stretch, ...] = ()  # stretches that give numbers side by side
    told_from: int = 0  # offset of the reading where it begins to say something


@lru_cache(maxsize=512)
def read_passage(text: str, section: str = "", vocabulary: frozenset[str] = frozenset()) -> Passage:
    """A passage, read once; `section` is its heading path."""
    spans = tuple(split_sentences(text))
    readings = tuple(read_sentence(span.text, vocabulary) for span in spans)
    return Passage(
        text,
        spans,
        readings,
        _find_subject(readings, section),
        _find_topic(readings),
        vocabulary,
        _find_differing(readings),
    )


def _find_differing(readings: Sequence[Reading]) -> frozenset[str]:
    """What the passage says that guidelines differ on: each of its sentences is about that."""
    return frozenset(
        key
        for reading in readings
        if _DIFFER.match(reading.text)
        for token in reading.content
        if token.start >= reading.text.index(" on ")
        for key in token.keys | token.parts
    )


def _find_subject(readings: Sequence[Reading], section: str) -> frozenset[str]:
    """Keys of the heading and of the first sentence's head: what the passage is about."""
    heading = read_sentence(section).content if section else ()
    subject = {key for token in heading for key in token.keys | token.parts}
    return frozenset(subject | (_head_keys(readings[0]) if readings else set()))


def _find_topic(readings: Sequence[Reading]) -> frozenset[str]:
    """Keys of names, and of words that head a sentence, that stand in two or more sentences."""
    counts: dict[str, int] = {}
    heads: set[str] = set()
    for reading in readings:
        for key in {key for token in reading.content for key in token.keys | token.parts}:
            counts[key] = counts.get(key, 0) + 1
        heads |= _head_keys(reading, 2)
        heads |= {
            key
            for token in reading.content
            if token.kind == "name"
            for key in token.keys | token.parts
        }
    return frozenset(key for key in heads if counts[key] >= 2)


def _head_keys(reading: Reading, count: int = _SUBJECT_TOKENS) -> set[str]:
    heads = [token for token in reading.content if token.kind in ("plain", "name")][:count]
    return {key for token in heads for key in token.keys | token.parts}


@lru_cache(maxsize=512)
def list_windows(passage: Passage) -> tuple[Window, ...]:
    """Every sentence of the passage and its parts; an item is read with its lead-in, a cell with its row."""
    windows: list[Window] = []
    maternal = any(
        _MATERNAL & token.keys for reading in passage.readings for token in reading.tokens
    )
    tables = read_tables([reading.text for reading in passage.readings])
    for number, parts in enumerate(_list_texts(passage, tables)):
        subject, given = _find_given(passage, number)
        for part in parts:
            reading = read_sentence(part.text, passage.vocabulary)
            others = (
                _find_cells(passage, tables, number)
                if number in tables
                else _find_lost(reading, part)
            )
            windows.append(
                Window(
                    number,
                    reading,
                    frozenset(passage.subject | subject) - others,
                    passage.topic - others,
                    maternal,
                    frozenset(given) - others,
                    tabular=number in tables,
                    members=() if number in tables else find_members(part.text),
                    told_from=part.told_from,
                )
            )
    return tuple(windows)


def _find_lost(reading: Reading, part: Part) -> frozenset[str]:
    """Keys of a sentence's words that belong to its other parts: this one may not take them for granted."""
    if not part.whole:
        return frozenset()
    own = {key for token in reading.tokens for key in token.keys | token.parts}
    whole = {key for token in read_sentence(part.whole).content for key in token.keys}
    return frozenset(whole - own)


def _find_cells(passage: Passage, tables: dict[int, list[str]], number: int) -> frozenset[str]:
    """Keys of what only the other rows say: a row may not take it for granted."""
    others, own = set[str](), set[str]()
    for other, reading in enumerate(passage.readings):
        row = tables.get(other) and other != number
        for token in reading.content:
            if row:
                others |= token.keys
            else:
                own |= token.keys | token.parts
    names = {
        key
        for other, texts in tables.items()
        for token in passage.readings[other].content
        if texts and token.start < passage.readings[other].text.index("|")
        for key in token.keys
    }
    return frozenset((others - own) | names)


def _list_texts(passage: Passage, tables: dict[int, list[str]]) -> Iterator[list[Part]]:
    """For each sentence of the passage the texts to be compared with; none for a line that leads in."""
    lead = ""
    for number, reading in enumerate(passage.readings):
        text = reading.text
        if number in tables:
            yield [Part(row) for row in tables[number]]
        elif _ITEM.match(text):
            yield [Part(_join_item(lead, _ITEM.sub("", text)))]
        else:
            following = (
                passage.readings[number + 1].text if number + 1 < len(passage.readings) else ""
            )
            lead = text.rstrip(":") if _leads_in(text, following) else ""
            alone = not (lead and _ITEM.match(following))
            plain = name_ordinals(text)
            yield [Part(plain), *list_parts(plain)] if alone else []


def _leads_in(text: str, following: str) -> bool:
    """Whether a line leads in to the items after it: "Call at once for:", or a heading right above them."""
    return text.endswith(":") or (bool(_ITEM.match(following)) and text[-1] not in ".!?")


def _join_item(lead: str, item: str) -> str:
    """An item after its lead-in; "if" stands between what to do and what happens."""
    joins = _TO_DO.match(lead) and _HAPPENS.match(item) and not lead.endswith(" if")
    return f"{lead}{' if' if joins else ''} {item}".strip()


def _find_given(passage: Passage, number: int) -> tuple[set[str], set[str]]:
    """Keys that a sentence may take for granted from the one before, and those of its "it"."""
    before = passage.readings[number - 1] if number else None
    if before is None:
        return set(), set()
    subject = set(passage.differing)
    if not _PRONOUN.match(passage.readings[number].text):
        return subject, set()
    named = re.search(r"\(([^()]+)\)\W*$", before.text)  # "… after birth (postpartum thyroiditis)."
    for token in before.content if named else ():
        if named and token.start >= named.start():
            subject |= token.keys | token.parts
    return subject | _head_keys(before), _head_keys(before, 1)
