"""Read one sentence: its words with their concepts, its numbers, its clauses and their polarity.

Knows one sentence alone; rag/checking/evidence.py compares two readings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from rag.checking.amounts import Quantity
from rag.checking.polarity import Clause, cut_clauses
from rag.checking.quantities import find_quantities
from rag.checking.terms import WORD, Terms, is_name_like, load_terms, stem_phrase, stem_word
from rag.checking.words import load_words

Kind = Literal["stop", "relation", "light", "plain", "name"]
_LONGEST_PHRASE = 5  # words

_SILENT = load_words("silent")
_RELATIONS = load_words("relations")
_COMPARING = load_words("comparing")  # spent once the number beside them has its direction
_LIGHT = frozenset(map(stem_word, load_words("light")))
_BOUND_AFTER = re.compile(
    r"(?:\s+[^\W\d]+){0,2}\s+(?:or|and|at|at the)\s+|[\s+]*"
)  # "5 portions or" more
_WEIGHTS = {"stop": 0.0, "relation": 0.6, "light": 0.35, "plain": 1.0, "name": 2.0}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a known phrase: `[start, end)` of the sentence, `position` counted in words."""

    start: int
    end: int
    text: str
    stems: tuple[str, ...]
    keys: frozenset[str]
    kind: Kind
    position: int
    clause: int
    parts: frozenset[str] = frozenset()  # what the words of a phrase stand for, each alone

    @property
    def weight(self) -> float:
        return _WEIGHTS[self.kind]


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence as the verifier sees it."""

    text: str
    tokens: tuple[Token, ...]
    quantities: tuple[Quantity, ...]
    places: tuple[int, ...]  # word position of each quantity
    clauses: tuple[Clause, ...]
    soft: tuple[int, ...]  # for each word, how many commas, brackets, "and", "or" stand before it
    hard: tuple[
        int, ...
    ]  # for each word, how many strong marks (; : .) and contrasts stand before it

    @property
    def content(self) -> tuple[Token, ...]:
        """The words that carry a claim."""
        return tuple(token for token in self.tokens if token.kind != "stop")


@lru_cache(maxsize=4096)
def read_sentence(text: str, vocabulary: frozenset[str] = frozenset()) -> Reading:
    """Tokens, numbers and clauses of one sentence; words of the vocabulary are names."""
    terms = load_terms()
    words = list(WORD.finditer(text))
    stems = [stem_word(word.group()) for word in words]
    phrases = _find_phrases(stems, terms)
    quantities = _keep_free(find_quantities(text), words, phrases)
    clauses = cut_clauses(text, words)
    clause_of = [_clause_at(clauses, word.start()) for word in words]
    tokens: list[Token] = []
    for first, last in phrases:
        start, end = words[first].start(), words[last].end()
        if any(q.start < end and start < q.end for q in quantities):
            continue
        span_stems = tuple(stems[first : last + 1])
        keys = terms.find_keys(span_stems)
        if text[start:end] == "US":
            keys = keys | terms.find_keys(("unit", "state"))
        if text[start:end] == "WHO":
            keys = terms.find_keys(stem_phrase("World Health Organization"))  # not the word "who"
        kind = _judge(text[start:end], span_stems, keys, terms, first == 0)
        if kind == "plain" and span_stems[0] in vocabulary:
            kind = "name"
        tokens.append(
            Token(
                start,
                end,
                text[start:end],
                span_stems,
                keys,
                kind,
                first,
                clause_of[first],
                _read_parts(span_stems, terms),
            )
        )
    tokens = _drop_spent_relations(tokens, quantities, text)
    places = tuple(sum(word.start() < q.start for word in words) for q in quantities)
    return Reading(
        text, tuple(tokens), tuple(quantities), places, clauses, *_count_marks(text, words)
    )


def _count_marks(text: str, words: list[re.Match[str]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    soft, hard = [0], [0]
    for before, word in pairwise(words):
        between = text[before.end() : word.start()]
        joins = word.group().lower() in ("and", "or", "but", "while", "if", "unless", "because")
        hard.append(hard[-1] + bool(re.search(r"[;:.|•](?:\s|$)", between)))
        soft.append(soft[-1] + (joins or bool(re.search(r"[,;:.()|•]|\s[-–—]\s", between))))
    return tuple(soft), tuple(hard)


def _find_phrases(stems: list[str], terms: Terms) -> list[tuple[int, int]]:
    """Word spans of tokens: the longest known phrase wherever one begins, else the word."""
    spans = []
    first = 0
    while first < len(stems):
        last = first
        for length in range(min(_LONGEST_PHRASE, len(stems) - first), 1, -1):
            if tuple(stems[first : first + length]) in terms.concepts:
                last = first + length - 1
                break
        spans.append((first, last))
        first = last + 1
    return spans


def _keep_free(
    quantities: list[Quantity], words: list[re.Match[str]], phrases: list[tuple[int, int]]
) -> list[Quantity]:
    """The numbers that no known phrase holds ("first 12 weeks", "first choice")."""
    held = [(words[a].start(), words[b].end()) for a, b in phrases if b > a]
    return [
        q for q in quantities if not any(start <= q.start and q.end <= end for start, end in held)
    ]


def _judge(
    text: str, stems: tuple[str, ...], keys: frozenset[str], terms: Terms, opens: bool
) -> Kind:
    lower = text.lower()
    if keys & terms.names or text == "WHO":
        return "name"
    if len(stems) == 1:
        if lower in _RELATIONS:
            return "relation"
        if lower in _SILENT or len(lower) == 1 or not lower[0].isalnum():
            return "stop"
        if (
            is_name_like(text)
            or (text.isupper() and len(text) > 1)
            or (text[0].isupper() and not opens)
        ):
            return "name"
        return "light" if stems[0] in _LIGHT else "plain"
    if all(word in _SILENT or stem_word(word) in _LIGHT for word in re.findall(r"[\w']+", lower)):
        return "light"
    return "plain"


def _read_parts(stems: tuple[str, ...], terms: Terms) -> frozenset[str]:
    """What the words of a phrase, and the phrases inside it, stand for."""
    size = len(stems)
    if any(stem in ("non", "no", "not", "without", "free") for stem in stems):
        return frozenset()  # "non-cancerous" holds no "cancerous"
    inner = [stems[i:j] for i in range(size) for j in range(i + 1, size + 1) if j - i < size]
    return frozenset(
        key for part in inner if len(part) > 1 or len(part[0]) > 2 for key in terms.find_keys(part)
    )


def _clause_at(clauses: tuple[Clause, ...], offset: int) -> int:
    for number, clause in enumerate(clauses):
        if offset < clause.end:
            return number
    return len(clauses) - 1


def _drop_spent_relations(
    tokens: list[Token], quantities: list[Quantity], text: str
) -> list[Token]:
    """ "before", "after", "at least", "or more" that bound a number are read in its direction already."""
    bounded = [q for q in quantities if q.direction != "none"]
    return [
        token
        for token in tokens
        if token.text.lower() not in _COMPARING
        or not any(_is_beside(token, q, text) for q in bounded)
    ]


def _is_beside(token: Token, quantity: Quantity, text: str) -> bool:
    if token.end <= quantity.start:
        between = text[token.end : quantity.start]
        return len(between) <= 24 and not re.search(r"[,;.]", between)
    between = text[quantity.end : token.start]
    if token.text.lower() in _RELATIONS:
        return between.strip() == "or"  # "30 minutes before breakfast": the word is breakfast's
    return bool(_BOUND_AFTER.fullmatch(between))
