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
from rag.checking.terms import stem_word
from rag.checking.words import load_words

_MODAL = re.compile(r"(?:may|might|can|could)\b", re.IGNORECASE)
_NOT_REDUCED = re.compile(
    r"\bin (?:early |late )?(?:pregnancy|labour|the (?:united kingdom|united states|uk|us))\b|\bat any time\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+")
_RARE, _ENTIRE = load_words("rare"), load_words("entire")
_LIKE_RARE = frozenset(
    "rare few fewer not never uncommon uncommonly unusual unlikely little small".split()
)
_LIKE_ENTIRE = load_words("all") | frozenset(
    "fully full thoroughly whole through no not never none only nothing must".split()
)
_AMOUNTS = {
    "few": 0, "a few": 0, "some": 1, "several": 1, "many": 2, "most": 3, "all": 4, "every": 4, "each": 4, "both": 4,
}  # fmt: skip
_QUANTIFIED = re.compile(
    r"\b(a few|few|some|several|many|most|all|every|each|both)\s+(?:of\s+)?(?:the\s+|these\s+|those\s+)?([a-z]{3,})",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    r"\b(\d{1,6})\s+(?:in|out of)\s+(?:every\s+)?(\d{1,6})\s+([a-z]{3,})", re.IGNORECASE
)
_MOST = re.compile(
    r"(?<!the )\bmost\s+(?:of\s+)?(?:the\s+|these\s+|those\s+)?(?:[a-z-]+\s+)?"
    r"(?:[a-z]{3,}s|people|women|men|children|patients)\b",
    re.IGNORECASE,
)
_MANY_OF = re.compile(
    r"\b(?:most\w*|majority|usual\w*|normal(?:ly)?|general(?:ly)?|common(?:ly)?|typical\w*|tends?|often|all|"
    r"almost|nearly|every|everyone|everybody|more than half|mainly|largely|\d[\d.]*\s*(?:%|percent|per cent)|"
    r"\d+ (?:in|of|out of) (?:every )?\d+|rare\w*|seldom|few|not many|unlikely)(?!\w)",
    re.IGNORECASE,
)
_PEOPLE = frozenset("people women patients clients persons mothers person woman everyone".split())
_UP = re.compile(
    r"\b(?:up|rises?|rising|rose|raises?|raised|higher|increas\w+|gains?|grows?)\b", re.IGNORECASE
)
_DOWN = re.compile(
    r"\b(?:down|falls?|falling|fell|lowers?|lowered|drops?|decreas\w+|reduc\w+|loses?)\b",
    re.IGNORECASE,
)
_MUCH = re.compile(
    r"\b(?:too (?:many|much|high)|high\w*|more|above|over|rais\w+|increas\w+|excess\w*|extra)\b",
    re.IGNORECASE,
)
_LITTLE = re.compile(
    r"\b(?:too (?:few|little|low)|low\w*|fewer|less|below|under|reduc\w+|lack\w*|short\w*|not enough|defici\w+)\b",
    re.IGNORECASE,
)
_GOES = (
    r"\b(?:go|goes|going|went|turn|turns|turning|turned|come|comes|bring|brings)\s+(?:\w+\s+){0,4}?"
)
_TURNS = (
    (re.compile(rf"{_GOES}up\b", re.IGNORECASE), _UP, _DOWN),
    (re.compile(rf"{_GOES}down\b", re.IGNORECASE), _DOWN, _UP),
    (re.compile(r"\btoo (?:many|much|high)\b", re.IGNORECASE), _MUCH, _LITTLE),
    (re.compile(r"\btoo (?:few|little|low)\b", re.IGNORECASE), _LITTLE, _MUCH),
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
    if reason := _check_degree(found):
        return reason
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


def _check_degree(found: Alignment) -> str | None:
    """ "rarely" and "completely" are said by the passage too, in whatever words."""
    ours, theirs = (
        frozenset(_WORD.findall(reading.text.lower()))
        for reading in (found.sentence, found.window.reading)
    )
    for words, likes in ((_RARE, _LIKE_RARE), (_ENTIRE, _LIKE_ENTIRE)):
        if ours & words and not theirs & (words | likes):
            return f"the passage does not say “{sorted(ours & words)[0]}”"
    return None


def check_quantifiers(found: Alignment) -> str | None:
    """ "Most screenings" is not "some screenings", nor "few" "many"."""
    given = _read_quantifiers(found.window.reading.text)
    for noun, (word, rank) in _read_quantifiers(found.sentence.text).items():
        other, least = given.get(noun, (word, rank))
        if rank > least or (rank == 0 and least >= _AMOUNTS["many"]):
            return f"the passage says “{other}” of this, not “{word}”"
    if _MOST.search(found.sentence.text) and not _MANY_OF.search(found.window.reading.text):
        return "the passage does not say this of most"
    return None


def _read_quantifiers(text: str) -> dict[str, tuple[str, int]]:
    """Stem of each noun that a quantifier stands before, with that word and how much it takes in."""
    found: dict[str, tuple[str, int]] = {}
    for match in _QUANTIFIED.finditer(text):
        word = " ".join(match[1].lower().split())
        noun = "people" if match[2].lower() in _PEOPLE else stem_word(match[2])
        found.setdefault(noun, (word, _AMOUNTS[word]))
    for match in _OUT_OF.finditer(text):
        noun = "people" if match[3].lower() in _PEOPLE else stem_word(match[3])
        share = int(match[1]) / max(int(match[2]), 1)
        rank = 1 + sum(share >= step for step in (0.34, 0.5, 1.0))
        found.setdefault(noun, (f"{match[1]} in {match[2]}", rank))
    return found


def check_up_and_down(found: Alignment) -> str | None:
    """What the passage turns down does not go up."""
    theirs = found.window.reading.text
    for ours, said, opposite in _TURNS:
        turned = opposite.search(theirs)
        if turned and ours.search(found.sentence.text) and not said.search(theirs):
            return f"the passage says “{turned[0]}”"
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
