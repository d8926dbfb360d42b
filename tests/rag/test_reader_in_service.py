"""The reader that ships, for real: it belongs to its base, and tells an answer from its like."""

from __future__ import annotations

import pytest

from corpus.records import Passage
from models.adapters import READERS_DIR, WEIGHTS_NAME, read_adapter
from models.local import READS
from models.weights import file_sha256
from rag.reader import load_reader
from settings import load_settings

NAME = "smollm2-135m-reader"
MOST_BYTES = 20_000_000
LOCHIA = Passage(
    "1", "b", 1, 1, "1", ("After the birth", "Bleeding"),
    "Bleeding after the birth lasts two to six weeks. At first it is bright red and heavy, then it "
    "turns brown. It may be heavier when you feed, because the womb tightens.",
)  # fmt: skip


def test_its_card_says_what_it_is_and_its_weights_are_those_of_the_card() -> None:
    reader = read_adapter(READERS_DIR / NAME)
    assert reader.card.base == READS
    assert any("OpenStax" in note and "CC BY 4.0" in note for note in reader.card.data)
    weights = reader.folder / WEIGHTS_NAME
    assert reader.card.weights_sha256 == file_sha256(weights)
    assert weights.stat().st_size <= MOST_BYTES


@pytest.mark.model
def test_a_question_that_the_passage_answers_reads_surer_than_one_that_it_does_not() -> None:
    reader = load_reader(load_settings())
    assert reader is not None
    answered = ["how long will I bleed after having the baby", "why is it heavier when I feed her?"]
    others = [
        "how long until my periods come back after the baby",
        "can I use tampons after birth?",
    ]
    surest = max(float(reader.answers(question, [LOCHIA])[0]) for question in others)
    assert all(float(reader.answers(question, [LOCHIA])[0]) > surest for question in answered)


def test_without_a_reader_there_is_none() -> None:
    assert load_reader(load_settings().model_copy(update={"reader": "none"})) is None
