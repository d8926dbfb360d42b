"""The reader and the proofreader that ship, for real: they belong to their base, and tell things from their like."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.records import Passage
from models.adapters import PROOFREADERS_DIR, READERS_DIR, WEIGHTS_NAME, read_adapter
from models.cross_encoder import PROOFREADS, load_cross_encoder
from models.local import READS
from models.weights import file_sha256
from rag.reader import load_proofreader, load_reader
from settings import load_settings

MOST_BYTES = 20_000_000
LOCHIA = Passage(
    "1", "b", 1, 1, "1", ("After the birth", "Bleeding"),
    "Bleeding after the birth lasts two to six weeks. At first it is bright red and heavy, then it "
    "turns brown. It may be heavier when you feed, because the womb tightens.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "base"),
    [
        (READERS_DIR / "smollm2-135m-reader", READS),
        (PROOFREADERS_DIR / "mpnet-proofreader", PROOFREADS),
    ],
)
def test_its_card_says_what_it_is_and_its_weights_are_those_of_the_card(
    folder: Path, base: str
) -> None:
    reader = read_adapter(folder)
    assert reader.card.base == base
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


@pytest.mark.model
@pytest.mark.parametrize(
    ("said", "twin"),
    [
        (
            "You may bleed more while you feed because your womb is shrinking.",
            "You may bleed less while you feed because your womb is shrinking.",
        ),
        (
            "The first bleeding after you give birth is bright red.",
            "The last bleeding after you give birth is bright red.",
        ),
        (
            "Lochia can go on for up to six weeks.",
            "Lochia always goes on for six weeks.",
        ),
    ],
)
def test_what_the_passage_says_reads_surer_than_its_twin(said: str, twin: str) -> None:
    proofreader = load_proofreader(load_settings())
    assert proofreader is not None
    assert proofreader.says(said, LOCHIA.text, "Bleeding") > proofreader.says(
        twin, LOCHIA.text, "Bleeding"
    )


def test_without_them_there_are_none() -> None:
    settings = load_settings().model_copy(update={"reader": "none", "proofreader": "none"})
    assert load_reader(settings) is None
    assert load_proofreader(settings) is None


def test_without_weights_there_are_none_either(tmp_path: Path) -> None:
    settings = load_settings().model_copy(update={"weights_dir": tmp_path})
    assert load_cross_encoder(settings) is None
