"""Lay words → the words that books print, from `rag/search/synonyms.toml`. Knows no index and no model.

Book road: question → **reworded question** → Hit. Both wordings are searched; neither replaces the
other, so a wrong pair costs little.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rag.errors import BadInput

TABLE = Path(__file__).with_name("synonyms.toml")
_WORD = re.compile(r"[\w&']+")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A lay phrase of a question: its characters `[start, end)` and what books call it."""

    start: int
    end: int
    clinical: tuple[str, ...]  # the wordings, commonest first


@dataclass(frozen=True, slots=True)
class Rewording:
    """A question in clinical words; `text` is the question itself where nothing was found."""

    text: str
    found: tuple[Found, ...] = ()

    @property
    def clinical(self) -> tuple[str, ...]:
        """All clinical wordings that were found, once each."""
        return tuple(dict.fromkeys(words for found in self.found for words in found.clinical))


class Synonyms:
    """A table of phrases; the longest phrase that fits wins."""

    def __init__(self, pairs: Mapping[str, Sequence[str]]) -> None:
        """`pairs`: clinical wordings, separated by commas → lay phrases."""
        self._table: dict[Key, tuple[str, ...]] = {}
        for clinical, phrases in pairs.items():
            wordings = tuple(part.strip() for part in clinical.split(","))
            for phrase in phrases:
                key = tuple(word for word, _, _ in _words(phrase))
                self._table[key] = tuple(dict.fromkeys([*self._table.get(key, ()), *wordings]))
        self._longest = max(map(len, self._table), default=0)

    def reword(self, question: str) -> Rewording:
        """The question with each lay phrase replaced by its commonest clinical wording."""
        found = tuple(self._find(question))
        pieces, last = [], 0
        for phrase in found:
            pieces += [question[last : phrase.start], phrase.clinical[0]]
            last = phrase.end
        return Rewording("".join([*pieces, question[last:]]), found)

    def _find(self, question: str) -> Iterator[Found]:
        words = list(_words(question))
        place = 0
        while place < len(words):
            for length in range(min(self._longest, len(words) - place), 0, -1):
                run = words[place : place + length]
                clinical = self._table.get(tuple(word for word, _, _ in run))
                if clinical:
                    yield Found(run[0][1], run[-1][2], clinical)
                    place += length
                    break
            else:
                place += 1


@lru_cache(maxsize=1)
def load_synonyms(path: Path = TABLE) -> Synonyms:
    """The table that ships with the project.

    Raises:
        BadInput: the file is not a table of topics → clinical wording → list of phrases.
    """
    try:
        topics = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as failure:
        raise BadInput(f"{path} is not TOML ({failure}). Mend the line it names.") from failure
    pairs: dict[str, list[str]] = {}
    for topic, rows in topics.items():
        if not isinstance(rows, dict):
            raise BadInput(f"{path}: {topic!r} stands outside a [topic]; put it under one.")
        for clinical, phrases in rows.items():
            if not isinstance(phrases, list) or not all(isinstance(p, str) for p in phrases):
                raise BadInput(f"{path}: {clinical!r} = {phrases!r}; expected a list of phrases.")
            pairs.setdefault(clinical, []).extend(phrases)
    return Synonyms(pairs)


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Comparable words with their places: small letters, no apostrophe, no plural s."""
    for match in _WORD.finditer(text.replace("’", "'")):
        word = match.group().lower().replace("'", "")
        plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
        if word:
            yield word[:-1] if plural else word, *match.span()
