"""The sentences of a passage that come nearest to a text: what a small reader is shown of it.

A model of this size judges three sentences well and ten badly. Training and serving both call it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.text.sentences import split_sentences

SHOWN = 3  # sentences

Vectors = Sequence[NDArray[np.float32]] | NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]


def cut_to_nearest(
    passage_text: str, asked: Sequence[str], encode: Encode, most: int = SHOWN
) -> list[str]:
    """For each text at most so many sentences of the passage, by cosine, in the passage's own order.

    `encode`: texts → unit vectors, `(n, width)`.
    """
    sentences = [" ".join(span.text.split()) for span in split_sentences(passage_text)]
    if len(sentences) <= most:
        return [" ".join(sentences)] * len(asked)
    vectors = np.stack(list(encode([*asked, *sentences])))
    closeness = vectors[: len(asked)] @ vectors[len(asked) :].T  # (asked, sentences)
    order = np.argsort(-closeness, axis=1, kind="stable")[:, :most]
    return [" ".join(sentences[place] for place in sorted(row)) for row in order.tolist()]
