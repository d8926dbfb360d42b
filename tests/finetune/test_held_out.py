"""Held-out rows with passages and alone: the same row in either condition, and honest counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.errors import DataInvalid
from finetune.measuring.held_out import (
    HeldOutSet,
    figures_of,
    in_condition,
    measure_set,
    read_held_out,
    spread,
    write_answers,
)
from finetune.measuring.measures import TokenScore
from finetune.records import Dialogue, Excerpt, GroundedExample, PlainText, write_examples
from tests.finetune.trainees import END, IRON, OneBook, write_always

GROUNDED = GroundedExample(
    "g", "starter-library", "How much iron?", (Excerpt(("Iron",), IRON),), "27 mg a day [1]."
)
DIALOGUE = Dialogue("d", "medquad", "What is anaemia?", "Too little haemoglobin.")
TEXT = PlainText("t", "book", "Rest and drink.")


def test_a_row_alone_loses_its_passages_and_its_marks() -> None:
    alone = in_condition(GROUNDED, "alone", None)
    assert isinstance(alone, Dialogue)
    assert alone.answer == "27 mg a day."
    assert in_condition(GROUNDED, "passages", None) is GROUNDED


def test_a_dialogue_gets_the_passages_that_a_search_finds() -> None:
    found = in_condition(DIALOGUE, "passages", OneBook())  # type: ignore[arg-type]
    assert isinstance(found, GroundedExample)
    assert found.passages == (Excerpt(("Vitamins", "Iron"), IRON),)
    assert in_condition(DIALOGUE, "passages", None) is None


def test_running_text_is_scored_but_asks_nothing() -> None:
    figures = measure_set(
        write_always("a" * 9 + END).model, HeldOutSet("s", "test", (TEXT,)), (9, 9)
    )
    assert list(figures) == ["alone"]
    assert figures["alone"]["answers"] == 0
    assert figures["alone"]["token_f1"] is None
    assert figures["alone"]["tokens"] == len(TEXT.text)  # its bytes but the first, and the end


def test_an_answer_that_is_the_reference_has_the_best_figures() -> None:
    model = write_always(GROUNDED.answer + END).model
    row = figures_of(TokenScore(), write_answers(model, [GROUNDED]))
    assert (row["token_f1"], row["rouge_l"], row["stops_itself"]) == (1.0, 1.0, 1.0)
    assert row["loss"] is None


def test_rows_that_are_too_long_are_counted_and_left_out() -> None:
    long = GroundedExample("l", "s", "Why? " * 900, (Excerpt((), IRON),), "Because [1].")
    figures = measure_set(
        write_always("No." + END).model, HeldOutSet("s", "test", (long, GROUNDED)), (9, 9)
    )
    assert figures["passages"]["too_long"] == 1
    assert figures["passages"]["rows"] == 1
    assert figures["passages"]["answers"] == 1


def test_the_test_split_is_taken_and_without_it_the_valid_split_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "grounded"
    write_examples(folder / "valid.jsonl", [GROUNDED])
    assert (read_held_out(folder).name, read_held_out(folder).split) == ("grounded", "valid")
    write_examples(folder / "test.jsonl", [DIALOGUE, TEXT])
    assert read_held_out(folder).split == "test"
    assert len(read_held_out(folder / "valid.jsonl").examples) == 1


def test_no_split_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match=r"test\.jsonl"):
        read_held_out(tmp_path)
    (tmp_path / "test.jsonl").write_text("\n")
    with pytest.raises(DataInvalid, match="no rows"):
        read_held_out(tmp_path)


def test_a_sample_is_spread_over_the_whole_order() -> None:
    assert spread(range(10), 3) == [0, 3, 6]
    assert spread(range(2), 3) == [0, 1]
    assert spread(range(2), 0) == []
