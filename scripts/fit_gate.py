"""Fit the evidence gate on questions with known pages, and write its table in rag/search/gate.toml.

    python -m scripts.fit_gate plain --corpus INDEX GOLD [--corpus INDEX GOLD …] [--strangers FILE]
    python -m scripts.fit_gate read --near-misses-only --corpus INDEX GOLD …

`plain` is the gate of a search alone, `read` that of one whose best passages the reader has read.
Each corpus is an index and its gold file. What a library answers are its gold questions; what it
does not: its unanswerable gold questions, its own questions with all books hidden that answer
them, and strangers (questions of other fields, one a line). Only the tuning halves are fitted on.
`--rows` adds the hand-written rows of finetune/grounded (not for `read`: the reader learnt from
them); the first corpus has to be the index of the starter library. The threshold is chosen on gold questions alone,
of the sets that `--cut-on` names: twins written to be hard teach the weights, and are not what people mostly ask.
Prints AUC and errors on the reporting halves, and with each corpus left out.
"""

from __future__ import annotations

import argparse
import datetime
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from corpus.index import LiveIndex
from finetune.grounded import ROWS_DIR, near_gold, read_rows
from models.embedder import load_embedder
from rag.events import Turn
from rag.measure.evaluate import GoldQuestion, read_gold
from rag.reader import load_reader
from rag.retrieve import Retriever
from rag.search.followup import search_question
from rag.search.gate import TABLE, Gate
from rag.search.synonyms import load_synonyms
from settings import Settings

FEATURES = {
    "plain": ("score", "coverage", "lexical", "unknown"),
    "read": ("score", "coverage", "lexical", "unknown", "answers"),
}
HALVES = {"tune": "tuning half", "report": "reporting half"}
SCOPE = 0.26  # cosine below which a refused question is out of scope
HIDDEN_WEIGHT = 0.5  # a question with its books hidden may still be answered by another book
Array = NDArray[np.float64]
Names = tuple[str, ...]


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
    corpus: str,
    retriever: Retriever,
    gold: list[GoldQuestion],
    strangers: list[str],
    hide: bool = True,
) -> list[Sample]:
    """Every question of a corpus in every rôle it can play; with `hide` also without its books."""
    index = retriever.live.current()
    rows = {book.file: index.rows_of_book(book.id) for book in index.books}
    samples = []
    for question in gold:
        asked = question.question
        kind = "answered" if question.pages else question.style
        samples.append(Sample(corpus, kind, question.half, retriever.weigh(asked).features))
        hidden = {row for book in question.books for row in rows.get(book, ())}
        if hidden and hide:
            found = retriever.weigh(asked, hidden)
            samples.append(Sample(corpus, "hidden", question.half, found.features))
    for place, asked in enumerate(strangers):
        half = "tune" if place % 2 else "report"
        samples.append(Sample(corpus, "stranger", half, retriever.weigh(asked).features))
    return samples


def collect_rows(retriever: Retriever) -> list[Sample]:
    """The hand-written rows that come near no gold question, all of them to be fitted on."""
    rows = list(read_rows(ROWS_DIR))
    near = near_gold([row.question for row in rows], retriever.embedder)
    samples = []
    for row in (row for row, is_near in zip(rows, near, strict=True) if not is_near):
        history = [Turn("user", row.earlier)] if row.earlier else []
        found = retriever.weigh(search_question(row.question, history).text)
        kind = "answered" if row.answer else row.kind or "near_miss"
        samples.append(Sample("rows", kind, "tune", found.features))
    return samples


def open_retriever(index: Path, kind: str) -> Retriever:
    """A retriever whose verdicts mean nothing yet: the features are what counts."""
    settings = Settings(index_dir=index)
    embedder = load_embedder(settings)
    reader = load_reader(settings)
    if kind == "read" and reader is None:
        raise SystemExit("there is no reader in models/readers, or its base was not fetched")
    return Retriever(
        live=LiveIndex(index, embedder),
        embedder=embedder,
        gate=Gate({}, 0.0, 0.0, 0.0),
        synonyms=load_synonyms(),
        reader=reader if kind == "read" else None,
    )


def fit(samples: list[Sample], names: Names) -> LogisticRegression:
    """Weights balanced so that each corpus counts the same, and within it both answers."""
    weights = np.array([sample.weight for sample in samples])
    for corpus in {s.corpus for s in samples}:
        for answered in (True, False):
            mine = np.array(
                [s.corpus == corpus and (s.kind == "answered") is answered for s in samples]
            )
            weights[mine] /= max(weights[mine].sum(), 1e-9)
    model = LogisticRegression(C=10.0, max_iter=5000)
    return model.fit(_matrix(samples, names), _answered(samples), weights * len(samples))


@dataclass(frozen=True)
class Fit:
    """A fitted model with its features and threshold."""

    model: LogisticRegression
    names: Names
    threshold: float

    def chances(self, samples: list[Sample]) -> Array:
        found: Array = self.model.predict_proba(_matrix(samples, self.names))[:, 1]
        return found

    def as_table(self, count: int, notes: list[str]) -> dict[str, Any]:
        """What stands in rag/search/gate.toml."""
        weights = zip(self.names, self.model.coef_[0], strict=True)
        return {
            "date": datetime.date.today().isoformat(),
            "questions": count,
            "measured": notes,
            "bias": round(float(self.model.intercept_[0]), 3),
            "threshold": self.threshold,
            "weights": {name: round(float(weight), 3) for name, weight in weights},
        }


def fit_gate(samples: list[Sample], names: Names, costs: float, cut_on: Sequence[str] = ()) -> Fit:
    """The model of the tuning halves, and where it is cut, by the corpora named or by all gold sets."""
    model = fit(samples, names)
    wanted = [s for s in samples if s.corpus in cut_on]
    gold = wanted or [s for s in samples if s.corpus != "rows"] or samples
    return Fit(model, names, choose_threshold(Fit(model, names, 0.5), gold, costs))


def describe(title: str, fitted: Fit, samples: list[Sample]) -> str:
    """AUC of answered against each other kind, and both errors at the threshold."""
    chance, threshold = fitted.chances(samples), fitted.threshold
    answered = _answered(samples)
    parts = [f"{title}: false refusals {(chance[answered] < threshold).mean():.3f}"]
    for kind in sorted({s.kind for s in samples} - {"answered"}):
        mine = np.array([s.kind == kind for s in samples])
        both = mine | answered
        auc = roc_auc_score(answered[both], chance[both]) if answered.any() else float("nan")
        parts.append(f"{kind} AUC {auc:.3f} false answers {(chance[mine] >= threshold).mean():.3f}")
    return "; ".join(parts)


def choose_threshold(fitted: Fit, samples: list[Sample], costs: float) -> float:
    """Where false refusals, times `costs`, and false answers to gold questions add up to least."""
    real = [s for s in samples if s.kind in ("answered", "near_miss", "other_topic")]
    chance, answered = fitted.chances(real), _answered(real)
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
    parser.add_argument("kind", choices=sorted(FEATURES))
    parser.add_argument(
        "--corpus", nargs=2, action="append", required=True, metavar=("INDEX", "GOLD")
    )
    parser.add_argument("--rows", action="store_true", help="also the rows of finetune/grounded")
    parser.add_argument("--strangers", type=Path)
    parser.add_argument(
        "--near-misses-only", action="store_true", help="no question with its books hidden"
    )
    parser.add_argument("--costs", type=float, default=1.0, help="cost of a false refusal")
    parser.add_argument(
        "--cut-on",
        action="append",
        default=[],
        help="set that chooses the threshold [default: all]",
    )
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    samples = collect_all(arguments)
    names = FEATURES[arguments.kind]
    tune = [s for s in samples if s.half == "tune"]
    fitted = fit_gate(tune, names, arguments.costs, arguments.cut_on)
    notes = measure(fitted, samples, arguments.costs, arguments.cut_on)
    print("\n".join([f"threshold {fitted.threshold}", *notes]))
    if not arguments.dry_run:
        write_table(arguments.kind, fitted.as_table(len(tune), notes))


def collect_all(arguments: argparse.Namespace) -> list[Sample]:
    """Every sample that the command line asks for."""
    strangers = arguments.strangers.read_text().splitlines() if arguments.strangers else []
    samples: list[Sample] = []
    for place, (index, gold) in enumerate(arguments.corpus):
        name = Path(gold).stem
        name = f"{name}@{Path(index).name}" if any(s.corpus == name for s in samples) else name
        retriever = open_retriever(Path(index), arguments.kind)
        asked = read_gold(Path(gold))
        samples += collect(name, retriever, asked, strangers, not arguments.near_misses_only)
        if place == 0 and arguments.rows:
            samples += collect_rows(retriever)
    return samples


def measure(
    fitted: Fit, samples: list[Sample], costs: float, cut_on: Sequence[str] = ()
) -> list[str]:
    """A line for each corpus: its reporting half, and all of it when it was left out of fitting."""
    tune = [s for s in samples if s.half == "tune"]
    notes = []
    for corpus in sorted({s.corpus for s in samples}):
        mine = [s for s in samples if s.corpus == corpus]
        for half in sorted({s.half for s in mine}, reverse=True):
            of_half = [s for s in mine if s.half == half]
            name = HALVES.get(half, f"{half} questions")
            notes.append(describe(f"{corpus}, {name}", fitted, of_half))
        without = [s for s in tune if s.corpus != corpus]
        if without:
            other = fit_gate(without, fitted.names, costs, cut_on)
            notes.append(describe(f"{corpus}, left out of fitting", other, mine))
    return notes


def write_table(kind: str, table: dict[str, Any], path: Path = TABLE) -> None:
    """Put one gate's table into the file, the other's as it was."""
    tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    tables[kind] = table
    lines = [
        "# The evidence gate: logistic models. Written by scripts/fit_gate.py, not by hand.",
        f"scope = {SCOPE}  # a refused question whose best cosine is below is out of scope",
    ]
    for name in sorted(set(FEATURES) & set(tables)):
        lines += ["", f"[{name}]"]
        for key, value in tables[name].items():
            if key == "measured":
                lines += ["measured = [", *(f"  {json.dumps(note)}," for note in value), "]"]
            elif key != "weights":
                lines.append(f"{key} = {json.dumps(value)}")
        lines += ["", f"[{name}.weights]"]
        lines += [f"{feature} = {weight}" for feature, weight in tables[name]["weights"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _matrix(samples: list[Sample], names: Names) -> Array:
    return np.array([[s.features[name] for name in names] for s in samples])


def _answered(samples: list[Sample]) -> NDArray[np.bool_]:
    return np.array([s.kind == "answered" for s in samples])


if __name__ == "__main__":
    main()
