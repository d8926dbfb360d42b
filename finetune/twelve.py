"""The twelve fixed questions, beside their passages: what a run is asked after every epoch."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from finetune.records import Dialogue, Excerpt, GroundedExample, read_examples
from rag.reply.compress import compress_hits
from rag.retrieve import Retriever

TWELVE = Path(__file__).with_name("twelve.toml")
NAME = "twelve.jsonl"


def read_twelve() -> list[str]:
    """The questions, as people ask them."""
    questions: list[str] = tomllib.loads(TWELVE.read_text(encoding="utf-8"))["questions"]
    return questions


def ground_twelve(retriever: Retriever) -> list[GroundedExample]:
    """Each beside the passages that a search finds."""
    return [
        GroundedExample(f"twelve-{n}", "twelve", question, _passages(retriever, question), "")
        for n, question in enumerate(read_twelve(), start=1)
    ]


def load_twelve(sets: Sequence[Path]) -> list[Dialogue | GroundedExample]:
    """Grounded, where one of the prepared sets is; else as plain questions."""
    for folder in sets:
        if (folder / NAME).is_file():
            rows = read_examples(folder / NAME)
            return [example for example in rows if isinstance(example, GroundedExample)]
    return [Dialogue(f"twelve-{n}", "twelve", q, "") for n, q in enumerate(read_twelve(), 1)]


def _passages(retriever: Retriever, question: str) -> tuple[Excerpt, ...]:
    found = retriever.search(question)
    shown = compress_hits(found.query or question, found.hits, retriever.embedder)
    return tuple(Excerpt(passage.section, passage.text) for _, passage in shown)
