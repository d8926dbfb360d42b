"""What becomes of a source's rows: read, then kept with what was changed, or dropped with a reason.

Training road: **Row → Fate** → prepared set. Knows no source and no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from finetune.records import Dialogue, PlainText

RowExample = Dialogue | PlainText
Field = Literal["question", "answer", "context", "text"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source, as read."""

    example: RowExample
    label: str = ""  # the source's own sorting: a specialty, a task, a question type


@dataclass(frozen=True, slots=True)
class Change:
    """What was taken out of a field, or masked in it: `what` is the rule's name."""

    what: str
    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a row: `example` is the cleaned one, also where the row was dropped."""

    example: RowExample
    reason: str = ""  # why it was dropped; "" = kept
    changes: tuple[Change, ...] = ()
    label: str = ""
    split: str = ""  # of a kept row

    @property
    def is_kept(self) -> bool:
        return not self.reason

    def as_json(self) -> dict[str, Any]:
        """The row's line in rows.jsonl."""
        changes = [{"what": c.what, "field": c.field, "text": c.text} for c in self.changes]
        return {
            "id": self.example.id,
            "status": "kept" if self.is_kept else "dropped",
            "reason": self.reason,
            "changes": changes,
            "label": self.label,
            "split": self.split,
        }
