"""The proofreader's road: twins in the order of learning, what the loss rewards, a run that goes on, the gate."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from finetune.errors import DataInvalid, GateClosed, RunInvalid
from finetune.proofreader import open_proofreading, read_sentences, train_proofreader
from finetune.proofreading.loop import Plan, train_twins, twin_loss
from finetune.proofreading.twins import Twins, arrange, pair_up
from finetune.records import Excerpt, ReadingExample, write_examples
from models.adapters import WEIGHTS_NAME, Adapter, read_adapter
from models.cross_encoder import CrossEncoder
from rag.prompt import NO, YES
from settings import Settings, load_settings
from tests.tiny_mpnet import ENTRY, make_card, save_encoder

PLAN = Plan(steps=60, batch=4, learning_rate=5e-3, rank=4, alpha=8, strangers=0, least_strangers=0)


def say(
    number: int, words: str, answer: str, passage: str = "take iron every day"
) -> ReadingExample:
    return ReadingExample(f"r-{number}", "t", words, False, Excerpt(("Food",), passage), answer)


def make_twins(count: int) -> list[Twins]:
    return [Twins((f"said {n}", f"page {n}"), (f"unsaid {n}", f"page {n}")) for n in range(count)]


def test_a_sentence_and_its_twin_are_read_as_one() -> None:
    [twins] = pair_up([say(0, "take iron", YES), say(1, "take tea", NO)])
    assert twins.said == ("take iron", "Food. take iron every day")
    assert twins.unsaid == ("take tea", "Food. take iron every day")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "holds no sentence"),
        ([say(0, "a", YES), say(1, "b", YES)], "r-0 is no sentence with its twin"),
        ([say(0, "a", YES), say(1, "b", NO), say(2, "c", YES)], "r-2 is no sentence with its twin"),
        (
            [say(0, "a", YES), replace(say(1, "b", NO), id="other-1")],
            "r-0 is no sentence with its twin",
        ),
    ],
)
def test_a_sentence_without_its_twin_is_named(rows: list[ReadingExample], complaint: str) -> None:
    with pytest.raises(DataInvalid, match=f"{complaint}.*prepare reading"):
        pair_up(rows)


@given(st.integers(1, 40), st.integers(1, 90), st.integers(1, 8))
def test_all_are_learnt_once_before_any_comes_again(count: int, most: int, batch: int) -> None:
    twins = make_twins(count)
    order = list(arrange(twins, most, strangers=0, least=0.0, batch=batch, seed=1))
    assert len(order) == most
    seen = Counter(one.said for one in order)
    assert max(seen.values()) - min([*seen.values()] if len(seen) == count else [0]) <= 1
    assert all(one in twins for one in order)


def test_strangers_come_first_and_give_way() -> None:
    twins = make_twins(400)
    order = list(arrange(twins, 400, strangers=200, least=0.1, batch=4, seed=1))
    strange = [one.unsaid[0].startswith("said") for one in order]
    assert sum(strange[:64]) > 40
    assert sum(strange[-128:]) < 30
    assert all(one.unsaid[1] == one.said[1] for one in order)
    assert all(one.unsaid[0] != one.said[0] for one in order)


def test_the_loss_rewards_the_right_order_and_the_right_side() -> None:
    right, wrong = torch.tensor([3.0, -3.0]), torch.tensor([-3.0, 3.0])
    both_high = torch.tensor([4.0, 3.0])
    assert twin_loss(right) < twin_loss(both_high) < twin_loss(wrong)
    assert float(twin_loss(torch.zeros(4))) == pytest.approx(2 * np.log(2), abs=1e-5)


FOODS = ("iron", "tea", "milk", "water")
RULE = [Twins((f"take {a}", f"Food. {a}"), (f"never {a}", f"Food. {a}")) for a in FOODS]


def test_what_was_trained_serves(tmp_path: Path) -> None:
    """The adapter of the loop, attached as the app attaches it, tells what it learnt."""
    folder = save_encoder(tmp_path / "mpnet")
    trained = train_twins(folder, "mpnet", RULE, PLAN, open_proofreading(tmp_path / "run", {}))
    adapter = Adapter(name="tiny", folder=trained, card=make_card(folder, trained))
    model = CrossEncoder(ENTRY, folder, adapter, Settings())
    said = [say(n, f"take {food}", YES, food) for n, food in enumerate(FOODS)]
    unsaid = [say(n, f"never {food}", NO, food) for n, food in enumerate(FOODS)]
    assert (read_sentences(model, said) > 0.5).all()
    assert (read_sentences(model, unsaid) < 0.5).all()


def test_a_killed_run_goes_on_from_its_last_whole_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.proofreading.loop.KEEP_STEPS", 20)
    folder = save_encoder(tmp_path / "mpnet")
    whole = train_twins(folder, "mpnet", RULE, PLAN, open_proofreading(tmp_path / "one", {}))
    run = open_proofreading(tmp_path / "two", {})
    train_twins(folder, "mpnet", RULE, PLAN, run)
    shutil.rmtree(run.folder / "adapter")
    (run.checkpoints / "checkpoint-60" / "complete.json").unlink()  # killed while it was written
    log = run.log.read_text().count("\n")
    again = train_twins(folder, "mpnet", RULE, PLAN, run)
    steps = [json.loads(line)["step"] for line in run.log.read_text().splitlines()[log:]]
    assert min(steps) > 40
    one, two = (load_file(at / WEIGHTS_NAME) for at in (whole, again))
    assert all(torch.allclose(one[name], two[name], atol=1e-3) for name in one)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    run = open_proofreading(tmp_path / "run", {})
    (run.folder / "adapter").mkdir()
    (run.folder / "adapter" / WEIGHTS_NAME).write_bytes(b"trained")
    assert train_twins(tmp_path / "nowhere", "mpnet", [], PLAN, run) == run.folder / "adapter"


def test_a_run_goes_on_with_its_own_rows_and_plan_only(tmp_path: Path) -> None:
    open_proofreading(tmp_path / "run", {"steps": 2})
    open_proofreading(tmp_path / "run", {"steps": 2})
    with pytest.raises(RunInvalid, match="rm -r"):
        open_proofreading(tmp_path / "run", {"steps": 3})


@pytest.mark.model
def test_one_step_is_measured_and_kept_out(tmp_path: Path) -> None:
    settings = load_settings()
    rows = [
        replace(say(n, f"take {word} {n // 2} times", answer), id=f"r{n // 2}-{n % 2}")
        for n, (word, answer) in enumerate(
            [("iron", YES), ("tea", NO), ("tea", YES), ("iron", NO)] * 4
        )
    ]
    for split in ("train", "test"):
        write_examples(tmp_path / "data" / f"{split}.jsonl", rows)
    with pytest.raises(GateClosed, match=r"sentences_auc .* who sees no passage"):
        train_proofreader(
            settings, Plan(steps=1, batch=2), tmp_path / "data", tmp_path / "home", tmp_path
        )
    assert not (tmp_path / "home").exists()
    assert read_adapter(tmp_path / "mpnet-proofreader" / "draft").card.base == "mpnet"
