"""Decide whether a cited passage says what a sentence says: the public face of the verifier.

Stands between the model's draft and the reader. Each sentence is laid over each sentence of the
passage (rag/checking/evidence.py); the checks (rag/checking/checks.py) refuse by name; a word that the passage does not
hold refuses; the embedder has a word on what leans on context. Where all that leaves it open, the proofreader
(rag/reader.py) reads both. In doubt it refuses.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.checking.alternatives import refuse_other_case
from rag.checking.checks import CHECKS, Check
from rag.checking.claims import denies, read_opening, split_claims, split_statements
from rag.checking.conditions import check_subjects
from rag.checking.denials import check_polarity
from rag.checking.evidence import Alignment, align
from rag.checking.near import refuse_near_copy
from rag.checking.reading import Reading, Token, read_sentence
from rag.checking.reserve import check_manner
from rag.checking.restate import restate
from rag.checking.tables import join_marks
from rag.checking.windows import Passage, Window, list_windows, read_passage
from rag.checking.wording import word_alike
from rag.checking.words import load_words
from settings import Settings

_SENTENCES_TRIED = 3  # of the passage, each with its parts
# Set on the tuning half of tests/gold/verify.jsonl:
_LEAST_COVERAGE = 0.7  # share of the sentence's content, by weight, that the passage holds
_FULL_COVERAGE = 0.82  # with less than this, in light words, it must also mean quite the same
_LEAST_LIKENESS_LIGHT = 0.5
_LEAST_COVERAGE_BLIND = 0.9  # the same without an embedder
_LEAST_OWN_SHARE = 0.3  # of it, what one sentence of the passage must hold itself
_PLAIN_COVERAGE = 0.97  # from here on the words are the passage's own: no embedder is asked
_LEAST_LIKENESS = (
    0.2  # cosine of the sentence and its evidence; 1st percentile of the true ones: 0.34
)
_WORDS = re.compile(r"[^\W_]+")
_FEWEST_COPIED = 4  # words: "Yes." or "See your midwife" claims nothing even where it is copied
_VECTORS_KEPT = 4096
_FAINT = load_words("faint")
_STRESSED = re.compile(r"\b(?:best|worst|first|safest|any|all|every|always|never)\b", re.IGNORECASE)
_MEASURES = {
    "temperatur": "[temperature]", "weight": "[mass]", "weigh": "[mass]", "dose": "[mass]",
    "time": "[time]", "long": "[time]",
}  # fmt: skip


# Probabilities of the proofreader, as log odds; docs/verification.md tells on which pairs they were chosen:
_LEAST_ODDS = 0.0  # 0.5: what the checks pass stays only if it says Yes
_SURE_ODDS = 2.0  # 0.88: what they doubt passes only if it is sure of it
_OVERRULED_AT: dict[Check, float] = {  # 0.95: on other words these see about as little as a guess
    check_manner: 3.0,
    check_polarity: 3.0,
    check_subjects: 3.0,
}


class SentenceEncoder(Protocol):
    """What the verifier needs of an embedder: unit vectors, one row a text."""

    def encode(self, texts: list[str], /) -> NDArray[np.float32]: ...


class SentenceReader(Protocol):
    """What the verifier needs of a proofreader: log odds that the passage says the sentence."""

    def says(self, sentence: str, passage_text: str, section: str, /) -> float: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the passage carries the sentence, and why not."""

    supported: bool
    reason: str
    quote: str = ""  # the passage's own words, an exact substring of it
    to_read: str = ""  # by a proofreader; "" where a copy or a check settles the matter
    needs: float = 0.0  # log odds of the proofreader from which the sentence stands


class Verifier:
    """Checks sentences against passages; works, more strictly, without an embedder.

    `vocabulary` holds stems of the books' own names (`rag.checking.terms.build_vocabulary`): such a word stands
    only for itself. Without a `proofreader` the checks alone decide.
    """

    def __init__(
        self,
        embedder: SentenceEncoder | None = None,
        vocabulary: frozenset[str] = frozenset(),
        proofreader: SentenceReader | None = None,
    ) -> None:
        self._embedder = embedder
        self._vocabulary = vocabulary
        self._proofreader = proofreader
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def verify(self, sentence: str, passage_text: str, section: str = "") -> Verdict:
        """Whether the passage (with its section heading) says what the sentence says."""
        verdict = self.check(sentence, passage_text, section)
        if not verdict.to_read or self._proofreader is None:
            return verdict
        stands = self._proofreader.says(verdict.to_read, passage_text, section) >= verdict.needs
        if stands is verdict.supported:
            return verdict
        if verdict.supported:
            return Verdict(False, "read beside it, the passage says something else")
        quote = self._quote_nearest(sentence, passage_text)
        return Verdict(True, "said by the passage in other words", quote)

    def check(self, sentence: str, passage_text: str, section: str = "") -> Verdict:
        """The same by the checks alone, which knows no model but the embedder."""
        answer, sentence = read_opening(sentence)
        if answer == "no" and not denies(sentence):
            return Verdict(False, "it says “No” and then denies nothing")
        passage = read_passage(passage_text, section, self._vocabulary)
        turned = refuse_near_copy(sentence, passage)
        if turned:
            return Verdict(False, turned)
        copied = _find_copy(sentence, passage)
        if copied is not None:
            return Verdict(True, "the passage's own words", _quote(passage, copied))
        whole, _ = self._verify_claim(sentence, passage)
        if whole.supported:
            parts = [self.check(part, passage_text, section) for part in split_statements(sentence)]
            settled = next((part for part in parts if not (part.supported or part.to_read)), None)
            surest = max((part.needs for part in parts), default=_LEAST_ODDS)
            return settled or replace(whole, needs=max(whole.needs, surest))
        for halves in split_claims(sentence):
            verdicts = [self._verify_claim(half, passage) for half in halves]
            places = [window for _, window in verdicts if window is not None]
            rows = all(window.tabular for window in places)  # two rows are two cases
            if len(places) == 2 and places[0] is not places[1] and not rows:
                numbers = (window.number for window in places)
                quote = _quote(passage, *numbers)
                reason = "said by the passage in two places"
                return Verdict(True, reason, quote, sentence, _LEAST_ODDS)
        for same in (join_marks(sentence), restate(sentence) or ""):
            verdict = self._verify_claim(same, passage)[0] if same.rstrip(".") else whole
            if verdict.supported:
                return verdict
        return whole

    def _verify_claim(self, claim: str, passage: Passage) -> tuple[Verdict, Window | None]:
        """The verdict on one claim, and what of the passage carries it."""
        reading = read_sentence(claim, self._vocabulary)
        if not _claims_something(reading):
            return Verdict(False, "it claims nothing that a passage could say"), None
        first: Verdict | None = None
        for alignment in _find_best(reading, passage):
            window = alignment.window
            refusal = self._refuse(alignment, passage)
            if refusal is None:
                quote, alike = _quote(passage, window.number), word_alike(alignment)
                return Verdict(True, "said by the passage", quote, alike, _LEAST_ODDS), window
            if first is None:
                reason, needs = refusal
                to_read = word_alike(alignment) if needs < math.inf else ""
                first = Verdict(False, reason, "", to_read, needs)
        return first or Verdict(False, "the passage is empty"), None

    def _refuse(self, alignment: Alignment, passage: Passage) -> tuple[str, float] | None:
        """Why the evidence does not carry the sentence, and the log odds that overrule it (inf: none)."""
        for check in CHECKS:
            if reason := check(alignment):
                free = (
                    alignment.coverage < _FULL_COVERAGE
                )  # in the passage's own words no check errs so
                return reason, _OVERRULED_AT.get(check, math.inf) if free else math.inf
        if reason := _doubt(alignment) or self._refuse_meaning(alignment):
            return reason, _SURE_ODDS
        other = refuse_other_case(alignment.sentence, passage.readings[alignment.window.number])
        return (other, math.inf) if other else None

    def _refuse_meaning(self, alignment: Alignment) -> str | None:
        """What leans on context or leaves light words out must also mean alike."""
        if min(alignment.coverage, alignment.own_share) >= _PLAIN_COVERAGE:
            return None
        if self._embedder is None:
            return (
                None
                if alignment.coverage >= _LEAST_COVERAGE_BLIND
                else "too little of this is said"
            )
        here, there = self._encode([alignment.sentence.text, alignment.window.reading.text])
        full = alignment.coverage >= _FULL_COVERAGE
        least = _LEAST_LIKENESS if full else _LEAST_LIKENESS_LIGHT
        return None if float(here @ there) >= least else "the passage means something else"

    def _quote_nearest(self, sentence: str, passage_text: str) -> str:
        """The sentence of the passage that means most alike."""
        if self._embedder is None:
            return supporting_quote(sentence, passage_text)
        passage = read_passage(passage_text)
        here, *there = self._encode([sentence, *(span.text for span in passage.spans)])
        return _quote(passage, int(np.argmax([here @ vector for vector in there])))

    def _encode(self, texts: list[str]) -> list[NDArray[np.float32]]:
        """Vectors of texts; those of passages are kept, since drafts come back to them."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if unknown and self._embedder is not None:
            self._vectors.update(zip(unknown, self._embedder.encode(unknown), strict=True))
        vectors = [self._vectors[text] for text in texts]
        while len(self._vectors) > _VECTORS_KEPT:
            self._vectors.popitem(last=False)
        return vectors


def _find_best(reading: Reading, passage: Passage) -> list[Alignment]:
    """The sentence laid over those of the passage, and their parts, that hold most of it."""
    found = sorted(
        (align(reading, window) for window in list_windows(passage)), key=lambda a: -a.coverage
    )
    best = list(dict.fromkeys(alignment.window.number for alignment in found))[:_SENTENCES_TRIED]
    return [alignment for alignment in found if alignment.window.number in best]


def supporting_quote(sentence: str, passage_text: str) -> str:
    """The sentence of a passage that holds most of a sentence, as it stands there."""
    passage = read_passage(passage_text)
    found = [align(read_sentence(sentence), window) for window in list_windows(passage)]
    return _quote(passage, max(found, key=lambda a: a.coverage).window.number) if found else ""


def _find_copy(sentence: str, passage: Passage) -> int | None:
    """The sentence of the passage that this one repeats word by word."""
    plain = _WORDS.findall(sentence.lower())
    for number in dict.fromkeys(window.number for window in list_windows(passage)):
        span = passage.spans[number]
        if len(plain) >= _FEWEST_COPIED and _WORDS.findall(span.text.lower()) == plain:
            return number
    return None


def _quote(passage: Passage, *numbers: int) -> str:
    """The passage's own words from the first to the last of these sentences."""
    spans = [passage.spans[number] for number in sorted(numbers)]
    return passage.text[spans[0].start : spans[-1].end]


def _claims_something(reading: Reading) -> bool:
    return bool(reading.quantities) or any(
        token.kind in ("plain", "name") for token in reading.content
    )


def _doubt(alignment: Alignment) -> str | None:
    """Why the words of the passage do not carry the sentence, if they don't: others may say the same."""
    vital = [token for token in alignment.missing if _is_vital(alignment, token)]
    if vital or alignment.coverage < _LEAST_COVERAGE:
        words = ", ".join(f"“{token.text}”" for token in (vital or alignment.missing)[:3])
        return (
            f"the passage does not say {words}" if words else "the passage says too little of this"
        )
    if alignment.own_share < _LEAST_OWN_SHARE:
        return "the passage speaks of this elsewhere, and not so"
    return None


def _is_vital(alignment: Alignment, token: Token) -> bool:
    """Whether a missing word is part of the claim: not a light verb, not what goes without saying."""
    if token.kind == "light":
        return _STRESSED.search(token.text) is not None
    if token.kind == "relation":
        return not (_leads_to_context(alignment, token) or _is_part_of_span(alignment, token))
    return token.text.lower() not in _FAINT and not _is_measured(alignment, token)


def _leads_to_context(alignment: Alignment, token: Token) -> bool:
    """ "after" in "after an epidural" where the passage as a whole is about epidurals."""
    content = alignment.sentence.content
    following = content.index(token) + 1
    match = alignment.matches[following] if following < len(content) else None
    return match is not None and match.token < 0


def _is_part_of_span(alignment: Alignment, token: Token) -> bool:
    """ "within 3 hours after a pill" where the passage has "within three hours of a pill"."""
    window = alignment.window.reading
    for wanted, number in zip(alignment.sentence.quantities, alignment.numbers, strict=True):
        if (
            number is not None
            and 0 <= token.start - wanted.end <= 1
            and token.text.lower() == "after"
        ):
            return window.text[window.quantities[number].end :].startswith(" of ")
    return False


def _is_measured(alignment: Alignment, token: Token) -> bool:
    """ "temperature" goes without saying where the passage gives degrees."""
    dimension = _MEASURES.get(token.stems[0])
    held = zip(alignment.sentence.quantities, alignment.numbers, strict=True)
    return any(number is not None and wanted.dimension == dimension for wanted, number in held)


def load_verifier(settings: Settings, embedder: SentenceEncoder) -> Verifier:
    """The verifier that the settings describe.

    Raises:
        AdapterRefused, WeightsDamaged: the proofreader is there, and not whole.
    """
    from rag.reader import load_proofreader

    return Verifier(embedder, proofreader=load_proofreader(settings))
