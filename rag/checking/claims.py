"""What a sentence claims: without its "Yes," or "No,", and as the two claims that it may join.

"A does X, and B does Y" → "A does X", "B does Y"; a second half without a subject keeps the first's.
Knows no passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from rag.checking.polarity import has_denial
from rag.checking.quantities import find_quantities

_FEWEST_WORDS = 3  # a half with fewer is no claim
_JOINT = re.compile(r"\s*;\s+|,?\s+(?:and|but|while|whereas)\s+|,\s+", re.IGNORECASE)
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|might|must|should|will|would|do|does|needs?|helps?|"
    r"causes?|contains?|usually|often|starts?|affects?|lasts?|means?|uses?)\b",
    re.IGNORECASE,
)
_NO_SUBJECT = re.compile(
    r"(?:it|they|is|are|was|were|has|have|can|may|might|must|should|will|do|does|not|never|also|"
    r"usually|often|\w+s|\w+ed)\b",
    re.IGNORECASE,
)  # a second half that opens so speaks of the first half's subject

_PLACE = re.compile(
    r"(?:if|when|once|unless|where|in|on|at|with|for|from|by|after|before|until|during|without|over|under|between|within)\s[^,]*$",
    re.IGNORECASE,
)  # "In the United Kingdom" and "if you smoke" alone claim nothing: they belong to the rest
_CONDITION = re.compile(r"(?:if|when|once|unless|where)\s", re.IGNORECASE)
_OPENING = re.compile(
    r"\s*(?P<answer>yes|no)\s*(?:[,;:.!]|\s[-–—])\s*(?:(?:but|and)\s+)?(?=\w)", re.IGNORECASE
)
_TURNS_DOWN = re.compile(r"\b(?:against|only|refused?)\b", re.IGNORECASE)


def read_opening(sentence: str) -> tuple[Literal["yes", "no", ""], str]:
    """A sentence's "Yes," or "No,", and what it claims after it."""
    match = _OPENING.match(sentence)
    if match is None:
        return "", sentence
    claim = sentence[match.end() :]
    return ("yes" if match["answer"].lower() == "yes" else "no"), claim[:1].upper() + claim[1:]


def denies(claim: str) -> bool:
    """Whether a claim denies anything, as one after "No," must."""
    return has_denial(claim) or bool(_TURNS_DOWN.search(claim))


def split_statements(sentence: str) -> list[str]:
    """The statements that semicolons part; [] where there is but one."""
    parts = [part.strip() for part in sentence.split(";")]
    whole = len(parts) > 1 and all(len(part.split()) > _FEWEST_WORDS for part in parts)
    return parts if whole else []


def split_claims(sentence: str) -> Iterator[tuple[str, str]]:
    """Every way to cut a sentence in two at a conjunction or a mark."""
    for match in _JOINT.finditer(sentence):
        left, right = sentence[: match.start()].strip(" ,"), sentence[match.end() :].strip()
        if min(len(left.split()), len(right.split())) < _FEWEST_WORDS:
            continue
        if _PLACE.match(left) or _CONDITION.match(right) or _is_one_number(left, right):
            continue
        yield left, _lend_words(left, right)


def _is_one_number(left: str, right: str) -> bool:
    """ "39 weeks and 6 days" is one number."""
    return bool(re.search(r"\bweeks?$", left) and re.match(r"\d\s+days?\b", right))


def _lend_words(left: str, right: str) -> str:
    """A second half with the words that it borrows: a subject, or all before a number in its place."""
    first, second = find_quantities(left), find_quantities(right)
    if first and second and second[0].start == 0:
        return left[: first[0].start] + right
    return f"{find_subject(left)} {right}".strip() if _NO_SUBJECT.match(right) else right


def find_subject(claim: str) -> str:
    """The words before a claim's verb; "" when none is found."""
    verb = VERB.search(claim)
    return claim[: verb.start()].strip() if verb else ""
