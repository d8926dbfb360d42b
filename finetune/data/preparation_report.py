"""What a preparation did, in figures and with examples: report.json and report.md.

Training road: Fate → **report**. Knows no rule; names of reasons and changes come with the fates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from finetune.data.cleaning import REASONS
from finetune.data.datasets import Loaded
from finetune.data.rows import Fate, Row, RowExample
from finetune.data.sources import Source
from finetune.data.topic_filter import TopicFilter
from finetune.records import Dialogue

EXAMPLES = 3  # of each reason and each change
SHOWN = 240  # characters of an example


def describe_set(
    source: Source, loaded: Loaded, fates: Sequence[Fate], topic: TopicFilter | None
) -> dict[str, Any]:
    """The report's figures; `splits` and `seconds` are added when the set is written."""
    kept = [fate for fate in fates if fate.is_kept]
    reasons = Counter(fate.reason for fate in fates if fate.reason)
    changes = Counter(what for fate in kept for what in {c.what for c in fate.changes})
    words = [len(_answer(fate.example).split()) for fate in kept]
    return {
        "set": source.name,
        "title": source.title,
        "licence": source.licence,
        "licence_known": bool(source.licence),
        "origin": loaded.origin,
        "revision": loaded.revision,
        "sha256": loaded.sha256,
        "topic_filter": topic.name if topic else "",
        "read": len(fates),
        "kept": len(kept),
        "dropped": {reason: reasons[reason] for reason in REASONS if reasons[reason]},
        "changed": dict(changes.most_common()),
        "answer_words": {
            name: int(np.quantile(words, share)) if words else 0
            for name, share in (("median", 0.5), ("p90", 0.9), ("most", 1.0))
        },
        "labels": dict(Counter(f.label for f in kept if f.label).most_common(20)),
    }


def as_markdown(report: dict[str, Any], fates: Sequence[Fate], rows: Sequence[Row]) -> str:
    """The report to be read: figures, then examples of what was dropped and changed."""
    parts = [
        f"# {report['title']}",
        _describe_origin(report),
        f"{report['read']:,} rows read, **{report['kept']:,} kept**.",
        _table(("split", "rows"), ((s, f"{v['rows']:,}") for s, v in report["splits"].items())),
        "## Dropped",
        _table(
            ("reason", "rows", "meaning"),
            ((r, f"{n:,}", REASONS[r]) for r, n in report["dropped"].items()),
        ),
        "## Changed in kept rows",
        _table(("what", "rows"), ((w, f"{n:,}") for w, n in report["changed"].items())),
        "## Examples of dropped rows",
        *_show_dropped(fates, rows),
        "## Examples of changes",
        *_show_changes(fates),
    ]
    return "\n\n".join(parts) + "\n"


def _describe_origin(report: dict[str, Any]) -> str:
    licence = report["licence"] or "**none known: use it at home, never pass the rows on**"
    lines = [f"- from: {report['origin']}", f"- licence: {licence}"]
    lines += [f"- revision: {report['revision']}"] if report["revision"] else []
    lines += [f"- sha256: {report['sha256']}"] if report["sha256"] else []
    lines += [f"- topic filter: {report['topic_filter']}"] if report["topic_filter"] else []
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _show_dropped(fates: Sequence[Fate], rows: Sequence[Row]) -> list[str]:
    shown = []
    for reason in REASONS:
        of_reason = [
            row.example for fate, row in zip(fates, rows, strict=True) if fate.reason == reason
        ]
        if of_reason:
            shown += [f"**{reason}**: {REASONS[reason]}"]
            shown += ["\n".join(_show(example) for example in of_reason[:EXAMPLES])]
    return shown


def _show_changes(fates: Sequence[Fate]) -> list[str]:
    pieces: dict[str, Counter[str]] = {}
    for fate in fates:
        for change in fate.changes if fate.is_kept else ():
            pieces.setdefault(change.what, Counter())[_cut(change.text)] += 1
    return [
        f"**{what}**\n" + "\n".join(f"- {n}× {piece}" for piece, n in counts.most_common(EXAMPLES))
        for what, counts in pieces.items()
    ]


def _show(example: RowExample) -> str:
    if isinstance(example, Dialogue):
        return f"- `{example.id}` {_cut(example.question)} → {_cut(example.answer)}"
    return f"- `{example.id}` {_cut(example.text)}"


def _answer(example: RowExample) -> str:
    return example.answer if isinstance(example, Dialogue) else example.text


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"
