"""An evaluation on paper: report.json, report.md, report.png, answers.md and answers.jsonl.

Only arranging and writing; matplotlib is a development dependency and loaded on use.
Training road: adapter → **report** → gate.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.errors import RunInvalid
from finetune.measuring.answers_page import answer_rows, side_by_side
from finetune.measuring.asked import Asked
from finetune.measuring.figures import DECISIVE, MARGIN

if TYPE_CHECKING:
    from finetune.evaluate import Measured

log = logging.getLogger(__name__)
REPORT_NAME = "report.json"
TITLES = {
    "answered": "answerable questions with a written, verified answer",
    "answered_of_asked": "… of those that the app asked the model",
    "sentences_passed": "draft sentences that pass the verifier",
    "facts": "key facts told, whole app",
    "facts_where_written": "key facts told where the model answered",
    "facts_by_model": "key facts told there in its own sentences alone",
    "facts_quoted_there": "… and by the quotes on the same questions",
    "on_gold_page": "written answers that cite a page known to answer",
    "valid_citations": "citations whose words stand on their page",
    "right_refusals": "unanswerable questions refused",
    "refused_by_app": "… by search and gate",
    "refused_by_model": "… by the model",
    "wrongly_answered": "unanswerable questions with a written answer",
    "false_refusals": "answerable questions refused",
    "false_refusals_by_model": "… by the model, of those that it was asked",
    "stops_itself": "drafts that the model ended itself",
    "repetition": "repetition (four-word runs said before)",
    "draft_tokens": "tokens of a draft",
    "seconds_median": "seconds of an answer, median",
    "seconds_p90": "seconds of an answer, 90th percentile",
    "first_sentence_median": "seconds to the first sentence, median",
}
ALONE = {
    "facts": "key facts told",
    "stops_itself": "answers that the model ended itself",
    "repetition": "repetition",
    "draft_tokens": "tokens of an answer",
    "seconds_median": "seconds of an answer, median",
}
HELD_OUT = (
    "rows", "tokens", "loss", "perplexity", "accuracy", "answers", "token_f1", "rouge_l",
    "stops_itself", "repetition", "seconds_median",
)  # fmt: skip
COLOURS = {"quotes": "#b8b8b8", "base": "#d9a441", "in service": "#7c6aa6", "adapter": "#2f7f79"}


def write_report(
    report: dict[str, Any], quotes: Sequence[Asked], measured: Sequence[Measured], out: Path
) -> None:
    """Write the five files into `out`; `report.json` last."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.md").write_text(as_markdown(report), encoding="utf-8")
    pages: dict[str, Sequence[Asked]] = {"quotes": quotes}
    pages |= {one.candidate.role: one.asked for one in measured}
    (out / "answers.md").write_text(side_by_side(pages), encoding="utf-8")
    rows = (json.dumps(row, ensure_ascii=False) for row in answer_rows(pages))
    (out / "answers.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    _plot(report, pages, out / "report.png")
    text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    (out / REPORT_NAME).write_text(text, encoding="utf-8")


def read_report(path: Path) -> dict[str, Any]:
    """The figures of an earlier evaluation: its folder, or the file itself.

    Raises:
        RunInvalid: there is none, or it is of another form.
    """
    file = path / REPORT_NAME if path.is_dir() else path
    try:
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        report["models"]["adapter"]["app"]["answered"]
        report["gold"]["complete"], report["adapter"]["sha256"], report["quotes"]["facts"]
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise RunInvalid(
            f"{file} is no evaluation ({failure!r}); expected the report.json of one. "
            f"Measure it with: python -m finetune evaluate {file.parent}"
        ) from failure
    return report


def as_markdown(report: dict[str, Any]) -> str:
    """The report's tables, the gate's ruling first."""
    adapter, gold, ruling = report["adapter"], report["gold"], report["ruling"]
    columns = {role: row["app"] for role, row in report["models"].items()}
    lines = [
        f"# {adapter['name']} on {adapter['base']}",
        "",
        f"{gold['questions']} questions of {gold['file']}, half “{gold['half']}”"
        f"{'' if gold['complete'] else ' (a part of it: opens no gate)'}; "
        f"adapter sha256 {adapter['sha256'][:16]}. The gate is {_gate_word(ruling)}: "
        f"{'; '.join(ruling['reasons']) or 'no rival was measured'}. Worse and better mean by more "
        f"than {MARGIN}.",
        "",
        "## Through the whole app",
        "",
        *_table(TITLES, {"quotes": report["quotes"], **columns}),
        *_counts(columns),
        *_reasons(columns),
        "## Without passages: the question alone",
        "",
        *_table(ALONE, _part(report, "alone")),
        *_held_out(report),
        "## Question consistency (QuestEval)",
        "",
        *_consistency(report["question_consistency"]),
        "",
        f"Measured in {report['seconds']} s beside a load of {report['machine']['load']}.",
    ]
    return "\n".join(lines) + "\n"


def compare_reports(reports: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Rows of a table, one an evaluation, and its Markdown; the first one's base comes on top."""
    rows: dict[str, dict[str, Any]] = {}
    for name, report in reports.items():
        base = report["models"].get("base")
        if base and not rows:
            rows[f"{base['name']} (base)"] = _compared(report, base)
        rows[name] = _compared(report, report["models"]["adapter"])
    keys = list(next(iter(rows.values())))
    titles = [key.replace("_", " ") for key in keys]
    lines = [f"| | {' | '.join(titles)} |", f"|---|{'---:|' * len(keys)}"]
    lines += [f"| {n} | {' | '.join(_cell(r[key]) for key in keys)} |" for n, r in rows.items()]
    if len({(r["gold"]["sha256"], r["gold"]["half"], r["gold"]["questions"])
            for r in reports.values()}) > 1:  # fmt: skip
        lines += ["", "These evaluations asked different questions: do not compare their figures."]
    return {"rows": rows, "markdown": "\n".join(lines) + "\n"}


def _compared(report: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    shown = [*DECISIVE, "false_refusals", "stops_itself", "repetition", "seconds_median"]
    sets = [c["passages"]["loss"] for c in model["held_out"].values() if "passages" in c]
    loss = sum(sets) / len(sets) if sets and None not in sets else None
    figures = {key: model["app"][key] for key in [*shown, "seconds_p90"]}
    return {"questions": report["gold"]["questions"], **figures, "held_out_loss": loss}


def _gate_word(ruling: dict[str, Any]) -> str:
    return "open" if ruling["opens"] else "closed"


def _table(rows: Mapping[str, str], columns: Mapping[str, dict[str, Any]]) -> list[str]:
    """A row a figure, a column a model."""
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    for key, title in rows.items():
        shown = f"**{title}**" if key in DECISIVE and rows is TITLES else title
        lines.append(f"| {shown} | {' | '.join(_cell(c.get(key)) for c in columns.values())} |")
    return [*lines, ""]


def _counts(columns: Mapping[str, dict[str, Any]]) -> list[str]:
    one = columns["adapter"]
    return [
        f"{one['answerable']} answerable questions, of which {one['emergencies']} are answered as "
        f"emergencies and {one['model_asked']} reach the model; {one['unanswerable']} that no book "
        f"answers. Statuses of the adapter's answers: {_listed(one['statuses'])}. Its drafts ended "
        f"by: {_listed(one['endings'])}.",
        "",
    ]


def _reasons(columns: Mapping[str, dict[str, Any]]) -> list[str]:
    lines = ["Why sentences were withheld:", ""]
    for role, one in columns.items():
        reasons = "; ".join(f"{n} × {reason}" for reason, n in one["dropped_because"].items())
        total = one["sentences_kept"] + one["sentences_dropped"]
        lines.append(f"- {role}: {one['sentences_dropped']} of {total}. {reasons}".rstrip())
    return [*lines, ""]


def _held_out(report: dict[str, Any]) -> list[str]:
    lines = ["## Held-out rows", ""]
    sets = report["models"]["adapter"]["held_out"]
    if not sets:
        return [*lines, "None were given (`--data PREPARED_SET`).", ""]
    for name, conditions in sets.items():
        for condition in conditions:
            columns = {
                role: row["held_out"][name][condition] for role, row in report["models"].items()
            }
            beside = "with passages" if condition == "passages" else "the question alone"
            lines += [f"### {name}, {beside}", ""]
            lines += _table({key: key.replace("_", " ") for key in HELD_OUT}, columns)
    return lines


def _consistency(found: dict[str, Any]) -> list[str]:
    if "skipped" in found:
        return [str(found["skipped"])]
    return _table({"consistency": "questions answered alike"}, found)


def _part(report: dict[str, Any], part: str) -> dict[str, dict[str, Any]]:
    return {role: row[part] for role, row in report["models"].items()}


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items()) or "none"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 100 else f"{value:.0f}"
    return str(value)


def _plot(report: dict[str, Any], pages: Mapping[str, Sequence[Asked]], path: Path) -> None:
    """What decides, model by model, and how long answers took."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        log.warning("no plot: matplotlib is not installed (pip install -e '.[dev]')")
        return
    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    columns = {"quotes": report["quotes"]}
    columns |= {role: row["app"] for role, row in report["models"].items()}
    height = 0.8 / len(columns)
    for place, (name, row) in enumerate(columns.items()):
        values = [row[key] or 0.0 for key in DECISIVE]
        at = [n + place * height for n in range(len(values))]
        left.barh(at, values, height, label=name, color=COLOURS[name])
    middle = [n + 0.4 - height / 2 for n in range(len(DECISIVE))]
    left.set_yticks(middle, [key.replace("_", " ") for key in DECISIVE])
    left.set(title="what decides", xlim=(0, 1))
    left.invert_yaxis()
    left.legend(fontsize="small")
    timed = {n: [a.answer.timings_ms.get("total", 0) / 1000 for a in p if a.draft]
             for n, p in pages.items()}  # fmt: skip
    for name, seconds in timed.items():
        if seconds:
            right.hist(seconds, bins=20, alpha=0.6, label=name, color=COLOURS[name])
    right.set(title="seconds of an answer", ylabel="questions")
    if any(timed.values()):
        right.legend(fontsize="small")
    figure.savefig(path, dpi=110)
