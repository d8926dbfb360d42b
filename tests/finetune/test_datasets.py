"""Rows of the public sets: from files in their columns, from a folder, from the hub at a commit."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from finetune.data.datasets import load_rows
from finetune.data.sources import SOURCES, detect_source, find_source
from finetune.errors import DataInvalid
from finetune.records import Dialogue, PlainText

CHAT = {
    "Description": "Q. Can I take iron with tea?",
    "Patient": "Hello doctor, I am 12 weeks pregnant and take iron with my tea. Is that fine?",
    "Doctor": "Tea lowers how much iron you take up. Take the tablet an hour before it.",
}
MEDQUAD = {
    "id": "4-0000001-1",
    "qtype": "information",
    "question": "What is (are) Anemia ?",
    "answer": "Anemia is a lack of red blood cells.",
}
NOTE = {
    "note": "Discharge summary. A 31-year-old woman had a caesarean section.",
    "question": "Which operation did she have?",
    "answer": "A caesarean section.",
    "task": "Question Answering",
}
MTSAMPLE = {
    "description": "A visit.",
    "medical_specialty": "Obstetrics / Gynecology",
    "transcription": "CHIEF COMPLAINT:,  Back pain in pregnancy.,PLAN:,  Rest.",
}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="0000001" source="MPlusHealthTopics" url="https://example.org/anemia">
<Focus>Anemia</Focus>
<QAPairs>
 <QAPair pid="1"><Question qid="0000001-1" qtype="information">What is (are) Anemia ?</Question>
  <Answer>Anemia is a lack of red blood cells.</Answer></QAPair>
 <QAPair pid="2"><Question qid="0000001-2" qtype="treatment">What are the treatments for Anemia ?
</Question><Answer/></QAPair>
</QAPairs>
</Document>
"""


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows in the format that the path's ending names."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        parquet.write_table(arrow.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_dialogue_reads_the_same_from_every_format(tmp_path: Path, ending: str) -> None:
    path = write_rows(tmp_path / f"rows.{ending}", [CHAT, CHAT])
    loaded = load_rows(find_source("ai-medical-chatbot"), str(path))
    assert len(loaded.rows) == 2
    example = loaded.rows[0].example
    assert isinstance(example, Dialogue)
    assert example.context == "Can I take iron with tea?"
    assert (example.question, example.answer) == (CHAT["Patient"], CHAT["Doctor"])
    assert [row.example.id for row in loaded.rows] == [
        "ai-medical-chatbot-1",
        "ai-medical-chatbot-2",
    ]


def test_the_origin_names_the_file_and_its_sha256_but_no_folder(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [CHAT])
    loaded = load_rows(find_source("ai-medical-chatbot"), str(path))
    assert loaded.origin == "rows.jsonl"
    assert len(loaded.sha256) == 64


def test_a_limit_reads_the_first_rows(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.csv", [CHAT] * 5)
    assert len(load_rows(find_source("ai-medical-chatbot"), str(path), limit=2).rows) == 2


def test_medquads_xml_gives_the_rows_and_ids_of_its_jsonl(tmp_path: Path) -> None:
    folder = tmp_path / "MedQuAD" / "4_MPlus_Health_Topics_QA"
    folder.mkdir(parents=True)
    (folder / "0000001.xml").write_text(XML, encoding="utf-8")
    of_xml = load_rows(find_source("medquad"), str(tmp_path / "MedQuAD")).rows
    path = write_rows(tmp_path / "medquad.jsonl", [MEDQUAD])
    assert of_xml[0] == load_rows(find_source("medquad"), str(path)).rows[0]
    assert [row.label for row in of_xml] == ["information", "treatment"]
    assert load_rows(find_source("medquad"), str(folder / "0000001.xml")).rows == (
        load_rows(find_source("medquad"), str(folder)).rows
    )


def test_medquad_in_csv_needs_question_and_answer_only(tmp_path: Path) -> None:
    row = {key: MEDQUAD[key] for key in ("question", "answer")}
    path = write_rows(tmp_path / "medquad.csv", [row])
    assert load_rows(find_source("medquad"), str(path)).rows[0].example.id == "medquad-1"


def test_asclepius_puts_the_note_beside_the_question(tmp_path: Path) -> None:
    older = {"patient" if key == "note" else key: value for key, value in NOTE.items()}
    for row in (NOTE, older):
        path = write_rows(tmp_path / "synthetic.csv", [row])
        (only,) = load_rows(find_source("asclepius"), str(path)).rows
        assert isinstance(only.example, Dialogue)
        assert only.example.context == NOTE["note"]
        assert only.label == "Question Answering"


def test_mtsamples_is_plain_text_with_its_specialty(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "mtsamples.csv", [MTSAMPLE])
    (only,) = load_rows(find_source("mtsamples"), str(path)).rows
    assert isinstance(only.example, PlainText)
    assert only.example.text == MTSAMPLE["transcription"]
    assert only.label == "Obstetrics / Gynecology"


def test_missing_columns_are_named_beside_the_expected_ones(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.csv", [{"Description": "a", "Doctor": "b"}])
    with pytest.raises(DataInvalid) as caught:
        load_rows(find_source("ai-medical-chatbot"), str(path))
    assert "lacks the column Patient" in str(caught.value)
    assert "Description, Patient, Doctor" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("rows.txt", "a", "expected one of .csv"),
        ("rows.jsonl", '{"question": ', "line 1 is no JSON"),
        ("rows.jsonl", "[1]\n", "line 1 is no object"),
        ("rows.json", '{"a": 1}', "no list of objects"),
        ("rows.parquet", "a", "no Parquet file"),
        ("rows.xml", "<a>", "is no XML"),
        ("rows.csv", "question,answer\n", "holds no rows"),
        ("rows.csv", b"question,answer\n\xff,b\n", "could not be read"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataInvalid, match=says):
        load_rows(find_source("medquad"), str(tmp_path / name))


def test_a_place_that_is_nowhere_is_refused() -> None:
    with pytest.raises(DataInvalid, match="is not there"):
        load_rows(find_source("medquad"), "nowhere.csv")
    with pytest.raises(DataInvalid, match="no place on the hub"):
        load_rows(find_source("medquad"))


def test_an_unknown_source_is_answered_with_the_known_ones() -> None:
    with pytest.raises(DataInvalid, match="ai-medical-chatbot, medquad, asclepius, mtsamples"):
        find_source("medquade")


def test_a_folder_of_tables_is_read_as_the_hub_lays_it_out(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.csv", [CHAT, CHAT])
    write_rows(tmp_path / "test.csv", [CHAT])
    assert len(load_rows(find_source("ai-medical-chatbot"), str(tmp_path)).rows) == 3


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with pytest.raises(DataInvalid, match="could not be read"):
        load_rows(find_source("ai-medical-chatbot"), str(tmp_path / "set"))


def test_the_hub_is_read_at_the_commit_that_the_revision_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "train.csv", [CHAT])
    asked: list[tuple[str, str | None]] = []

    def dataset_info(self: object, repo: str, *, revision: str | None, timeout: float) -> Any:
        asked.append((repo, revision))
        return SimpleNamespace(sha="c0ffee")

    import datasets

    real = datasets.load_dataset

    def load_dataset(repo: str, *, revision: str | None, streaming: bool) -> Any:
        asked.append((repo, revision))
        return real(str(tmp_path), streaming=streaming)

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", dataset_info)
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    loaded = load_rows(find_source("ai-medical-chatbot"), revision="v1")
    assert asked == [
        ("ruslanmv/ai-medical-chatbot", "v1"),
        ("ruslanmv/ai-medical-chatbot", "c0ffee"),
    ]
    assert (loaded.origin, loaded.revision) == ("ruslanmv/ai-medical-chatbot", "c0ffee")
    assert len(loaded.rows) == 1


def test_a_hub_out_of_reach_is_named_with_what_to_do() -> None:
    with pytest.raises(DataInvalid, match=r"can't be reached.*--from"):
        load_rows(find_source("ai-medical-chatbot"))


def test_a_source_is_told_by_its_columns() -> None:
    for row, name in ((CHAT, "ai-medical-chatbot"), (MEDQUAD, "medquad"), (NOTE, "asclepius")):
        assert detect_source(row, "a file").name == name
    with pytest.raises(DataInvalid, match="which are no source's"):
        detect_source(["text"], "a file")


def test_a_licence_is_stated_for_every_source_but_the_one_that_has_none() -> None:
    assert [name for name, source in SOURCES.items() if not source.licence] == [
        "ai-medical-chatbot"
    ]
