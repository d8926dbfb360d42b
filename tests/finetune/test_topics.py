"""`topics`: the main topics of a set, the one on women's health, and its filter."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from finetune.data.topic_filter import TopicFilter, load_filter, topic_text
from finetune.errors import DataInvalid
from finetune.prepare import Order, prepare_set
from finetune.records import Dialogue, PlainText, write_examples
from finetune.topics import describe_topics, find_topics, make_filter, read_rows
from tests.fakes import HashingEmbedder

ABOUT = (
    "pregnant pregnancy baby birth breastfeeding period menstrual bleeding ovulation infertility "
    "women contraceptive pill emergency contraception menopause flushes vaginal pelvic ovarian",
    "tooth teeth gums dentist filling crown jaw wisdom braces molar enamel plaque canine cavity",
    "knee hip joint cartilage brace stairs kneecap ligament meniscus tendon thigh ankle squat limp",
)


def dialogues(count: int) -> list[Dialogue]:
    """Questions on three topics in turn, no two alike."""
    chance, rows = random.Random(7), []
    for n in range(count):
        words = chance.sample(ABOUT[n % 3].split(), 12)
        question = f"What of my {' and my '.join(words)}, {n}?"
        rows.append(Dialogue(f"r{n}", "test", question, "Rest helps, and so does warm food."))
    return rows


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("topics")


@pytest.fixture(scope="module")
def report(home: Path) -> dict[str, Any]:
    write_examples(home / "set" / "train.jsonl", dialogues(80))
    write_examples(home / "set" / "test.jsonl", dialogues(90)[80:])
    return describe_topics(str(home / "set"), 3, home / "out", embedder=HashingEmbedder())


def test_the_topics_are_found_and_the_one_on_womens_health_is_told(report: dict[str, Any]) -> None:
    assert report["rows"] == 90
    assert [topic["rows"] for topic in report["topics"]] == [30, 30, 30]
    (match,) = (topic for topic in report["topics"] if topic["matches"])
    assert set(match["words"]) <= set(ABOUT[0].split())
    assert report["matching_rows"] == 30


def test_everything_is_written(home: Path, report: dict[str, Any]) -> None:
    written = home / "out"
    assert (written / "topics.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((written / "topics.json").read_text(encoding="utf-8"))["rows"] == 90
    assert "filter.json keeps" in (written / "topics.md").read_text(encoding="utf-8")
    of_row = [json.loads(line) for line in (written / "rows.jsonl").read_text().splitlines()]
    assert [row["id"] for row in of_row] == [f"r{n}" for n in range(90)]
    assert len({row["topic"] for row in of_row[::3]}) == 1


def test_the_filter_keeps_the_topics_rows_in_prepare(home: Path, report: dict[str, Any]) -> None:
    assert load_filter(home / "out" / "filter.json").precision > 0.9
    rows = home / "raw.jsonl"
    answer = "Rest helps here, and so does a warm meal in the evening."
    lines = [
        {"Description": "", "Patient": d.question, "Doctor": f"{answer} It is case {d.id}."}
        for d in dialogues(90)
    ]
    rows.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    done = prepare_set(
        Order(
            "ai-medical-chatbot",
            str(rows),
            out=home / "kept",
            topic_filter=home / "out" / "filter.json",
        )
    )
    assert done["dropped"]["off-topic"] == 60


def test_the_same_rows_give_the_same_topics(home: Path, report: dict[str, Any]) -> None:
    again = describe_topics(str(home / "set"), 3, home / "again", embedder=HashingEmbedder())
    assert again["topics"] == report["topics"]
    assert (home / "again" / "filter.json").read_bytes() == (
        home / "out" / "filter.json"
    ).read_bytes()


def test_thirty_rows_are_enough_and_ten_topics_become_fewer(report: dict[str, Any]) -> None:
    texts = [row.question for row in dialogues(30)]
    embedder = HashingEmbedder()
    topics = find_topics(texts, embedder.encode(texts), embedder.encode(["pregnancy"]), 10)
    assert 1 < len(topics.topics) <= 6
    assert sum(topic.rows for topic in topics.topics) == 30


def test_no_topic_on_womens_health_makes_no_filter(report: dict[str, Any]) -> None:
    texts = [row.question for n, row in enumerate(dialogues(60)) if n % 3]
    embedder = HashingEmbedder()
    topics = find_topics(texts, embedder.encode(texts), embedder.encode(["quantum optics"]), 2)
    assert topics.matching == ()
    assert make_filter("set", texts, topics) is None


def test_too_few_different_rows_are_refused(tmp_path: Path) -> None:
    write_examples(tmp_path / "few.jsonl", dialogues(20) * 3)
    with pytest.raises(DataInvalid, match="20 different rows; expected at least 30"):
        read_rows(str(tmp_path / "few.jsonl"))


def test_a_file_is_read_as_its_source_has_it(tmp_path: Path) -> None:
    path = tmp_path / "medquad.jsonl"
    lines = [{"question": d.question, "answer": d.answer} for d in dialogues(40)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    name, rows = read_rows(str(path), limit=35)
    assert (name, len(rows)) == ("medquad", 35)
    assert rows[0][0].startswith("medquad-")


def test_a_set_that_is_nowhere_is_refused() -> None:
    with pytest.raises(DataInvalid, match="is not there"):
        read_rows("no-such-set")


def test_a_short_question_is_read_with_the_beginning_of_its_answer() -> None:
    asked = Dialogue("1", "medquad", "What is mastitis?", "An inflammation of the breast.")
    assert topic_text(asked) == "What is mastitis?\nAn inflammation of the breast."
    long = Dialogue("2", "chat", "word " * 30, "answer", "Title")
    assert topic_text(long) == f"Title\n{long.question}".strip()
    assert topic_text(PlainText("3", "mtsamples", "a b " * 300)).count("a") == 100


def test_a_filter_counts_each_word_once() -> None:
    topic = TopicFilter(name="a", weights={"period": 0.6, "knee": -0.5}, threshold=1.0)
    assert topic.score("Period, period, PERIOD") == pytest.approx(0.6)
    assert not topic.keeps("period of knee pain")
