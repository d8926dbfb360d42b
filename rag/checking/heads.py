"""Is the sentence's subject the one of which the passage says it?

"Propylthiouracil is preferred, because carbimazole carries a risk" does not carry "carbimazole is
preferred". Knows an alignment and where verbs stand, no meaning.
"""

from __future__ import annotations

import re

from rag.checking.claims import VERB
from rag.checking.evidence import Alignment, sort_name
from rag.checking.polarity import Clause
from rag.checking.reading import Reading, Token

_OPENING_PLACE = re.compile(
    r"\W*(?:in|on|at|with|without|for|from|by|after|before|until|during|over|under|between|within|if|when|once|"
    r"unless)\b[^,]*,",
    re.IGNORECASE,
)


def check_heads(found: Alignment) -> str | None:
    """What is said of one subject must not be said of another that stands elsewhere in the passage."""
    sentence, window = found.sentence, found.window.reading
    ours = _find_subject(sentence, 0, len(sentence.text))
    if not ours:
        return None
    carrier = _find_carrier(found, ours)
    if carrier is None:
        return None
    theirs = _find_subject(window, carrier.start, carrier.end)
    if re.match(r"\W*(?:and|or)\b", window.text[carrier.start :]) and not VERB.search(
        window.text[: carrier.start]
    ):
        return None  # "brisk walking, and 700 mg of calcium, help": one subject of two parts
    held = {i for options in found.options for i in options}
    if not theirs or any(window.tokens.index(token) in held for token in theirs):
        return None
    matches = dict(zip(sentence.content, found.matches, strict=True))
    for token in ours:
        match = matches[token]
        if match is not None and match.token >= 0:
            place = window.tokens[match.token]
            if carrier.start <= place.start < carrier.end:
                return None
    return f"the passage says this of “{theirs[-1].text}”, not of “{ours[-1].text}”"


def _find_subject(reading: Reading, start: int, end: int) -> list[Token]:
    """The words before the first verb of a stretch, without "In the United Kingdom,"."""
    opening = _OPENING_PLACE.match(reading.text[start:end])
    first = start + (opening.end() if opening else 0)
    verb = VERB.search(reading.text, first, end)
    if verb is None:
        return []
    return [
        token
        for token in reading.content
        if first <= token.start < verb.start() and token.kind in ("plain", "name")
    ]


def _find_carrier(found: Alignment, subject: list[Token]) -> Clause | None:
    """The clause of the passage that holds most of what the sentence says of its subject."""
    window = found.window.reading
    weights: dict[Clause, float] = {}
    for token, match in zip(found.sentence.content, found.matches, strict=True):
        placed = match is not None and match.token >= 0 and sort_name(token) != "places"
        if token not in subject and match is not None and placed:
            clause = window.clauses[window.tokens[match.token].clause]
            weights[clause] = weights.get(clause, 0.0) + token.weight
    return max(weights, key=lambda clause: weights[clause]) if weights else None
