"""What each model made of each question, side by side: a page for people, rows for programs.

Only arranging; `finetune.measuring.report` writes it. Training road: answers → **report**.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from finetune.measuring.asked import Asked
from finetune.measuring.figures import facts_told


def side_by_side(pages: Mapping[str, Sequence[Asked]]) -> str:
    """Every question with its facts, and what each model made of it."""
    lines = ["# Answers side by side", ""]
    for number, first in enumerate(pages["quotes"]):
        gold = first.gold
        facts = "; ".join(gold.facts) or ("none given" if gold.pages else "no book answers")
        lines += [f"## {gold.id}: {gold.question}", "", f"Key facts: {facts}", ""]
        for name, asked in pages.items():
            lines += _answer_lines(name, asked[number])
    return "\n".join(lines) + "\n"


def answer_rows(pages: Mapping[str, Sequence[Asked]]) -> list[dict[str, Any]]:
    """The same for programs: one object a question."""
    return [
        {
            "id": first.gold.id,
            "question": first.gold.question,
            "answerable": bool(first.gold.pages),
            "facts": list(first.gold.facts),
            **{name: _answer_row(asked[number]) for name, asked in pages.items()},
        }
        for number, first in enumerate(pages["quotes"])
    ]


def _answer_row(asked: Asked) -> dict[str, Any]:
    answer, draft = asked.answer, asked.draft
    return {
        "status": answer.status,
        "text": answer.text,
        "facts_told": facts_told(asked),
        "refused": asked.refused,
        "dropped": [{"text": d.text, "reason": d.reason} for d in answer.dropped],
        "draft": draft.text if draft else None,
        "ending": draft.ending if draft else None,
        "seconds": round(answer.timings_ms.get("total", 0.0) / 1000, 2),
    }


def _answer_lines(name: str, asked: Asked) -> list[str]:
    answer, draft = asked.answer, asked.draft
    how = f"{answer.status}, facts {facts_told(asked):.2f}"
    if draft:
        how += f", ended by {draft.ending}, {answer.timings_ms.get('total', 0) / 1000:.1f} s"
    if asked.refused_by_model:
        how += ", the model refused"
    text = " ".join(answer.text.split()) or "(nothing)"
    dropped = [f"  - withheld: {' '.join(d.text.split())} — {d.reason}" for d in answer.dropped]
    return [f"- **{name}** ({how}): {text}", *dropped, ""]
