"""The books' own best sentences for a question: the fallback when no draft survives verification.

Pure selection: every quote stands in its passage word for word. Knows no chat model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from corpus.records import Hit
from rag.reply.aims import weigh_aim
from rag.reply.layout import BAR, BULLETS, read_layout
from rag.reply.subjects import names_what, only_refers, shares_child, strays
from rag.reply.wholes import complete
from rag.search.synonyms import load_synonyms
from rag.search.vocabulary import content_words, stem, words_of
from rag.text.sentences import Span, split_sentences

Vectors = npt.NDArray[np.float32]

MOST_WORDS = 110  # a quotation longer than a passage would be a page, not an answer
# Chosen on the tuning half of tests/gold/questions.jsonl, by the share of key facts told; cosines.
_REWORDED = 0.3  # weight of the question in clinical words
_PER_RANK = 0.03  # a sentence of the next-ranked hit starts this much lower
_WITHIN = 0.15  # a second sentence is worth reading when it scores this close to the best
_RARE_WORDS = 0.05  # weight of the question's own rare words
_AFTER_BEST = 0.1  # the sentence that follows the best one usually completes it
_ROW = 0.03  # a sentence reads better than a table
_STRAYS = 0.08  # what a statement on another part of the section's heading loses
_SPECIAL_CASE = 0.08  # what holds for a few comes after what holds for everybody

_LEANS = re.compile(  # points at the sentence before
    r"(?:This|That|These|Those|It|They|Them|He|She|Such|Then|Also|But|So|However|Both|Otherwise)\b"
    r"|(?:In [^,.]{2,40}?,? )?[Tt]he (?:higher|lower|larger|smaller|same|other|second|latter) "
)
_FEW = re.compile(  # a statement about some people only
    r"\b(?:some|certain|few|those|people|women|mothers|anyone|someone) (?:people |women )?"
    r"(?:who|whose|with|need)\b|\bhigher dose\b|\bif you (?:have|had|take|are taking)\b",
    re.IGNORECASE,
)


class Encoder(Protocol):
    """Anything that turns texts into unit vectors `(n, dim)`."""

    def encode(self, texts: Sequence[str], /) -> Vectors: ...
    def encode_questions(self, texts: Sequence[str], /) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a book, the hit they stand in, and where there they begin."""

    text: str  # an exact substring of the passage's text
    hit: Hit
    start: int
    score: float = 0.0


def best_sentences(
    question: str, hits: Sequence[Hit], encoder: Encoder, most: int = 3
) -> list[Quote]:
    """The sentences of `hits` that answer best, at most `most`: the best one's passage first.

    Each is whole: a list with its lead-in, a table with its headings. Empty when none shares the subject.
    """
    scored = _score_wholes(question, hits, encoder)
    if not scored:
        return []
    best = max(scored, key=lambda quote: quote.score)
    near = best.score - _WITHIN
    topic = _topic_of(question, best, scored)
    chosen: list[Quote] = []
    words = 0
    for quote in sorted(scored, key=lambda quote: -_closeness(quote, best)):
        size = len(quote.text.split())
        far = _closeness(quote, best) < near
        off_topic = not (topic <= _stems(quote.text) or _follows(quote, best))
        if chosen and (far or off_topic or words + size > MOST_WORDS or _repeats(quote, chosen)):
            continue
        chosen.append(quote)
        words += size
        if len(chosen) == most:
            break
    ranks = {hit.passage.id: rank for rank, hit in enumerate(hits)}
    ranks[best.hit.passage.id] = -1
    return sorted(chosen, key=lambda quote: (ranks[quote.hit.passage.id], quote.start))


def _score_wholes(question: str, hits: Sequence[Hit], encoder: Encoder) -> list[Quote]:
    """Every statement and row on the subject, made whole, the best score of its parts each once."""
    pieces = [
        (rank, quote)
        for rank, hit in enumerate(hits)
        for quote in (*list_statements(hit), *_rows(hit))
        if not only_refers(quote.text) and shares_child(question, hit.passage, quote.text)
    ]
    found: dict[tuple[int, int, int], Quote] = {}
    for (rank, _), quote in zip(pieces, score_statements(question, pieces, encoder), strict=True):
        whole = _make_whole(quote)
        if whole is None:
            continue
        score = quote.score + _worth_of_kind(question, quote, whole)
        place = (rank, whole.start, len(whole.text))
        if place not in found or found[place].score < score:
            found[place] = replace(whole, score=score)
    return list(found.values())


def _worth_of_kind(question: str, quote: Quote, whole: Quote) -> float:
    """What it adds that the whole lists what is asked for, less for a table and for what strays."""
    passage = quote.hit.passage
    is_row = BAR in quote.text  # of a table, the headings and the row count
    text = f"{_head_of(whole.text)}\n{quote.text}" if is_row else whole.text
    worth = weigh_aim(question, text, "" if is_row else " ".join(passage.section[-1:]))
    worth *= names_what(question, passage, text)
    strayed = strays(question, passage, quote.start, quote.text)
    return worth - _ROW * is_row - _STRAYS * strayed


def _head_of(table: str) -> str:
    """The caption and the headings."""
    before, _, rows = table.partition(BAR)
    return before + rows.partition("\n")[0]


def _make_whole(quote: Quote) -> Quote | None:
    """The quote with what it needs to be read alone; None where that would be a page."""
    text = quote.hit.passage.text
    whole = complete(text, quote.start, quote.start + len(quote.text), MOST_WORDS)
    if whole is None:
        return None
    return Quote(text[whole.start : whole.end], quote.hit, whole.start)


def score_statements(
    question: str, pieces: Sequence[tuple[int, Quote]], encoder: Encoder
) -> list[Quote]:
    """Every piece, given with its hit's rank, with its cosine to the question less that rank."""
    if not pieces:
        return []
    texts = [f"{' '.join(q.hit.passage.section[-1:])}: {q.text}" for _, q in pieces]
    asked, reworded = encoder.encode_questions([question, load_synonyms().reword(question).text])
    cosines = encoder.encode(texts) @ ((1 - _REWORDED) * asked + _REWORDED * reworded)
    special = np.asarray([bool(_FEW.search(quote.text)) for _, quote in pieces])
    if _FEW.search(question):
        special[:] = False
    scores = cosines + _RARE_WORDS * _rare_words(question, texts) - _SPECIAL_CASE * special
    return [
        Quote(quote.text, quote.hit, quote.start, float(score) - _PER_RANK * rank)
        for (rank, quote), score in zip(pieces, scores, strict=True)
    ]


def _rare_words(question: str, texts: Sequence[str]) -> Vectors:
    """Share of the question's words that each text holds, the rare ones counting most: 0 … 1."""
    held = [_stems(text) for text in texts]
    weights = {}
    for word in {stem(word) for word in content_words(question)}:
        count = sum(word in words for words in held)
        if count:
            weights[word] = float(np.log(1 + len(texts) / count))
    total = sum(weights.values()) or 1.0
    shares = [sum(w for word, w in weights.items() if word in words) / total for words in held]
    return np.asarray(shares, dtype=np.float32)


def _rows(hit: Hit) -> Iterator[Quote]:
    """The rows of a passage's tables, less the headings."""
    before = ""
    for stretch in read_layout(hit.passage.text):
        if stretch.kind == "row" and before == "row":
            yield Quote(stretch.span.text, hit, stretch.span.start)
        before = stretch.kind


def list_statements(hit: Hit) -> Iterator[Quote]:
    """The statements of a passage; one that leans on what stands before brings it along.

    An item of a list brings the line that leads in, and the items between.
    """
    text = hit.passage.text
    before: Span | None = None
    for span in split_sentences(text):
        is_item = span.text[0] in BULLETS
        if _is_statement(span.text):
            leans = before is not None and (is_item or _LEANS.match(span.text))
            start = before.start if leans and before is not None else span.start
            if len(text[start : span.end].split()) <= MOST_WORDS:
                yield Quote(text[start : span.end], hit, start)
        if not is_item:
            leads_in = span.text.endswith(":")
            before = span if leads_in or _is_statement(span.text) else None


def _is_statement(text: str) -> bool:
    """Whether a person can read it alone: no heading, question, lead-in or row of a table."""
    words = text.split()
    letters = sum(character.isalpha() for character in text)
    return (
        (4 <= len(words) <= 70 or (text[0] in BULLETS and len(words) >= 3))
        and letters > 0.55 * len(text.replace(" ", ""))
        and text[-1] not in "?:"
        and " | " not in text
    )


def _topic_of(question: str, best: Quote, quotes: Sequence[Quote]) -> frozenset[str]:
    """The rarest word that the question shares with the best quote: what the answer is about.

    Empty when most quotes have it, for then it tells nothing.
    """
    held = [_stems(quote.text) for quote in quotes]
    shared = {stem(word) for word in content_words(question)} & _stems(best.text)
    counts = {word: sum(word in words for words in held) for word in sorted(shared)}
    rarest = min(counts, key=lambda word: counts[word], default=None)
    if rarest is None or counts[rarest] > max(1, len(quotes) / 4):
        return frozenset()
    return frozenset([rarest])


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(text))


def _follows(quote: Quote, best: Quote) -> bool:
    """Whether it stands right after the best one, but for a space or a mark."""
    return quote.hit is best.hit and 0 <= quote.start - (best.start + len(best.text)) <= 2


def _closeness(quote: Quote, best: Quote) -> float:
    return quote.score + (_AFTER_BEST if _follows(quote, best) else 0.0)


def _repeats(quote: Quote, chosen: Sequence[Quote]) -> bool:
    """Whether most of the words of `quote` stand in a chosen one, or the other way round."""
    words = set(quote.text.lower().split())
    others = (set(other.text.lower().split()) for other in chosen)
    return any(len(words & other) > 0.7 * min(len(words), len(other)) for other in others)
