"""The question encoder: what it learns from, how it is measured, and its gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from corpus.records import Passage
from finetune.asking.loop import Plan, Shelf
from finetune.asking.pages import Asked, Pages, gather
from finetune.errors import GateClosed
from finetune.questions import check_questions_gate, measure_questions, train_questions
from finetune.reading import read_reading_rows
from models.adapters import read_adapter
from models.embedder import load_embedder
from models.encoder import LocalEmbedder
from models.registry import find_model
from models.weights import find_weights
from rag.measure.evaluate import GOLD, read_gold
from settings import Settings, load_settings
from tests.fakes import HashingEmbedder

TEXTS = (
    "Most cysts go away. Some grow and are taken out. See a doctor for pain.",
    "Take 400 micrograms of folic acid. Start before you try.",
)
SENTENCES = (
    "Most cysts go away.", "Some grow and are taken out.", "See a doctor for pain.",
    "Take 400 micrograms of folic acid.", "Start before you try.",
)  # fmt: skip


def make_pages() -> Pages:
    passages = tuple(Passage(str(n), "b", 1, 1, "1", (), text) for n, text in enumerate(TEXTS))
    return Pages(passages, ("train", "test"), SENTENCES, np.array([0, 0, 0, 1, 1]))


@pytest.mark.parametrize(
    ("place", "words", "said"),
    [
        (0, "cysts go away", [0]),
        (0, "taken out. See a doctor", [1, 2]),
        (1, "Start before", [4]),
        (1, "cysts go away", []),
    ],
)
def test_the_sentences_that_hold_the_words_are_found(
    place: int, words: str, said: list[int]
) -> None:
    assert list(make_pages().saying(place, words)) == said


def test_a_passage_scores_by_the_whole_and_by_its_best_sentence() -> None:
    shelf = Shelf.of(make_pages(), HashingEmbedder())
    asked = torch.from_numpy(HashingEmbedder().encode(["how many micrograms of folic acid"]))
    scores, of_sentences = shelf.score(asked)
    assert scores.shape == (1, 2)
    assert of_sentences.shape == (1, 5)
    expected = (asked[0] @ shelf.whole[1] + of_sentences[0, 3:].max()) / 2
    assert scores[0, 1] == pytest.approx(float(expected))
    assert scores[0].argmax() == 1


def test_figures_tell_whether_passage_and_sentence_come_first() -> None:
    embedder = HashingEmbedder()
    shelf = Shelf.of(make_pages(), embedder)
    held = [Asked("do cysts go away", "starter-library", "test", (0,), said=(0,))]
    right = measure_questions(held, embedder.encode(["do cysts go away"]), shelf)
    wrong = measure_questions(held, embedder.encode(["take folic acid"]), shelf)
    assert right == {"recall_1": 1.0, "recall_5": 1.0, "recall_10": 1.0, "sentence_first": 1.0}
    assert wrong["recall_1"] == 0.0


def test_only_what_finds_more_passes_the_gate(tmp_path: Path) -> None:
    alone, better = {"recall_5": 0.5}, {"recall_5": 0.6}
    check_questions_gate({"embedder": alone, "trained": better}, tmp_path)
    with pytest.raises(GateClosed, match="the embedder alone"):
        check_questions_gate({"embedder": alone, "trained": alone}, tmp_path)
    served = {"recall_5": 0.7}
    with pytest.raises(GateClosed, match="in service"):
        check_questions_gate({"embedder": alone, "trained": better, "in_service": served}, tmp_path)


def need_index() -> Settings:
    settings = load_settings()
    if not (settings.index_dir / "CURRENT").is_file():
        pytest.skip("there is no index of the starter library: python -m ingest")
    return settings


@pytest.mark.model
def test_it_learns_from_the_rows_that_ship_and_from_nothing_held_out() -> None:
    settings = need_index()
    pages, asked = gather(settings, load_embedder(settings))
    written = {question for row in read_reading_rows() for question, _ in row.answered}
    assert sum(one.question in written for one in asked) > 4000
    held = {n for n, split in enumerate(pages.split) if split != "train"}
    assert held
    assert all(held & set(one.right) for one in asked if one.split != "train")
    assert not held & {n for one in asked if one.split == "train" for n in one.right}
    assert not any(set(one.right) & set(one.beside) for one in asked)
    for one in asked[::97]:
        assert {int(pages.owners[s]) for s in one.said} <= set(one.right)
    gold = {question.question.casefold() for question in read_gold(GOLD)}
    assert not gold & {one.question.casefold() for one in asked}


@pytest.mark.model
def test_one_step_is_measured_and_kept_out_and_can_be_loaded(tmp_path: Path) -> None:
    settings = need_index()
    with pytest.raises(GateClosed, match="recall@5 on held-out passages"):
        train_questions(settings, "", Plan(steps=1, batch=4), "tiny", tmp_path / "home", tmp_path)
    assert not (tmp_path / "home").exists()
    adapter = read_adapter(tmp_path / "tiny")
    assert adapter.card.base == settings.embedder
    folder = find_weights(find_model(settings.embedder, "embedder"), settings)
    embedder = LocalEmbedder(settings.embedder, folder, asking=adapter)
    [one] = embedder.encode_questions(["can I have brie"])
    assert one @ embedder.encode(["can I have brie"])[0] > 0.99
