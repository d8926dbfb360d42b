"""Mends misspelt sign words: "bleding" → "bleeding", and never a word that means something else.

Real English words stay as they are (pyspellchecker's word list), so "dying" never becomes "dyeing".
Only words of the triage patterns are ever put in. Knows no rule and no level.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

# Below this count in pyspellchecker's corpus a "word" is as likely a slip ("brest", "nite").
RARE = 600
# Stems grow into every English word that begins so, if it is seen at least this often.
SEEN = 40


@lru_cache(maxsize=1)
def english_counts() -> dict[str, int]:
    """English words with how often each is seen; read once a process (about 0.3 s)."""
    frequencies = SpellChecker().word_frequency
    return {str(word): int(frequencies[word]) for word in frequencies.words()}


class Speller:
    """Corrects a token to one of `lexicon` (words, or stems ending in `*`)."""

    def __init__(self, lexicon: set[str]) -> None:
        self._counts = english_counts()
        self._spelt = {word for word in lexicon if not word.endswith("*")}
        self._words = _grow_stems(lexicon, self._counts)
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(self._words):
            self._by_letter.setdefault(word[0], []).append(word)
        self.correct = lru_cache(maxsize=20_000)(self._correct)

    def is_known(self, token: str) -> bool:
        """Whether the token is English, or one of the lexicon."""
        return token in self._counts or token in self._words

    def _correct(self, token: str) -> str:
        """The lexicon word that the token is a slip of, or the token itself."""
        if len(token) < 4 or token in self._words:
            return token
        count = self._counts.get(token, 0)
        if count >= RARE:
            return token
        most = 1 if count or len(token) < 6 else 2 if len(token) < 9 else 3
        words = self._by_letter.get(token[0], [])
        near = process.extract(token, words, scorer=OSA.distance, score_cutoff=most, limit=8)
        # nearest first; then one that ends alike, that a rule spells out, that is commoner
        ranked = sorted(
            near,
            key=lambda n: (
                n[1],
                n[0][-1] != token[-1],
                n[0] not in self._spelt,
                -self._counts.get(n[0], 0),
            ),
        )
        return ranked[0][0] if ranked else token


def _grow_stems(lexicon: set[str], counts: dict[str, int]) -> set[str]:
    stems = tuple(word[:-1] for word in lexicon if word.endswith("*"))
    grown = {word for word, count in counts.items() if count >= SEEN and word.startswith(stems)}
    whole = {word for word in lexicon if not word.endswith("*")}
    return {word for word in grown | whole if len(word) >= 4 and "'" not in word}
