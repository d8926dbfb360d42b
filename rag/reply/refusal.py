"""Whether a model may write on what was found, and when the books are quoted against its refusal.

Knows the gate's verdict, no words. Where the page reader has read the passages (`Evidence.was_read`)
the gate decides alone; a gate that only saw a search is too unsure for that, and asks the model.
"""

from __future__ import annotations

from rag.search.gate import Evidence

# Chosen, not fitted: wide, so that a model is asked where a search alone errs most.
UNSURE = 0.15  # the gate's probability from which a model that can answer is asked at all
SURE = 0.97  # and from which the books are quoted although a model refuses


def is_worth_asking(evidence: Evidence) -> bool:
    """Whether a model may look: the books answer, or may although a search alone is not sure."""
    unsure = evidence.verdict == "not_in_books" and evidence.score >= UNSURE
    return evidence.verdict == "enough" or (unsure and not evidence.was_read)


def stands_against(evidence: Evidence) -> bool:
    """Whether the search is so sure of its passage that it is quoted against a model's refusal."""
    return evidence.score >= SURE
