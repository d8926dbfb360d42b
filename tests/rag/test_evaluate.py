"""The figures of an evaluation are right, and its files come out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.records import Book, Citation, Hit, Passage
from rag.errors import BadInput
from rag.events import Answer, Sentence
from rag.measure.evaluate import (
    Answered,
    Found,
    GoldQuestion,
    judge_answer,
    pages_of,
    read_gold,
    share_told,
)
from rag.measure.report import figures_of, row_of, write_report
from rag.search.gate import Verdict
from settings import ROOT

GOLD_FOLDER = ROOT / "tests" / "gold"
BOOK = Book("b", "b.pdf", "", "A book")


def gold(number: int, page: int | None, half: str = "report") -> GoldQuestion:
    pages = frozenset() if page is None else frozenset({("b.pdf", page)})
    return GoldQuestion(f"q{number}", "Is it?", "plain", half, pages, ())


def found(number: int, page: int | None, rank: int, verdict: Verdict) -> Found:
    return Found(gold(number, page), rank, verdict, 0.5, 1.0)


ALL = [
    found(1, 3, 1, "enough"),
    found(2, 4, 4, "enough"),
    found(3, 5, 0, "not_in_books"),
    found(4, 6, 8, "enough"),
    found(5, None, 0, "enough"),
    found(6, None, 0, "out_of_scope"),
]


def test_recall_counts_answerable_questions_by_rank() -> None:
    row = row_of(ALL)
    assert (row["recall@1"], row["recall@5"], row["recall@10"]) == (0.25, 0.5, 0.75)
    assert row["mrr"] == pytest.approx((1 + 1 / 4 + 1 / 8) / 4, abs=1e-4)


def test_the_gates_two_errors_are_counted_apart() -> None:
    row = row_of(ALL)
    assert row["false_refusals"] == 0.25
    assert row["false_answers"] == 0.5


def test_what_went_wrong_is_named() -> None:
    figures = figures_of(ALL)
    assert figures["missed"] == ["q3", "q4"]
    assert figures["false_refusals"] == ["q3"]
    assert figures["false_answers"] == ["q5"]


def test_a_hit_stands_on_all_its_pages() -> None:
    hit = Hit(Passage("p", "b", 3, 5, "3", (), "Text."), BOOK, 1.0)
    assert pages_of(hit) == {("b.pdf", 3), ("b.pdf", 4), ("b.pdf", 5)}


def test_a_fact_is_told_when_most_of_its_words_are_there() -> None:
    text = ["Take 400 micrograms of folic acid until 12 weeks."]
    assert share_told(["400 micrograms", "until week 12"], text) == 1.0
    assert share_told(["5 mg on prescription"], text) == 0.0
    assert share_told([], text) == 1.0


def test_a_citation_is_valid_when_its_words_stand_in_its_passage() -> None:
    hit = Hit(Passage("p", "b", 3, 3, "3", (), "Rest and drink."), BOOK, 1.0)
    good, bad = Citation(1, hit, "Rest and drink."), Citation(2, hit, "Run a mile.")
    answer = Answer("quoted", (Sentence("Rest and drink.", (good,)),), (good, bad))
    judged = judge_answer(gold(1, 3), answer)
    assert (judged.citations, judged.valid_citations, judged.on_gold_page) == (2, 1, True)


def test_a_report_is_written_as_markdown_json_and_plot(tmp_path: Path) -> None:
    answered = [Answered(gold(1, 3), "quoted", 1.0, 2, 2, True)]
    figures = write_report(ALL, answered, tmp_path / "eval")
    assert "| all | 6 | 0.250 | 0.500 | 0.750 |" in figures["markdown"]
    assert "valid citations 1.00" in figures["markdown"]
    written = json.loads((tmp_path / "eval" / "report.json").read_text())
    assert written["all"] == figures["all"]
    assert (tmp_path / "eval" / "report.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": 1}', '{"id": 1, "question": "?", "answers": [{}]}']
)
def test_a_broken_gold_line_is_named_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f'{{"id": 1, "question": "Is it?", "answers": []}}\n\n{line}\n')
    with pytest.raises(BadInput, match=r"line 3"):
        read_gold(path)


def test_a_missing_gold_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.jsonl"):
        read_gold(tmp_path / "nowhere.jsonl")


@pytest.mark.parametrize(
    "name", ["questions.jsonl", "questions_fresh_01.jsonl", "shared_questions.jsonl"]
)
def test_the_gold_files_are_whole(name: str) -> None:
    questions = read_gold(GOLD_FOLDER / name)
    known = [question for question in questions if question.pages]
    assert len({question.id for question in questions}) == len(questions)
    assert len({question.question.casefold() for question in questions}) == len(questions)
    assert all(question.facts for question in known)
    assert len(known) >= 60
    assert len(questions) - len(known) >= 40
    for style in ("colloquial", "other_words"):
        assert sum(question.style == style for question in known) >= 0.2 * len(known)
