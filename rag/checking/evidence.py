"""Lay a sentence over the sentences of a passage: which word stands on which, what is left over.

Knows readings (rag/checking/reading.py) and the table of terms; judges nothing, rag/checking/checks.py does.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.checking.amounts import Quantity
from rag.checking.claims import VERB
from rag.checking.quantities import same_value
from rag.checking.reading import Reading, Token
from rag.checking.terms import key_of, load_terms
from rag.checking.windows import Window
from rag.checking.words import load_words

_CONTEXT_CREDIT = 0.85
_PART_CREDIT = 0.9
_SOURCES = frozenset(("ACOG", "CDC", "FDA", "FIGO", "NHS", "NICE", "RCOG", "US", "WHO"))
_OPENS_CONDITION = frozenset(("if", "when", "unless", "once", "until"))
_IMPLIED = load_words("implied")
_PREGNANT = frozenset(map(key_of, ("pregnancy", "pregnant")))
_NEVER_CONTEXT = frozenset(
    map(
        key_of,
        (
            "safe",
            "safest",
            "risk",
            "harmful",
            "dangerous",
            "cause",
            "prevent",
            "protect",
            "treat",
            "avoid",
            "need",
            "more",
            "less",
            "increase",
            "reduce",
            "high",
            "low",
            "limit",
        ),
    )
)  # what is said of a subject, never a subject


@dataclass(frozen=True, slots=True)
class Match:
    """Where a content word of the sentence stands in the window: `token` −1 means in its context only."""

    token: int
    credit: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """A sentence over a window."""

    sentence: Reading
    window: Window
    matches: tuple[Match | None, ...]  # one a content word
    options: tuple[tuple[int, ...], ...]  # every window token that each content word could stand on
    numbers: tuple[int | None, ...]  # window quantity that equals each of the sentence's

    @property
    def coverage(self) -> float:
        """Share of the sentence's content, by weight, that the window holds."""
        content = self.sentence.content
        told = sum(token.weight for token in content) - sum(t.weight for t in self.implied)
        total = told + 1.5 * len(self.numbers)
        held = sum(t.weight * m.credit for t, m in zip(content, self.matches, strict=True) if m)
        held += 1.5 * sum(number is not None for number in self.numbers)
        return held / total if total else 0.0

    @property
    def own_share(self) -> float:
        """Share of the sentence's content, by weight, that stands in the window itself."""
        content = self.sentence.content
        total = sum(token.weight for token in content) + 1.5 * len(self.numbers)
        held = sum(
            t.weight for t, m in zip(content, self.matches, strict=True) if m and m.token >= 0
        )
        return (held + 1.5 * sum(n is not None for n in self.numbers)) / total if total else 0.0

    @property
    def missing(self) -> tuple[Token, ...]:
        """Content words that neither the window nor its context holds."""
        pairs = zip(self.sentence.content, self.matches, strict=True)
        implied = self.implied
        return tuple(token for token, match in pairs if match is None and token not in implied)

    @property
    def implied(self) -> tuple[Token, ...]:
        """Unheld words that go without saying: the verbs of a table's row."""
        pairs = zip(self.sentence.content, self.matches, strict=True)
        return tuple(
            token
            for token, match in pairs
            if self.window.tabular and match is None and token.text.lower() in _IMPLIED
        )


def align(sentence: Reading, window: Window) -> Alignment:
    """The best place in the window for each content word and number of the sentence."""
    content, tokens = sentence.content, window.reading.tokens
    options = [_find_options(token, window) for token in content]
    anchors = [
        (token.position, tokens[found[0][0]].position)
        for token, found in zip(content, options, strict=True)
        if len(found) == 1
    ]
    numbers = tuple(
        _find_number(wanted, place, window, anchors)
        for wanted, place in zip(sentence.quantities, sentence.places, strict=True)
    )
    anchors += [
        (place, window.reading.places[number])
        for place, number in zip(sentence.places, numbers, strict=True)
        if number is not None
    ]
    matches: list[Match | None] = []
    taken: dict[int, tuple[str, ...]] = {}
    for token, found in zip(content, options, strict=True):
        free = [option for option in found if taken.get(option[0], token.stems) == token.stems]
        if not free and found and len(tokens[found[0][0]].stems) > 1:
            free = found  # a phrase of the passage may stand for several words
        match = (
            _choose(token, free, anchors, window)
            if free
            else _match_context(token, sentence, window)
        )
        if match is not None and match.token >= 0:
            taken[match.token] = token.stems
        matches.append(match)
    places = tuple(tuple(i for i, _ in found) for found in options)
    return Alignment(sentence, window, tuple(matches), places, numbers)


def _choose(
    token: Token, found: list[tuple[int, float]], anchors: list[tuple[int, int]], window: Window
) -> Match:
    """Of several places the one nearest to where the sentence's neighbouring words stand."""
    near = sorted(anchors, key=lambda anchor: abs(anchor[0] - token.position))[:3]

    def distance(option: int) -> float:
        place = window.reading.tokens[option].position
        return sum(abs(there - place) / (1 + abs(here - token.position)) for here, there in near)

    return Match(*min(found, key=lambda option: (-option[1], distance(option[0]))))


def _find_number(
    wanted: Quantity, place: int, window: Window, anchors: list[tuple[int, int]]
) -> int | None:
    """The window's number that equals one of the sentence, the nearest to its neighbours' places."""
    quantities, places = window.reading.quantities, window.reading.places
    same = [i for i, given in enumerate(quantities) if same_value(wanted, given)]
    fitting = [i for i in same if quantities[i].direction == wanted.direction] or same
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return min(
        fitting,
        key=lambda i: sum(
            abs(places[i] - there) / (1 + abs(here - place)) for here, there in anchors
        ),
    )


def _find_options(token: Token, window: Window) -> list[tuple[int, float]]:
    """Window tokens that may stand for a word, with the credit each earns."""
    tokens = window.reading.tokens
    found = [(i, 1.0) for i, other in enumerate(tokens) if token.keys & other.keys]
    if found:
        return found
    found = [(i, _PART_CREDIT) for i, other in enumerate(tokens) if token.keys & other.parts]
    if found or len(token.stems) == 1:
        return found or [
            (i, _PART_CREDIT)
            for i, other in enumerate(tokens)
            if token.kind != "name" != other.kind and are_related(token.stems[0], other.stems[0])
        ]
    return _find_by_parts(token, window)


def _find_by_parts(token: Token, window: Window) -> list[tuple[int, float]]:
    """A phrase whose every word stands in the window, apart."""
    terms = load_terms()
    found: list[tuple[int, float]] = []
    for stem in token.stems:
        keys = terms.find_keys((stem,)) if token.kind != "name" else frozenset((stem,))
        places = [
            i for i, other in enumerate(window.reading.tokens) if keys & (other.keys | other.parts)
        ]
        if not places and (len(stem) > 3 or token.kind == "name"):
            return []
        found = [(i, _PART_CREDIT) for i in places] or found
    return found


def are_related(stem: str, other: str) -> bool:
    """Same root with different endings: "vaccin" and "vaccinat"."""
    shared = 0
    for a, b in zip(stem, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= 5 and max(len(stem), len(other)) - shared <= 3


def are_alike(one: Token, other: Token) -> bool:
    """Whether two words, or parts of them, stand for the same, or have one root."""
    shared = (one.keys | one.parts) & (other.keys | other.parts)
    return bool(shared) or are_related(one.stems[0], other.stems[0])


def _match_context(token: Token, sentence: Reading, window: Window) -> Match | None:
    """A word that the heading or the passage as a whole is about, if no rival stands in the window."""
    terms = load_terms()
    if token.kind == "relation":
        return None
    own = token.keys | token.parts
    restricts = any(own & role for role in terms.roles)
    if token.keys & _PREGNANT and _speaks_of_pregnancy(window):
        return Match(-1, _CONTEXT_CREDIT)
    if token.kind in ("plain", "name") and not (restricts or _speaks_on(token, sentence, window)):
        return None
    if token.keys & _NEVER_CONTEXT or not token.keys & (
        window.subject if restricts else window.subject | window.topic
    ):
        return None
    if token.keys & window.given and not restricts:
        return Match(-1, _CONTEXT_CREDIT)
    for other in window.reading.tokens:
        if other.keys & token.keys:
            continue
        same_sort = (
            token.kind == "name" and other.kind == "name" and sort_name(token) == sort_name(other)
        )
        if same_sort and sort_name(token) == "conditions" and not _is_head(other, window.reading):
            continue  # "the illness can cause stillbirth": what it causes is no rival of the illness
        if (
            same_sort
            or terms.share_family(own, other.keys | other.parts)
            or terms.are_opposites(own, other.keys | other.parts)
        ):
            return None
    return Match(-1, _CONTEXT_CREDIT)


def _speaks_on(token: Token, sentence: Reading, window: Window) -> bool:
    """Whether a window may speak of what it does not name: no subject of its own stands in its place."""
    if window.given:
        return True
    if sentence.clauses[token.clause].opening in _OPENS_CONDITION:
        return False  # "When antacids are not enough" is no "When food is not enough"
    verb = VERB.search(window.reading.text)
    subject = [
        other
        for other in window.reading.content
        if verb and other.start < verb.start() and other.kind in ("plain", "name")
        if sort_name(other) != "places"
    ]
    keys = {key for own in sentence.content for key in own.keys | own.parts}
    return not subject or any((other.keys | other.parts) & keys for other in subject)


def sort_name(token: Token) -> str:
    """ "drugs", "conditions", "places" or "" for a name the table does not list."""
    if token.text in _SOURCES:
        return "places"  # "CDC says" and "in the United Kingdom" tell one another's advice apart
    for key in sorted(token.keys):
        if key.startswith(("drugs:", "conditions:", "places:")):
            return key.split(":")[0]
    return ""


def _speaks_of_pregnancy(window: Window) -> bool:
    """Whether "in pregnancy" goes without saying: the passage is about it, and no other time is named."""
    terms = load_terms()
    rivals = any(terms.share_role(_PREGNANT, token.keys) for token in window.reading.tokens)
    return window.maternal and not rivals


def _is_head(token: Token, reading: Reading) -> bool:
    heads = [other for other in reading.content if other.kind in ("plain", "name")]
    return token in heads[:1]
