"""Where another publisher's book says the opposite of what was told: then neither stands alone.

A planted or outdated page reads like any other; that the rest of the shelf denies it can be seen. A false
alarm frightens, so both must be about the same, and what one denies must stand in the other. Between
verification and the answer; knows statements and the verifier, no model. Numbers: rag/reply/differences.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.records import Citation, Hit
from rag.reply.quote import Quote, list_statements
from rag.search.vocabulary import content_words, stem
from rag.verify import Verifier

DISAGREE = (
    "My books disagree here, so please ask your midwife, doctor or pharmacist before you follow "
    "either. Another book says:"
)
# Share of the words of each that the other holds. With the claim's share alone, 20 pairs of statements of
# two publishers were called a denial for 140 questions; 17 of them agreed or spoke of something else and 3
# differed in a number.
_SAME_SUBJECT = 0.6
_FEWEST_WORDS = 2
_DENIED = "affirms this, or denies it, the other way round"
_EXCHANGED = re.compile(r"compares these the other way round|the passage says “[^”\d]*”, not “")
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|cannot|nothing|avoid\w*|unsafe|without)\b|n['’]t\b", re.IGNORECASE
)
_JUDGING = frozenset(map(stem, ("safe", "recommended", "advised", "allowed", "suitable")))


def find_opposition(
    told: Sequence[Citation], hits: Sequence[Hit], verifier: Verifier
) -> Iterator[Quote]:
    """Statements of other publishers' books that deny a quote that was told, at most one a quote.

    Books of one publisher are taken to agree: of the gold questions, 4 found a statement that
    only looked like a denial (tests/gold/questions.jsonl).
    """
    for citation in told:
        others = (hit for hit in hits if hit.book.publisher != citation.hit.book.publisher)
        quotes = (quote for hit in others for quote in list_statements(hit))
        denying = (quote for quote in quotes if _oppose(citation.quote, quote.text, verifier))
        found = next(denying, None)
        if found is not None:
            yield found


def _oppose(claim: str, statement: str, verifier: Verifier) -> bool:
    """Whether two statements on the same subject say the contrary, one of the other."""
    here, there = _subject(claim), _subject(statement)
    shared = here & there
    if len(shared) < max(_FEWEST_WORDS, _SAME_SUBJECT * max(len(here), len(there))):
        return False
    verdicts = verifier.check(claim, statement), verifier.check(statement, claim)
    if any(verdict.supported for verdict in verdicts):
        return False
    if any(_DENIED in verdict.reason for verdict in verdicts):
        denied = _denied_words(claim) ^ _denied_words(statement)
        return bool(denied & (_JUDGING | shared))
    return all(_EXCHANGED.search(verdict.reason) for verdict in verdicts)


def _denied_words(text: str) -> frozenset[str]:
    """The word that each denial stands before."""
    after = (content_words(text[match.end() :])[:1] for match in _DENIAL.finditer(text))
    return frozenset(stem(word) for words in after for word in words)


def _subject(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(text))
