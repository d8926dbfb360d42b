"""What makes a sentence unsupported although its words stand in the passage: the checks, one a function.

Each check takes an alignment and returns the reason for refusal, or None. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.bindings import check_bindings
from rag.evidence import Alignment
from rag.polarity import PLAIN, Clause, find_hedges
from rag.quantities import Quantity
from rag.reading import Reading
from rag.roles import check_roles
from rag.terms import key_of, load_terms

Check = Callable[[Alignment], str | None]
_RESTRICTING = frozenset(
    map(key_of, ("first trimester", "second trimester", "third trimester", "breastfeeding", "at term", "preterm", "twin", "twins", "triplet"))
)  # fmt: skip
_LEAST_VOTE = 0.6  # weight of words below which a clause's polarity says too little
_MIXED_SHARE = 0.4  # weight of a clause's words that may stand in clauses of the other polarity
_SUBORDINATE = frozenset(
    "because while when if with in for during who which as since after before at on once so although until".split()
)
_NEGATING_PHRASE = re.compile(r"\b(?:not|no|without|never|avoid\w*|unlikely|un\w+|away|forgot)\b", re.IGNORECASE)
_REDUCED_CONDITION = re.compile(
    r"\b(?:with|who|whose|having|for|in|when|after|before|during|at|over|under|once|that|found|without|is a|are a|count|sign)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(?P<who>wom[ae]n|people|person|mothers?|bab(?:y|ies)|infants?|newborns?|patients?|those|girls?|m[ae]n|adults?|adolescents?|couples?)\s+"
    r"(?P<narrowing>(?:with|who|whose|at|aged|over|under|living|taking|using|born|exposed|carrying|undergoing|on|admitted|diagnosed|infected|known)\b"
    r"(?:(?!\b(?:should|must|may|can|will|need|needs|receive|receives|also|unless|if|because|when|until|so)\b|[,;.:](?:\s|$)).)+)",
    re.IGNORECASE,
)
_MODAL = re.compile(r"(?:may|might|can|could)\b", re.IGNORECASE)
_OPENING_LENGTH = 12  # characters: an adverb that opens a clause holds for all of it
_QUALIFYING = re.compile(
    r"\b(?:during|before|after|with|without|until|within|under|for|by|in|at|on|from)\s+(?:\w+\s+){0,3}?$", re.IGNORECASE
)


def check_numbers(found: Alignment) -> str | None:
    """Every number, with its unit and comparison, must stand in the evidence."""
    window = found.window.reading
    for wanted, number in zip(found.sentence.quantities, found.numbers, strict=True):
        if number is None:
            if wanted.kind == "count" and wanted.low == 1 and re.search(r"\b(?:an?|one|single|once)\b", window.text):
                continue
            return f"the passage does not say “{wanted.text}” of this"
        given = window.quantities[number]
        loose = (wanted.direction, given.direction) == ("none", "down") and _says_within(found, wanted, given)
        if given.direction != wanted.direction and wanted.kind != "label" and not loose:
            return f"“{wanted.text}” is bounded otherwise than the passage's “{given.text}”"
    return None


def _says_within(found: Alignment, wanted: Quantity, given: Quantity) -> bool:
    """ "in three weeks" for "within three weeks"."""
    here, there = found.sentence.text[: wanted.start], found.window.reading.text[: given.start]
    return bool(re.search(r"\bin(?: the)?(?: next| first)?\s*$", here) and re.search(r"\bwithin(?: the)?\s*$", there))


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
        for other in found.window.reading.tokens:
            if (token.kind == "relation") != (other.kind == "relation"):
                continue
            theirs = other.keys | other.parts
            if terms.are_opposites(token.keys | token.parts, theirs) or terms.share_family(token.keys, theirs):
                return f"the passage says “{other.text}”, not “{token.text}”"
    return None


def check_polarity(found: Alignment) -> str | None:
    """A clause must be denied where the passage denies it, and only there."""
    agreeing: set[Clause] = set()
    differing: list[tuple[Clause, Clause | None]] = []
    for number, clause in enumerate(found.sentence.clauses):
        pairs = _pairs_of_clause(found, number, heads=False)
        if sum(weight for weight, _ in pairs) < _LEAST_VOTE:
            pairs = _pairs_of_clause(found, number)
        if not clause.condition:  # "smokers" may stand for "if you smoke"
            pairs = [pair for pair in pairs if not pair[1].strong_condition or pair[1].negative] or pairs
        same = sum(weight for weight, evidence in pairs if evidence.negative == clause.negative)
        other = sum(weight for weight, evidence in pairs if evidence.negative != clause.negative)
        if other > _MIXED_SHARE * (same + other) and other >= _LEAST_VOTE:
            differing.append((clause, _find_clause(found, number)))
        elif same:
            agreeing |= {evidence for _, evidence in pairs if evidence.negative == clause.negative}
    if any(clause.opening not in _SUBORDINATE or evidence not in agreeing for clause, evidence in differing):
        return "the passage affirms this, or denies it, the other way round"
    return _check_empty_clauses(found) or _check_relation_polarity(found)


def _check_empty_clauses(found: Alignment) -> str | None:
    """ "You can have one if …": a clause of function words must not deny what its counterpart affirms."""
    window = found.window.reading
    used = {clause for n in range(len(found.sentence.clauses)) for _, clause in _pairs_of_clause(found, n)}
    segments = {clause.segment for clause in used}
    free = [clause for clause in window.clauses if clause.segment in segments and clause not in used]
    for number, clause in enumerate(found.sentence.clauses):
        others = [other for other in free if other.strong_condition == clause.strong_condition]
        if _pairs_of_clause(found, number) or not others:
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
            if there.negative != found.sentence.clauses[token.clause].negative and not _NEGATING_PHRASE.search(token.text):
                return f"the passage does not say “{token.text}” in this sense"
    return None


def check_manner(found: Alignment) -> str | None:
    """ "may" must not become "will", nor "some" "all", nor "if" a fact."""
    for number, clause in enumerate(found.sentence.clauses):
        evidence = _find_clause(found, number, heads=False) or _find_clause(found, number)
        alone = len(found.sentence.clauses) == 1
        if evidence is None or (clause.opening in _SUBORDINATE and not alone):
            continue
        if clause.manner > _read_local_manner(found, evidence):
            return "the passage says this with more reserve"
        none = clause.opening in ("no", "none") and evidence.negative
        none = none or re.search(r"\b(?:each|every|any|all|always)\b", found.window.reading.text) is not None
        if clause.universal and not none and not any(other.universal for other in found.window.reading.clauses):
            return "the passage does not say this of all"
    return None


def _read_local_manner(found: Alignment, clause: Clause) -> int:
    """The weakest hedge of a clause that reaches the sentence's words: not one in another item of a list."""
    window = found.window.reading
    held = {window.soft[window.tokens[m.token].position] for m in found.matches if m is not None and m.token >= 0}
    held |= {_stretch_of(window, window.places[n]) for n in found.numbers if n is not None}
    manner = PLAIN
    for place, weight in find_hedges(window.text[clause.start : clause.end]):
        stretch = _soft_at(window, clause.start + place)
        first = place < _OPENING_LENGTH
        modal = _MODAL.match(window.text, clause.start + place)
        if first or modal or stretch in held or stretch < 0:
            manner = min(manner, weight)
    return manner


def _stretch_of(window: Reading, place: int) -> int:
    return window.soft[min(place, len(window.soft) - 1)]


def check_supposed(found: Alignment) -> str | None:
    """What the passage puts after "if" is not said as a fact."""
    if any(c.condition for c in found.sentence.clauses) or _REDUCED_CONDITION.search(found.sentence.text):
        return None
    window = found.window.reading
    for token, match in zip(found.sentence.content, found.matches, strict=True):
        if token.kind in ("plain", "name") and match is not None and match.token >= 0:
            if window.clauses[window.tokens[match.token].clause].opening in ("if", "unless", "whether"):
                return "the passage only supposes this"
    return None


def check_conditions(found: Alignment) -> str | None:
    """A condition that the passage sets must be named."""
    window = found.window.reading
    used: set[Clause | None] = {
        clause
        for n in range(len(found.sentence.clauses))
        for weight, clause in _pairs_of_clause(found, n, heads=False)
        if weight >= _LEAST_VOTE
    }
    used |= {_find_clause(found, n) for n in range(len(found.sentence.clauses))}
    used |= {_find_clause(found, n, heads=False) for n in range(len(found.sentence.clauses))}
    touched = {window.tokens[m.token].clause for m in found.matches if m is not None and m.token >= 0}
    touched |= {window.clauses.index(_clause_of_quantity(found, n)) for n in found.numbers if n is not None}
    for i, clause in enumerate(window.clauses):
        if not clause.strong_condition:
            continue
        first = i == 0 or window.clauses[i - 1].segment != clause.segment
        group = {i} if first else _list_condition(window.clauses, i)
        strict = re.search(r"\b(?:only if|unless)\b", window.text[clause.start - 5 if clause.start > 5 else 0 : clause.end])
        strict = strict and not re.search(r"\b(?:only if|unless)\b", found.sentence.text)
        telling = strict or any(t.clause in group and t.kind in ("plain", "name") for t in window.tokens)
        if group & touched or not telling or _is_alternative(window.clauses, i, touched):
            continue
        neighbour = i + 1 if first else i - 1
        if not first and _is_own_item(found, clause.start) and not _ends_in_match(found, clause.start):
            continue
        if neighbour < len(window.clauses) and window.clauses[neighbour] in used:
            return "the passage says this under a condition that is left out"
    return None


def _list_condition(clauses: tuple[Clause, ...], first: int) -> set[int]:
    """The clauses of one condition: "if you smoke, have migraine or are over 35"."""
    group = {first}
    for i in range(first + 1, len(clauses)):
        if clauses[i].segment != clauses[first].segment or clauses[i].strong_condition or clauses[i].opening in _SUBORDINATE:
            break
        group.add(i)
    return group


def _soft_at(window: Reading, offset: int) -> int:
    return next((window.soft[t.position] for t in window.tokens if t.start <= offset < t.end), -1)


def _is_alternative(clauses: tuple[Clause, ...], i: int, touched: set[int]) -> bool:
    """ "if A, if B or if C": another of the conditions is named."""
    for j in touched:
        other = clauses[j]
        if j == i or not other.strong_condition or other.segment != clauses[i].segment:
            continue
        between = clauses[min(i, j) + 1 : max(i, j)]
        if clauses[max(i, j)].alternative or all(clause.strong_condition for clause in between):
            return True
    return False


def _is_own_item(found: Alignment, offset: int) -> bool:
    """Whether the words before a condition are a cell, or a list's item with its own number: only that is restricted."""
    window = found.window.reading
    if " | " in window.text:
        return True
    before = [token for token in window.tokens if token.end <= offset]
    stretch = window.soft[before[-1].position] if before else -1
    numbered = any(_stretch_of(window, place) == stretch for place in window.places)
    return numbered and any(window.soft[min(p, len(window.soft) - 1)] < stretch for p in window.places)


def _ends_in_match(found: Alignment, offset: int) -> bool:
    """Whether what stands right before a place, since the last comma, is part of the sentence."""
    window = found.window.reading
    held = {m.token for m in found.matches if m is not None and m.token >= 0}
    before = [i for i, token in enumerate(window.tokens) if token.end <= offset]
    if not before:
        return False
    stretch = window.soft[window.tokens[before[-1]].position]
    numbers = [window.soft[min(window.places[n], len(window.soft) - 1)] for n in found.numbers if n is not None]
    return stretch in numbers or any(i in held and window.soft[window.tokens[i].position] == stretch for i in before)


def check_subjects(found: Alignment) -> str | None:
    """ "Women with more than 200,000 copies should …" is not said of all women."""
    if found.sentence.text.lower().startswith(("they ", "these ")):
        return None
    window = found.window.reading
    tokens = [window.tokens[m.token] for m in found.matches if m is not None and m.token >= 0]
    spots = [token.start for token in tokens if token.kind != "stop"]
    spots += [window.quantities[n].start for n in found.numbers if n is not None]
    phrases = list(_SUBJECT.finditer(window.text))
    if any(match.start("narrowing") <= spot < match.end() for match in phrases for spot in spots):
        return None
    for match in phrases:
        start, end = match.span("narrowing")
        telling = any(start <= t.start < end and t.kind in ("plain", "name") for t in window.tokens)
        clause = next((c for c in window.clauses if start < c.end), window.clauses[-1])
        near = [t.start for t in window.tokens if window.soft[t.position] == _soft_at(window, match.start("who"))]
        before = any(clause.start <= spot < match.start("who") and spot in near for spot in spots)
        if telling and (before or any(end <= spot < clause.end for spot in spots)):
            return f"the passage says this of {match['who'].lower()} {match['narrowing'].strip()} only"
    return None


def check_restrictions(found: Alignment) -> str | None:
    """For whom and when the passage says it must not be dropped."""
    window = found.window.reading
    terms = load_terms()
    said = {key for token in found.sentence.content for key in token.keys}
    numbers = range(len(found.sentence.clauses))
    telling = {c for n in numbers for _, c in (_pairs_of_clause(found, n, heads=False) or _pairs_of_clause(found, n))}
    placed = [window.tokens[m.token].position for m in found.matches if m is not None and m.token >= 0]
    placed += [window.places[n] for n in found.numbers if n is not None]
    stretches = {_stretch_of(window, place) for place in placed}
    for token in window.tokens:
        here = window.soft[token.position] in stretches and window.clauses[token.clause] in telling
        if here and token.keys & _RESTRICTING and not token.keys & said:
            if any(terms.share_role(token.keys, other.keys) for other in found.sentence.content):
                continue
            return f"the passage says this of “{token.text}” only"
    return None


def check_dropped(found: Alignment) -> str | None:
    """What narrows a denial must be kept: "must not stop suddenly" is not "must not stop"."""
    window = found.window.reading
    held = {m.token for m in found.matches if m is not None and m.token >= 0}
    for number, clause in enumerate(found.sentence.clauses):
        evidence = _find_clause(found, number, heads=False) or _find_clause(found, number)
        if not clause.negative or evidence is None or not evidence.negative:
            continue
        stretches = {window.soft[window.tokens[i].position] for i in held}
        for i, token in enumerate(window.tokens):
            inside = evidence.start <= token.start < evidence.end and token.kind in ("plain", "name")
            if not inside or i in held or window.soft[token.position] not in stretches:
                continue
            before = window.text[evidence.start : token.start]
            item = re.split(r"\b(?:and|or)\b", before)[-1]
            if item != before and any(
                t.kind == "plain" and j not in held and token.start - len(item) <= t.start < token.start
                for j, t in enumerate(window.tokens)
            ):
                continue  # it belongs to another item of the list
            if token.text.endswith("ly") or (_QUALIFYING.search(before) and not re.search(r"\b(?:or|and|nor)\s+(?:\w+\s+)?$", before)):
                return f"the passage narrows this by “{token.text}”"
        for n, quantity in enumerate(window.quantities):
            inside = evidence.start <= quantity.start < evidence.end and n not in found.numbers
            listed = any(k is not None and window.quantities[k].dimension == quantity.dimension for k in found.numbers)
            if inside and not listed and window.soft[min(window.places[n], len(window.soft) - 1)] in stretches:
                return f"the passage narrows this by “{quantity.text}”"
    return None


def _pairs_of_clause(found: Alignment, number: int, heads: bool = True) -> list[tuple[float, Clause]]:
    """Weights of the words and numbers of one clause, each with the passage's clause it stands in."""
    window = found.window.reading
    shared = () if heads else _find_shared_heads(found)
    pairs = [
        (1.0 if _NEGATING_PHRASE.search(token.text) else token.weight, window.clauses[window.tokens[match.token].clause])
        for token, match in zip(found.sentence.content, found.matches, strict=True)
        if token.clause == number and match is not None and match.token >= 0 and match.token not in shared
        and bool(_NEGATING_PHRASE.search(token.text)) == bool(_NEGATING_PHRASE.search(window.tokens[match.token].text))
    ]  # fmt: skip
    clause = found.sentence.clauses[number]
    for wanted, there in zip(found.sentence.quantities, found.numbers, strict=True):
        if there is not None and clause.start <= wanted.start < clause.end:
            pairs.append((1.0, _clause_of_quantity(found, there)))
    return pairs


def _find_shared_heads(found: Alignment) -> tuple[int, ...]:
    """The first content words of a sentence of several clauses: all its clauses may be about them."""
    window = found.window.reading
    if len(window.clauses) < 2:
        return ()
    heads = [i for i, token in enumerate(window.tokens) if token.clause == 0 and token.kind in ("plain", "name")]
    return tuple(heads[:2])


def _find_clause(found: Alignment, number: int, heads: bool = True) -> Clause | None:
    """The passage's clause that carries most of one clause of the sentence."""
    weights: dict[Clause, float] = {}
    for weight, clause in _pairs_of_clause(found, number, heads):
        weights[clause] = weights.get(clause, 0.0) + weight
    return max(weights, key=lambda clause: weights[clause]) if weights else None


def _clause_of_quantity(found: Alignment, number: int) -> Clause:
    window = found.window.reading
    start = window.quantities[number].start
    return next((clause for clause in window.clauses if start < clause.end), window.clauses[-1])


CHECKS: tuple[Check, ...] = (
    check_numbers,
    check_names,
    check_opposites,
    check_polarity,
    check_manner,
    check_supposed,
    check_conditions,
    check_subjects,
    check_restrictions,
    check_dropped,
    check_bindings,
    check_roles,
)
