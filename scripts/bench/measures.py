"""What either side of the benchmark reports, and how a page counts as found."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.measure.evaluate import GoldQuestion

K = 5
Pages = frozenset[tuple[str, int]]  # (book file, 1-based PDF page index)


@dataclass(frozen=True, slots=True)
class Side:
    """Figures of one stack on the same books and questions."""

    name: str
    pages: int
    passages: int
    seconds: dict[str, float]  # by stage; "total" is what the pages a second are made of
    cpu_s: float  # processor seconds of the ingest, child processes included
    search_ms: float  # median
    recall_at_5: float  # page-level; -1 without questions

    @property
    def pages_per_s(self) -> float:
        return self.pages / self.seconds["total"]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "pages_per_s": round(self.pages_per_s, 1)}


def cpu_seconds() -> float:
    """Processor seconds of this process and its finished children so far."""
    return sum(os.times()[:4])


def measure_search(
    search: Callable[[str], Sequence[Pages]], questions: Sequence[GoldQuestion]
) -> tuple[float, float]:
    """Median milliseconds of a search, and the share of questions with a right page in five."""
    if not questions:
        return 0.0, -1.0
    search(questions[0].question)  # the first one warms caches
    spent, found = [], 0
    for question in questions:
        start = time.perf_counter()
        hits = search(question.question)
        spent.append(1000 * (time.perf_counter() - start))
        found += any(pages & question.pages for pages in hits[:K])
    return round(statistics.median(spent), 1), round(found / len(questions), 3)
