"""Whether a statement shares the subject of the question: not another's of the same section, not an adult's for a baby.

"Thrush, urine infection and antibiotics" is one section on three things. Knows headings and words, no
vector; rag/reply/quote.py leaves out what strays.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from corpus.records import Passage
from rag.reply.layout import read_layout
from rag.search.synonyms import load_synonyms
from rag.search.vocabulary import content_words, stem, words_of

# What is asked of somebody, and not about what.
_REQUESTS = frozenset(
    map(
        stem,
        "prescribe prescription recommend advise advice suggest explain describe info information "
        "question answer doctor midwife weeks week months month years year old".split(),
    )
)
_EVERYWHERE = frozenset(map(stem, "pregnant pregnancy baby birth women mother".split()))
# The sort of thing that is asked for, and not of what.
_SORTS = frozenset(
    map(
        stem,
        "sign signs symptom symptoms cause causes risk risks danger dangers complication side "
        "effect effects reason feel call".split(),
    )
)
_SORT_OF = re.compile(
    r"\b(?:signs|symptoms|risks|causes|side effects) of (?P<what>[^.,:;]{3,50}?) (?:are|is|include)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r",| and | or ")
_REFERS = re.compile(
    r"^(?:See|Read) (?:also )?booklet\b|^Booklet \d[^.]*\b(?:tells?|says?|has)\b[^.]*\.$"
)
# She asks of a child that is born, by its age or by its name.
_OF_CHILD = re.compile(
    r"\b\d+[- ](?:day|week|wk|month|mth)s?[- ]old\b|\bnew-?born\b"
    r"|\b(?:my|our|the) (?:baby|newborn|infant) (?:has|keeps)\b",
    re.IGNORECASE,
)
_PREGNANT = re.compile(r"\bpregnan|\bexpecting\b|\btrimester\b", re.IGNORECASE)
_CHILD = re.compile(r"\b(?:bab(?:y|ies)|newborns?|infants?|child(?:ren)?)\b", re.IGNORECASE)
_CHILD_NAMES = frozenset(
    map(stem, "daughter son baby girl boy child newborn infant kid little".split())
)


def asked_stems(question: str) -> frozenset[str]:
    """The stems of what a question is about: neither common words nor the asking itself."""
    return frozenset(stem(word) for word in content_words(question)) - _REQUESTS


def only_refers(statement: str) -> bool:
    """Whether it sends the reader to another book and says nothing itself."""
    return bool(_REFERS.match(statement))


def shares_child(question: str, passage: Passage, statement: str) -> bool:
    """Whether a question on a child that is born gets a statement on a baby, and on what she asks of it."""
    if _OF_CHILD.search(question) and not _PREGNANT.search(question):
        return _is_of_child(question, passage, statement)
    return True


def strays(question: str, passage: Passage, start: int, statement: str) -> bool:
    """Whether a statement, which begins at `start`, is on another part of its section's heading."""
    named = _names_of(passage.section[-1] if passage.section else "")
    asked = asked_stems(question)
    own = _wanted_stems(question) - _stems(" ".join(passage.section)) - _EVERYWHERE
    if not named & asked or own & _stems(statement):
        return False
    about = _stems(statement) & named
    if not about:
        carried = _carried_subjects(passage.text, named)
        about = next((words for place, words in reversed(carried) if place <= start), about)
    return bool(asked & named - about) and bool(about - asked)


def names_what(question: str, passage: Passage, statement: str) -> bool:
    """Whether signs, causes or risks are those of what the question is about.

    "Signs of low blood sugar are …" are not those of diabetes, under whatever heading.
    """
    generic = _EVERYWHERE | _SORTS
    if not asked_stems(question) - generic:
        return True
    named = _SORT_OF.search(statement)
    if named and asked_stems(named["what"]) - generic:
        return bool(asked_stems(named["what"]) & (_wanted_stems(question) - generic))
    around = _stems(" ".join((*passage.section, statement)))
    return bool(around & (_wanted_stems(question) - generic))


@lru_cache(maxsize=64)
def _wanted_stems(question: str) -> frozenset[str]:
    """What it is about, in its own and in clinical words."""
    wordings = load_synonyms().reword(question).clinical
    return asked_stems(" ".join((question, *wordings)))


@lru_cache(maxsize=1024)
def _names_of(heading: str) -> frozenset[str]:
    """The words that tell the parts of a heading apart; none where it names one thing."""
    parts = [asked_stems(part) for part in _SEVERAL.split(heading)]
    counts = Counter(word for part in parts for word in part)
    alone = [frozenset(word for word in part if counts[word] == 1) for part in parts]
    several = sum(map(bool, alone)) > 1
    return frozenset[str]().union(*alone) if several else frozenset()


def _is_of_child(question: str, passage: Passage, statement: str) -> bool:
    """Whether it speaks of a baby, and of what the question is about."""
    around = " ".join((*passage.section, statement))
    asked = {word for word in _wanted_stems(question) - _CHILD_NAMES if not word.isdigit()}
    return bool(_CHILD.search(around)) and (not asked or bool(asked & _stems(around)))


@lru_cache(maxsize=1024)
def _carried_subjects(text: str, named: frozenset[str]) -> tuple[tuple[int, frozenset[str]], ...]:
    """Where each stretch begins, and which of the words it is about: its own or those before."""
    found: list[tuple[int, frozenset[str]]] = []
    about: frozenset[str] = frozenset()
    for stretch in read_layout(text):
        about = (_stems(stretch.span.text) & named) or about
        found.append((stretch.span.start, about))
    return tuple(found)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(text))
