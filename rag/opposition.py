"""Where another publisher's book says the opposite of what was told: then neither stands alone.

A planted or outdated page reads like any other; that the rest of the shelf denies it can be seen. Between
verification and the answer; knows statements and the verifier, no model. Numbers: rag/differences.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.records import Citation, Hit
from rag.quote import Quote, list_statements
from rag.verify import Verifier
from rag.vocabulary import content_words, stem

DISAGREE = (
    "My books disagree here, so please ask your midwife, doctor or pharmacist before you follow "
    "either. Another book says:"
)
# Share of the claim's words that the other statement holds. Without it, 17 of 89 quotes of the tuning
# half of tests/gold/questions.jsonl had a "denial" in another book, all of them about something else.
_SAME_SUBJECT = 0.6
_FEWEST_WORDS = 2
_DENIES = re.compile(r"the other way round|the passage says “[^”]*”, not “")


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
        denying = (quote for quote in quotes if _denies(citation.quote, quote.text, verifier))
        found = next(denying, None)
        if found is not None:
            yield found


def _denies(claim: str, statement: str, verifier: Verifier) -> bool:
    """Whether a statement on the same subject says the contrary of the claim."""
    here, there = _subject(claim), _subject(statement)
    if len(here) < _FEWEST_WORDS or len(here & there) < _SAME_SUBJECT * len(here):
        return False
    verdict = verifier.verify(claim, statement)
    return not verdict.supported and bool(_DENIES.search(verdict.reason))


def _subject(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(text))
