"""Fit the evidence gate on questions with known pages, and write rag/gate.toml.

    python scripts/fit_gate.py --corpus INDEX GOLD [--corpus INDEX GOLD …] [--strangers FILE]

Each corpus is an index and its gold file. What a library answers are its gold questions; what it
does not: its unanswerable gold questions, its own questions with all books hidden that answer
them, and strangers (questions of other fields, one a line). Only the tuning halves are fitted on.
Prints AUC and errors on the reporting halves, and with each corpus left out of fitting.
"""

from __future__ import annotations

import argparse
import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag.evaluate import GoldQuestion, read_gold
from rag.gate import TABLE
from rag.retrieve import Retriever, load_retriever
from settings import Settings

FEATURES = ("score", "coverage", "lexical", "unknown")
HIDDEN_WEIGHT = 0.5  # a question with its books hidden may still be answered by another book
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One question put to one library."""

    corpus: str
    kind: str  # answered, near_miss, other_topic, hidden, stranger
    half: str
    features: dict[str, float]

    @property
    def weight(self) -> float:
        return HIDDEN_WEIGHT if self.kind == "hidden" else 1.0


def collect(
    corpus: str, retriever: Retriever, gold: list[GoldQuestion], strangers: list[str]
) -> list[Sample]:
    """Every question of a corpus in every rôle it can play."""
    index = retriever.live.current()
    rows = {book.file: index.rows_of_book(book.id) for book in index.books}
    samples = []
    for question in gold:
        asked = question.question
        kind = "answered" if question.pages else question.style
        samples.append(Sample(corpus, kind, question.half, retriever.weigh(asked).features))
        hidden = {row for book in question.books for row in rows.get(book, ())}
        if hidden:
            found = retriever.weigh(asked, hidden)
            samples.append(Sample(corpus, "hidden", question.half, found.features))
    for place, asked in enumerate(strangers):
        half = "tune" if place % 2 else "report"
        samples.append(Sample(corpus, "stranger", half, retriever.weigh(asked).features))
    return samples


def fit(samples: list[Sample]) -> LogisticRegression:
    """Weights balanced so that each corpus counts the same, and within it both answers."""
    weights = np.array([sample.weight for sample in samples])
    for corpus in {s.corpus for s in samples}:
        for answered in (True, False):
            mine = np.array(
                [s.corpus == corpus and (s.kind == "answered") is answered for s in samples]
            )
            weights[mine] /= max(weights[mine].sum(), 1e-9)
    model = LogisticRegression(C=10.0, max_iter=5000)
    return model.fit(_matrix(samples), _answered(samples), weights * len(samples))


def describe(title: str, model: LogisticRegression, samples: list[Sample], threshold: float) -> str:
    """AUC of answered against each other kind, and both errors at the threshold."""
    chance = model.predict_proba(_matrix(samples))[:, 1]
    answered = _answered(samples)
    parts = [f"{title}: false refusals {(chance[answered] < threshold).mean():.3f}"]
    for kind in sorted({s.kind for s in samples} - {"answered"}):
        mine = np.array([s.kind == kind for s in samples])
        both = mine | answered
        auc = roc_auc_score(answered[both], chance[both]) if answered.any() else float("nan")
        parts.append(f"{kind} AUC {auc:.3f} false answers {(chance[mine] >= threshold).mean():.3f}")
    return "; ".join(parts)


def choose_threshold(model: LogisticRegression, samples: list[Sample], costs: float) -> float:
    """Where false refusals, times `costs`, and false answers to gold questions add up to least."""
    real = [s for s in samples if s.kind in ("answered", "near_miss", "other_topic")]
    chance, answered = model.predict_proba(_matrix(real))[:, 1], _answered(real)
    grid = np.round(np.arange(0.05, 0.95, 0.01), 2)
    losses = [
        costs * (chance[answered] < cut).mean() + (chance[~answered] >= cut).mean() for cut in grid
    ]
    best = np.flatnonzero(np.isclose(losses, min(losses)))
    return float(grid[best[len(best) // 2]])


def main() -> None:
    """Collect, fit, report, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--corpus", nargs=2, action="append", required=True, metavar=("INDEX", "GOLD")
    )
    parser.add_argument("--strangers", type=Path)
    parser.add_argument("--costs", type=float, default=1.0, help="cost of a false refusal")
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    strangers = arguments.strangers.read_text().splitlines() if arguments.strangers else []
    samples: list[Sample] = []
    for index, gold in arguments.corpus:
        name = Path(gold).stem
        name = f"{name}@{Path(index).name}" if any(s.corpus == name for s in samples) else name
        retriever = load_retriever(Settings(index_dir=Path(index)))
        samples += collect(name, retriever, read_gold(Path(gold)), strangers)
    tune = [s for s in samples if s.half == "tune"]
    report = [s for s in samples if s.half == "report"]
    model = fit(tune)
    threshold = choose_threshold(model, tune, arguments.costs)
    notes = [f"threshold {threshold}"]
    for corpus in sorted({s.corpus for s in samples}):
        mine = [s for s in report if s.corpus == corpus]
        notes.append(describe(f"{corpus}, reporting half", model, mine, threshold))
        without = [s for s in tune if s.corpus != corpus]
        if without:
            other = fit(without)
            cut = choose_threshold(other, without, arguments.costs)
            everything = [s for s in samples if s.corpus == corpus]
            notes.append(describe(f"{corpus}, left out of fitting", other, everything, cut))
    print("\n".join(notes))
    if not arguments.dry_run:
        TABLE.write_text(_as_toml(model, threshold, len(tune), notes))


def _as_toml(model: LogisticRegression, threshold: float, count: int, notes: list[str]) -> str:
    lines = [
        "# The evidence gate: a logistic model. Written by scripts/fit_gate.py, not by hand.",
        f"# {datetime.date.today().isoformat()}, fitted on {count} questions. Measured:",
        *(f"# {note}" for note in notes),
        f"bias = {model.intercept_[0]:.3f}",
        f"threshold = {threshold}",
        "scope = 0.30  # a refused question whose best cosine is below is out of scope",
        "",
        "[weights]",
    ]
    lines += [
        f"{name} = {weight:.3f}" for name, weight in zip(FEATURES, model.coef_[0], strict=True)
    ]
    return "\n".join(lines) + "\n"


def _matrix(samples: list[Sample]) -> Array:
    return np.array([[s.features[name] for name in FEATURES] for s in samples])


def _answered(samples: list[Sample]) -> NDArray[np.bool_]:
    return np.array([s.kind == "answered" for s in samples])


if __name__ == "__main__":
    main()
