"""Cut a combined sentence into the two claims that it joins, each to be verified on its own.

"A does X, and B does Y" → "A does X", "B does Y"; a second half without a subject keeps the first's.
Knows no passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FEWEST_WORDS = 3  # a half with fewer is no claim
_JOINT = re.compile(r"\s*;\s+|,?\s+(?:and|but|while|whereas)\s+|,\s+", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|might|must|should|will|would|do|does|needs?|helps?|"
    r"causes?|contains?|usually|often|starts?|affects?|lasts?|means?|uses?)\b",
    re.IGNORECASE,
)
_NO_SUBJECT = re.compile(
    r"(?:it|they|is|are|was|were|has|have|can|may|might|must|should|will|do|does|not|never|also|"
    r"usually|often|\w+s|\w+ed)\b",
    re.IGNORECASE,
)  # a second half that opens so speaks of the first half's subject


def split_claims(sentence: str) -> Iterator[tuple[str, str]]:
    """Every way to cut a sentence in two at a conjunction or a mark."""
    for match in _JOINT.finditer(sentence):
        left, right = sentence[: match.start()].strip(" ,"), sentence[match.end() :].strip()
        if min(len(left.split()), len(right.split())) < _FEWEST_WORDS:
            continue
        yield left, f"{_find_subject(left)} {right}".strip() if _NO_SUBJECT.match(right) else right


def _find_subject(claim: str) -> str:
    """The words before a claim's verb; "" when none is found."""
    verb = _VERB.search(claim)
    return claim[: verb.start()].strip() if verb else ""
