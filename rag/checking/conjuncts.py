"""Does the sentence keep every half of a condition that joins two: "if you smoke and are 35 or older"?

Knows an alignment; single conditions are judged by rag/checking/conditions.py.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rag.checking.evidence import Alignment

_WHATEVER = re.compile(
    r"\b(?:however|whatever|whenever|wherever) (?:you|she|they|the|it)\b|\bno matter\b|\bin any case\b|"
    r"\bregardless\b|\bwhether or not\b",
    re.IGNORECASE,
)
_CONDITION_STRETCH = re.compile(r"\b(?:if|when|unless) (?P<told>[^;:.()|]+)", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:other(?= (?:women|people|mothers|babies|couples|pregnan))|others\b|everyone else|the rest of)",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"\bor (?:more|less|over|older|above|below|under|younger|later|higher)\b", re.IGNORECASE
)


def check_unconditional(found: Alignment) -> str | None:
    """ "However you take it" is not said where the passage says "if taken correctly"."""
    if not _WHATEVER.search(found.sentence.text) or _WHATEVER.search(found.window.reading.text):
        return None
    bound = any(clause.strong_condition for clause in found.window.reading.clauses)
    return "the passage says this under a condition that is left out" if bound else None


def check_conjuncts(found: Alignment) -> str | None:
    """ "If you smoke and are 35 or older" is not said of all who are 35 or older."""
    window = found.window.reading
    for match in _CONDITION_STRETCH.finditer(window.text):
        conceded = re.search(r"\beven\s+$", window.text[: match.start()], re.IGNORECASE)
        if "," in match["told"] or conceded:
            continue
        pieces = _split_conjuncts(match)
        held = [_is_held(found, span) for span in pieces]
        if any(touched for touched, _ in held) and any(
            telling and not touched for touched, telling in held
        ):
            return "the passage says this under a condition that is left out"
    return None


def _split_conjuncts(match: re.Match[str]) -> list[tuple[int, int]]:
    """The spans of what a condition joins by "and"; of one with "or", nothing."""
    told = _OR_MORE.sub(lambda m: " " * len(m.group()), match["told"])
    if re.search(r"\bor\b", told):
        return []
    start = match.start("told")
    edges = [0, *(joint.end() for joint in re.finditer(r"\band\s", told)), len(told)]
    return [(start + a, start + b) for a, b in pairwise(edges)] if len(edges) > 2 else []


def _is_held(found: Alignment, span: tuple[int, int]) -> tuple[bool, bool]:
    """Whether the sentence names anything of a stretch, and whether the stretch says anything."""
    window = found.window.reading
    inside = [
        i
        for i, t in enumerate(window.tokens)
        if span[0] <= t.start < span[1] and t.kind in ("plain", "name")
    ]
    numbers = [i for i, q in enumerate(window.quantities) if span[0] <= q.start < span[1]]
    named = {m.token for m in found.matches if m is not None and m.token >= 0}
    touched = bool(named & set(inside)) or bool(set(numbers) & set(found.numbers))
    return touched, bool(inside or numbers)


def check_others(found: Alignment) -> str | None:
    """What is said of "other women" is said of those that the passage sets against some."""
    if not _OTHERS.search(found.sentence.text) or _OTHERS.search(found.window.reading.text):
        return None
    return "the passage does not say this of others"
