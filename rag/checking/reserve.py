"""Is the sentence surer, or more general, than the passage? "May" is no "will", "some" no "all".

Knows hedges and universals; denial and conditions are judged beside it.
"""

from __future__ import annotations

import re

from rag.checking.carriers import (
    SUBORDINATE,
    clause_of_number,
    find_carrier,
    stretch_at,
    stretch_of,
)
from rag.checking.evidence import Alignment
from rag.checking.polarity import PLAIN, Clause, find_hedges

_MODAL = re.compile(r"(?:may|might|can|could)\b", re.IGNORECASE)
_NOT_REDUCED = re.compile(
    r"\bin (?:early |late )?(?:pregnancy|labour|the (?:united kingdom|united states|uk|us))\b|\bat any time\b",
    re.IGNORECASE,
)
_NEVER = re.compile(r"\bnever\b", re.IGNORECASE)
_NEVER_SAID = re.compile(r"\b(?:never|not|no|none|cannot|nor|nothing)\b|n['’]t\b", re.IGNORECASE)
_OPENING_LENGTH = 12  # characters: an adverb that opens a clause holds for all of it
_REDUCED_CONDITION = re.compile(
    r"\b(?:with|who|whose|having|for|in|when|after|before|during|at|over|under|that|found|without|"
    r"is a|are a|count|sign)\b",
    re.IGNORECASE,
)


def check_manner(found: Alignment) -> str | None:
    """ "may" must not become "will", nor "some" "all", nor "if" a fact."""
    if _NEVER.search(found.sentence.text) and not _NEVER_SAID.search(found.window.reading.text):
        return "the passage does not say “never”"
    for number, clause in enumerate(found.sentence.clauses):
        evidence = find_carrier(found, number, heads=False) or find_carrier(found, number)
        alone = len(found.sentence.clauses) == 1
        if evidence is None or (clause.opening in SUBORDINATE and not alone):
            continue
        if clause.manner > _read_local_manner(found, evidence):
            return "the passage says this with more reserve"
        none = clause.opening in ("no", "none") and evidence.negative
        none = (
            none
            or re.search(r"\b(?:each|every|any|all|always)\b", found.window.reading.text)
            is not None
        )
        if (
            clause.universal
            and not none
            and not any(other.universal for other in found.window.reading.clauses)
        ):
            return "the passage does not say this of all"
    return None


def _read_local_manner(found: Alignment, clause: Clause) -> int:
    """The weakest hedge of a clause that reaches the sentence's words: not one in another item of a list."""
    window = found.window.reading
    held = {
        window.soft[window.tokens[m.token].position]
        for m in found.matches
        if m is not None and m.token >= 0
    }
    held |= {stretch_of(window, window.places[n]) for n in found.numbers if n is not None}
    manner = PLAIN
    for place, weight in find_hedges(window.text[clause.start : clause.end]):
        stretch = stretch_at(window, clause.start + place)
        first = place < _OPENING_LENGTH
        modal = _MODAL.match(window.text, clause.start + place)
        if first or modal or stretch in held or stretch < 0:
            manner = min(manner, weight)
    return manner


def check_supposed(found: Alignment) -> str | None:
    """What the passage puts after "if" is not said as a fact."""
    if any(c.condition for c in found.sentence.clauses) or _REDUCED_CONDITION.search(
        _NOT_REDUCED.sub(" ", found.sentence.text)
    ):
        return None
    window = found.window.reading
    carriers = {
        window.clauses[window.tokens[match.token].clause]
        for token, match in zip(found.sentence.content, found.matches, strict=True)
        if token.kind in ("plain", "name") and match is not None and match.token >= 0
    }
    carriers |= {clause_of_number(found, number) for number in found.numbers if number is not None}
    if any(clause.opening in ("if", "unless", "whether") for clause in carriers):
        return "the passage only supposes this"
    return None
