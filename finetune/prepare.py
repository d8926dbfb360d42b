"""`prepare`: a source's rows cleaned, split and written as a set that training reads.

Training road: Row → Fate → **prepared set**. Writes train, valid and test, rows.jsonl (what became
of every row), report.md, and report.json last, so that its existence means complete.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.data.cleaning import clean_row
from finetune.data.datasets import load_rows
from finetune.data.near import (
    NEAR,
    Pairs,
    find_near_pairs,
    group_pairs,
    measure_likeness,
    normalise,
)
from finetune.data.preparation_report import as_markdown, describe_set
from finetune.data.rows import Fate, Row, RowExample
from finetune.data.sources import Source, find_source
from finetune.data.splits import SHARES, assign_splits
from finetune.data.tables import hash_files
from finetune.data.topic_filter import TopicFilter, load_filter, topic_text
from finetune.errors import DataInvalid
from finetune.records import DATA_HOME, Dialogue, write_examples

SHORT_QUESTION = 20  # words


@dataclass(frozen=True, slots=True)
class Order:
    """What to prepare: `place` is a file, a folder or a hub id; "" = the source's own hub id."""

    source: str
    place: str = ""
    revision: str = ""
    out: Path | None = None
    topic_filter: Path | None = None
    limit: int | None = None


def prepare_set(order: Order) -> dict[str, Any]:
    """Prepare one source; the report, as in report.json, with the folder as `out`.

    Raises:
        DataInvalid: the rows or the filter can't be read, or no row is left.
    """
    if order.source == "grounded":
        return _prepare_grounded(order.out)
    if order.source == "grounded-medquad":
        return _prepare_medquad_grounded(order)
    if order.source == "reading":
        return _prepare_reading(order)
    start = time.monotonic()
    source = find_source(order.source)
    topic = load_filter(order.topic_filter) if order.topic_filter else None
    loaded = load_rows(source, order.place, order.revision, order.limit)
    fates = decide_fates(loaded.rows, source, topic)
    if not any(fate.is_kept for fate in fates):
        raise DataInvalid(
            f"no row of {loaded.origin} is left of {len(fates)}; expected some to learn from. See "
            "which reasons drop them with fewer rows (--limit), or without --topic-filter"
        )
    out = order.out or DATA_HOME / (f"{source.name}-{topic.name}" if topic else source.name)
    report = describe_set(source, loaded, fates, topic)
    report["splits"] = write_set(out, fates)
    report["seconds"] = round(time.monotonic() - start, 1)
    (out / "report.md").write_text(as_markdown(report, fates, loaded.rows), encoding="utf-8")
    _write_json(out / "report.json", report)
    return {**report, "out": str(out)}


def decide_fates(
    rows: Sequence[Row], source: Source, topic: TopicFilter | None = None
) -> list[Fate]:
    """What becomes of each row, in their order; the kept ones with their split."""
    fates = _drop_repeats(rows, source)
    if topic is not None:
        fates = [
            dataclasses.replace(fate, reason="off-topic")
            if fate.is_kept and not topic.keeps(topic_text(fate.example))
            else fate
            for fate in fates
        ]
    return _split_kept(fates, source)


def _drop_repeats(rows: Sequence[Row], source: Source) -> list[Fate]:
    """Rows cleaned one by one, save those that are word for word a row before them."""
    seen: set[tuple[str, str]] = set()
    fates = []
    for row in rows:
        key = _key(row.example, source), _answer(row.example)
        if key in seen:
            fates.append(Fate(row.example, "duplicate", label=row.label))
        else:
            fates.append(clean_row(row, source))
        seen.add(key)
    return fates


def _split_kept(fates: list[Fate], source: Source) -> list[Fate]:
    """Near-duplicates dropped, and a split for what is left."""
    kept = [n for n, fate in enumerate(fates) if fate.is_kept]
    keys = [_key(fates[n].example, source) for n in kept]
    pairs = find_near_pairs(keys)
    firsts = group_pairs(len(kept), _same_rows(pairs, keys, [fates[n].example for n in kept]))
    splits = assign_splits(keys, pairs)
    decided = list(fates)
    for place, (n, first, split) in enumerate(zip(kept, firsts.tolist(), splits, strict=True)):
        change = {"split": split} if first == place else {"reason": "near-duplicate"}
        decided[n] = dataclasses.replace(fates[n], **change)  # type: ignore[arg-type]
    return decided


def _same_rows(pairs: Pairs, keys: Sequence[str], examples: Sequence[RowExample]) -> Pairs:
    """Of the pairs with near questions those that are one row told twice.

    They answer nearly the same, with the same figures; and a short question, where one word tells
    hepatitis B from hepatitis C, has the same words.
    """
    answers = [_answer(example) for example in examples]

    def is_same(one: int, other: int) -> bool:
        words = set(keys[one].split()), set(keys[other].split())
        if words[0] != words[1] and min(map(len, words)) < SHORT_QUESTION:
            return False
        if _figures(keys[one], answers[one]) != _figures(keys[other], answers[other]):
            return False
        return measure_likeness(answers[one], answers[other]) >= NEAR

    return pairs[[is_same(one, other) for one, other in pairs.tolist()]] if len(pairs) else pairs


def _figures(*texts: str) -> set[str]:
    return {word for text in texts for word in text.split() if any(c.isdigit() for c in word)}


def _key(example: RowExample, source: Source) -> str:
    """What tells a row from others: its question; beside a note the note too; a text itself."""
    if not isinstance(example, Dialogue):
        return normalise(example.text)
    note = example.context if source.has_notes else ""
    return normalise(f"{example.question} {note}")


def _answer(example: RowExample) -> str:
    return normalise(example.answer) if isinstance(example, Dialogue) else ""


def write_set(out: Path, fates: Sequence[Fate]) -> dict[str, dict[str, Any]]:
    """Write the splits and rows.jsonl; for each split how many rows, and its file's sha256."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").unlink(missing_ok=True)
    written = {}
    for split in SHARES:
        path = out / f"{split}.jsonl"
        count = write_examples(path, (fate.example for fate in fates if fate.split == split))
        written[split] = {"rows": count, "sha256": hash_files(path)}
    _write_lines(out / "rows.jsonl", (fate.as_json() for fate in fates))
    return written


def _prepare_grounded(out: Path | None) -> dict[str, Any]:
    from finetune.grounded import build_grounded

    out = out or DATA_HOME / "grounded"
    return {**build_grounded(out), "out": str(out)}


def _prepare_medquad_grounded(order: Order) -> dict[str, Any]:
    from finetune.medquad_grounded import build_medquad_grounded
    from models.embedder import load_embedder
    from settings import load_settings

    if not Path(order.place).exists() or not order.place:
        raise DataInvalid(
            f"grounded-medquad got --from {order.place!r}; expected MedQuAD's folder or file. "
            "Get it: git clone https://github.com/abachaa/MedQuAD"
        )
    out = order.out or DATA_HOME / "grounded-medquad"
    embedder = load_embedder(load_settings())
    return {**build_medquad_grounded(Path(order.place), out, embedder), "out": str(out)}


def _prepare_reading(order: Order) -> dict[str, Any]:
    from finetune.reading import build_reading

    out = order.out or DATA_HOME / "reading"
    return {**build_reading(order.place, out), "out": str(out)}


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
