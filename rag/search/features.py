"""What the evidence gate looks at: three numbers that tell an answered question from a near miss.

Closeness is not enough: a question of the same field is near everything. So it is also asked how
many of the words that carry the question stand in the best passages, common English words counting
little. Knows candidates and words, no model. Stands between `rag.search.fusion` and `rag.search.gate`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from corpus.records import Passage
from rag.search.fusion import LEXICAL, Candidates
from rag.search.synonyms import Rewording
from rag.search.vocabulary import Vocabulary, content_words, stem, weight_in_english, words_of

LOOKED_AT = 3  # best passages whose words count
_FAR_QUESTION = 0.5  # cosine up to which two questions of one field are merely alike
_PHRASE_WEIGHT = 0.8  # of a lay phrase of several words ("waters broke")

Stems = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word or lay phrase of the question: its possible wordings as sets of stems, its weight."""

    wordings: tuple[Stems, ...]
    weight: float

    def is_known(self, vocabulary: Vocabulary) -> bool:
        return any(all(map(vocabulary.knows, wording)) for wording in self.wordings)

    def stands_in(self, stems: Stems) -> bool:
        return any(wording <= stems for wording in self.wordings)


def measure_evidence(
    vocabulary: Vocabulary, query: str, reworded: Rewording, words: Sequence[str], found: Candidates
) -> dict[str, float]:
    """Features of one search, by name; `words` are those the lexical search looked for.

    top: best cosine of the question as asked. score: best of passages, dense and lexical.
    question: how near the nearest question is that a section says it answers, above 0.5.
    coverage: share of the question's words, weighted, in the best passage that covers most.
    unknown: weight of the heaviest word that no passage of the library holds, in any wording.
    lexical: best BM25 over what a passage with every word once would about get.
    """
    units = _units(query, reworded)
    passages = found.passages[:LOOKED_AT]
    possible = sum(vocabulary.idf(word) for word in words)
    return {
        "top": float(found.asked.max()),
        "score": float(found.score[0]),
        "passages": float((found.dense + LEXICAL * found.lexical).max()),
        "question": max(0.0, float(found.question.max()) - _FAR_QUESTION),
        "coverage": max(_coverage(units, _stems(passage)) for passage in passages),
        "unknown": max((u.weight for u in units if not u.is_known(vocabulary)), default=0.0),
        "lexical": float(found.bm25.max()) / max(possible, 0.1),
    }


def _units(query: str, reworded: Rewording) -> list[_Unit]:
    """The question cut into what has to be covered, lay phrases with their clinical wordings."""
    units, in_phrases = [], set()
    for phrase in reworded.found:
        own = content_words(query[phrase.start : phrase.end])
        in_phrases.update(own)
        wordings = [_stem_set(own), *(_stem_set(content_words(text)) for text in phrase.clinical)]
        kept = tuple(wording for wording in wordings if wording)
        weight = weight_in_english(own[0]) if len(own) == 1 else _PHRASE_WEIGHT
        if kept:
            units.append(_Unit(kept, weight))
    for word in content_words(query):
        if word not in in_phrases:
            units.append(_Unit((_stem_set([word]),), weight_in_english(word)))
    return units


def _coverage(units: Sequence[_Unit], stems: Stems) -> float:
    total = math.fsum(unit.weight for unit in units)
    covered = math.fsum(unit.weight for unit in units if unit.stands_in(stems))
    return covered / total if total else 0.0


def _stems(passage: Passage) -> Stems:
    return _stem_set(words_of(" ".join(chain(passage.section, (passage.text,)))))


def _stem_set(words: Sequence[str]) -> Stems:
    return frozenset(stem(word) for word in words)
