"""`topics`: the main topics of a set of rows, the one on women's health, and a filter from it.

Training road: prepared set, or raw rows → **topics** → filter → prepared set. BERTopic does the
clustering (`finetune.data.topic_model`), over our own embedder.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.data.datasets import read_records
from finetune.data.near import normalise
from finetune.data.sources import detect_source, read_record
from finetune.data.topic_filter import FOLDS, TopicFilter, fit_filter, save_filter, topic_text
from finetune.errors import DataInvalid
from finetune.records import Example, read_examples
from models.embedder import Embedder, Vectors, load_embedder
from settings import ROOT

logger = logging.getLogger(__name__)

SETS = ROOT / "var" / "finetune" / "data"
HOME = ROOT / "var" / "finetune" / "topics"
FEWEST_ROWS = 30
MOST_ROWS = 10_000  # embedded, drawn with a seed; the filter goes for rows that were not
FILTER_NAME = "womens-health"
SEEDS = (
    "I am pregnant and worried about my baby",
    "pregnancy, labour, birth and breastfeeding",
    "missed period and a pregnancy test",
    "irregular periods and heavy menstrual bleeding",
    "trying to conceive, ovulation and infertility in women",
    "contraceptive pill, coil and emergency contraception",
    "menopause and hot flushes",
    "vaginal discharge, pelvic pain and an ovarian cyst",
)
# Cosine of a topic's centre to that of the seeds. Dialogues: women's health .78, the next .45.
LIKE_SEEDS = 0.5
NEAR_BEST = 0.15


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of rows, and the words that they have before the others."""

    number: int  # 0 is the largest
    words: tuple[str, ...]
    rows: int
    likeness: float  # cosine to the seeds, -1 to 1

    @property
    def name(self) -> str:
        return ", ".join(self.words[:3])


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of a set, by size; `of_row` holds the number of each text's topic."""

    topics: tuple[Topic, ...]
    of_row: NDArray[np.int64]
    matching: tuple[int, ...]  # numbers of those on pregnancy and women's health

    @property
    def is_match(self) -> NDArray[np.bool_]:
        return np.isin(self.of_row, self.matching)


def describe_topics(
    place: str,
    count: int = 10,
    out: Path | None = None,
    limit: int = MOST_ROWS,
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    """Write topics.json, topics.md, topics.png, rows.jsonl and filter.json; the report.

    Raises:
        DataInvalid: no such set, or too few different rows in it.
    """
    from finetune.data.topic_plot import draw_topics

    name, rows = read_rows(place, limit)
    texts = [text for _, text in rows]
    embedder = embedder or load_embedder()
    logger.info("%s: embedding %s rows", name, f"{len(rows):,}")
    vectors = embedder.encode(texts)
    topics = find_topics(texts, vectors, embedder.encode(SEEDS), count)
    fitted = make_filter(name, texts, topics)
    out = out or HOME / name
    out.mkdir(parents=True, exist_ok=True)
    report = as_report(name, topics, fitted)
    if fitted:
        save_filter(out / "filter.json", fitted)
    else:
        (out / "filter.json").unlink(missing_ok=True)
    draw_topics(out / "topics.png", topics, vectors)
    (out / "topics.md").write_text(as_markdown(report), encoding="utf-8")
    _write_rows(out / "rows.jsonl", rows, topics.of_row)
    (out / "topics.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    return {**report, "out": str(out)}


def read_rows(place: str, limit: int = MOST_ROWS) -> tuple[str, list[tuple[str, str]]]:
    """A set's name, and the id and text of its different rows, at most `limit` drawn by a seed.

    Raises:
        DataInvalid: no such set or file, or fewer than FEWEST_ROWS different rows.
    """
    path = SETS / place if (SETS / place / "train.jsonl").is_file() else Path(place).expanduser()
    if not path.exists():
        known = sorted(p.parent.name for p in SETS.glob("*/train.jsonl"))
        raise DataInvalid(
            f"{place} is not there; expected a file, a folder or one of the prepared sets "
            f"({', '.join(known) or 'none yet'}). Prepare one: python -m finetune prepare"
        )
    texts: dict[str, tuple[str, str]] = {}
    for example in _read_examples(path):
        text = topic_text(example)
        texts.setdefault(normalise(text), (example.id, text))
    rows = [row for key, row in texts.items() if key]
    if len(rows) < FEWEST_ROWS:
        raise DataInvalid(
            f"{place} has {len(rows)} different rows; expected at least {FEWEST_ROWS}, fewer make "
            "no topics. Name a larger set, or prepare it without --limit"
        )
    if len(rows) > limit:
        rows = random.Random(7).sample(rows, limit)
    return path.resolve().stem if path.is_file() else path.resolve().name, rows


def _read_examples(path: Path) -> Iterator[Example]:
    """The examples of a prepared set or file, or of a file as its source has it."""
    if path.is_dir() and (path / "train.jsonl").is_file():
        for split in ("train", "valid", "test"):
            if (path / f"{split}.jsonl").is_file():
                yield from read_examples(path / f"{split}.jsonl")
        return
    records = read_records(path)
    first = next(records, None)
    if first is None:
        raise DataInvalid(f"{path.name} holds no rows. Name another file or set")
    if "kind" in first:
        yield from read_examples(path)
        return
    source = detect_source(first, path.name)
    for number, record in enumerate(chain([first], records), start=1):
        yield read_record(source, record, number).example


def find_topics(texts: Sequence[str], vectors: Vectors, seeds: Vectors, count: int) -> Topics:
    """The topics of the texts; `vectors` are theirs, `seeds` those of what women's health is."""
    from finetune.data.topic_model import cluster_texts

    of_row, words = cluster_texts(texts, vectors, count)
    aim = _unit(seeds.mean(axis=0))
    topics = tuple(
        Topic(
            number,
            words[number],
            int((of_row == number).sum()),
            float(_unit(vectors[of_row == number].mean(axis=0)) @ aim),
        )
        for number in range(len(words))
    )
    best = max((topic.likeness for topic in topics), default=0.0)
    least = max(LIKE_SEEDS, best - NEAR_BEST)
    return Topics(topics, of_row, tuple(t.number for t in topics if t.likeness >= least))


def make_filter(name: str, texts: Sequence[str], topics: Topics) -> TopicFilter | None:
    """A filter for the matching topics; None when there is none, or too little to fit one."""
    matching = topics.is_match
    if min(matching.sum(), (~matching).sum()) < FOLDS:
        return None
    about = "; ".join(topics.topics[number].name for number in topics.matching)
    return fit_filter(FILTER_NAME, f"topics of {name}: {about}", texts, matching)


def as_report(name: str, topics: Topics, fitted: TopicFilter | None) -> dict[str, Any]:
    """The report's figures."""
    total = len(topics.of_row)
    return {
        "set": name,
        "rows": total,
        "topics": [
            {
                "topic": topic.number,
                "name": topic.name,
                "words": list(topic.words),
                "rows": topic.rows,
                "share": round(topic.rows / total, 3),
                "likeness": round(topic.likeness, 3),
                "matches": topic.number in topics.matching,
            }
            for topic in topics.topics
        ],
        "matching_rows": int(topics.is_match.sum()),
        "filter": fitted.model_dump(exclude={"weights"}) if fitted else None,
    }


def as_markdown(report: dict[str, Any]) -> str:
    """The report to be read."""
    lines = [
        f"# Topics of {report['set']}",
        "",
        f"{report['rows']:,} different rows. Likeness is the cosine to phrases on pregnancy and "
        "women's health.",
        "",
        "| topic | rows | likeness | words |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {'**' * t['matches']}{t['name']}{'**' * t['matches']} | {t['rows']:,} | "
        f"{t['likeness']:.2f} | {', '.join(t['words'])} |"
        for t in report["topics"]
    ]
    fitted = report["filter"]
    lines += ["", "![topics](topics.png)", ""]
    if fitted:
        lines += [
            f"filter.json keeps the topic in bold: precision {fitted['precision']:.2f}, recall "
            f"{fitted['recall']:.2f} against its rows, in five folds that also chose the threshold. Apply it: "
            "`python -m finetune prepare SOURCE --topic-filter filter.json`"
        ]
    else:
        lines += [
            "No topic is on pregnancy and women's health, so there is no filter; with a larger "
            "--count there may be one."
        ]
    return "\n".join(lines) + "\n"


def _write_rows(path: Path, rows: Iterable[tuple[str, str]], of_row: NDArray[np.int64]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for (id, _), topic in zip(rows, of_row.tolist(), strict=True):
            lines.write(json.dumps({"id": id, "topic": topic}) + "\n")


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
