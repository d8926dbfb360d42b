"""MedQuAD rows by sentence number: the words come from the data, the marks from the prompt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.errors import DataInvalid
from finetune.medquad_grounded import ROWS, build_medquad_grounded, read_medquad_rows
from finetune.records import GroundedExample, read_examples
from rag.prompt import REFUSAL
from tests.fakes import HashingEmbedder

ANAEMIA = (
    "Anaemia means too few red blood cells. Eat meat, beans and leafy greens to get more iron. "
    "Your doctor may advise iron tablets for several months."
)
ASTHMA = "Asthma narrows the airways of the lungs. An inhaler opens them within minutes."


def write(tmp_path: Path, *rows: dict[str, object]) -> tuple[Path, Path]:
    pairs = [("1-1", "Anaemia", ANAEMIA), ("2-1", "Asthma", ASTHMA)]
    data, wanted = tmp_path / "medquad.jsonl", tmp_path / "rows.jsonl"
    data.write_text(
        "\n".join(
            json.dumps({"id": i, "focus": f, "question": "?", "answer": a}) for i, f, a in pairs
        )
    )
    wanted.write_text("\n".join(map(json.dumps, rows)))
    return data, wanted


def build(tmp_path: Path, *rows: dict[str, object]) -> list[GroundedExample]:
    data, wanted = write(tmp_path, *rows)
    build_medquad_grounded(data, tmp_path, HashingEmbedder(), wanted)
    found = [e for split in ("train", "valid") for e in read_examples(tmp_path / f"{split}.jsonl")]
    return [example for example in found if isinstance(example, GroundedExample)]


def test_a_sentence_named_by_number_becomes_a_cited_answer(tmp_path: Path) -> None:
    row = {"id": "m1", "medquad": "1-1", "question": "food for low iron?", "sentences": [2]}
    (example,) = build(tmp_path, row)
    told, mark = example.answer.rsplit(" ", 1)
    assert told == "Eat meat, beans and leafy greens to get more iron."
    assert told in example.passages[int(mark.strip("[]")) - 1].text


def test_a_row_without_sentences_is_a_refusal(tmp_path: Path) -> None:
    row = {"id": "m2", "medquad": "1-1", "question": "what do tablets cost?", "sentences": []}
    (example,) = build(tmp_path, row)
    assert example.answer == REFUSAL


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"id": "m", "medquad": "9-9", "question": "?", "sentences": [1]}, "does not hold"),
        ({"id": "m", "medquad": "1-1", "question": "?", "sentences": [7]}, "which has 3"),
        ({"id": "m", "medquad": "1-1"}, "is no row"),
    ],
)
def test_a_row_that_names_what_is_not_there_is_refused(
    tmp_path: Path, row: dict[str, object], complaint: str
) -> None:
    with pytest.raises(DataInvalid, match=complaint):
        build(tmp_path, row)


def test_the_rows_that_ship_are_whole_and_asked_once() -> None:
    rows = list(read_medquad_rows(ROWS))
    assert len(rows) == 400
    assert len({row.id for row in rows}) == len({row.question for row in rows}) == 400
