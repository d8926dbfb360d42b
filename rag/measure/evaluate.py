"""`python -m rag eval`: search, gate and answers measured on questions with known pages.

Reads a gold file (tests/gold/README.md) and asks the retriever; the assistant only for a sample.
Knows nothing of how anything is scored inside. `rag.measure.report` writes what is measured here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.records import Hit
from rag.errors import BadInput
from rag.events import Answer
from rag.measure.report import write_report
from rag.retrieve import Retriever, load_retriever
from rag.search.gate import Verdict
from rag.search.vocabulary import content_words, stem, words_of
from settings import ROOT, Settings

GOLD = ROOT / "tests" / "gold" / "questions.jsonl"
DEPTH = 10  # hits looked at
ANSWERS = 20  # questions of the reporting half that are answered in full; each takes seconds
_FACT_SHARE = 0.6  # of a fact's words that have to be there for the fact to count as told


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One line of a gold file; no `pages` when no book answers."""

    id: str
    question: str
    style: str
    half: str  # "tune" or "report"
    pages: frozenset[tuple[str, int]]  # (book file, 1-based PDF page index)
    facts: tuple[str, ...]

    @property
    def books(self) -> tuple[str, ...]:
        return tuple(sorted({book for book, _ in self.pages}))


@dataclass(frozen=True, slots=True)
class Found:
    """What the search made of one question; `rank` is 1 for the first hit, 0 for not found."""

    gold: GoldQuestion
    rank: int
    verdict: Verdict
    score: float  # the gate's probability
    facts_told: float  # share of the facts that stand in the first five hits


@dataclass(frozen=True, slots=True)
class Answered:
    """What the assistant made of one question."""

    gold: GoldQuestion
    status: str
    facts_told: float  # share of the facts in the answer
    citations: int
    valid_citations: int  # whose quoted words stand in the passage that they cite
    on_gold_page: bool


def report_gold(
    settings: Settings, gold: Path | None, out: Path, answers: int = ANSWERS
) -> dict[str, Any]:
    """Measure and write `report.md`, `report.json` and `report.png` into `out`; all figures."""
    questions = read_gold(gold or GOLD)
    retriever = load_retriever(settings)
    found = [search_one(retriever, question) for question in questions]
    answered = answer_some(settings, questions, answers) if answers else []
    return write_report(found, answered, out)


def read_gold(path: Path) -> list[GoldQuestion]:
    """The questions of a gold file.

    Raises:
        BadInput: no such file, or a line that is not one of a gold file.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as failure:
        raise BadInput(
            f"{path} could not be read ({failure.strerror}); expected a gold file, see "
            "tests/gold/README.md."
        ) from failure
    return [
        _read_line(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()
    ]


def search_one(retriever: Retriever, gold: GoldQuestion) -> Found:
    """Search for one question and compare with where the answer stands."""
    result = retriever.search(gold.question, k=DEPTH)
    ranks = [rank for rank, hit in enumerate(result.hits, 1) if pages_of(hit) & gold.pages]
    texts = (hit.passage.text for hit in result.hits[:5])
    return Found(
        gold,
        ranks[0] if ranks else 0,
        result.evidence.verdict,
        result.evidence.score,
        share_told(gold.facts, texts),
    )


def answer_some(settings: Settings, questions: Sequence[GoldQuestion], most: int) -> list[Answered]:
    """Whole answers to evenly chosen answerable questions of the reporting half."""
    from rag.answer import load_assistant

    assistant = load_assistant(settings)
    asked = [question for question in questions if question.pages and question.half == "report"]
    step = max(1, len(asked) // max(1, most))
    return [judge_answer(q, assistant.answer(q.question)) for q in asked[::step][:most]]


def judge_answer(gold: GoldQuestion, answer: Answer) -> Answered:
    """Count what an answer tells and whether its citations hold."""
    citations = answer.citations
    return Answered(
        gold,
        answer.status,
        share_told(gold.facts, [answer.text]),
        len(citations),
        sum(1 for c in citations if c.quote and c.quote in c.hit.passage.text),
        any((c.hit.book.file, c.page) in gold.pages for c in citations),
    )


def pages_of(hit: Hit) -> frozenset[tuple[str, int]]:
    """Every page that a hit stands on."""
    span = range(hit.passage.first_page, hit.passage.last_page + 1)
    return frozenset((hit.book.file, page) for page in span)


def share_told(facts: Sequence[str], texts: Iterable[str]) -> float:
    """Share of the facts whose words, most of them, stand in the texts; 1 when there are none."""
    stems = {stem(word) for text in texts for word in words_of(text)}
    told = 0
    for fact in facts:
        words = content_words(fact) or words_of(fact)
        here = sum(1 for word in words if stem(word) in stems)
        told += here >= _FACT_SHARE * len(words)
    return told / len(facts) if facts else 1.0


def _read_line(line: str, where: str) -> GoldQuestion:
    try:
        row = json.loads(line)
        return GoldQuestion(
            id=str(row["id"]),
            question=str(row["question"]),
            style=str(row.get("style", "plain")),
            half=str(row.get("half", "report")),
            pages=frozenset(
                (str(answer["book"]), int(page))
                for answer in row["answers"]
                for page in answer["pages"]
            ),
            facts=tuple(str(fact) for fact in row.get("facts", ())),
        )
    except (ValueError, KeyError, TypeError) as failure:
        raise BadInput(
            f'{where} is no gold question ({failure!r}); expected {{"id", "question", "answers": '
            '[{"book", "pages"}]}.'
        ) from failure
