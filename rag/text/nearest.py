"""The sentences of a passage that come nearest to a question or a statement: what a small reader is shown of it.

A model of this size judges a few sentences well and ten badly; in three, 5 of 100 answers are not
among them, in five 2. Training and serving both call it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.text.sentences import split_sentences

SHOWN = 5  # sentences

Vectors = NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]


def cut_to_nearest(
    passage_text: str, asked: Vectors, encode: Encode, most: int = SHOWN
) -> list[str]:
    """For each vector at most so many sentences of the passage, by cosine, in the passage's own order.

    `asked`: unit vectors of what is asked, `(n, width)`; `encode`: the sentences → such vectors.
    """
    return [cut for (cut,) in _cut([passage_text], asked, encode, most)]


def cut_each_to_nearest(
    passage_texts: Sequence[str], asked: Vectors, encode: Encode, most: int = SHOWN
) -> list[str]:
    """The same of several passages for one vector `(width,)`, all encoded at once."""
    return _cut(passage_texts, asked[None], encode, most)[0]


def _cut(
    passage_texts: Sequence[str], asked: Vectors, encode: Encode, most: int
) -> list[list[str]]:
    """For each vector what is shown of each passage."""
    split = [
        [" ".join(span.text.split()) for span in split_sentences(text)] for text in passage_texts
    ]
    long = [sentences for sentences in split if len(sentences) > most]
    if not long:
        return [[" ".join(sentences) for sentences in split] for _ in asked]
    vectors = encode([sentence for sentences in long for sentence in sentences])
    ends = np.cumsum([len(sentences) for sentences in long])[:-1]
    parts = iter(np.split(vectors, ends))
    cuts = [
        _keep_nearest(sentences, asked @ next(parts).T, most)
        if len(sentences) > most
        else [" ".join(sentences)] * len(asked)
        for sentences in split
    ]
    return [list(of_text) for of_text in zip(*cuts, strict=True)]


def _keep_nearest(sentences: Sequence[str], closeness: NDArray[np.float32], most: int) -> list[str]:
    """For each row of cosines `(asked, sentences)` the sentences of the highest, in their order."""
    order = np.argsort(-closeness, axis=1, kind="stable")[:, :most]
    return [" ".join(sentences[place] for place in sorted(row)) for row in order.tolist()]
