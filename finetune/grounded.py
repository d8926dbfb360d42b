"""Rows written by hand on the starter library → grounded examples with the passages a search finds.

A row names its answer's sentences and, for each, words of the page that carry it; the passages are
those that serving would show for the question, so training meets the same prompts. What the
verifier would withhold, and what comes near a gold question, is left out and counted.
Training road: row → **GroundedExample** → tokens. Needs an index of the starter library.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.records import Passage
from finetune.errors import DataInvalid
from finetune.records import DATA_HOME, Excerpt, GroundedExample, write_examples
from finetune.twelve import NAME as TWELVE_NAME
from finetune.twelve import ground_twelve
from models.embedder import Embedder, load_embedder
from rag.evaluate import GOLD, read_gold
from rag.events import Turn
from rag.prompt import REFUSAL
from rag.retrieve import Retriever, load_retriever
from rag.verify import Verifier
from settings import Settings, load_settings

ROWS_DIR = Path(__file__).with_name("grounded")
SHOWN = (2, 2, 3, 3, 4)  # passages in a prompt, drawn by the row's hash
SEARCHED = 8
SHUFFLED = 0.25  # share of the prompts whose passages stand in any order
BEREFT = 0.04  # share of the answerable rows that come a second time, their passages taken out
VALID = 0.06  # share of the rows kept for early stopping, by a hash of the question
TOO_NEAR_GOLD = 0.9  # cosine; a question this close to a gold question is left out


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, and exact words of the page that carry it."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class GroundedRow:
    """One row as its writer left it; no claims = the library does not answer."""

    id: str
    question: str
    book: str  # file name
    answer: tuple[Claim, ...]
    earlier: str = ""
    kind: str = ""


def build_grounded(
    out: Path | None = None, rows_dir: Path = ROWS_DIR, settings: Settings | None = None
) -> dict[str, Any]:
    """Write `train.jsonl`, `valid.jsonl` and `report.json` into `out`; the report."""
    settings = settings or load_settings()
    out = out or DATA_HOME / "grounded"
    rows = list(read_rows(rows_dir))
    embedder = load_embedder(settings)
    builder = Builder(load_retriever(settings, embedder), Verifier(embedder))
    near = near_gold([row.question for row in rows], embedder)
    splits: dict[str, list[GroundedExample]] = {"train": [], "valid": []}
    counts: Counter[str] = Counter(rows=len(rows))
    for row, is_near in zip(rows, near, strict=True):
        fate, examples = ("near a gold question", []) if is_near else builder.build(row)
        counts[fate] += 1
        splits[split_of(row.question)] += examples
    sizes = {name: write_examples(out / f"{name}.jsonl", split) for name, split in splits.items()}
    write_examples(out / TWELVE_NAME, ground_twelve(builder.retriever))
    report = {
        "set": "grounded",
        "fates": dict(counts),
        "examples": sizes,
        "rows_sha256": _hash(rows_dir),
    }
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def read_rows(folder: Path) -> Iterator[GroundedRow]:
    """The rows of every `*.jsonl` in the folder.

    Raises:
        DataInvalid: there is no row, or a line is none.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise DataInvalid(f"{folder} holds no *.jsonl; expected rows as finetune/grounded.py reads")
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                yield _read_row(line, f"{path}, line {number}")


def _read_row(line: str, where: str) -> GroundedRow:
    try:
        row = json.loads(line)
        row["answer"] = tuple(Claim(**claim) for claim in row["answer"])
        return GroundedRow(**row)
    except (ValueError, KeyError, TypeError) as failure:
        raise DataInvalid(
            f'{where} is no row ({failure!r}); expected {{"id", "question", "book", "answer": '
            '[{"text", "anchor"}]} and optional "earlier", "kind". Mend that line'
        ) from failure


def near_gold(questions: Sequence[str], embedder: Embedder, gold: Path = GOLD) -> list[bool]:
    """Which questions come too near to one that the gold set asks, to be learnt from."""
    asked = embedder.encode([question.question for question in read_gold(gold)])
    return [bool(best >= TOO_NEAR_GOLD) for best in (embedder.encode(questions) @ asked.T).max(1)]


class Builder:
    """Puts passages beside a row's question, as serving would."""

    def __init__(self, retriever: Retriever, verifier: Verifier) -> None:
        self.retriever, self._verifier = retriever, verifier
        index = retriever.live.current()
        self._passages: dict[str, list[Passage]] = {}
        for passage in index.passages(range(len(index))):
            self._passages.setdefault(index.book(passage.book_id).file, []).append(passage)

    def build(self, row: GroundedRow) -> tuple[str, list[GroundedExample]]:
        """The row's fate in a word, and its examples."""
        chance = random.Random(row.id)
        found = self._search(row)
        if not row.answer:
            shown = draw_passages(found, [], chance)
            return "refusal", [_example(row, shown, REFUSAL)]
        carriers = [self._find_carrier(claim, row.book, found) for claim in row.answer]
        if any(carrier is None for carrier in carriers):
            return "anchor not on a page", []
        right = [carrier for carrier in carriers if carrier is not None]
        if not all(map(self._is_said, row.answer, right)):
            return "withheld by the verifier", []
        shown = draw_passages(found, right, chance)
        places = [place_of(passage, shown) for passage in right]
        marks = zip(row.answer, places, strict=True)
        answer = " ".join(f"{claim.text} [{place}]" for claim, place in marks)
        examples = [_example(row, shown, answer)]
        if chance.random() < BEREFT:
            examples += self._bereave(row, found, chance)
        return "answer", examples

    def _search(self, row: GroundedRow) -> list[Passage]:
        history = [Turn("user", row.earlier)] if row.earlier else []
        result = self.retriever.search(row.question, history, k=SEARCHED)
        return [hit.passage for hit in result.hits]

    def _find_carrier(self, claim: Claim, book: str, found: list[Passage]) -> Passage | None:
        """The passage that holds the anchor: one that the search found if there is one."""
        anchor = _plain(claim.anchor)
        places = [*found, *self._passages.get(book, [])]
        return next((passage for passage in places if anchor in _plain(passage.text)), None)

    def _is_said(self, claim: Claim, passage: Passage) -> bool:
        section = " › ".join(passage.section)
        return self._verifier.verify(claim.text, passage.text, section).supported

    def _bereave(
        self, row: GroundedRow, found: list[Passage], chance: random.Random
    ) -> list[GroundedExample]:
        """The same question beside passages that carry none of its answer: to be refused."""
        others = [p for p in found if not any(self._is_said(claim, p) for claim in row.answer)]
        topics = {p.section[-1:] for p in found if p not in others}
        strangers = [p for p in others if p.section[-1:] not in topics]
        if len(strangers) < min(SHOWN):
            return []
        return [_example(row, strangers[: chance.choice(SHOWN)], REFUSAL, suffix="-bereft")]


def draw_passages(
    found: list[Passage], right: list[Passage], chance: random.Random
) -> list[Passage]:
    """The passages of one prompt: the best found, the right ones among them, at any rank."""
    count = max(chance.choice(SHOWN), len({p.id for p in right}))
    shown = found[:count]
    for passage in right:
        if not any(holds_passage(other, passage) for other in shown):
            spare = [n for n, p in enumerate(shown) if not any(holds_passage(p, r) for r in right)]
            if len(shown) < count:
                shown.insert(chance.randint(0, len(shown)), passage)
            else:
                shown[chance.choice(spare)] = passage
    if chance.random() < SHUFFLED:
        chance.shuffle(shown)
    return shown


def place_of(passage: Passage, shown: Sequence[Passage]) -> int:
    return next(n for n, other in enumerate(shown, start=1) if holds_passage(other, passage))


def holds_passage(shown: Passage, passage: Passage) -> bool:
    """Hits that follow one another are joined, so one passage may hold another."""
    return _plain(passage.text) in _plain(shown.text)


def _example(
    row: GroundedRow, shown: Iterable[Passage], answer: str, suffix: str = ""
) -> GroundedExample:
    excerpts = tuple(Excerpt(passage.section, passage.text) for passage in shown)
    return GroundedExample(
        row.id + suffix, "starter-library", row.question, excerpts, answer, row.earlier
    )


def split_of(question: str) -> str:
    digest = hashlib.sha256(_plain(question).casefold().encode()).digest()
    return "valid" if int.from_bytes(digest[:4]) / 2**32 < VALID else "train"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
