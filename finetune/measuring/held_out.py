"""Held-out rows of prepared sets: what a model makes of their questions, with and without passages.

Both conditions are rows of the training road: a question alone is a Dialogue, with passages it is a
GroundedExample, so the prompt is that of training and serving. Knows no gold question.
Training road: adapter → **figures**.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from finetune.errors import DataInvalid
from finetune.examples import encode_example, render_example
from finetune.measuring.candidate import WatchedChatModel
from finetune.measuring.measures import (
    TokenScore,
    mean,
    quantile,
    repetition,
    rouge_l,
    score_tokens,
    strip_marks,
    token_f1,
)
from finetune.records import (
    Dialogue,
    Example,
    Excerpt,
    GroundedExample,
    PlainText,
    ReadingExample,
    read_examples,
)
from models.errors import PromptTooLong
from rag.retrieve import Retriever

Condition = Literal["passages", "alone"]
CONDITIONS: tuple[Condition, ...] = ("passages", "alone")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HeldOutSet:
    """Rows that a model did not learn from."""

    name: str
    split: str  # "test"; "valid" where there is no test split: early stopping has seen it
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A greedy answer beside its reference."""

    question: str
    reference: str
    text: str
    ending: str
    seconds: float


def read_held_out(path: Path) -> HeldOutSet:
    """The rows of a prepared set's folder, or of one of its files.

    Raises:
        DataInvalid: no such file, or a line that is no example.
    """
    file = path
    if path.is_dir():
        splits = (path / "test.jsonl", path / "valid.jsonl")
        file = next((split for split in splits if split.is_file()), splits[0])
    examples = tuple(read_examples(file))
    if not examples:
        raise DataInvalid(f"{file} holds no rows; expected a held-out split. Prepare the set anew")
    return HeldOutSet(file.resolve().parent.name, file.stem, examples)


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of them, evenly chosen over the whole order."""
    if most <= 0 or len(items) <= most:
        return list(items) if most > 0 else []
    return [items[n * len(items) // most] for n in range(most)]


def in_condition(
    example: Example, condition: Condition, retriever: Retriever | None
) -> Example | None:
    """The row with passages beside its question, or alone; None where that can't be."""
    if isinstance(example, (PlainText, ReadingExample)):
        return example if condition == "alone" else None
    if condition == "alone":
        if isinstance(example, Dialogue):
            return example
        answer = strip_marks(example.answer)
        return Dialogue(example.id, example.source, example.question, answer, example.earlier)
    if isinstance(example, GroundedExample):
        return example
    hits = retriever.search(example.question).hits if retriever else ()
    excerpts = tuple(Excerpt(hit.passage.section, hit.passage.text) for hit in hits)
    if not excerpts:
        return None
    return GroundedExample(example.id, example.source, example.question, excerpts, example.answer)


def score_examples(model: WatchedChatModel, examples: Iterable[Example]) -> tuple[TokenScore, int]:
    """Certainty about the answers' tokens, and how many rows were too long to be read."""
    loaded = model.load()
    total, too_long = TokenScore(), 0
    for example in examples:
        encoded = encode_example(example, loaded.tokenizer, model.context_tokens)
        if encoded is None:
            too_long += 1
        else:
            total += score_tokens(loaded.model, encoded)
    return total, too_long


def write_answers(model: WatchedChatModel, examples: Iterable[Example]) -> list[Written]:
    """Greedy answers; rows without a question, or too long beside an answer, are left out."""
    written = []
    for example in examples:
        if isinstance(example, PlainText):
            continue
        started = time.perf_counter()
        try:
            model.invoke(render_example(example), temperature=0.0)
        except PromptTooLong:
            continue
        draft = model.take_draft()
        if draft is not None:
            spent = time.perf_counter() - started
            asked = example.asked if isinstance(example, ReadingExample) else example.question
            row = (asked, example.answer, draft.text, draft.ending, spent)
            written.append(Written(*row))
    return written


def measure_set(
    model: WatchedChatModel,
    held_out: HeldOutSet,
    limits: tuple[int, int],
    retriever: Retriever | None = None,
) -> dict[str, Any]:
    """Figures by condition; `limits` = rows that are scored, rows that are answered."""
    all_rows, (rows, answers) = held_out.examples, limits
    figures: dict[str, Any] = {}
    for condition in CONDITIONS:
        rows_here = (in_condition(row, condition, retriever) for row in spread(all_rows, rows))
        scored = [row for row in rows_here if row is not None]
        if scored:
            tokens, too_long = score_examples(model, scored)
            written = write_answers(model, spread(scored, answers))
            figures[condition] = {
                "rows": len(scored) - too_long,
                "too_long": too_long,
                **figures_of(tokens, written),
            }
    return figures


def figures_of(tokens: TokenScore, written: Sequence[Written]) -> dict[str, Any]:
    """One row of figures; None where nothing was measured."""
    return {
        "tokens": tokens.tokens,
        "loss": tokens.loss if tokens.tokens else None,
        "perplexity": tokens.perplexity if tokens.tokens else None,
        "accuracy": tokens.accuracy if tokens.tokens else None,
        "answers": len(written),
        "token_f1": mean(token_f1(row.text, row.reference) for row in written),
        "rouge_l": mean(rouge_l(row.text, row.reference) for row in written),
        "stops_itself": mean(float(row.ending == "itself") for row in written),
        "repetition": mean(repetition(row.text) for row in written),
        "seconds_median": quantile([row.seconds for row in written], 0.5),
    }
