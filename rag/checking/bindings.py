"""Does a name or number of the sentence belong to the same words as in the passage, or to a rival's?

"Ibuprofen 400 mg, paracetamol 1 g" does not carry "ibuprofen 1 g". Knows an alignment, no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rag.checking.amounts import Quantity
from rag.checking.evidence import Alignment, are_alike, sort_name
from rag.checking.reading import Reading, Token
from rag.checking.terms import load_terms

_RIVAL_MARGIN = 1.25  # how much better a rival must fit before a name or number counts as exchanged
_LEAST_GAIN = 0.01
_NUMBER_WEIGHT = 1.5
_COUNTED_FROM = re.compile(r"\s*(?:or (?:more|less|so)\s+)?(?:after|before|past|following)\s+")
_NEAR_CHARACTERS = 30
_SOFT_FACTOR, _HARD_FACTOR = (
    0.6,
    0.25,
)  # what a comma or "and", and what a semicolon, takes from nearness


def check_bindings(found: Alignment) -> str | None:
    """A name or number must belong to the same words as in the passage, not to a rival's."""
    return _check_names(found) or _check_number_exchange(found) or _check_number_owner(found)


def check_counted_from(found: Alignment) -> str | None:
    """ "6 days after fertilisation" is not 6 days after a missed period."""
    for wanted, number in zip(found.sentence.quantities, found.numbers, strict=True):
        if number is None:
            continue
        given = found.window.reading.quantities[number]
        ours = _read_start(found.sentence, wanted)
        theirs = _read_start(found.window.reading, given)
        shared = any(are_alike(a, b) for a in ours for b in theirs)
        if ours and theirs and not shared:
            return (
                f"the passage counts “{given.text}” from “{theirs[0].text}”, not “{ours[0].text}”"
            )
    return None


def _read_start(reading: Reading, number: Quantity) -> list[Token]:
    """The content words that follow "after" or "before" beside a length of time."""
    found = _COUNTED_FROM.match(reading.text, number.end)
    if found is None or number.dimension != "[time]":
        return []
    near = range(number.end, found.end() + _NEAR_CHARACTERS)
    return [t for t in reading.content if t.end > found.end() and t.start in near]


def _check_names(found: Alignment) -> str | None:
    content, window = found.sentence.content, found.window.reading
    placed = {m.token: i for i, m in enumerate(found.matches) if m is not None and m.token >= 0}
    said = {key for token in content for key in token.keys}
    for i, (token, match) in enumerate(zip(content, found.matches, strict=True)):
        if match is None or match.token < 0:
            continue
        own = window.tokens[match.token]
        for j, other in enumerate(window.tokens):
            if not _is_rival(token, other, own) or are_listed(window, own.position, other.position):
                continue
            if j not in placed and other.keys & said:
                continue  # the same thing, named twice
            moves = [(token.position, own.position, other.position)]
            if j in placed:  # both are named: would the two exchanged fit better?
                twin = content[placed[j]].position
                if (twin < token.position) == (other.position < own.position):
                    continue  # both named in the passage's own order
                moves.append((twin, other.position, own.position))
            if _fits_better(found, moves, skip={i, placed.get(j, i)}):
                return f"the passage says this of “{other.text}”, not of “{token.text}”"
    return None


def are_listed(window: Reading, a: int, b: int) -> bool:
    """Whether two words stand in one list, so that what is said holds for both: "in pregnancy and labour"."""
    low, high = sorted((a, b))
    words = [token for token in window.tokens if low <= token.position <= high]
    if len(words) < 2 or high - low > 5 or words[0].clause != words[-1].clause:
        return False
    if any(low < place < high for place in window.places):
        return False
    between = window.text[words[0].end : words[-1].start]
    inner = [token for token in words[1:-1] if token.kind in ("plain", "name")]
    return bool(re.search(r"\b(?:and|or)\b|,", between)) and len(inner) <= between.count(",")


def _is_rival(token: Token, other: Token, own: Token) -> bool:
    """Another name of the same sort, another member of the role, or the opposite."""
    if other.keys & token.keys or other.keys & own.keys:
        return False
    if token.kind == "name" and other.kind == "name":
        return sort_name(token) == sort_name(other)
    terms = load_terms()
    return terms.share_role(token.keys, other.keys) or terms.are_opposites(token.keys, other.keys)


def _check_number_exchange(found: Alignment) -> str | None:
    sentence, window = found.sentence, found.window.reading
    for n, (wanted, place, number) in enumerate(
        zip(sentence.quantities, sentence.places, found.numbers, strict=True)
    ):
        if number is None:
            continue
        for j in _list_rivals(found, number):
            moves = [(place, window.places[number], window.places[j])]
            twin = found.numbers.index(j) if j in found.numbers else n
            if twin != n:
                moves.append((sentence.places[twin], window.places[j], window.places[number]))
            after = _end_of_shared_head(found, number, j)
            if _fits_better(found, moves, skip_numbers={n, twin}, after=after):
                return f"“{wanted.text}” belongs to something else in the passage"
    return None


def _check_number_owner(found: Alignment) -> str | None:
    """In "36 weeks, or 32 weeks with twins" what follows the comma owns the second number only."""
    sentence, window = found.sentence, found.window.reading
    for wanted, place, number in zip(
        sentence.quantities, sentence.places, found.numbers, strict=True
    ):
        rivals = _list_rivals(found, number) if number is not None else []
        for i, (token, match) in enumerate(zip(sentence.content, found.matches, strict=True)):
            if match is None or match.token < 0 or token.kind not in ("plain", "name"):
                continue
            if number is None or sentence.hard[token.position] != mark_at(sentence.hard, place):
                continue
            there = window.tokens[match.token].position
            stretch = window.soft[there]
            if there <= window.places[number] or stretch == mark_at(
                window.soft, window.places[number]
            ):
                continue
            if len(found.options[i]) > 1:
                continue
            if any(
                mark_at(window.soft, window.places[j]) == stretch and j not in found.numbers
                for j in rivals
            ):
                return f"“{wanted.text}” is not said of “{token.text}”"
    return None


def _end_of_shared_head(found: Alignment, number: int, rival: int) -> int:
    """Where two numbers stand in one list ("after 36 weeks, or after 32"), what precedes both is shared."""
    window = found.window.reading
    low, high = sorted((window.places[number], window.places[rival]))
    words = any(low < t.position < high and t.kind in ("plain", "name") for t in window.tokens)
    numbers = any(low < place < high for place in window.places)
    if words or numbers or mark_at(window.hard, low) != mark_at(window.hard, high):
        return -1
    return low


def _list_rivals(found: Alignment, number: int) -> list[int]:
    """Other numbers of the same dimension that are not the same value in brackets."""
    window = found.window.reading
    given = window.quantities[number]
    return [
        j
        for j, other in enumerate(window.quantities)
        if (other.kind, other.dimension) == (given.kind, given.dimension)
        and (other.low, other.high) != (given.low, given.high)
        and not _in_brackets(window, other.start)
        and not _are_alternatives(window, given, other)
    ]


def _are_alternatives(window: Reading, one: Quantity, other: Quantity) -> bool:
    """ "999 or 112": either belongs to the same words."""
    first, second = sorted((one, other), key=lambda quantity: quantity.start)
    return window.text[first.end : second.start].strip() == "or"


def _in_brackets(reading: Reading, offset: int) -> bool:
    before = reading.text[:offset]
    return before.count("(") > before.count(")")


def _fits_better(
    found: Alignment,
    moves: list[tuple[int, int, int]],
    skip: Collection[int] = (),
    skip_numbers: Collection[int] = (),
    after: int = -1,
) -> bool:
    """Whether the words around a place of the sentence stand closer to the rival than to its own.

    A move is (place in the sentence, own place, rival's place in the window). A word that could stand in
    several places is taken where it fits best; words before position `after` are shared by both.
    """
    sentence, window = found.sentence, found.window.reading
    gain = loss = 0.0
    neighbours = [
        (token.position, token.weight, [window.tokens[option].position for option in options])
        for i, (token, options) in enumerate(zip(sentence.content, found.options, strict=True))
        if i not in skip
    ]
    words = len(neighbours)
    neighbours += [
        (at, _NUMBER_WEIGHT, [window.places[number]])
        for n, (at, number) in enumerate(zip(sentence.places, found.numbers, strict=True))
        if n not in skip_numbers and number is not None
    ]
    bare = _is_elliptical(window, moves[0][1])
    for i, (at, weight, spots) in enumerate(neighbours):
        if not spots or max(spots) < after:
            continue
        if (
            bare
            and i < words
            and all(
                mark_at(window.hard, spot) != mark_at(window.hard, moves[0][1]) for spot in spots
            )
        ):
            continue  # "…; 30 or more, 11 to 20 pounds" borrows its words from before
        change = sum(
            weight
            * _nearness(sentence, at, place, 3)
            * (
                max(_nearness(window, s, rival, 6) for s in spots)
                - max(_nearness(window, s, own, 6) for s in spots)
            )
            for place, own, rival in moves
        )
        gain, loss = gain + max(change, 0.0), loss + max(-change, 0.0)
    return gain > _RIVAL_MARGIN * loss + _LEAST_GAIN


def _is_elliptical(window: Reading, place: int) -> bool:
    """Whether a place stands between strong marks with numbers alone."""
    segment = mark_at(window.hard, place)
    return not any(
        window.hard[token.position] == segment and token.kind != "stop" for token in window.tokens
    )


def _nearness(reading: Reading, a: int, b: int, scale: float) -> float:
    """1 for the same word, half of it `scale` words away, less with every mark between."""
    factor = 1.0
    if mark_at(reading.soft, a) != mark_at(reading.soft, b):
        factor = (
            _SOFT_FACTOR if mark_at(reading.hard, a) == mark_at(reading.hard, b) else _HARD_FACTOR
        )
    return factor / (1 + abs(a - b) / scale)


def mark_at(marks: tuple[int, ...], position: int) -> int:
    """How many marks stand before a word's position, which may be past the last word."""
    return marks[min(position, len(marks) - 1)]
