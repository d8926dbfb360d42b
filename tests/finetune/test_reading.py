"""Minimal pairs → reading examples: the passage found, both twins beside it, and the gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finetune.errors import DataInvalid, GateClosed
from finetune.examples import render_example
from finetune.measuring.reading import check_reading_gate, measure_reading
from finetune.reading import (
    ReadingRow,
    find_passage,
    leave_out_near_gold,
    make_examples,
    read_reading_rows,
    write_splits,
)
from finetune.records import read_examples, write_examples
from rag.prompt import NO, YES
from tests.fakes import HashingEmbedder

BOOK = "Before. Most cysts go away. Some grow and are taken out. See a doctor for pain. After."
ROW = ReadingRow(
    id="r1",
    source="starter-library",
    book="10.pdf",
    section="Cysts",
    opens="Most cysts go",
    closes="doctor for pain.",
    pairs=(("The majority of cysts vanish.", "The majority of cysts grow."),),
    answered=(("do cysts go", "Most cysts go away"),),
    unanswered=("how big do cysts get",),
)


def test_a_passage_is_found_by_its_first_and_last_words() -> None:
    found = find_passage(ROW, {"10.pdf": BOOK})
    assert found == "Most cysts go away. Some grow and are taken out. See a doctor for pain."
    assert find_passage(ROW, {"10.pdf": "Another book."}) is None
    assert find_passage(ROW, {}) is None


def test_both_twins_and_both_kinds_of_question_stand_beside_the_passage(tmp_path: Path) -> None:
    text = find_passage(ROW, {"10.pdf": BOOK}) or ""
    examples = list(make_examples(ROW, text, HashingEmbedder()))
    assert [(e.asked, e.is_question, e.answer) for e in examples] == [
        ("The majority of cysts vanish.", False, YES),
        ("The majority of cysts grow.", False, NO),
        ("do cysts go", True, YES),
        ("how big do cysts get", True, NO),
    ]
    assert len({e.id for e in examples}) == 4
    assert "Cysts: “Most cysts go away." in str(render_example(examples[0])[-1].content)
    write_examples(tmp_path / "train.jsonl", examples)
    assert list(read_examples(tmp_path / "train.jsonl")) == examples


def test_a_gold_question_is_never_learnt_from(tmp_path: Path) -> None:
    gold = tmp_path / "questions.jsonl"
    gold.write_text(
        '{"id": "g1", "half": "tune", "style": "plain", "question": "how big do cysts get", "answers": [], '
        '"facts": []}\n'
    )
    (kept,), left_out = leave_out_near_gold([ROW], HashingEmbedder(), [gold])
    assert left_out == 1
    assert kept == replace(ROW, unanswered=())


def test_a_test_pair_of_the_verifier_is_never_learnt_from(tmp_path: Path) -> None:
    tested = tmp_path / "verify.jsonl"
    tested.write_text(
        '{"id": "v1", "half": "report", "kind": "paraphrase", "supported": true, '
        '"sentence": "the majority of cysts vanish", "passage": "Cysts vanish."}\n'
    )
    (kept,), left_out = leave_out_near_gold([ROW], HashingEmbedder(), [], [tested])
    assert left_out == 1
    assert kept == replace(ROW, pairs=())


def test_questions_and_sentences_are_also_sets_of_their_own(tmp_path: Path) -> None:
    examples = list(
        make_examples(ROW, find_passage(ROW, {"10.pdf": BOOK}) or "", HashingEmbedder())
    )
    sizes = write_splits({"train": examples, "valid": []}, tmp_path / "reading")
    assert sizes == {
        "train": 4, "train, questions": 2, "train, sentences": 2,
        "valid": 0, "valid, questions": 0, "valid, sentences": 0,
    }  # fmt: skip
    questions = list(read_examples(tmp_path / "reading-questions" / "train.jsonl"))
    sentences = list(read_examples(tmp_path / "reading-sentences" / "train.jsonl"))
    assert questions == [example for example in examples if example.is_question]
    assert sentences == [example for example in examples if not example.is_question]


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "01.jsonl").write_text('{"id": "r1"}\n', encoding="utf-8")
    with pytest.raises(DataInvalid, match=r"01\.jsonl, line 1"):
        list(read_reading_rows(tmp_path))


def test_the_rows_that_ship_are_whole_and_their_twins_differ() -> None:
    rows = list(read_reading_rows())
    assert len({row.id for row in rows}) == len(rows) > 900
    for row in rows:
        assert row.pairs or row.answered, row.id
        assert all(said != twin for said, twin in row.pairs), row.id
        assert not {q for q, _ in row.answered} & set(row.unanswered), row.id


def test_who_reads_has_to_beat_who_sees_no_passage() -> None:
    text = find_passage(ROW, {"10.pdf": BOOK}) or ""
    examples = list(make_examples(ROW, text, HashingEmbedder()))
    perfect = measure_reading(examples, np.array([0.9, 0.1, 0.8, 0.2]))
    blind = measure_reading(examples, np.array([0.5, 0.5, 0.5, 0.5]))
    assert perfect["sentences_auc"] == perfect["questions_right"] == 1.0
    check_reading_gate({"trained": perfect, "text_alone": blind}, "questions", "")
    with pytest.raises(GateClosed, match="sees no passage"):
        check_reading_gate({"trained": blind, "text_alone": blind}, "questions", "")
    worse = {**perfect, "questions_auc": 0.9}
    with pytest.raises(GateClosed, match="in service"):
        check_reading_gate(
            {"trained": worse, "text_alone": blind, "in_service": perfect}, "questions", "mend"
        )
