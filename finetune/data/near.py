"""Which texts are nearly the same: MinHash signatures in bands, then exact shares of shingles.

Training road: Fate → **likeness** → split. Holds for 250,000 rows: every band is sorted, and a text
is compared only with its neighbours in the same bucket. Broder 1997 (resemblance), Leskovec,
Rajaraman & Ullman, Mining of Massive Datasets, chapter 3 (bands).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

NEAR = 0.8  # share of words and word pairs that two near texts have in common (Jaccard)
BANDS, ROWS = 32, 5  # a pair at 0.8 is missed once in 300,000: (1 - 0.8^5)^32
NEIGHBOURS = 24  # compared in a bucket, in the order of the texts
_CHUNK = 4096  # rows hashed at a time
_PRIME = np.uint64(2**31 - 1)
_GREETING = re.compile(
    r"^(?:hello|hi|hey|dear|good (?:morning|evening|day))(?: (?:doctor|dr|sir|madam|there))*\b"
)
_WORD = re.compile(r"\w+(?:[.,/]\w+)*")

Pairs = NDArray[np.int64]


def normalise(text: str) -> str:
    """The words of a text in lower case, without a greeting and without punctuation around them."""
    words = " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
    return _GREETING.sub("", words).strip() or words


def measure_likeness(one: str, other: str) -> float:
    """Jaccard similarity, 0 to 1, of the words and word pairs of two normalised texts."""
    ours, theirs = _shingle(one), _shingle(other)
    return len(ours & theirs) / (len(ours | theirs) or 1)


def find_near_pairs(texts: Sequence[str], near: float = NEAR) -> Pairs:
    """Pairs of places in `texts`, normalised, whose likeness is at least `near`; shape (pairs, 2)."""
    if len(texts) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    signatures = _sign(texts)
    ranks = np.argsort(np.argsort(np.asarray(texts, dtype=object), kind="stable"), kind="stable")
    likely = _find_candidates(signatures, ranks, near - 0.2)
    sure = [measure_likeness(texts[a], texts[b]) >= near for a, b in likely]
    near_pairs: Pairs = likely[np.asarray(sure, dtype=bool)]
    return near_pairs


def group_pairs(count: int, pairs: Pairs) -> NDArray[np.int64]:
    """For each of `count` texts the first of its group: texts joined by pairs, over any steps."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    _, firsts = np.unique(labels, return_index=True)
    return np.asarray(firsts[labels], dtype=np.int64)


def _shingle(text: str) -> set[str]:
    words = text.split()
    return {*words, *(f"{a} {b}" for a, b in pairwise(words))}


def _sign(texts: Sequence[str]) -> NDArray[np.uint32]:
    """MinHash signatures, shape (texts, BANDS × ROWS): the least of each hash over the shingles."""
    vectorizer = HashingVectorizer(
        token_pattern=r"\S+", lowercase=False, ngram_range=(1, 2), n_features=2**30,
        binary=True, norm=None, alternate_sign=False, dtype=np.float32,
    )  # fmt: skip
    draw = np.random.default_rng(7)
    factors = draw.integers(1, int(_PRIME), BANDS * ROWS, dtype=np.uint64)
    offsets = draw.integers(0, int(_PRIME), BANDS * ROWS, dtype=np.uint64)
    signatures = np.empty((len(texts), BANDS * ROWS), dtype=np.uint32)
    for start in range(0, len(texts), _CHUNK):
        chunk = [text or "-" for text in texts[start : start + _CHUNK]]  # a row needs a shingle
        matrix = vectorizer.transform(chunk)
        shingles, begins = matrix.indices.astype(np.uint64), matrix.indptr[:-1]
        for n, (factor, offset) in enumerate(zip(factors, offsets, strict=True)):
            hashed = (shingles * factor + offset) % _PRIME
            signatures[start : start + len(chunk), n] = np.minimum.reduceat(hashed, begins)
    return signatures


def _find_candidates(
    signatures: NDArray[np.uint32], ranks: NDArray[np.int64], least: float
) -> Pairs:
    """Pairs that share a band and whose signatures agree in `least` of their places."""
    count = len(signatures)
    found: list[NDArray[np.int64]] = []
    for band in range(BANDS):
        part = signatures[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        keys = part @ np.asarray([3, 7919, 104729, 1299709, 15485863], dtype=np.uint64)
        order = np.lexsort((ranks, keys))
        for step in range(1, min(NEIGHBOURS + 1, count)):
            same = keys[order[step:]] == keys[order[:-step]]
            if not same.any():
                break
            ones, others = order[:-step][same], order[step:][same]
            agree = (signatures[ones] == signatures[others]).mean(axis=1) >= least
            low, high = np.minimum(ones, others)[agree], np.maximum(ones, others)[agree]
            found.append(low * count + high)
    codes = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    return np.stack([codes // count, codes % count], axis=1)
