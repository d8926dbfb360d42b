"""Whole trainings of a tiny Llama: what is written, what is refused, and going on after kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from finetune.errors import DataInvalid, NotFinite, RecipeInvalid, RunInvalid
from finetune.learning.loading import pick_precision
from finetune.learning.run import Run, find_checkpoint
from finetune.learning.watching import check_weights
from finetune.recipe import Recipe
from finetune.records import PlainText, write_examples
from finetune.train import train_recipe
from settings import ROOT
from tests.finetune.lessons import make_recipe, save_set, save_tiny_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_set(tmp_path_factory.mktemp("sets") / "test-set")


@pytest.fixture(scope="module")
def finished(base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of two epochs."""
    home = tmp_path_factory.mktemp("runs")
    train_recipe(make_recipe(base, data, training={"epochs": 2}), home)
    return Run(home / "tiny")


def read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_a_finished_run_says_everything_about_itself(finished: Run, data: Path) -> None:
    report = read_json(finished.report)
    assert report["status"] == "finished"
    assert report["recipe"]["name"] == "tiny"
    assert report["data"][0]["set"] == data.name
    assert len(report["data"][0]["train"]) == 64
    assert report["examples"] == {"train": 10, "valid": 2}
    assert report["steps"] == 4
    assert report["best_checkpoint"] in {"checkpoint-2", "checkpoint-4"}
    assert report["versions"]["trl"]
    assert report["trainable_parameters"] < report["parameters"]
    assert report["peak_bytes"] > 0


def test_a_run_leaves_an_adapter_curves_a_log_and_what_the_model_said(finished: Run) -> None:
    assert (finished.folder / "adapter" / "adapter_model.safetensors").is_file()
    assert (finished.folder / "curves.png").stat().st_size > 1000
    rows = [json.loads(line) for line in finished.log.read_text().splitlines()]
    assert any("eval_loss" in row for row in rows)
    said = finished.samples.read_text()
    assert said.count("## Step") == 2  # once an epoch
    assert "| temperature 0.0 | temperature 0.6 |" in said
    assert said.count("capital of France") == 2


def test_learning_lowers_the_loss_on_what_was_learnt(finished: Run) -> None:
    epochs = read_json(finished.report)["epochs"]
    assert epochs[-1]["eval_loss"] < epochs[0]["eval_loss"]


def test_a_finished_run_is_not_trained_over(finished: Run, base: Path, data: Path) -> None:
    with pytest.raises(RunInvalid, match="finished run"):
        train_recipe(make_recipe(base, data, training={"epochs": 2}), finished.folder.parent)


def test_another_recipe_does_not_go_on_with_a_run(base: Path, data: Path, tmp_path: Path) -> None:
    run = Run(tmp_path / "tiny")
    run.folder.mkdir()
    (run.folder / "recipe.json").write_text("{}")
    with pytest.raises(RunInvalid, match="another recipe"):
        train_recipe(make_recipe(base, data), tmp_path)


@pytest.mark.parametrize(
    "method",
    [
        {"name": "dora", "rank": 2},
        {"name": "layer_lora", "rank": 4, "ranks": "intrinsic"},
        {"name": "boft", "block_size": 4, "targets": ("q_proj",)},
        {"name": "freeze_lower"},
    ],
    ids=lambda method: str(method["name"]),
)
def test_every_kind_of_method_trains_to_a_run(
    method: dict[str, Any], base: Path, data: Path, tmp_path: Path
) -> None:
    recipe = make_recipe(base, data, method=method, training={"max_steps": 1})
    report = train_recipe(recipe, tmp_path)
    weights = tmp_path / "tiny" / ("adapter" if recipe.method.is_adapter else "model")
    assert report["steps"] == 1
    assert list(weights.glob("*.safetensors"))


def test_packing_gives_the_loss_of_the_examples_alone(
    base: Path, data: Path, tmp_path: Path
) -> None:
    """Ten examples in one packed step, or ten in a step: were one to see another, losses would part."""
    steps = {"max_steps": 1, "accumulation": 1}
    packed = make_recipe(base, data, training={**steps, "packing": True, "max_tokens": 20_000})
    apart = make_recipe(base, data, training={**steps, "batch_examples": 10})
    losses = []
    for name, recipe in (("packed", packed), ("apart", apart)):
        train_recipe(recipe, tmp_path / name)
        state = read_json(
            tmp_path / name / "tiny" / "checkpoints" / "checkpoint-1" / "trainer_state.json"
        )
        losses.append(state["log_history"][0]["eval_loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_a_stage_of_pretraining_comes_before(base: Path, data: Path, tmp_path: Path) -> None:
    notes = [PlainText(f"t{n}", "test", "The patient was seen in clinic. " * 3) for n in range(5)]
    write_examples(tmp_path / "notes" / "train.jsonl", notes)
    stage = {"data": [str(tmp_path / "notes")], "max_steps": 1}
    recipe = make_recipe(base, data, pretraining=stage, training={"max_steps": 1})
    assert train_recipe(recipe, tmp_path / "runs")["steps"] == 1


def test_a_loss_that_is_no_number_ends_the_run_and_names_its_examples(
    base: Path, data: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    save_tiny_base(broken)
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][:] = float("nan")
    from safetensors.torch import save_file

    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    with pytest.raises(NotFinite, match=r"in the batch of (g|d)\d"):
        train_recipe(make_recipe(broken, data), tmp_path / "runs")
    assert not (tmp_path / "runs" / "tiny" / "run.json").exists()
    assert not (tmp_path / "runs" / "tiny" / "adapter").exists()


def test_weights_that_are_no_numbers_are_never_a_success() -> None:
    with pytest.raises(NotFinite, match=r"lora_A.*precision"):
        check_weights({"lora_A": torch.tensor([1.0, float("inf")])})


def test_float16_on_a_cpu_is_refused() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has an accelerator")
    with pytest.raises(RecipeInvalid, match="NaN losses"):
        pick_precision("fp16")


def test_a_set_that_was_not_prepared_is_named_with_the_command(base: Path, tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="python -m finetune prepare missing"):
        train_recipe(make_recipe(base, Path("missing")), tmp_path, tmp_path)


TRAIN = """
import json, sys
from pathlib import Path
from rich.console import Console
from finetune.recipe import Recipe
from finetune.train import train_recipe
train_recipe(Recipe(**json.loads(sys.argv[1])), Path(sys.argv[2]), console=Console(stderr=True))
"""


def start(recipe: Recipe, home: Path) -> subprocess.Popen[bytes]:
    text = json.dumps(recipe.model_dump(mode="json", exclude_unset=True))
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, text, str(home)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_killed_run_goes_on_to_the_very_same_weights(
    base: Path, data: Path, tmp_path: Path
) -> None:
    recipe = make_recipe(
        base,
        data,
        training={"epochs": 2, "accumulation": 1, "save_steps": 2, "keep_checkpoints": 50},
    )
    straight = start(recipe, tmp_path / "straight")
    killed = start(recipe, tmp_path / "killed")
    run = Run(tmp_path / "killed" / "tiny")
    while not find_checkpoint(run) and killed.poll() is None:
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not run.report.exists()
    before = find_checkpoint(run)
    assert before is not None
    (run.checkpoints / "checkpoint-999").mkdir()  # a save that the kill cut short
    assert find_checkpoint(run) == before
    assert start(recipe, tmp_path / "killed").wait() == 0
    assert straight.wait() == 0
    assert read_json(run.report)["steps"] == 20
    one, other = (
        load_file(
            tmp_path / name / "tiny" / "checkpoints" / "checkpoint-20" / "adapter_model.safetensors"
        )
        for name in ("straight", "killed")
    )
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
