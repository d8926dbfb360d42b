"""Lay a sentence over stretches of a passage: which word stands on which, what is left over.

Knows readings (rag/reading.py) and the table of terms; judges nothing, rag/rules.py does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.polarity import Clause
from rag.quantities import Quantity, same_value
from rag.reading import Reading, Token, read_sentence
from rag.sentences import Span, split_sentences
from rag.terms import load_terms

_CONTEXT_CREDIT = 0.85
_PART_CREDIT = 0.9
_SENTENCE_GAP = 12  # word positions between two sentences of one window
_SUBJECT_TOKENS = 3  # content words at a sentence's head that a following "it" may stand for
_PRONOUNS = ("it ", "they ", "this ", "these ", "such ", "both ", "he ", "she ", "its ", "their ", "symptoms ", "signs ")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage read sentence by sentence, with the keys its sentences may take for granted."""

    text: str
    spans: tuple[Span, ...]
    readings: tuple[Reading, ...]
    topic: frozenset[str]


@dataclass(frozen=True, slots=True)
class Window:
    """One sentence of the passage, or two neighbours, as one row of tokens with running positions."""

    numbers: tuple[int, ...]  # which sentences of the passage
    tokens: tuple[Token, ...]
    positions: tuple[int, ...]
    clause_ids: tuple[int, ...]
    clauses: tuple[Clause, ...]
    quantities: tuple[Quantity, ...]
    places: tuple[int, ...]
    stems: frozenset[str]
    context: frozenset[str]
    text: str


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
    numbers: tuple[int | None, ...]  # window quantity that equals each of the sentence's

    @property
    def coverage(self) -> float:
        """Share of the sentence's content, by weight, that the window holds."""
        content = self.sentence.content
        total = sum(token.weight for token in content) + 1.5 * len(self.numbers)
        held = sum(t.weight * m.credit for t, m in zip(content, self.matches, strict=True) if m)
        held += 1.5 * sum(number is not None for number in self.numbers)
        return held / total if total else 0.0

    @property
    def missing(self) -> tuple[Token, ...]:
        """Content words that neither the window nor its context holds."""
        pairs = zip(self.sentence.content, self.matches, strict=True)
        return tuple(token for token, match in pairs if match is None)


@lru_cache(maxsize=512)
def read_passage(text: str, section: str = "") -> Passage:
    """A passage, read once; `section` is its heading path."""
    spans = tuple(split_sentences(text))
    readings = tuple(read_sentence(span.text) for span in spans)
    return Passage(text, spans, readings, _find_topic(readings, section))


def _find_topic(readings: Sequence[Reading], section: str) -> frozenset[str]:
    """Keys of the heading, of the first sentence's head, and of what several sentences name."""
    topic: set[str] = set()
    for token in read_sentence(section).content if section else ():
        topic |= token.keys | token.parts
    counts: dict[str, int] = {}
    for reading in readings:
        for key in {key for token in reading.content for key in token.keys | token.parts}:
            counts[key] = counts.get(key, 0) + 1
    topic |= {key for key, n in counts.items() if n >= 2}
    if readings:
        topic |= _head_keys(readings[0])
    return frozenset(topic)


def _head_keys(reading: Reading) -> set[str]:
    heads = [token for token in reading.content if token.kind in ("plain", "name")][:_SUBJECT_TOKENS]
    return {key for token in heads for key in token.keys | token.parts}


def list_windows(passage: Passage) -> list[Window]:
    """Every sentence of the passage."""
    count = len(passage.readings)
    return [_make_window(passage, (i,)) for i in range(count)]


def _make_window(passage: Passage, numbers: tuple[int, ...]) -> Window:
    tokens: list[Token] = []
    positions: list[int] = []
    clause_ids: list[int] = []
    clauses: list[Clause] = []
    quantities: list[Quantity] = []
    places: list[int] = []
    offset = 0
    for number in numbers:
        reading = passage.readings[number]
        for token in reading.tokens:
            tokens.append(token)
            positions.append(token.position + offset)
            clause_ids.append(token.clause + len(clauses))
        quantities += reading.quantities
        places += [place + offset for place in reading.places]
        clauses += reading.clauses
        offset += (reading.tokens[-1].position if reading.tokens else 0) + _SENTENCE_GAP
    context = set(passage.topic)
    first = numbers[0]
    if first > 0 and passage.readings[first].text.lower().startswith(_PRONOUNS):
        context |= _head_keys(passage.readings[first - 1])
    return Window(
        numbers, tuple(tokens), tuple(positions), tuple(clause_ids), tuple(clauses), tuple(quantities), tuple(places),
        frozenset(stem for token in tokens for stem in token.stems), frozenset(context),
        " ".join(passage.readings[number].text for number in numbers),
    )  # fmt: skip


def align(sentence: Reading, window: Window) -> Alignment:
    """The best place in the window for each content word and number of the sentence."""
    options = [_find_options(token, window) for token in sentence.content]
    anchors = {i: found[0][0] for i, found in enumerate(options) if len(found) == 1}
    matches: list[Match | None] = []
    for i, (token, found) in enumerate(zip(sentence.content, options, strict=True)):
        if not found:
            matches.append(_match_context(token, window))
            continue
        best = min(found, key=lambda option: (-option[1], _distance(i, option[0], anchors, window)))
        anchors.setdefault(i, best[0])
        matches.append(Match(*best))
    numbers = tuple(_find_number(q, place, sentence, window, matches) for q, place in zip(sentence.quantities, sentence.places, strict=True))
    return Alignment(sentence, window, tuple(matches), numbers)


def _find_options(token: Token, window: Window) -> list[tuple[int, float]]:
    """Window tokens that may stand for a word, with the credit each earns."""
    found = [(i, 1.0) for i, other in enumerate(window.tokens) if token.keys & other.keys]
    if found:
        return found
    found = [(i, _PART_CREDIT) for i, other in enumerate(window.tokens) if token.keys & other.parts]
    if found:
        return found
    if len(token.stems) > 1 and set(token.stems) <= window.stems:
        return [(i, _PART_CREDIT) for i, other in enumerate(window.tokens) if token.stems[-1] in other.stems]
    if len(token.stems) == 1:
        return [
            (i, _PART_CREDIT)
            for i, other in enumerate(window.tokens)
            if (len(other.stems) > 1 and token.stems[0] in other.stems)
            or (token.kind != "name" and other.kind != "name" and _are_related(token.stems[0], other.stems[0]))
        ]
    return []


def _are_related(stem: str, other: str) -> bool:
    """Same root with different endings: "vaccin" and "vaccinat"."""
    shared = 0
    for a, b in zip(stem, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= 5 and max(len(stem), len(other)) - shared <= 3


def _match_context(token: Token, window: Window) -> Match | None:
    """A word that the heading or the passage as a whole is about, if no rival stands in the window."""
    terms = load_terms()
    if not token.keys & window.context:
        return None
    own = token.keys | token.parts
    for other in window.tokens:
        if other.keys & token.keys:
            continue
        same_sort = token.kind == "name" and other.kind == "name" and sort_name(token) == sort_name(other)
        if same_sort or terms.share_family(own, other.keys | other.parts) or terms.are_opposites(own, other.keys | other.parts):
            return None
    return Match(-1, _CONTEXT_CREDIT)


def sort_name(token: Token) -> str:
    """ "drugs", "conditions" or "" for a name the table does not list."""
    for key in sorted(token.keys):
        if key.startswith(("drugs:", "conditions:")):
            return key.split(":")[0]
    return ""


def _distance(i: int, option: int, anchors: dict[int, int], window: Window) -> float:
    """How far an option lies from where the sentence's neighbouring words stand."""
    near = sorted(anchors, key=lambda j: abs(j - i))[:3]
    place = window.positions[option]
    return sum(abs(window.positions[anchors[j]] - place) / (1 + abs(j - i)) for j in near if j != i)


def _find_number(
    wanted: Quantity, place: int, sentence: Reading, window: Window, matches: Iterable[Match | None]
) -> int | None:
    """The window's number that equals one of the sentence, the nearest to its neighbours' places."""
    same = [i for i, given in enumerate(window.quantities) if same_value(wanted, given)]
    fitting = [i for i in same if window.quantities[i].direction == wanted.direction] or same
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    around = [
        (window.positions[match.token], 1 + abs(token.position - place))
        for token, match in zip(sentence.content, matches, strict=True)
        if match is not None and match.token >= 0
    ]
    return min(fitting, key=lambda i: sum(abs(window.places[i] - there) / far for there, far in around))
