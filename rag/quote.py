"""The books' own best sentences for a question: the fallback when no draft survives verification.

Pure selection: every sentence returned stands in its passage word for word. Knows no chat model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from corpus.records import Hit
from rag.sentences import split_sentences

Vectors = npt.NDArray[np.float32]

MOST_WORDS = 110  # a quotation longer than a passage would be a page, not an answer
_PER_RANK = 0.03  # a sentence of the next-ranked hit starts this much lower (cosine units)
_WITHIN = 0.12  # a second sentence is worth reading when it scores this close to the best
_AFTER_BEST = 0.05  # the sentence that follows the best one usually completes it


class Encoder(Protocol):
    """Anything that turns texts into unit vectors `(n, dim)`."""

    def encode(self, texts: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a book, the hit it stands in, and its place there."""

    text: str
    hit: Hit
    position: int  # running number of the sentence within the passage
    score: float


def best_sentences(
    question: str, hits: Sequence[Hit], encoder: Encoder, most: int = 3
) -> list[Quote]:
    """The sentences of `hits` that answer best, in reading order, at most `most` of them."""
    candidates = _score_sentences(question, hits, encoder)
    if not candidates:
        return []
    best = max(candidates, key=lambda quote: quote.score)
    chosen: list[Quote] = []
    words = 0
    for quote in sorted(candidates, key=lambda quote: -_closeness(quote, best)):
        size = len(quote.text.split())
        far = _closeness(quote, best) < best.score - _WITHIN
        if chosen and (far or words + size > MOST_WORDS or _repeats(quote, chosen)):
            continue
        chosen.append(quote)
        words += size
        if len(chosen) == most:
            break
    order = {hit.passage.id: rank for rank, hit in enumerate(hits)}
    first = best.hit.passage.id
    return sorted(
        chosen,
        key=lambda quote: (
            quote.hit.passage.id != first,
            order[quote.hit.passage.id],
            quote.position,
        ),
    )


def _score_sentences(question: str, hits: Sequence[Hit], encoder: Encoder) -> list[Quote]:
    """Every quotable sentence with the cosine of question and sentence, less its hit's rank."""
    found: list[tuple[str, Hit, int, int]] = []
    for rank, hit in enumerate(hits):
        for position, span in enumerate(split_sentences(hit.passage.text)):
            if _is_quotable(span.text):
                found.append((span.text, hit, position, rank))
    if not found:
        return []
    in_section = [
        f"{hit.passage.section[-1]}: {text}" if hit.passage.section else text
        for text, hit, _, _ in found
    ]
    vectors = encoder.encode([question, *in_section])
    cosines = vectors[1:] @ vectors[0]
    return [
        Quote(text, hit, position, float(cosine) - _PER_RANK * rank)
        for (text, hit, position, rank), cosine in zip(found, cosines, strict=True)
    ]


def _is_quotable(text: str) -> bool:
    """A statement a person can read alone: no heading, no question, no shred of a table."""
    words = text.split()
    letters = sum(character.isalpha() for character in text)
    return 4 <= len(words) <= 70 and letters > 0.55 * len(text.replace(" ", "")) and text[-1] != "?"


def _closeness(quote: Quote, best: Quote) -> float:
    follows = quote.hit is best.hit and quote.position == best.position + 1
    return quote.score + (_AFTER_BEST if follows else 0.0)


def _repeats(quote: Quote, chosen: Sequence[Quote]) -> bool:
    """Whether most of the words of `quote` already stand in a chosen sentence."""
    words = set(quote.text.lower().split())
    return any(
        len(words & set(other.text.lower().split()))
        > 0.7 * min(len(words), len(other.text.split()))
        for other in chosen
    )
