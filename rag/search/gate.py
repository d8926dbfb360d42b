"""The evidence gate: do the books speak to this question at all? A small fitted model.

Coefficients stand in `rag/search/gate.toml`, fitted by `scripts/fit_gate.py`: one table for a search alone
(`plain`), one for a search whose best passages the reader has read (`read`). Knows scores and
words, no index on disk and no chat model. Stands beside `rag.retrieve`.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from rag.errors import BadInput

TABLE = Path(__file__).with_name("gate.toml")
Verdict = Literal["enough", "not_in_books", "out_of_scope"]
Kind = Literal["plain", "read"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Whether the books answer; `score` is the fitted probability that they do, 0 … 1."""

    verdict: Verdict
    score: float
    features: dict[str, float] = field(default_factory=dict)

    @property
    def was_read(self) -> bool:
        """Whether the page reader has read the passages, and does not only a search speak."""
        return "answers" in self.features


class Gate:
    """A logistic model over the features of one search."""

    def __init__(
        self, weights: Mapping[str, float], bias: float, threshold: float, scope: float
    ) -> None:
        """`threshold`: probability from which the books answer; `scope`: cosine below which a
        refused question is taken to be about something else altogether."""
        self._weights, self._bias = dict(weights), bias
        self._threshold, self._scope = threshold, scope

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._weights)

    def judge(self, features: Mapping[str, float]) -> Evidence:
        """The verdict on one question."""
        total = self._bias + sum(w * features[name] for name, w in self._weights.items())
        score = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
        verdict: Verdict = "enough"
        if score < self._threshold:
            verdict = "out_of_scope" if features["top"] < self._scope else "not_in_books"
        return Evidence(verdict, score, dict(features))


NOTHING = Evidence("not_in_books", 0.0)  # when there is no passage at all


@lru_cache(maxsize=2)
def load_gate(kind: Kind = "plain", path: Path = TABLE) -> Gate:
    """The gate that ships with the project, for searches with or without the reader.

    Raises:
        BadInput: the file is not what `scripts/fit_gate.py` writes.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return Gate(
            {str(name): float(value) for name, value in table[kind]["weights"].items()},
            float(table[kind]["bias"]),
            float(table[kind]["threshold"]),
            float(table["scope"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, ValueError) as failure:
        raise BadInput(
            f"{path} can't be used ({failure!r}). Write it anew with: python -m scripts.fit_gate"
        ) from failure
