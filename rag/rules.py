"""What makes a sentence unsupported although its words stand in the passage: the rules, one a function.

Each rule takes an alignment and returns the reason for refusal, or None. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.evidence import Alignment, sort_name
from rag.polarity import Clause
from rag.reading import Token
from rag.terms import load_terms

Rule = Callable[[Alignment], str | None]
_RESTRICTING = (
    "first trimester", "second trimester", "third trimester", "breastfeeding", "at term", "preterm", "twin", "triplet",
)  # fmt: skip
_MIXED_SHARE = 0.4  # weight of a clause's words that may stand in clauses of the other polarity
_SUBORDINATE = frozenset(
    "because while when if with in for during who which as since after before at on once so although until".split()
)
_NEGATING_PHRASE = re.compile(r"\b(?:not|no|without|never|avoid\w*|unlikely|un\w+|away)\b", re.IGNORECASE)
_RIVAL_MARGIN = 1.25  # how much better a rival must fit before a name or number counts as exchanged


def check_numbers(found: Alignment) -> str | None:
    """Every number, with its unit and comparison, must stand in the evidence."""
    for wanted, number in zip(found.sentence.quantities, found.numbers, strict=True):
        if number is None:
            if wanted.kind == "count" and wanted.low == 1 and re.search(r"\b(?:an?|one|single|once)\b", found.window.text):
                continue
            return f"the passage does not say “{wanted.text}” of this"
        given = found.window.quantities[number]
        if given.direction != wanted.direction and wanted.kind != "label":
            return f"“{wanted.text}” is bounded otherwise than the passage's “{given.text}”"
    return None


def check_names(found: Alignment) -> str | None:
    """Every drug and condition named must be named in the evidence."""
    for token in found.missing:
        if token.kind == "name":
            return f"the passage does not speak of “{token.text}” here"
    return None


def check_opposites(found: Alignment) -> str | None:
    """No missing word may have its opposite, or a member of its family, where it should stand."""
    terms = load_terms()
    for token in found.missing:
        for other in found.window.tokens:
            theirs = other.keys | other.parts
            if terms.are_opposites(token.keys | token.parts, theirs) or terms.share_family(token.keys, theirs):
                return f"the passage says “{other.text}”, not “{token.text}”"
    return None


def check_polarity(found: Alignment) -> str | None:
    """A clause must be denied where the passage denies it, and only there."""
    agreeing: set[Clause] = set()
    differing: list[tuple[Clause, Clause | None]] = []
    for number, clause in enumerate(found.sentence.clauses):
        pairs = _pairs_of_clause(found, number)
        same = sum(weight for weight, evidence in pairs if evidence.negative == clause.negative)
        other = sum(weight for weight, evidence in pairs if evidence.negative != clause.negative)
        if other > _MIXED_SHARE * (same + other):
            differing.append((clause, _find_clause(found, number)))
        elif same:
            agreeing |= {evidence for _, evidence in pairs if evidence.negative == clause.negative}
    if any(clause.opening not in _SUBORDINATE or evidence not in agreeing for clause, evidence in differing):
        return "the passage affirms this, or denies it, the other way round"
    return None


def check_manner(found: Alignment) -> str | None:
    """ "may" must not become "will", nor "some" "all"."""
    for number, clause in enumerate(found.sentence.clauses):
        evidence = _find_clause(found, number)
        if evidence is None:
            continue
        if clause.manner > evidence.manner and not clause.condition:
            return "the passage says this with more reserve"
        if clause.universal and not any(other.universal for other in found.window.clauses):
            return "the passage does not say this of all"
    return None


def check_conditions(found: Alignment) -> str | None:
    """A condition that the passage sets must be named."""
    window = found.window
    used = {window.clause_ids[m.token] for m in found.matches if m is not None and m.token >= 0}
    used |= {_clause_of_quantity(found, n) for n in found.numbers if n is not None}
    for i, clause in enumerate(window.clauses):
        if not clause.strong_condition or i in used:
            continue
        first = i == 0 or window.clauses[i - 1].segment != clause.segment
        if (i + 1 if first else i - 1) in used:
            return "the passage says this under a condition that is left out"
    return None


def check_restrictions(found: Alignment) -> str | None:
    """For whom and when the passage says it must not be dropped."""
    said = {key for token in found.sentence.content for key in token.keys}
    terms = load_terms()
    for number in range(len(found.sentence.clauses)):
        evidence = _find_clause(found, number)
        for token, clause_id in zip(found.window.tokens, found.window.clause_ids, strict=True):
            if evidence is None or found.window.clauses[clause_id] is not evidence or token.keys & said:
                continue
            if any(token.keys & terms.find_keys(_stems(name)) for name in _RESTRICTING):
                return f"the passage says this of “{token.text}” only"
    return None


def check_bindings(found: Alignment) -> str | None:
    """A name or number must belong to the same words as in the passage, not to a rival's."""
    content, window = found.sentence.content, found.window
    placed = {m.token: i for i, m in enumerate(found.matches) if m is not None and m.token >= 0}
    for i, (token, match) in enumerate(zip(content, found.matches, strict=True)):
        if match is None or match.token < 0:
            continue
        own = _fit(found, token.position, window.positions[match.token], skip=i)
        for j, other in enumerate(window.tokens):
            if not _is_rival(token, other, window.tokens[match.token]):
                continue
            kept, exchanged = own, _fit(found, token.position, window.positions[j], skip=i)
            if j in placed:  # both are named: would the two exchanged fit better?
                twin = content[placed[j]].position
                kept += _fit(found, twin, window.positions[j], skip=placed[j])
                exchanged += _fit(found, twin, window.positions[match.token], skip=placed[j])
            if exchanged > _RIVAL_MARGIN * kept:
                return f"the passage says this of “{other.text}”, not of “{token.text}”"
    return _check_number_bindings(found)


def _check_number_bindings(found: Alignment) -> str | None:
    quantities = found.window.quantities
    for n, (wanted, place, number) in enumerate(zip(found.sentence.quantities, found.sentence.places, found.numbers, strict=True)):
        if number is None:
            continue
        own = _fit(found, place, found.window.places[number], skip_number=n)
        given = quantities[number]
        for j, other in enumerate(quantities):
            rival = (other.kind, other.dimension) == (given.kind, given.dimension) and (other.low, other.high) != (given.low, given.high)
            if rival and j not in found.numbers and _fit(found, place, found.window.places[j], skip_number=n) > _RIVAL_MARGIN * own:
                return f"“{wanted.text}” belongs to something else in the passage"
            if rival and j in found.numbers:
                twin = found.numbers.index(j)
                there = found.sentence.places[twin]
                kept = own + _fit(found, there, found.window.places[j], skip_number=twin)
                exchanged = _fit(found, place, found.window.places[j], skip_number=n) + _fit(found, there, found.window.places[number], skip_number=twin)
                if exchanged > _RIVAL_MARGIN * kept:
                    return f"“{wanted.text}” and “{other.text}” are exchanged"
    return None


def _fit(found: Alignment, place: int, there: int, skip: int = -1, skip_number: int = -1) -> float:
    """How closely the words around `place` in the sentence surround `there` in the window."""
    window = found.window
    total = 0.0
    for i, (token, match) in enumerate(zip(found.sentence.content, found.matches, strict=True)):
        if i != skip and match is not None and match.token >= 0:
            total += token.weight * _nearness(token.position - place) * _nearness((window.positions[match.token] - there) / 2)
    for n, (at, number) in enumerate(zip(found.sentence.places, found.numbers, strict=True)):
        if n != skip_number and number is not None:
            total += _nearness(at - place) * _nearness((window.places[number] - there) / 2)
    return total


def _nearness(distance: float) -> float:
    return 1 / (1 + abs(distance))


def _is_rival(token: Token, other: Token, own: Token) -> bool:
    """Another name of the same sort, or another member of the family."""
    if other.keys & token.keys or other.keys & own.keys:
        return False
    if token.kind == "name" and other.kind == "name":
        return sort_name(token) == sort_name(other)
    terms = load_terms()
    return terms.share_family(token.keys, other.keys) or terms.are_opposites(token.keys, other.keys)


def _stems(name: str) -> tuple[str, ...]:
    from rag.terms import stem_phrase

    return stem_phrase(name)


def _pairs_of_clause(found: Alignment, number: int) -> list[tuple[float, Clause]]:
    """Weights of the words and numbers of one clause, each with the passage's clause it stands in."""
    window = found.window
    pairs = [
        (token.weight, window.clauses[window.clause_ids[match.token]])
        for token, match in zip(found.sentence.content, found.matches, strict=True)
        if token.clause == number and match is not None and match.token >= 0
        and not (_NEGATING_PHRASE.search(token.text) or _NEGATING_PHRASE.search(window.tokens[match.token].text))
    ]  # fmt: skip
    clause = found.sentence.clauses[number]
    for wanted, there in zip(found.sentence.quantities, found.numbers, strict=True):
        if there is not None and clause.start <= wanted.start < clause.end:
            pairs.append((1.0, window.clauses[_clause_of_quantity(found, there)]))
    return pairs


def _find_clause(found: Alignment, number: int) -> Clause | None:
    """The passage's clause that carries most of one clause of the sentence."""
    weights: dict[Clause, float] = {}
    for weight, clause in _pairs_of_clause(found, number):
        weights[clause] = weights.get(clause, 0.0) + weight
    return max(weights, key=lambda clause: weights[clause]) if weights else None


def _clause_of_quantity(found: Alignment, number: int) -> int:
    place = found.window.places[number]
    before = [c for p, c in zip(found.window.positions, found.window.clause_ids, strict=True) if p <= place]
    return before[-1] if before else 0


RULES: tuple[Rule, ...] = (
    check_numbers,
    check_names,
    check_opposites,
    check_polarity,
    check_manner,
    check_conditions,
    check_restrictions,
    check_bindings,
)
