"""`prepare`: the set it writes, the fate of every row, and the report beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.data.topic_filter import TopicFilter, save_filter
from finetune.errors import DataInvalid
from finetune.prepare import Order, prepare_set
from finetune.records import Dialogue, read_examples

SHARED = Path(__file__).parents[3] / "shared" / "data"
STUB = "Hi. For further information consult a neurologist online -->"
ADVICE = "Hello. Tea lowers how much iron you take up, so wait an hour after the tablet. Take care."


def row(patient: str, doctor: str = ADVICE, description: str = "Q. Is it fine?") -> dict[str, str]:
    return {"Description": description, "Patient": patient, "Doctor": doctor}


ROWS = [
    row("Hello doctor, I am pregnant and take iron with my tea. Is that fine?"),
    row("Hello doctor, I am pregnant and take iron with my tea. Is that fine?"),
    row("HELLO DOCTOR. I am pregnant, and take iron with my tea; is that fine"),
    row("Hello doctor, what does abutment of the nerve root mean?", STUB),
    row("Hello doctor, my son is 4 years old and has a cold. What helps?"),
    row(
        "Hello doctor, I am now in week 30 and my feet swell each evening when I come home from "
        "my long work day. Is that a danger? Please help me.",
        "Hello. Swelling in both feet by the evening is common in late pregnancy, so put them up.",
    ),
    row(
        "Hello doctor, I am now in week 30 and my feet swell each evening when I come home from "
        "my long work day. Is that a danger? Kindly help me.",
        "Hi. Swelling in both feet by the evening is common in late pregnancy, so put them up.",
    ),
    row(
        "Hello doctor, I have a toothache since my filling was done. What could it be?",
        "Hello. Pain after a filling often fades in two weeks. If it stays, the nerve is inflamed.",
    ),
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in ROWS), encoding="utf-8")
    return path


def prepare(rows: Path, **changes: Any) -> dict[str, Any]:
    out = rows.parent / "set"
    return prepare_set(Order("ai-medical-chatbot", str(rows), out=out, **changes))


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_row_has_its_fate(rows: Path) -> None:
    prepare(rows)
    fates = read_lines(rows.parent / "set" / "rows.jsonl")
    assert [fate["id"] for fate in fates] == [f"ai-medical-chatbot-{n}" for n in range(1, 9)]
    assert [fate["reason"] for fate in fates] == [
        "", "duplicate", "duplicate", "nothing-left", "minor", "", "near-duplicate", "",
    ]  # fmt: skip
    assert all((fate["status"] == "kept") is bool(fate["split"]) for fate in fates)
    assert {"what": "courtesy", "field": "answer", "text": "Hello."} in fates[0]["changes"]


def test_the_splits_hold_the_kept_rows_cleaned(rows: Path) -> None:
    report = prepare(rows)
    kept = [
        example
        for split in ("train", "valid", "test")
        for example in read_examples(rows.parent / "set" / f"{split}.jsonl")
    ]
    assert len(kept) == report["kept"] == sum(s["rows"] for s in report["splits"].values()) == 3
    first = next(example for example in kept if example.id == "ai-medical-chatbot-1")
    assert isinstance(first, Dialogue)
    assert first.answer == "Tea lowers how much iron you take up, so wait an hour after the tablet."


def test_the_report_tells_origin_licence_and_counts(rows: Path) -> None:
    prepare(rows)
    report = json.loads((rows.parent / "set" / "report.json").read_text(encoding="utf-8"))
    assert (report["licence"], report["licence_known"]) == ("", False)
    assert report["origin"] == "rows.jsonl"
    assert report["dropped"] == {"duplicate": 2, "minor": 1, "nothing-left": 1, "near-duplicate": 1}
    assert str(rows.parent) not in json.dumps(report)
    text = (rows.parent / "set" / "report.md").read_text(encoding="utf-8")
    assert "none known" in text
    assert "consult a neurologist online -->" in text


def test_the_same_rows_make_the_same_set(rows: Path) -> None:
    first, second = prepare(rows), prepare(rows)
    assert first["splits"] == second["splits"]


def test_short_questions_that_differ_in_a_word_are_two_rows(tmp_path: Path) -> None:
    path = tmp_path / "medquad.jsonl"
    answer = "A blood test shows it. A sample is taken from a vein and sent to a laboratory."
    rows = [
        {"question": f"What do people need to know about testing for hepatitis {n} ?"} for n in "BC"
    ]
    path.write_text("".join(json.dumps(r | {"answer": answer}) + "\n" for r in rows))
    report = prepare_set(Order("medquad", str(path), out=tmp_path / "set"))
    assert report["kept"] == 2
    assert sorted(s["rows"] for s in report["splits"].values()) == [0, 0, 2]


def test_a_topic_filter_leaves_the_other_rows_out(rows: Path) -> None:
    topic = TopicFilter(name="womens-health", weights={"pregnant": 1.0, "week": 1.0}, threshold=1.0)
    save_filter(rows.parent / "filter.json", topic)
    report = prepare(rows, topic_filter=rows.parent / "filter.json")
    assert report["dropped"]["off-topic"] == 1
    assert (report["kept"], report["topic_filter"]) == (2, "womens-health")


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "could not be read"), ("{}", "no topic filter"), ("not json", "no topic filter")],
)
def test_a_filter_that_is_none_is_refused(rows: Path, content: str | None, says: str) -> None:
    path = rows.parent / "filter.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataInvalid, match=says):
        prepare(rows, topic_filter=path)


def test_a_set_with_nothing_left_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row("What is abutment of a nerve?", STUB)), encoding="utf-8")
    with pytest.raises(DataInvalid, match=r"no row of rows\.jsonl is left of 1"):
        prepare(path)
    assert not (tmp_path / "set" / "report.json").exists()


def test_the_command_prints_one_object(rows: Path) -> None:
    out = rows.parent / "set"
    arguments = ["prepare", "ai-medical-chatbot", "--from", str(rows), "--out", str(out), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["kept"] == 3
    limited = CliRunner().invoke(app, [*arguments, "--limit", "1"])
    assert json.loads(limited.stdout)["read"] == 1


def test_a_wrong_name_is_wrong_usage_and_a_wrong_file_a_failure(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["prepare", "medquade"]).exit_code == 2
    missing = ["prepare", "medquad", "--from", str(tmp_path / "a.csv"), "--json"]
    done = CliRunner().invoke(app, missing)
    assert done.exit_code == 1
    assert "is not there" in json.loads(done.stdout)["error"]


def test_the_sample_of_real_dialogues_keeps_about_half(tmp_path: Path) -> None:
    sample = SHARED / "dialogues" / "ai_medical_chatbot_sample.jsonl"
    if not sample.is_file():
        pytest.skip("shared/data has no dialogues here")
    report = prepare_set(Order("ai-medical-chatbot", str(sample), out=tmp_path))
    assert report["read"] == 920
    assert report["dropped"]["duplicate"] == 330
    assert 400 < report["kept"] < 500
    for example in read_examples(tmp_path / "train.jsonl"):
        assert isinstance(example, Dialogue)
        for residue in ("-->", "attachment removed", "icliniq"):
            assert residue not in example.answer
