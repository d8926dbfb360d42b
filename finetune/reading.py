"""Minimal pairs written by hand on pages → examples that ask whether a passage says or answers.

A row names a passage by its first and last words. Its pairs are a sentence that the passage says and a
twin that it does not, alike in style and length, so that nothing but the passage tells them apart;
its questions come in two such kinds. Training road: row → **ReadingExample** → tokens.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from finetune.data.splits import split_of
from finetune.data.tables import read_file
from finetune.errors import DataInvalid
from finetune.grounded import near_any, near_gold
from finetune.records import DATA_HOME, Excerpt, ReadingExample, write_examples
from models.embedder import Embedder, load_embedder
from rag.measure.evaluate import GOLD
from rag.measure.safety_verify import VERIFY_FRESH, VERIFY_GOLD, read_verify_cases
from rag.prompt import NO, YES
from rag.retrieve import load_retriever
from rag.text.nearest import cut_to_nearest
from settings import Settings, load_settings

ROWS_DIR = Path(__file__).with_name("readings")
ALONE = {"questions": True, "sentences": False}  # a folder for each beside that of both
_EMPTY = re.compile(r"\s*\(\s*\)")  # what is left of a cross-reference


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A passage, by its first and last words, and what was written on it."""

    id: str
    source: str  # "starter-library", "openstax", "medquad"
    book: str  # file name, module, or id of the pair
    section: str
    opens: str
    closes: str
    pairs: tuple[tuple[str, str], ...]  # a sentence that it says, and the twin that it does not
    answered: tuple[tuple[str, str], ...]  # a question, and the words that answer it
    unanswered: tuple[str, ...]


def build_reading(
    place: str = "", out: Path | None = None, rows_dir: Path = ROWS_DIR
) -> dict[str, Any]:
    """Write train, valid, test and `report.json` into `out`, each kind alone beside it; the report.

    `place`: a folder that holds OpenStax modules (`*.md`) and MedQuAD (`medquad*.jsonl`); without one
    only the rows on the starter library are taken.
    """
    settings = load_settings()
    out = out or DATA_HOME / "reading"
    embedder = load_embedder(settings)
    texts = {**read_library(settings, embedder), **(read_others(Path(place)) if place else {})}
    splits: dict[str, list[ReadingExample]] = {"train": [], "valid": [], "test": []}
    counts: Counter[str] = Counter()
    rows, near = leave_out_near_gold(list(read_reading_rows(rows_dir)), embedder)
    counts["questions and pairs too near to a gold set"] = near
    for row in rows:
        text = find_passage(row, texts)
        counts[f"{row.source}: {'passages' if text else 'passages not here'}"] += 1
        if text:
            splits[split_of(row.id)] += list(make_examples(row, text, embedder))
    sizes = write_splits(splits, out)
    report = {"set": "reading", "fates": dict(counts), "examples": sizes}
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def leave_out_near_gold(
    rows: Sequence[ReadingRow],
    embedder: Embedder,
    gold: Sequence[Path] | None = None,
    verified: Sequence[Path] = (VERIFY_GOLD, *VERIFY_FRESH),
) -> tuple[list[ReadingRow], int]:
    """The rows less what comes too near to a gold question or a test pair; how many questions and pairs."""
    gold = sorted(GOLD.parent.glob("*questions*.jsonl")) if gold is None else gold
    asked = sorted({question for row in rows for question in _questions_of(row)})
    found = near_gold(asked, embedder, gold) if asked else []
    near = {question for question, is_near in zip(asked, found, strict=True) if is_near}
    said = sorted({sentence for row in rows for pair in row.pairs for sentence in pair})
    tested = [case.sentence for path in verified for case in read_verify_cases(path)]
    found = near_any(said, tested, embedder)
    told = {sentence for sentence, is_near in zip(said, found, strict=True) if is_near}
    kept = [
        replace(
            row,
            pairs=tuple(pair for pair in row.pairs if told.isdisjoint(pair)),
            answered=tuple(pair for pair in row.answered if pair[0] not in near),
            unanswered=tuple(question for question in row.unanswered if question not in near),
        )
        for row in rows
    ]
    pairs = sum(len(row.pairs) for row in rows) - sum(len(row.pairs) for row in kept)
    return kept, len(near) + pairs


def _questions_of(row: ReadingRow) -> list[str]:
    return [*(question for question, _ in row.answered), *row.unanswered]


def write_splits(splits: Mapping[str, Sequence[ReadingExample]], out: Path) -> dict[str, int]:
    """The splits into `out`, and questions and sentences alone into folders beside it; their sizes."""
    sizes = {}
    for name, split in splits.items():
        sizes[name] = write_examples(out / f"{name}.jsonl", split)
        for kind, asks in ALONE.items():
            beside = out.with_name(f"{out.name}-{kind}") / f"{name}.jsonl"
            some = [example for example in split if example.is_question is asks]
            sizes[f"{name}, {kind}"] = write_examples(beside, some)
    return sizes


def read_reading_rows(folder: Path = ROWS_DIR) -> Iterator[ReadingRow]:
    """The rows of every `*.jsonl` in the folder.

    Raises:
        DataInvalid: a line is none.
    """
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                for name in ("pairs", "answered"):
                    row[name] = tuple((one, other) for one, other in row[name])
                yield ReadingRow(**{**row, "unanswered": tuple(row["unanswered"])})
            except (ValueError, KeyError, TypeError) as failure:
                raise DataInvalid(
                    f"{path}, line {number} is no row ({failure!r}); expected the fields of "
                    "ReadingRow in finetune/reading.py. Mend that line"
                ) from failure


def find_passage(row: ReadingRow, texts: Mapping[str, str]) -> str | None:
    """The passage of a row in the text of its book, or None."""
    text = texts.get(row.book, "")
    start = text.find(row.opens)
    end = text.find(row.closes, max(start, 0))
    return text[start : end + len(row.closes)] if 0 <= start <= end else None


def make_examples(row: ReadingRow, text: str, embedder: Embedder) -> Iterator[ReadingExample]:
    """Every sentence and question of a row beside what serving would show of the passage."""
    asked = [
        (words, False, holds)
        for pair in row.pairs
        for words, holds in zip(pair, (True, False), strict=True)
    ]
    asked += [(question, True, True) for question, _ in row.answered]
    asked += [(question, True, False) for question in row.unanswered]
    says = embedder.encode([words for words, is_question, _ in asked if not is_question])
    asks = embedder.encode_questions([words for words, is_question, _ in asked if is_question])
    shown = cut_to_nearest(text, np.concatenate([says, asks]), embedder.encode)
    section = (row.section,) if row.section else ()
    for number, ((words, is_question, holds), cut) in enumerate(zip(asked, shown, strict=True)):
        id, excerpt = f"{row.id}-{number}", Excerpt(section, cut)
        answer = YES if holds else NO
        yield ReadingExample(id, row.source, words, is_question, excerpt, answer)


def read_library(settings: Settings, embedder: Embedder) -> dict[str, str]:
    """The passages of every booklet, one after the other."""
    index = load_retriever(settings, embedder).live.current()
    texts: dict[str, str] = {}
    for passage in sorted(index.passages(range(len(index))), key=lambda passage: passage.position):
        file = index.book(passage.book_id).file
        texts[file] = f"{texts.get(file, '')} {as_plain(passage.text)}"
    return texts


def read_others(place: Path) -> dict[str, str]:
    """Texts by module or id, of OpenStax (`*.md`) and MedQuAD (`medquad*.jsonl`) in a folder."""
    texts = {path.stem: as_plain(path.read_text(encoding="utf-8")) for path in place.rglob("*.md")}
    for path in place.rglob("medquad*.jsonl"):
        texts |= {str(row["id"]): as_plain(str(row["answer"])) for row in read_file(path)}
    return texts


def as_plain(text: str) -> str:
    """The text with single spaces, without empty brackets: how rows quote it."""
    return " ".join(_EMPTY.sub("", text).split())
