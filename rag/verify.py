"""Decide whether a cited passage says what a sentence says: the public face of the verifier.

A sentence of a draft stands here between the model and the reader. Rules on words and numbers refuse
first (rag/checks.py); meaning is compared by the embedder last. In doubt it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.evidence import Alignment, Passage, Window, align, list_windows, read_passage
from rag.reading import Reading, Token, read_sentence
from rag.checks import CHECKS

_WINDOWS_TRIED = 3
_LEAST_COVERAGE = 0.82  # share of the content by weight; set on the tuning half
_LEAST_OWN_SHARE = 0.3  # of the content, what the one sentence must say itself
_MEASURES = {"temperatur": "[temperature]", "weight": "[mass]", "weigh": "[mass]", "dose": "[mass]", "time": "[time]"}
_JOINT = re.compile(r"\s*;\s+|,?\s+(?:and|but|while|whereas)\s+|,\s+", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|might|must|should|will|would|do|does|needs?|helps?|causes?|contains?|usually|often|"
    r"starts?|affects?|lasts?|means?|uses?)\b",
    re.IGNORECASE,
)
_HAS_SUBJECT = re.compile(
    r"(?:it|they|is|are|was|were|has|have|can|may|might|must|should|will|do|does|not|never|also|usually|often|\w+s|\w+ed)\b",
    re.IGNORECASE,
)  # a second half that opens so speaks of the first half's subject


class SentenceEncoder(Protocol):
    """What the verifier needs of an embedder: unit vectors, one row a text."""

    def encode(self, texts: list[str], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the passage carries the sentence, and why not."""

    supported: bool
    reason: str
    quote: str = ""  # the passage's own words, an exact substring of it


class Verifier:
    """Checks sentences against passages; works, more strictly, without an embedder."""

    def __init__(self, embedder: SentenceEncoder | None = None) -> None:
        self._embedder = embedder

    def verify(self, sentence: str, passage_text: str, section: str = "") -> Verdict:
        """Whether the passage (with its section heading) says what the sentence says."""
        passage = read_passage(passage_text, section)
        windows = list_windows(passage)
        whole = _verify_claim(read_sentence(sentence), passage, windows)
        if whole.supported:
            return whole
        for parts in split_claims(sentence):
            verdicts = [_verify_claim(read_sentence(part), passage, windows) for part in parts]
            if all(verdict.supported for verdict in verdicts) and verdicts[0].quote != verdicts[1].quote:
                return Verdict(True, "said by the passage in two places", " ".join(dict.fromkeys(v.quote for v in verdicts)))
        return whole


def _verify_claim(reading: Reading, passage: Passage, windows: list[Window]) -> Verdict:
    """Whether one sentence of the passage says one claim."""
    if sum(token.kind in ("plain", "name") for token in reading.content) + len(reading.quantities) == 0:
        return Verdict(False, "it claims nothing that a passage could say")
    found = sorted((align(reading, window) for window in windows), key=lambda a: -a.coverage)
    reason = ""
    for alignment in found[:_WINDOWS_TRIED]:
        refusal = _judge(alignment)
        if refusal is None:
            return Verdict(True, "said by the passage", passage.spans[alignment.window.number].text)
        reason = reason or refusal
    return Verdict(False, reason or "the passage is empty")


def _judge(alignment: Alignment) -> str | None:
    """The first rule's reason for refusal; None when the window carries the sentence."""
    for check in CHECKS:
        reason = check(alignment)
        if reason:
            return reason
    vital = [token for token in alignment.missing if token.kind != "light" and not _leads_to_context(alignment, token) and not _is_measured(alignment, token)]
    if vital or alignment.coverage < _LEAST_COVERAGE:
        words = ", ".join(f"“{token.text}”" for token in (vital or alignment.missing)[:3])
        return f"the passage does not say {words}" if words else "the passage says too little of this"
    if alignment.own_share < _LEAST_OWN_SHARE:
        return "the passage speaks of this elsewhere, and not so"
    return None


def _leads_to_context(alignment: Alignment, token: Token) -> bool:
    """ "after" in "after an epidural" where the passage as a whole is about epidurals."""
    content = alignment.sentence.content
    following = content.index(token) + 1
    if token.kind != "relation" or following >= len(content):
        return False
    match = alignment.matches[following]
    return match is not None and match.token < 0


def _is_measured(alignment: Alignment, token: Token) -> bool:
    """ "temperature" goes without saying where the passage gives degrees."""
    dimension = _MEASURES.get(token.stems[0])
    held = zip(alignment.sentence.quantities, alignment.numbers, strict=True)
    return any(number is not None and wanted.dimension == dimension for wanted, number in held)


def split_claims(sentence: str) -> Iterator[tuple[str, str]]:
    """Ways to cut a combined sentence in two claims; the second keeps the first's subject."""
    for match in _JOINT.finditer(sentence):
        left, right = sentence[: match.start()].strip(" ,"), sentence[match.end() :].strip()
        if len(left.split()) < 3 or len(right.split()) < 3:
            continue
        yield left, right if _HAS_SUBJECT.match(right) is None else f"{_head(left)} {right}"


def _head(claim: str) -> str:
    """The words before a claim's verb, for the second half that speaks of the same."""
    match = _VERB.search(claim)
    return claim[: match.start()].strip() if match else ""


def supporting_quote(sentence: str, passage_text: str) -> str:
    """The passage's own words that carry a sentence best, as they stand there."""
    passage = read_passage(passage_text)
    found = [align(read_sentence(sentence), window) for window in list_windows(passage)]
    if not found:
        return ""
    return passage.spans[max(found, key=lambda a: a.coverage).window.number].text
