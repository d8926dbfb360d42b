"""Rows written by hand on the starter library → grounded examples with the passages a search finds.

A row names its answer's sentences and, for each, words of the page that carry it; the passages are
those that serving would show for the question, so training meets the same prompts. What the
verifier would withhold, and what comes near a gold question, is left out and counted. Many rows come
a second time without the passages that answer them: the question's form must not tell a refusal.
Training road: row → **GroundedExample** → tokens. Needs an index of the starter library.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.records import Hit, Passage
from finetune.errors import DataInvalid
from finetune.records import DATA_HOME, Excerpt, GroundedExample, write_examples
from finetune.twelve import NAME as TWELVE_NAME
from finetune.twelve import ground_twelve
from models.embedder import Embedder, load_embedder
from rag.events import Turn
from rag.measure.evaluate import GOLD, read_gold
from rag.prompt import REFUSAL
from rag.reply.compress import compress_hits
from rag.retrieve import Retriever, load_retriever
from rag.verify import Verifier
from settings import Settings, load_settings

ROWS_DIR = Path(__file__).with_name("grounded")
SHOWN = 5  # passages that serving cuts down to a prompt: settings.hits
SEARCHED = 10
SHUFFLED = 0.25  # share of the prompts whose passages stand in any order
BEREFT = 0.2  # share of the answerable rows that come a second time, their passages taken out
VALID = 0.06  # share of the rows kept for early stopping, by a hash of the question
FEWEST_STRANGERS = 3  # of the hits that a bereft row is shown
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


def near_gold(
    questions: Sequence[str], embedder: Embedder, gold: Sequence[Path] = (GOLD,)
) -> list[bool]:
    """Which questions come too near to one that a gold set asks, to be learnt from."""
    asked = [question.question for path in gold for question in read_gold(path)]
    return near_any(questions, asked, embedder)


def near_any(texts: Sequence[str], others: Sequence[str], embedder: Embedder) -> list[bool]:
    """Which texts come as near to one of the others as a question that only words it anew."""
    if not texts or not others:
        return [False] * len(texts)
    likeness = embedder.encode(list(texts)) @ embedder.encode(list(others)).T  # (texts, others)
    return [bool(best >= TOO_NEAR_GOLD) for best in likeness.max(1)]


class Builder:
    """Puts passages beside a row's question, as serving would."""

    def __init__(self, retriever: Retriever, verifier: Verifier) -> None:
        self.retriever, self._verifier = retriever, verifier
        index = retriever.live.current()
        self._hits: dict[str, list[Hit]] = {}
        for passage in index.passages(range(len(index))):
            book = index.book(passage.book_id)
            self._hits.setdefault(book.file, []).append(Hit(passage, book, 0.0))

    def build(self, row: GroundedRow) -> tuple[str, list[GroundedExample]]:
        """The row's fate in a word, and its examples."""
        chance = random.Random(row.id)
        history = [Turn("user", row.earlier)] if row.earlier else []
        search = self.retriever.search(row.question, history, k=SEARCHED)
        found, asked = list(search.hits), search.query or row.question
        if not row.answer:
            return "refusal", self._make(row, asked, draw_hits(found, [], chance))
        carriers = [self._find_carrier(claim, row.book, found) for claim in row.answer]
        right = [carrier for carrier in carriers if carrier is not None]
        if len(right) < len(row.answer):
            return "anchor not on a page", []
        if not all(self._is_said(c, hit.passage) for c, hit in zip(row.answer, right, strict=True)):
            return "withheld by the verifier", []
        told = self._make(row, asked, draw_hits(found, right, chance), row.answer)
        if not told:
            return "not told by what is shown", []
        bereft = self._bereave(row, asked, found, chance) if chance.random() < BEREFT else []
        return "answer", [*told, *bereft]

    def _find_carrier(self, claim: Claim, book: str, found: list[Hit]) -> Hit | None:
        """The hit that holds the anchor: one that the search found if there is one."""
        anchor = _plain(claim.anchor)
        places = [*found, *self._hits.get(book, [])]
        return next((hit for hit in places if anchor in _plain(hit.passage.text)), None)

    def _is_said(self, claim: Claim, passage: Passage) -> bool:
        section = " › ".join(passage.section)
        return self._verifier.verify(claim.text, passage.text, section).supported

    def _make(
        self, row: GroundedRow, asked: str, hits: Sequence[Hit], claims: Sequence[Claim] = ()
    ) -> list[GroundedExample]:
        """The question beside the hits as a prompt shows them; none if a claim is not told there."""
        anchors = [_plain(claim.anchor) for claim in claims]
        shown = [p for _, p in compress_hits(asked, hits, self.retriever.embedder, wanted=anchors)]
        places = [self._place_of(claim, shown) for claim in claims]
        if None in places:
            return []
        marked = [f"{c.text} [{place}]" for c, place in zip(claims, places, strict=True)]
        return [as_example(row.id, "starter-library", row.question, shown, marked, row.earlier)]

    def _place_of(self, claim: Claim, shown: Sequence[Passage]) -> int | None:
        """The number (from 1) of the first passage, as it is shown, that tells the claim."""
        anchor = _plain(claim.anchor)
        for number, passage in enumerate(shown, start=1):
            if anchor in _plain(passage.text) and self._is_said(claim, passage):
                return number
        return None

    def _bereave(
        self, row: GroundedRow, asked: str, found: list[Hit], chance: random.Random
    ) -> list[GroundedExample]:
        """The same question beside passages that carry none of its answer: to be refused."""

        def carries(hit: Hit) -> bool:
            return any(self._is_said(claim, hit.passage) for claim in row.answer)

        others = [hit for hit in found if not carries(hit)]
        topics = {hit.passage.section[-1:] for hit in found if hit not in others}
        strangers = [hit for hit in others if hit.passage.section[-1:] not in topics]
        if len(strangers) < FEWEST_STRANGERS:
            return []
        bereft = replace(row, id=f"{row.id}-bereft")
        return self._make(bereft, asked, draw_hits(strangers, [], chance))


def draw_hits(found: Sequence[Hit], right: Sequence[Hit], chance: random.Random) -> list[Hit]:
    """The hits behind one prompt: the best found, the right ones among them, at any rank."""
    shown = list(found[:SHOWN])
    for hit in right:
        if not any(holds_passage(other.passage, hit.passage) for other in shown):
            spare = [n for n, other in enumerate(shown) if other not in right]
            if len(shown) < SHOWN:
                shown.insert(chance.randint(0, len(shown)), hit)
            else:
                shown[chance.choice(spare)] = hit
    if chance.random() < SHUFFLED:
        chance.shuffle(shown)
    return shown


def holds_passage(shown: Passage, passage: Passage) -> bool:
    """Hits that follow one another are joined, so one passage may hold another."""
    return _plain(passage.text) in _plain(shown.text)


def as_example(
    id: str,
    source: str,
    question: str,
    shown: Sequence[Passage],
    marked: Sequence[str],
    earlier: str = "",
) -> GroundedExample:
    """A row of a prepared set; `marked` = the answer's sentences with their marks, none = refused."""
    excerpts = tuple(Excerpt(passage.section, passage.text) for passage in shown)
    return GroundedExample(id, source, question, excerpts, " ".join(marked) or REFUSAL, earlier)


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
