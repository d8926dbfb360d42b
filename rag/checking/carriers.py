"""Which clause of the passage carries which clause of the sentence.

Knows an alignment; what follows from it is judged by the checks beside it (denials, reserve, conditions).
"""

from __future__ import annotations

import re

from rag.checking.evidence import Alignment
from rag.checking.polarity import Clause
from rag.checking.reading import Reading

SUBORDINATE = frozenset(
    [
        "because",
        "while",
        "when",
        "if",
        "with",
        "in",
        "for",
        "during",
        "who",
        "which",
        "as",
        "since",
        "after",
        "before",
        "at",
        "on",
        "once",
        "so",
        "although",
        "until",
    ]
)
LEAST_VOTE = 0.6  # weight of words below which a clause says too little to be judged by
_PRONOUN = re.compile(r"\b(?:it|they|them)\b", re.IGNORECASE)
NEGATING_PHRASE = re.compile(
    r"\b(?:not|no|without|never|avoid\w*|unlikely|un\w+|away|forgot)\b", re.IGNORECASE
)


def weigh_clauses(found: Alignment, number: int, heads: bool = True) -> list[tuple[float, Clause]]:
    """Weights of the words and numbers of one clause, each with the passage's clause it stands in."""
    window = found.window.reading
    shared = () if heads else _find_shared_heads(found)
    pairs = [
        (1.0 if NEGATING_PHRASE.search(token.text) else token.weight, window.clauses[window.tokens[match.token].clause])
        for token, match in zip(found.sentence.content, found.matches, strict=True)
        if token.clause == number and match is not None and match.token >= 0 and match.token not in shared
        and bool(NEGATING_PHRASE.search(token.text)) == bool(NEGATING_PHRASE.search(window.tokens[match.token].text))
    ]  # fmt: skip
    clause = found.sentence.clauses[number]
    for wanted, there in zip(found.sentence.quantities, found.numbers, strict=True):
        if there is not None and clause.start <= wanted.start < clause.end:
            pairs.append((1.0, clause_of_number(found, there)))
    return pairs


def _find_shared_heads(found: Alignment) -> tuple[int, ...]:
    """The first content words of a sentence of several clauses: all its clauses may be about them."""
    window = found.window.reading
    first = window.clauses[0].segment
    alone = sum(clause.segment == first for clause in window.clauses) < 2
    if alone and not _PRONOUN.search(window.text, window.clauses[0].end):
        return ()
    heads = [
        i
        for i, token in enumerate(window.tokens)
        if token.clause == 0 and token.kind in ("plain", "name")
    ]
    return tuple(heads[: 1 if alone else 2])


def find_carrier(found: Alignment, number: int, heads: bool = True) -> Clause | None:
    """The passage's clause that carries most of one clause of the sentence."""
    weights: dict[Clause, float] = {}
    for weight, clause in weigh_clauses(found, number, heads):
        weights[clause] = weights.get(clause, 0.0) + weight
    return max(weights, key=lambda clause: weights[clause]) if weights else None


def clause_of_number(found: Alignment, number: int) -> Clause:
    window = found.window.reading
    start = window.quantities[number].start
    return next((clause for clause in window.clauses if start < clause.end), window.clauses[-1])


def stretch_of(window: Reading, place: int) -> int:
    return window.soft[min(place, len(window.soft) - 1)]


def stretch_at(window: Reading, offset: int) -> int:
    return next((window.soft[t.position] for t in window.tokens if t.start <= offset < t.end), -1)
