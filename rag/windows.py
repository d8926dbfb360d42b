"""A passage as rows to compare with: its sentences, read, each with what it may take for granted.

"It is given once a day" is about what the sentence before is about; a list's item belongs to its
lead-in. Knows readings (rag/reading.py), no sentence to be verified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.reading import Reading, read_sentence
from rag.sentences import Span, split_sentences
from rag.terms import key_of

_SUBJECT_TOKENS = 3  # content words at a sentence's head that a following "it" may stand for
_ITEM = re.compile(r"^(?:[•●▪◦‣·○■□►*–—-]|\(?(?:\d{1,2}|[a-z])[.)])\s+")
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


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage read sentence by sentence, with the keys its sentences may take for granted."""

    text: str
    spans: tuple[Span, ...]
    readings: tuple[Reading, ...]
    subject: frozenset[str]
    topic: frozenset[str]


@dataclass(frozen=True, slots=True)
class Window:
    """One sentence of the passage, with what it may take for granted."""

    number: int  # which sentence of the passage
    reading: Reading
    subject: frozenset[str]  # keys of the heading, and of whom an "it" may stand for
    topic: frozenset[str]  # keys that the passage keeps speaking of
    maternal: bool  # the passage speaks of pregnancy or birth
    given: frozenset[str]  # keys of what an opening "it" stands for


@lru_cache(maxsize=512)
def read_passage(text: str, section: str = "", vocabulary: frozenset[str] = frozenset()) -> Passage:
    """A passage, read once; `section` is its heading path."""
    spans = tuple(split_sentences(text))
    readings = tuple(read_sentence(span.text, vocabulary) for span in spans)
    return Passage(text, spans, readings, _find_subject(readings, section), _find_topic(readings))


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


def list_windows(passage: Passage) -> list[Window]:
    """Every sentence of the passage; a list's items are read together with the line that leads in."""
    windows = []
    maternal = any(
        _MATERNAL & token.keys for reading in passage.readings for token in reading.tokens
    )
    lead = ""
    for number, reading in enumerate(passage.readings):
        subject = set(passage.subject)
        given: set[str] = set()
        if number > 0 and _PRONOUN.match(reading.text):
            given = _head_keys(passage.readings[number - 1], 1)
            subject |= _head_keys(passage.readings[number - 1])
        if _ITEM.match(reading.text):
            reading = read_sentence(f"{lead} {_ITEM.sub('', reading.text)}".strip())
        else:
            lead = reading.text.rstrip(":") if reading.text.endswith(":") else ""
        windows.append(
            Window(number, reading, frozenset(subject), passage.topic, maternal, frozenset(given))
        )
    return windows
