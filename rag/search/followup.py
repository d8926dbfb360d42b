"""Follow-up questions: is this one, and what does it refer to? Rules only, no model, no index.

Book road: question + history → **search question**. A question that stands on its own is never
touched, so an earlier topic can't leak into a new one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.events import Turn
from rag.search.vocabulary import content_words

_OPENERS = re.compile(
    r"^\W*(?:and|but|or|so|then|also|what about|how about|what if|same|even if|even though"
    r"|ok(?:ay)? (?:and|but|so)|why not|which ones?|like what|such as|is there (?:any|an) other"
    r"|any (?:other|others|more)|anything else|what else|tell me more|more about)\b",
    re.IGNORECASE,
)
_POINTERS = re.compile(
    r"\b(?:it|its|that|this|these|those|them|one|ones|there|then|instead|either|both"
    r"|the (?:same|other|first|second|latter|former))\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\b(?:they|their|he|she|him|her)\b", re.IGNORECASE)  # often nobody named
_TRAILING = re.compile(r"\b(?:of|about|with|for|from|to|on|than)\s+$", re.IGNORECASE)
# "it" and "there" that point at nothing ("is it safe to …", "does it matter if …", "is there …"),
# and words that only look like pointers ("that" before a clause, "this week", "her" for a baby).
_EMPTY = re.compile(
    r"\b(?:is|was|isn't|isnt|would|will|can|could|does|should|if|when|how \w+ is|whether)"
    r" (?:it|there) (?:be |feel )?(?:still |also |really |actually |too |so |very |ever )?"
    r"(?:\w+ )?(?:\w+ )?"
    r"(?:to|if|that(?= \w)|when|for|normal|a|an|any|anything|something|some|mean)\b"
    r"|\b(?:it|it's|its|it is) (?:\w+ )?(?:\w+ )?(?:to|if|that(?= \w)|when|normal)\b"
    r"|\b(?:is|are|was|were|be|will|can|could|should) there\b"
    r"|\b(?:there|theres|there's) (?:is|are|was|not|a|an|any|no)\b"
    r"|\b(?:its|it's|it is) (?:my|a|an|the|our|been)\b"
    r"|\bdown there\b"
    r"|\bthis (?:week|month|year|time|morning|pregnancy|trimester|stage)\b"
    r"|\b(?:means?|think|know|say|says|said|feel|so|sure|told|tells?|worried|heard|read|way"
    r"|signs?) that\b"
    r"|\bone of\b|\b(?:week|month|year|day|trimester|type|stage|phase) one\b"
    r"|\bthe (?:first|second)\b(?= \w)",
    re.IGNORECASE,
)
_BARE_VERBS = frozenset(
    ("start", "stop", "begin", "happen", "happens", "work", "works", "hurt", "last", "wait")
)
_FEW_WORDS = 3  # content words that a question with a pointer may have and still lean on another
_STANDS_ALONE = 6  # content words from which a question is taken as whole, pointer or not


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """What to search for; `earlier` is the question that a follow-up leans on, else empty."""

    text: str
    earlier: str = ""


def search_question(question: str, history: Sequence[Turn] = ()) -> SearchQuestion:
    """The question as it should be searched: a follow-up together with what it refers to."""
    asked = [
        turn.content.strip() for turn in history if turn.role == "user" and turn.content.strip()
    ]
    if not asked or not leans_on_earlier(question):
        return SearchQuestion(question)
    place = len(asked) - 1
    while place > 0 and leans_on_earlier(asked[place]):
        place -= 1
    earlier = asked[place]
    return SearchQuestion(f"{_sentence(earlier)} {question.strip()}", earlier)


def leans_on_earlier(question: str) -> bool:
    """Whether the question can't be understood without the one before it."""
    about = content_words(question)
    if _BARE_VERBS.issuperset(about):
        return True
    if _OPENERS.match(question) and len(about) < _STANDS_ALONE:
        return True
    if len(about) > _FEW_WORDS:
        return False
    plain = _EMPTY.sub(" ", question)
    pointer = _POINTERS.search(plain) or (_PEOPLE.search(plain) if len(about) == 1 else None)
    if pointer is None:
        return False
    last = not plain[pointer.end() :].strip(" ?!.") and pointer.group().lower() not in (
        "one",
        "ones",
    )
    closes = last and len(about) < _FEW_WORDS
    return closes or not _is_explained(plain[: pointer.start()])


def _is_explained(before: str) -> bool:
    """Whether the words before a pointer already name what it can point at."""
    return bool(content_words(before)) and not _TRAILING.search(before)


def _sentence(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}."
