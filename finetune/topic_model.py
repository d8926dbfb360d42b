"""BERTopic over vectors that our embedder made: which topic a text is of, and each topic's words.

Training road, a step of `topics`. Knows no set and no file. Seeded: the same texts give the same
topics on the same machine. K-means stands in for HDBSCAN, which on the 590 different dialogues of
the sample left 97 in no topic and split pregnancy in three on the 448 cleaned ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from snowballstemmer import stemmer

from models.embedder import Vectors

SEED = 7
WORDS = 8  # of a topic
FEWEST_ROWS = 5  # of a topic, on average


def cluster_texts(
    texts: Sequence[str], vectors: Vectors, count: int
) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
    """Each text's topic of `count`, 0 the largest, and the words of each topic."""
    count = min(count, len(texts) // FEWEST_ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba's and umap's notes on seeds and threads
        model = _build_model(len(texts), count)
        found = np.asarray(model.fit_transform(list(texts), vectors)[0], dtype=np.int64)
    by_size = sorted(set(found.tolist()), key=lambda topic: (-(found == topic).sum(), topic))
    renumbered = np.zeros(len(found), dtype=np.int64)
    for number, topic in enumerate(by_size):
        renumbered[found == topic] = number
    return renumbered, [_choose_words([w for w, _ in model.get_topic(t)]) for t in by_size]


def project(vectors: Vectors) -> NDArray[np.float32]:
    """Places on a plane for a plot, shape (texts, 2)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(_reduce_to(2, len(vectors), 0.1).fit_transform(vectors))


def _build_model(rows: int, count: int) -> Any:
    from bertopic import BERTopic
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer

    return BERTopic(
        embedding_model=None,
        umap_model=_reduce_to(5, rows, 0.0),
        hdbscan_model=KMeans(count, n_init=10, random_state=SEED),
        vectorizer_model=CountVectorizer(
            stop_words="english", token_pattern=r"[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*"
        ),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True, bm25_weighting=True),
        top_n_words=3 * WORDS,
    )


def _reduce_to(dimensions: int, rows: int, spread: float) -> Any:
    from umap import UMAP

    return UMAP(
        n_neighbors=min(15, rows - 1),
        n_components=dimensions,
        min_dist=spread,
        metric="cosine",
        random_state=SEED,
        n_jobs=1,
    )


def _choose_words(words: Sequence[str]) -> tuple[str, ...]:
    """The first words that are not forms of one another: "period" goes without "periods"."""
    stem = stemmer("english").stemWord
    chosen: dict[str, str] = {}
    for word in words:
        if word:
            chosen.setdefault(stem(word), word)
    return tuple(chosen.values())[:WORDS]
