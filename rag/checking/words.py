"""Function words of English by what they do in a sentence, read from `words.toml`.

Knows words alone; rag/checking/reading.py, rag/checking/polarity.py and rag/checking/near.py use them.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).with_name("words.toml")


@lru_cache(maxsize=1)
def _load_table() -> dict[str, str]:
    return {
        name: str(words)
        for name, words in tomllib.loads(_TABLE.read_text(encoding="utf-8")).items()
    }


def load_words(name: str) -> frozenset[str]:
    """The words of one list of `words.toml`."""
    table = _load_table()
    if name not in table:
        raise KeyError(f"words.toml has no list {name!r}; it has {', '.join(sorted(table))}.")
    return frozenset(table[name].split())
