"""What the training road carries: a row becomes one of these, and these become tokens.

Training road: row → **Dialogue / GroundedExample / ReadingExample / PlainText** → tokens + loss mask → adapter.
Prepared sets are JSON lines of them, `{"kind": ..., ...}`. Knows no tokenizer and no model.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from corpus.records import Passage
from finetune.errors import DataInvalid
from settings import ROOT

DATA_HOME = ROOT / "var" / "finetune" / "data"  # of the prepared sets


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A question and what a doctor or a health site answered; nothing to cite."""

    kind: ClassVar[str] = "dialogue"
    id: str
    source: str  # "medquad", "ai-medical-chatbot", "asclepius", …
    question: str
    answer: str
    context: str = ""  # the note or description that the question is about


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a prompt shows of a passage."""

    section: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class GroundedExample:
    """A question, the passages beside it, and the answer that cites them by number."""

    kind: ClassVar[str] = "grounded"
    id: str
    source: str  # "starter-library", "medquad", …
    question: str
    passages: tuple[Excerpt, ...]
    answer: str  # its sentences end in [n], 1-based; the refusal of rag.prompt where none answers
    earlier: str = ""  # the question that a follow-up leans on


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """A question or a sentence beside one excerpt, and whether that answers it, or says it."""

    kind: ClassVar[str] = "reading"
    id: str
    source: str
    asked: str
    is_question: bool
    passage: Excerpt
    answer: str  # YES or NO of rag.prompt


@dataclass(frozen=True, slots=True)
class PlainText:
    """Running text for continued pretraining: every token is learnt."""

    kind: ClassVar[str] = "text"
    id: str
    source: str
    text: str


Example = Dialogue | GroundedExample | ReadingExample | PlainText
_KINDS: dict[str, type[Example]] = {
    k.kind: k for k in (Dialogue, GroundedExample, ReadingExample, PlainText)
}


def as_passage(excerpt: Excerpt) -> Passage:
    """An excerpt as a passage, for `rag.prompt`, which reads only its section and text."""
    return Passage("1", "", 1, 1, "1", excerpt.section, excerpt.text)


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """One JSON object a line; how many were written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8") as lines:
        for example in examples:
            row = {"kind": example.kind, **dataclasses.asdict(example)}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of a prepared file.

    Raises:
        DataInvalid: no such file, or a line that is no example.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as failure:
        raise DataInvalid(
            f"{path} could not be read ({failure.strerror}); expected a prepared set. "
            "Make it with: python -m finetune prepare"
        ) from failure
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read_line(line, f"{path}, line {number}")


def read_split(folder: Path, split: str) -> list[ReadingExample]:
    """The reading examples of a prepared split.

    Raises:
        DataInvalid: there are none.
    """
    found = [e for e in read_examples(folder / f"{split}.jsonl") if isinstance(e, ReadingExample)]
    if not found:
        raise DataInvalid(
            f"{folder / split}.jsonl holds no reading example; expected what this writes: "
            "python -m finetune prepare reading"
        )
    return found


def _read_line(line: str, where: str) -> Example:
    try:
        row: dict[str, Any] = json.loads(line)
        record = _KINDS[row.pop("kind")]
        if record is GroundedExample:
            row["passages"] = tuple(map(_read_excerpt, row["passages"]))
        if record is ReadingExample:
            row["passage"] = _read_excerpt(row["passage"])
        return record(**row)
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        raise DataInvalid(
            f"{where} is no example ({failure!r}); expected one of {', '.join(_KINDS)} as "
            "finetune/records.py describes them. Make the set anew: python -m finetune prepare"
        ) from failure


def _read_excerpt(row: dict[str, Any]) -> Excerpt:
    return Excerpt(tuple(row["section"]), row["text"])
