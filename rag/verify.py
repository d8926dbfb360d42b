"""Decide whether a cited passage says what a sentence says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.sentences import split_sentences


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
        quote = supporting_quote(sentence, passage_text)
        same = _words(sentence) <= _words(passage_text)
        return Verdict(
            same, "same words" if same else "words the passage lacks", quote if same else ""
        )


def supporting_quote(sentence: str, passage_text: str) -> str:
    """The passage's sentence that shares most words with the sentence, as it stands there."""
    spans = split_sentences(passage_text)
    wanted = _words(sentence)
    best = max(spans, key=lambda span: len(wanted & _words(span.text)), default=None)
    return best.text if best else ""


def _words(text: str) -> set[str]:
    return {word.strip(".,;:!?()[]").lower() for word in text.split()}
