"""Second stage of triage: how like a message is to texts that are known to be emergencies, or harmless.

Three linear heads, fitted by scripts/fit_triage.py on example texts: the words and letter groups of the message,
which word groups of the rules it touches, and (with an embedder) its meaning. Each says how sure it is; their
weighted sum is held against a threshold set on held-out texts. Knows no rule's logic.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

WEIGHTS_FILE = Path(__file__).with_name("triage_weights.npz")
Target = Literal["emergency", "any"]  # "any" = urgent or emergency
Vector = NDArray[np.float32]
_WORDS = {"ngram_range": (1, 3), "token_pattern": r"[^\s~]+", "sublinear_tf": True}
_LETTERS = {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True}


class Encoder(Protocol):
    """What is needed of an embedder: unit vectors, one row a text, and which one it is."""

    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str], /) -> Vector: ...


@dataclass(frozen=True)
class Head:
    """Weights of one linear head for one target, and what its scores are divided by."""

    weights: Vector
    bias: float
    scale: float

    def score(self, features: Any) -> float:
        return float((features @ self.weights + self.bias)[0]) / self.scale


@dataclass(frozen=True, eq=False)
class Likeness:
    """The fitted heads: how sure they are, and from what sum on a level is raised."""

    vectorizers: tuple[TfidfVectorizer, TfidfVectorizer]
    heads: dict[str, Head]  # "words/emergency", "groups/any", "meaning/…"
    thresholds: dict[
        str, float
    ]  # "emergency", "any", and each with "/plain" when no embedder is given
    shares: dict[str, float]  # weight of each head in the sum
    groups: tuple[str, ...]
    embedder: str

    def raises(self, target: Target, line: str, touched: Vector, meaning: Vector | None) -> bool:
        """Whether the message is like enough to texts of that level."""
        suffix = "/plain" if meaning is None else ""
        return self.score(target, line, touched, meaning) > self.thresholds[target + suffix]

    def score(self, target: Target, line: str, touched: Vector, meaning: Vector | None) -> float:
        """Weighted sum of the heads' certainty; above 0 leans to the level."""
        parts = {"words": self.vectorise([line]), "groups": touched[None, :]}
        if meaning is not None:
            parts["meaning"] = meaning[None, :]
        return sum(
            self.shares[name] * self.heads[f"{name}/{target}"].score(features)
            for name, features in parts.items()
        )

    def vectorise(self, lines: Sequence[str]) -> csr_matrix:
        """Word and letter-group features, shape (len(lines), vocabulary)."""
        words, letters = self.vectorizers
        return csr_matrix(hstack([words.transform(lines), letters.transform(lines)]))


def make_vectorizers(**settings: Any) -> tuple[TfidfVectorizer, TfidfVectorizer]:
    """Unfitted vectorizers of words and of letter groups; `settings` go to both."""
    return TfidfVectorizer(**_WORDS, **settings), TfidfVectorizer(**_LETTERS, **settings)


@lru_cache(maxsize=1)
def load_likeness() -> Likeness | None:
    """The fitted heads, or None when they were never fitted (rules then stand alone)."""
    if not WEIGHTS_FILE.is_file():
        return None
    with np.load(WEIGHTS_FILE, allow_pickle=False) as saved:
        about = json.loads(str(saved["about"]))
        vectorizers = (_with_vocabulary(0, saved), _with_vocabulary(1, saved))
        heads = {
            name: Head(saved[name].astype(np.float32), row["bias"], row["scale"])
            for name, row in about["heads"].items()
        }
    return Likeness(
        vectorizers,
        heads,
        about["thresholds"],
        about["shares"],
        tuple(about["groups"]),
        about["embedder"],
    )


def _with_vocabulary(which: int, saved: Any) -> TfidfVectorizer:
    terms = str(saved[f"terms{which}"]).split("\n")
    vectorizer = make_vectorizers(vocabulary={term: n for n, term in enumerate(terms)})[which]
    vectorizer.idf_ = saved[f"idf{which}"].astype(np.float64)
    return vectorizer


def save_likeness(fitted: Likeness, path: Path = WEIGHTS_FILE) -> None:
    """Write the heads so that `load_likeness` reads them back; half precision keeps the file small."""
    arrays: dict[str, Any] = {}
    for which, vectorizer in enumerate(fitted.vectorizers):
        terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
        arrays[f"terms{which}"] = np.array("\n".join(terms))
        arrays[f"idf{which}"] = vectorizer.idf_.astype(np.float16)
    for name, head in fitted.heads.items():
        arrays[name] = head.weights.astype(np.float16)
    about = {
        "heads": {
            name: {"bias": head.bias, "scale": head.scale} for name, head in fitted.heads.items()
        },
        "thresholds": fitted.thresholds,
        "shares": fitted.shares,
        "groups": fitted.groups,
        "embedder": fitted.embedder,
    }
    np.savez_compressed(path, about=np.array(json.dumps(about)), **arrays)
