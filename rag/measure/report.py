"""Figures of an evaluation as Markdown, JSON and a plot. Only arithmetic and writing, no search.

Handed the records of `rag.measure.evaluate`; matplotlib is a development dependency and loaded on use.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.measure.evaluate import Answered, Found

CUTS = (1, 5, 10)
_logger = logging.getLogger(__name__)


def write_report(found: Sequence[Found], answered: Sequence[Answered], out: Path) -> dict[str, Any]:
    """Write report.md, report.json and report.png into `out`; the figures, and the Markdown."""
    figures = figures_of(found, answered)
    markdown = as_markdown(figures)
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    (out / "report.md").write_text(markdown)
    _plot(found, figures, out / "report.png")
    return {**figures, "markdown": markdown}


def figures_of(found: Sequence[Found], answered: Sequence[Answered] = ()) -> dict[str, Any]:
    """All figures; rows by half, by style of question and by book."""
    with_pages = [f for f in found if f.gold.pages]
    return {
        "questions": len(with_pages),
        "unanswerable": len(found) - len(with_pages),
        "halves": _rows(found, lambda f: (f.gold.half,)),
        "all": row_of(found),
        "styles": _rows(found, lambda f: (f.gold.style,)),
        "books": _rows(with_pages, lambda f: f.gold.books),
        "answers": _answers(answered),
        "missed": [f.gold.id for f in with_pages if not 0 < f.rank <= 5],
        "false_refusals": [f.gold.id for f in with_pages if f.verdict != "enough"],
        "false_answers": [f.gold.id for f in found if not f.gold.pages and f.verdict == "enough"],
    }


def row_of(found: Sequence[Found]) -> dict[str, Any]:
    """Recall at 1, 5 and 10, mean reciprocal rank, and the errors of the gate, as shares."""
    known = [f for f in found if f.gold.pages]
    unknown = [f for f in found if not f.gold.pages]
    row: dict[str, Any] = {"questions": len(found)}
    if known:
        for cut in CUTS:
            row[f"recall@{cut}"] = _mean([float(0 < f.rank <= cut) for f in known])
        row["mrr"] = _mean([1 / f.rank if f.rank else 0.0 for f in known])
        row["facts"] = _mean([f.facts_told for f in known])
        row["false_refusals"] = _mean([float(f.verdict != "enough") for f in known])
    if unknown:
        row["false_answers"] = _mean([float(f.verdict == "enough") for f in unknown])
    return row


def as_markdown(figures: dict[str, Any]) -> str:
    """Tables that can be pasted into the README."""
    lines = [
        "# Search and gate on the gold questions",
        "",
        f"{figures['questions']} questions with known pages, "
        f"{figures['unanswerable']} that no book answers.",
        "",
        *_table("half", {**figures["halves"], "all": figures["all"]}),
        *_table("style", figures["styles"]),
        *_table("book", figures["books"]),
    ]
    answers = figures["answers"]
    if answers:
        lines += [
            f"Answers to {answers['answers']} of them: facts told {answers['facts']:.2f}, "
            f"valid citations {answers['citation_validity']:.2f}, "
            f"cited a page that answers {answers['on_gold_page']:.2f} "
            f"({', '.join(f'{n} {status}' for status, n in answers['statuses'].items())}).",
            "",
        ]
    return "\n".join(lines)


def _rows(
    found: Sequence[Found], groups: Callable[[Found], tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    names = sorted({name for f in found for name in groups(f)})
    return {name: row_of([f for f in found if name in groups(f)]) for name in names}


def _answers(answered: Sequence[Answered]) -> dict[str, Any]:
    if not answered:
        return {}
    citations = sum(a.citations for a in answered)
    statuses = sorted({a.status for a in answered})
    return {
        "answers": len(answered),
        "facts": _mean([a.facts_told for a in answered]),
        "citation_validity": round(sum(a.valid_citations for a in answered) / max(1, citations), 4),
        "on_gold_page": _mean([float(a.on_gold_page) for a in answered]),
        "statuses": {s: sum(1 for a in answered if a.status == s) for s in statuses},
    }


def _table(first: str, rows: dict[str, dict[str, Any]]) -> list[str]:
    columns = ["questions", *(f"recall@{cut}" for cut in CUTS), "mrr", "facts"]
    columns += ["false_refusals", "false_answers"]
    titles = [first, *(column.replace("_", " ") for column in columns)]
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    for name, row in rows.items():
        cells = [name, *(_cell(row.get(column)) for column in columns)]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _cell(value: float | int | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def _plot(found: Sequence[Found], figures: dict[str, Any], path: Path) -> None:
    """Recall by book, and how the gate's probability parts both kinds of question."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        _logger.warning("no plot: matplotlib is not installed (pip install -e '.[dev]')")
        return
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    books = figures["books"]
    left.barh(list(books), [row["recall@5"] for row in books.values()], color="#2f7f79")
    left.set(title="recall@5 by book", xlim=(0, 1))
    left.invert_yaxis()
    for known, label in ((True, "a book answers"), (False, "no book answers")):
        scores = [f.score for f in found if bool(f.gold.pages) is known]
        right.hist(scores, bins=20, range=(0, 1), alpha=0.6, label=label)
    right.set(title="the gate's probability", ylabel="questions")
    right.legend()
    figure.savefig(path, dpi=110)
