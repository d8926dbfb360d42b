"""The words of an index: how common each is, its stem, and the nearest one to a misspelt word.

Built once per index version from its passages. Knows no vector. Serves retrieval and the gate.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import snowballstemmer  # type: ignore[import-untyped]
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from spellchecker import SpellChecker

from corpus.records import Passage

_WORD = re.compile(r"[^\W\d_](?:[\w'’]*\w)?|\d+(?:[.,]\d+)*")
_STEMMER = snowballstemmer.stemmer("porter")  # the stemmer of SQLite's FTS5, so that both agree
_SHORTEST = 5  # letters; shorter words have too many neighbours
_MOST_CANDIDATES = 8
_EVERYDAY = 5.2  # log10 of the count from which a word says nothing ("months", "head", "room")
_NUMBER_WEIGHT = 0.2

# Words that say nothing of what a question is about; question words and politeness included.
COMMON = frozenset(
    _WORD.findall(
        """
        a about after again all also am an and another any anyone anything anyway are as at away
        be because been before being best better both but by can cant cannot come comes could
        couldnt did didnt do does doesnt doing done dont each either else ever every everyone
        everything for found from get gets getting give gives go goes going good got gonna had
        has have having he hello help helps her here hers hi him his how i id if ill im in into
        is isnt it its ive just keep kind know known knows later least let lets like likely
        little long look looking lot lots made make makes many may maybe me mean means might
        mine more most much must my myself need needs never next no normal not nothing now of
        off often ok okay on once one ones only or other others our out over own particular
        people person please possible put question quite rather really right said same say says
        see seem seems she should shouldnt since so some somebody someone something soon still
        such sure take taken takes taking tell tells than thank thanks that thats the their them
        then there these they thing things think this those though through till time times to
        too told toward turn u under until up upon ur us use used using usual usually very want
        wants was way ways we well went were werent what whats when where whether which while
        who whole whom whose why will wish with without wont worth would wouldnt yes yet you
        your yours tho cos cuz n r b wat wats wt whn hav wen shud cud wud pls plz bout bcz coz
        im ok kinda sorta day days
        """
    )
)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, apostrophes taken out, in order."""
    return [match.lower().replace("'", "").replace("’", "") for match in _WORD.findall(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word's stem, British spellings folded into American ones."""
    folded = word.replace("ae", "e").replace("oe", "e").replace("our", "or").replace("isa", "iza")
    return str(_STEMMER.stemWord(folded))


def content_words(text: str) -> list[str]:
    """What a question is about: its words less the common ones, once each, in order."""
    return list(dict.fromkeys(w for w in words_of(text) if w not in COMMON and len(w) > 1))


def weight_in_english(word: str) -> float:
    """How much a word says of a topic: 0.05 for "room" … 1 for "endometriosis", or no word at all.

    From the counts of everyday English in pyspellchecker's list (film subtitles, 1.6e9 words), so
    that it means the same for every library. A number counts little: it is seldom repeated.
    """
    if word.isdigit():
        return _NUMBER_WEIGHT
    counts = _dictionary().word_frequency
    count = max(counts[word], counts[word.removesuffix("s")])
    return min(1.0, max(0.05, (_EVERYDAY - math.log10(count + 30)) / (_EVERYDAY - 1.5)))


class Vocabulary:
    """Words of all passages of one index version, with the number of passages that hold each."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = 0
        self._words: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()
        for passage in passages:
            self.passages += 1
            found = set(words_of(_all_text(passage)))
            self._words.update(found)
            self._stems.update({stem(word) for word in found})
        self._candidates = [
            word for word, count in self._words.items() if count > 1 and len(word) >= _SHORTEST
        ]

    def idf(self, word: str) -> float:
        """Inverse document frequency of the word in any form, natural logarithm, at least 0.1."""
        return max(0.1, math.log((self.passages + 1) / (self._stems[stem(word)] + 0.5)))

    def knows(self, word: str) -> bool:
        """Whether any passage holds the word, in any form; a stem will do."""
        return self._stems[stem(word)] > 0 or self._stems[word] > 0

    def correct(self, question: str) -> str:
        """The question with each word set right that no book and no dictionary knows."""
        pieces, last = [], 0
        for start, end, word in _spelt(question):
            better = self._nearest(word)
            if better:
                pieces += [question[last:start], better]
                last = end
        return "".join([*pieces, question[last:]])

    def _nearest(self, word: str) -> str:
        if len(word) < _SHORTEST or self.knows(word) or _is_english(word):
            return ""
        near = process.extract(
            word,
            self._candidates,
            scorer=DamerauLevenshtein.distance,
            score_cutoff=1 if len(word) < 8 else 2,
            limit=_MOST_CANDIDATES,
        )
        bare = _undoubled(word)
        same_start = [
            (distance, _undoubled(w) != bare, -self._words[w], w)
            for w, distance, _ in near
            if w[0] == word[0]
        ]
        return min(same_start)[-1] if same_start else ""


def _spelt(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD.finditer(text):
        yield match.start(), match.end(), match.group().lower()


def _undoubled(word: str) -> str:
    """The word with doubled letters once: the commonest slip is one letter of a pair."""
    return re.sub(r"(.)\1", r"\1", word)


def _all_text(passage: Passage) -> str:
    return " ".join(chain(passage.section, (passage.text,), passage.asked_as))


@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    return SpellChecker(language="en")


def _is_english(word: str) -> bool:
    return word in _dictionary()
