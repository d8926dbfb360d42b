"""Hand-written rows: enough of them, whole, and made into the prompts that serving would show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.errors import DataInvalid
from finetune.grounded import ROWS_DIR, build_grounded, near_gold, read_rows
from finetune.records import GroundedExample, read_examples
from rag.measure.evaluate import GOLD, read_gold
from rag.prompt import REFUSAL
from settings import load_settings
from tests.fakes import HashingEmbedder

BOOK = "06-conditions-in-pregnancy.pdf"
ANSWERED = {
    "id": "t1",
    "question": "What counts as high blood pressure when pregnant?",
    "book": BOOK,
    "answer": [
        {
            "text": "High blood pressure in pregnancy means 140/90 mmHg or more.",
            "anchor": "in pregnancy means 140/90 mmHg or more",
        }
    ],
}
FALSE = {
    "id": "t2",
    "question": "And what is severe?",
    "book": BOOK,
    "answer": [{**ANSWERED["answer"][0], "text": "High blood pressure means 150/95 mmHg."}],  # type: ignore[index]
}
REFUSED = {"id": "t3", "question": "Which monitor is cheapest?", "book": BOOK, "answer": []}


def test_the_library_has_more_than_four_hundred_rows_of_every_kind() -> None:
    rows = list(read_rows(ROWS_DIR))
    answered = [row for row in rows if row.answer]
    assert len(answered) >= 1500
    assert len(rows) - len(answered) >= 400  # refusals
    assert sum(bool(row.earlier) for row in rows) >= 100  # of two turns
    assert len({row.id for row in rows}) == len(rows)
    assert len({row.book for row in rows}) == 10


def test_no_row_asks_a_gold_question() -> None:
    gold = {question.question.casefold() for question in read_gold(GOLD)}
    assert not gold & {row.question.casefold() for row in read_rows(ROWS_DIR)}


def test_a_question_like_a_gold_question_is_noticed() -> None:
    gold = read_gold(GOLD)[0].question
    assert near_gold([gold.upper() + "?", "Something else entirely"], HashingEmbedder()) == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    "line", ['{"id": "x"}', "[]", "{", '{"id": "x", "question": "?", "book": "b", "answer": [{}]}']
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "01.jsonl").write_text(json.dumps(REFUSED) + "\n" + line)
    with pytest.raises(DataInvalid, match=r"01\.jsonl, line 2 is no row"):
        list(read_rows(tmp_path))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="holds no"):
        list(read_rows(tmp_path))


@pytest.mark.model
def test_rows_become_prompts_of_serving_and_what_the_verifier_withholds_is_left_out(
    tmp_path: Path,
) -> None:
    settings = load_settings()
    if not (settings.index_dir / "CURRENT").is_file():
        pytest.skip("there is no index of the starter library: python -m ingest")
    rows = tmp_path / "rows"
    rows.mkdir()
    (rows / "01.jsonl").write_text("\n".join(map(json.dumps, (ANSWERED, FALSE, REFUSED))))
    report = build_grounded(tmp_path / "out", rows, settings)
    assert report["fates"] == {"rows": 3, "answer": 1, "withheld by the verifier": 1, "refusal": 1}
    found = {
        example.id: example
        for split in ("train", "valid")
        for example in read_examples(tmp_path / "out" / f"{split}.jsonl")
        if isinstance(example, GroundedExample)
    }
    told, mark = found["t1"].answer.rsplit(" ", 1)
    assert "140/90 mmHg" in found["t1"].passages[int(mark.strip("[]")) - 1].text
    assert told == ANSWERED["answer"][0]["text"]  # type: ignore[index]
    assert found["t3"].answer == REFUSAL
    assert found["t3"].passages
    assert len(list(read_examples(tmp_path / "out" / "twelve.jsonl"))) == 12
