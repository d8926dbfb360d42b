"""Does the sentence deny what the passage denies, and nothing more?

"Should not be used" is no "may be used"; "must not stop suddenly" is no "must not stop".
"""

from __future__ import annotations

import re

from rag.checking.carriers import (
    LEAST_VOTE,
    NEGATING_PHRASE,
    SUBORDINATE,
    find_carrier,
    weigh_clauses,
)
from rag.checking.claims import VERB
from rag.checking.evidence import Alignment
from rag.checking.polarity import Clause, list_bound
from rag.checking.reading import Reading

_MIXED_SHARE = 0.34  # weight of a clause's words that may stand in clauses of the other polarity
_WITHOUT = frozenset(("without", "rather", "instead"))
_QUALIFYING = re.compile(
    r"\b(?:during|before|after|with|without|until|within|under|for|by|in|at|on|from)\s+(?:\w+\s+){0,3}?$",
    re.IGNORECASE,
)


def check_polarity(found: Alignment) -> str | None:
    """A clause must be denied where the passage denies it, and only there."""
    agreeing: set[Clause] = set()
    differing: list[tuple[Clause, Clause | None]] = []
    for number, clause in enumerate(found.sentence.clauses):
        pairs = _find_votes(found, number)
        same = sum(weight for weight, evidence in pairs if evidence.negative == clause.negative)
        other = sum(weight for weight, evidence in pairs if evidence.negative != clause.negative)
        if other > _MIXED_SHARE * (same + other) and other >= LEAST_VOTE:
            differing.append((clause, find_carrier(found, number)))
        elif same:
            agreeing |= {evidence for _, evidence in pairs if evidence.negative == clause.negative}
    if any(
        clause.opening not in SUBORDINATE
        or evidence not in agreeing
        or _holds_predicate(found.sentence, clause)
        for clause, evidence in differing
    ):
        return "the passage affirms this, or denies it, the other way round"
    return _check_empty_clauses(found) or _check_relation_polarity(found)


def _holds_predicate(sentence: Reading, clause: Clause) -> bool:
    """Whether what is said of the subject stands after a clause inside: "stools *while you take iron* are not …"."""
    before = sentence.text[: clause.start]
    inside = sentence.text[clause.start : clause.end]
    return bool(before.strip()) and VERB.search(before) is None and len(VERB.findall(inside)) > 1


def _find_votes(found: Alignment, number: int) -> list[tuple[float, Clause]]:
    """The words whose places tell whether a clause is denied: what it says of its subject, if it says much.

    "Smokers should not …" may stand for "… not if you smoke": a condition's words do not vote on a fact.
    """
    stated = found.sentence.clauses[number].condition
    bound = list_bound(found.window.reading.clauses)
    every: list[tuple[float, Clause]] = []
    for heads in (False, True):
        every = weigh_clauses(found, number, heads)
        told = [(w, c) for w, c in every if stated or c not in bound or c.negative]
        if sum(weight for weight, _ in told) >= LEAST_VOTE:
            return told
    return every


def _check_empty_clauses(found: Alignment) -> str | None:
    """ "You can have one if …": a clause of function words must not deny what its counterpart affirms."""
    window = found.window.reading
    used = {
        clause for n in range(len(found.sentence.clauses)) for _, clause in weigh_clauses(found, n)
    }
    segments = {clause.segment for clause in used}
    free = [
        clause for clause in window.clauses if clause.segment in segments and clause not in used
    ]
    for number, clause in enumerate(found.sentence.clauses):
        others = [other for other in free if other.strong_condition == clause.strong_condition]
        if weigh_clauses(found, number) or not others:
            continue
        if all(other.negative != clause.negative for other in others):
            return "the passage affirms this, or denies it, the other way round"
    return None


def _check_relation_polarity(found: Alignment) -> str | None:
    """ "across" must not come from "never across" when the rest is affirmed."""
    window = found.window.reading
    for token, match in zip(found.sentence.content, found.matches, strict=True):
        if token.kind == "relation" and match is not None and match.token >= 0:
            there = window.clauses[window.tokens[match.token].clause]
            if window.tokens[match.token].kind != "relation":
                continue
            if there.negative != found.sentence.clauses[
                token.clause
            ].negative and not NEGATING_PHRASE.search(token.text):
                return f"the passage does not say “{token.text}” in this sense"
    return None


def check_dropped(found: Alignment) -> str | None:
    """What narrows a denial must be kept: "must not stop suddenly" is not "must not stop"."""
    window = found.window.reading
    held = {m.token for m in found.matches if m is not None and m.token >= 0}
    for number, clause in enumerate(found.sentence.clauses):
        evidence = find_carrier(found, number, heads=False) or find_carrier(found, number)
        if not clause.negative or evidence is None or not evidence.negative:
            continue
        until = _find_until(found, evidence)
        if until and "until" not in found.sentence.text.lower():
            return f"the passage says this only “{until}”"
        stretches = {window.soft[window.tokens[i].position] for i in held}
        for i, token in enumerate(window.tokens):
            inside = evidence.start <= token.start < evidence.end and token.kind in (
                "plain",
                "name",
            )
            if not inside or i in held or window.soft[token.position] not in stretches:
                continue
            before = window.text[evidence.start : token.start]
            item = re.split(r"\b(?:and|or)\b", before)[-1]
            if item != before and any(
                t.kind == "plain"
                and j not in held
                and token.start - len(item) <= t.start < token.start
                for j, t in enumerate(window.tokens)
            ):
                continue  # it belongs to another item of the list
            if token.text.endswith("ly") or (
                _QUALIFYING.search(before)
                and not re.search(r"\b(?:or|and|nor)\s+(?:\w+\s+)?$", before)
            ):
                return f"the passage narrows this by “{token.text}”"
        for n, quantity in enumerate(window.quantities):
            inside = evidence.start <= quantity.start < evidence.end and n not in found.numbers
            listed = any(
                k is not None and window.quantities[k].dimension == quantity.dimension
                for k in found.numbers
            )
            if (
                inside
                and not listed
                and window.soft[min(window.places[n], len(window.soft) - 1)] in stretches
            ):
                return f"the passage narrows this by “{quantity.text}”"
    return None


def check_without(found: Alignment) -> str | None:
    """What the passage puts after "without" or "rather than" is not said to be there."""
    window = found.window.reading
    for token, match, options in zip(
        found.sentence.content, found.matches, found.options, strict=True
    ):
        if match is None or match.token < 0 or token.kind not in ("plain", "name"):
            continue
        if any(window.tokens[i].text.lower().startswith("without") for i in options):
            continue  # "by itself" for "without treatment"
        clauses = [window.clauses[window.tokens[i].clause] for i in options]
        without = all(clause.negative and clause.opening in _WITHOUT for clause in clauses)
        if without and not found.sentence.clauses[token.clause].negative:
            return f"the passage says this without “{token.text}”"
    return None


def _find_until(found: Alignment, evidence: Clause) -> str:
    """The "until …" right after a denial, of which the sentence says nothing; "" when there is none."""
    window = found.window.reading
    number = window.clauses.index(evidence) + 1
    held = {window.tokens[m.token].clause for m in found.matches if m is not None and m.token >= 0}
    if number >= len(window.clauses) or number in held:
        return ""
    following = window.clauses[number]
    told = following.opening == "until" and following.segment == evidence.segment
    return window.text[following.start : following.end].strip(" .,") if told else ""
