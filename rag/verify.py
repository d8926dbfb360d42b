"""Decide whether a cited passage says what a sentence says: the public face of the verifier.

A sentence of a draft stands here between the model and the reader. Rules on words and numbers refuse
first (rag/rules.py); meaning is compared by the embedder last. In doubt it refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.evidence import Alignment, Passage, align, list_windows, read_passage
from rag.reading import read_sentence
from rag.rules import RULES


class SentenceEncoder(Protocol):
    """What the verifier needs of an embedder: unit vectors, one row a text."""

    def encode(self, texts: list[str], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the passage carries the sentence, and why not."""

    supported: bool
    reason: str
    quote: str = ""  # the passage's own words, an exact substring of it


class Verifier:
    """Checks sentences against passages; works, more strictly, without an embedder."""

    def __init__(self, embedder: SentenceEncoder | None = None) -> None:
        self._embedder = embedder

    def verify(self, sentence: str, passage_text: str, section: str = "") -> Verdict:
        """Whether the passage (with its section heading) says what the sentence says."""
        passage = read_passage(passage_text, section)
        reading = read_sentence(sentence)
        if not any(token.kind in ("plain", "name") for token in reading.content):
            return Verdict(False, "it claims nothing that a passage could say")
        best = "the passage does not speak of this"
        found = sorted((align(reading, window) for window in list_windows(passage)), key=lambda a: -a.coverage)
        for alignment in found[:4]:
            reason = _judge(alignment)
            if reason is None:
                return Verdict(True, "said by the passage", _quote(passage, alignment))
            if alignment is found[0]:
                best = reason
        return Verdict(False, best)


def _judge(alignment: Alignment) -> str | None:
    for rule in RULES:
        reason = rule(alignment)
        if reason:
            return reason
    if alignment.coverage < 0.85:
        words = ", ".join(f"“{token.text}”" for token in alignment.missing[:3])
        return f"the passage does not say {words}"
    return None


def _quote(passage: Passage, alignment: Alignment) -> str:
    spans = [passage.spans[number] for number in alignment.window.numbers]
    return passage.text[spans[0].start : spans[-1].end]


def supporting_quote(sentence: str, passage_text: str) -> str:
    """The passage's own words that carry a sentence best, as they stand there."""
    passage = read_passage(passage_text)
    reading = read_sentence(sentence)
    found = [align(reading, window) for window in list_windows(passage)]
    return _quote(passage, max(found, key=lambda a: a.coverage - 0.02 * len(a.window.numbers))) if found else ""
