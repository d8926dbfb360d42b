"""Does the sentence keep for whom and when the passage says a thing?

"Unless", "if", "women with …", "in the first trimester" narrow a statement: without them it says more.
"""

from __future__ import annotations

import re

from rag.checking.carriers import (
    LEAST_VOTE,
    SUBORDINATE,
    clause_of_number,
    find_carrier,
    stretch_at,
    stretch_of,
    weigh_clauses,
)
from rag.checking.evidence import Alignment
from rag.checking.polarity import Clause
from rag.checking.reading import Reading
from rag.checking.terms import key_of, load_terms

_RESTRICTING = frozenset(
    key_of(name)
    for name in (
        "first trimester", "second trimester", "third trimester", "breastfeeding", "at term", "preterm",
        "twin", "twins", "triplet",
    )
)  # fmt: skip
_STRICT = re.compile(r"\b(?:only (?:if|when)|unless)\b")
_SAFE = re.compile(r"\b(?:safe|fine|harmless|allowed)\b", re.IGNORECASE)
_EXCEPTING = re.compile(r"\b(?:unless|except|only|without)\b", re.IGNORECASE)
_UNLESS = re.compile(r"\b(?:unless|except)\b", re.IGNORECASE)
_OPENING_LENGTH = 12  # characters: "In populations with …, …" narrows the whole sentence
_SUBJECT = re.compile(
    r"\b(?P<who>wom[ae]n|people|person|mothers?|bab(?:y|ies)|infants?|newborns?|patients?|those|"
    r"girls?|m[ae]n|adults?|adolescents?|couples?|populations?|areas?|settings?|countries)\s+"
    r"(?P<narrowing>(?:with|who|whose|at|aged|over|under|living|taking|using|born|exposed|carrying|"
    r"undergoing|on|admitted|diagnosed|infected|known|of|where|in which)\b"
    r"(?:(?!\b(?:should|must|may|can|will|need|needs|receive|receives|also|unless|if|because|when|"
    r"until|so)\b|[,;.:](?:\s|$)).)+)",
    re.IGNORECASE,
)


def check_conditions(found: Alignment) -> str | None:
    """A condition that the passage sets must be named."""
    window = found.window.reading
    used: set[Clause | None] = {
        clause
        for n in range(len(found.sentence.clauses))
        for weight, clause in weigh_clauses(found, n, heads=False)
        if weight >= LEAST_VOTE
    }
    used |= {find_carrier(found, n) for n in range(len(found.sentence.clauses))}
    used |= {find_carrier(found, n, heads=False) for n in range(len(found.sentence.clauses))}
    touched = {
        window.tokens[m.token].clause for m in found.matches if m is not None and m.token >= 0
    }
    touched |= {
        window.clauses.index(clause_of_number(found, n)) for n in found.numbers if n is not None
    }
    touched |= {
        i
        for i, clause in enumerate(window.clauses)
        if i > 0 and clause.strong_condition and _list_condition(window.clauses, i) & touched
    }
    for i, clause in enumerate(window.clauses):
        strong = clause.strong_condition or _limits_safety(window, i)
        if not strong or _belongs_to_item(found, i):
            continue
        first = i == 0 or window.clauses[i - 1].segment != clause.segment
        group = {i} if first else _list_condition(window.clauses, i)
        said = window.text[max(0, clause.start - len("only ")) : clause.end]
        strict = bool(_STRICT.search(said)) and not _STRICT.search(found.sentence.text)
        telling = strict or any(
            t.clause in group and t.kind in ("plain", "name") for t in window.tokens
        )
        if group & touched or not telling or _is_alternative(window.clauses, i, touched):
            continue
        neighbour = i + 1 if first else _find_spoken(window, i)
        if (
            not first
            and _is_own_item(found, clause.start)
            and not _ends_in_match(found, clause.start)
        ):
            continue
        if neighbour < len(window.clauses) and window.clauses[neighbour] in used:
            return "the passage says this under a condition that is left out"
    return None


def _find_spoken(window: Reading, i: int) -> int:
    """The clause before a condition that says something: "… well (about 98%) only when …"."""
    spoken = {token.clause for token in window.content}
    return next((j for j in range(i - 1, -1, -1) if j in spoken), max(i - 1, 0))


def check_exceptions(found: Alignment) -> str | None:
    """ "Unless" it is cooked is no "even when", and no plain "when", it is cooked; nor the other way round."""
    for number, clause in enumerate(found.sentence.clauses):
        said = found.sentence.text[clause.start : clause.end]
        evidence = find_carrier(found, number, heads=False)
        if evidence is None or not clause.condition or clause.negative:
            continue
        there = found.window.reading.text[evidence.start : evidence.end]
        if _EXCEPTING.search(there) and not evidence.negative and not _EXCEPTING.search(said):
            return "the passage makes an exception of this"
        unless, condition = _UNLESS.search(said), evidence.condition and not evidence.negative
        if unless and condition and not _UNLESS.search(there):
            return "the passage makes no exception of this"
    return None


def _list_condition(clauses: tuple[Clause, ...], first: int) -> set[int]:
    """The clauses of one condition: "if you smoke, have migraine or are over 35"."""
    group = {first}
    for i in range(first + 1, len(clauses)):
        if (
            clauses[i].segment != clauses[first].segment
            or clauses[i].strong_condition
            or clauses[i].opening in SUBORDINATE
        ):
            break
        group.add(i)
    return group


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


def _limits_safety(window: Reading, i: int) -> bool:
    """ "Sushi is safe when the fish is cooked": it is not safe otherwise."""
    before = window.clauses[i - 1] if i else None
    told = window.clauses[i].opening in ("when", "once") and before is not None
    return (
        told and before is not None and bool(_SAFE.search(window.text[before.start : before.end]))
    )


def _belongs_to_item(found: Alignment, i: int) -> bool:
    """ "…, or a family background where diabetes is common": a "where" narrows the item before it alone."""
    clause = found.window.reading.clauses[i]
    relative = clause.opening in ("where", "whom", "whose") and i > 0
    return relative and not _ends_in_match(found, clause.start)


def _is_own_item(found: Alignment, offset: int) -> bool:
    """Whether a condition follows a cell, or a list's item with its own number: it restricts that alone."""
    window = found.window.reading
    if " | " in window.text:
        return True
    before = [token for token in window.tokens if token.end <= offset]
    stretch = window.soft[before[-1].position] if before else -1
    numbered = any(stretch_of(window, place) == stretch for place in window.places)
    return numbered and any(
        window.soft[min(p, len(window.soft) - 1)] < stretch for p in window.places
    )


def _ends_in_match(found: Alignment, offset: int) -> bool:
    """Whether what stands right before a place, since the last comma, is part of the sentence."""
    window = found.window.reading
    held = {m.token for m in found.matches if m is not None and m.token >= 0}
    before = [i for i, token in enumerate(window.tokens) if token.end <= offset]
    if not before:
        return False
    stretch = window.soft[window.tokens[before[-1]].position]
    numbers = [
        window.soft[min(window.places[n], len(window.soft) - 1)]
        for n in found.numbers
        if n is not None
    ]
    return stretch in numbers or any(
        i in held and window.soft[window.tokens[i].position] == stretch for i in before
    )


def check_subjects(found: Alignment) -> str | None:
    """ "Women with more than 200,000 copies should …" is not said of all women."""
    if found.sentence.text.lower().startswith(("they ", "these ")):
        return None
    window = found.window.reading
    phrases = list(_SUBJECT.finditer(window.text))
    if any(_is_touched(found, match.span("narrowing")) for match in phrases):
        return None
    spots = [window.tokens[m.token].start for m in found.matches if m is not None and m.token >= 0]
    spots += [window.quantities[n].start for n in found.numbers if n is not None]
    for match in phrases:
        start, end = match.span("narrowing")
        if not any(start <= t.start < end and t.kind in ("plain", "name") for t in window.tokens):
            continue
        clause = next((c for c in window.clauses if start < c.end), window.clauses[-1])
        stretch = stretch_at(window, match.start("who"))
        near = [t.start for t in window.tokens if window.soft[t.position] == stretch]
        before = any(clause.start <= spot < match.start("who") and spot in near for spot in spots)
        opens = match.start("who") < _OPENING_LENGTH
        reach = clause.end if not opens else len(window.text)
        if before or any(end <= spot < reach for spot in spots):
            return (
                f"the passage says this of {match['who'].lower()} {match['narrowing'].strip()} only"
            )
    return None


def _is_touched(found: Alignment, span: tuple[int, int]) -> bool:
    """Whether a word or number of the sentence can stand inside a stretch of the window and nowhere else."""
    window = found.window.reading
    for token, options in zip(found.sentence.content, found.options, strict=True):
        starts = [window.tokens[i].start for i in options]
        if token.kind != "stop" and starts and all(span[0] <= start < span[1] for start in starts):
            return True
    return any(
        n is not None and span[0] <= window.quantities[n].start < span[1] for n in found.numbers
    )


def check_restrictions(found: Alignment) -> str | None:
    """For whom and when the passage says it must not be dropped."""
    window = found.window.reading
    terms = load_terms()
    said = {key for token in found.sentence.content for key in token.keys}
    numbers = range(len(found.sentence.clauses))
    telling = {
        c
        for n in numbers
        for _, c in (weigh_clauses(found, n, heads=False) or weigh_clauses(found, n))
    }
    placed = [
        window.tokens[m.token].position for m in found.matches if m is not None and m.token >= 0
    ]
    placed += [window.places[n] for n in found.numbers if n is not None]
    stretches = {stretch_of(window, place) for place in placed}
    for token in window.tokens:
        here = window.soft[token.position] in stretches and window.clauses[token.clause] in telling
        if here and token.keys & _RESTRICTING and not token.keys & said:
            if any(terms.share_role(token.keys, other.keys) for other in found.sentence.content):
                continue
            return f"the passage says this of “{token.text}” only"
    return None
