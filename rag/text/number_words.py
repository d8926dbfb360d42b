"""English words for the numbers nought to nineteen; the readers of messages and of sentences share them."""

from __future__ import annotations

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
ONES: dict[str, int] = {word: value for value, word in enumerate(_WORDS.split())}
