"""BERTopic over vectors that our embedder made: which topic a text is of, and each topic's words.

Training road, a step of `topics`. Knows no set and no file. Seeded: the same texts give the same
topics on the same machine. K-means on the unit vectors stands in for UMAP and HDBSCAN, which left
97 of the sample's 590 dialogues in no topic and split pregnancy in three on the 448 cleaned ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from snowballstemmer import stemmer  # type: ignore[import-untyped]

from models.embedder import Vectors

SEED = 7
WORDS = 8  # of a topic
FEWEST_ROWS = 5  # of a topic, on average


def cluster_texts(
    texts: Sequence[str], vectors: Vectors, count: int
) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
    """Each text's topic of `count`, 0 the largest, and the words of each topic."""
    count = min(count, len(texts) // FEWEST_ROWS)
    model = _build_model(count)
    found = np.asarray(model.fit_transform(list(texts), vectors)[0], dtype=np.int64)
    by_size = sorted(set(found.tolist()), key=lambda topic: (-(found == topic).sum(), topic))
    renumbered = np.zeros(len(found), dtype=np.int64)
    for number, topic in enumerate(by_size):
        renumbered[found == topic] = number
    return renumbered, [_choose_words([w for w, _ in model.get_topic(t)]) for t in by_size]


def project(vectors: Vectors) -> NDArray[np.float32]:
    """Places on a plane for a plot, shape (texts, 2), by t-SNE."""
    from sklearn.manifold import TSNE

    near = min(30.0, (len(vectors) - 1) / 3)
    plane = TSNE(perplexity=near, metric="cosine", init="pca", random_state=SEED)
    return np.asarray(plane.fit_transform(vectors))


def _build_model(count: int) -> Any:
    from bertopic import BERTopic  # type: ignore[import-untyped]
    from bertopic.dimensionality import BaseDimensionalityReduction  # type: ignore[import-untyped]
    from bertopic.vectorizers import ClassTfidfTransformer  # type: ignore[import-untyped]
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer

    return BERTopic(
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=KMeans(count, n_init=10, random_state=SEED),
        vectorizer_model=CountVectorizer(
            stop_words="english", token_pattern=r"[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*"
        ),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True, bm25_weighting=True),
        top_n_words=3 * WORDS,
    )


def _choose_words(words: Sequence[str]) -> tuple[str, ...]:
    """The first words that are not forms of one another: "period" goes without "periods"."""
    stem = stemmer("english").stemWord
    chosen: dict[str, str] = {}
    for word in words:
        if word:
            chosen.setdefault(stem(word), word)
    return tuple(chosen.values())[:WORDS]
