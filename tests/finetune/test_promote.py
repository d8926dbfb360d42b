"""The gate between a run and the app: what it lets through, and what it says to the rest."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from finetune.errors import GateClosed, NotFinite, RunInvalid
from finetune.measuring.candidate import Trained, find_trained
from finetune.promote import Label, promote, read_weights, render_toml, write_weights
from models.adapters import WEIGHTS_NAME, attach_adapter, read_adapter
from models.local import bring_model
from settings import Settings
from tests.finetune.test_report import make_report
from tests.finetune.trainees import save_base, save_run

GOOD = {"answered": 0.9, "sentences_passed": 0.9, "facts": 0.6, "right_refusals": 1.0}
POOR = {"answered": 0.1, "sentences_passed": 0.2, "facts": 0.5, "right_refusals": 1.0}


class Desk:
    """A base, finished runs with their evaluations, and a home for adapters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: Settings = save_base(folder / "base")
        self.home = folder / "adapters"
        self.home.mkdir()

    def train(self, name: str, fill: float = 0.5, finished: bool = True) -> Trained:
        return find_trained(
            save_run(self.folder / name, self.folder / "base", fill, finished), "smollm2-135m"
        )

    def report(self, trained: Trained, figures: dict[str, Any], **changed: Any) -> None:
        report = make_report(trained.name)
        report["adapter"]["sha256"] = trained.sha256
        report["quotes"]["facts"] = 0.5
        report["models"]["adapter"]["app"] |= figures
        report["models"]["base"]["app"] |= POOR
        serving = changed.pop("serving", None)
        if serving:
            report["models"]["in service"] = {"name": "s", "sha256": serving, "app": dict(POOR)}
        report["gold"] |= changed
        (trained.home / "report.json").write_text(json.dumps(report))

    def promote(self, trained: Trained, **label: Any) -> dict[str, Any]:
        return promote(trained, Label(**label), self.settings, home=self.home)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_adapter_that_is_better_goes_into_service_with_its_card(desk: Desk) -> None:
    trained = desk.train("first")
    desk.report(trained, GOOD)
    done = desk.promote(trained, data=("starter library, Apache-2.0",), licence="CC-BY-4.0")
    assert (done["name"], done["in_service"], done["dtype"]) == ("first", True, "float16")
    adapter = read_adapter(desk.home / "first")
    assert adapter.card.base == "smollm2-135m"
    assert adapter.card.licence == "CC-BY-4.0"
    assert adapter.card.data[0] == "starter library, Apache-2.0"
    assert adapter.card.data[1].startswith("set grounded")
    assert adapter.card.recipe["name"] == "first"
    assert adapter.card.results["adapter"]["answered"] == 0.9  # type: ignore[index]
    loaded = bring_model("smollm2-135m", desk.folder / "base", None)
    assert attach_adapter(loaded.model, loaded.tokenizer, adapter, "smollm2-135m") is not None


def test_nothing_of_this_machine_is_in_the_folder(desk: Desk) -> None:
    trained = desk.train("first")
    desk.report(trained, GOOD)
    folder = Path(desk.promote(trained)["folder"])
    assert sorted(path.name for path in folder.iterdir()) == [
        "adapter_config.json",
        WEIGHTS_NAME,
        "card.toml",
    ]
    for path in (folder / "adapter_config.json", folder / "card.toml"):
        assert str(desk.folder) not in path.read_text()
    assert [path.name for path in desk.home.iterdir()] == ["first"]


def test_an_adapter_that_is_not_better_stays_out_and_the_figures_are_named(desk: Desk) -> None:
    trained = desk.train("first")
    desk.report(trained, POOR)
    with pytest.raises(GateClosed, match="nothing is better than base"):
        desk.promote(trained)
    desk.report(trained, GOOD | {"facts": 0.3})
    with pytest.raises(GateClosed, match=r"key facts told 0\.300, the quotes 0\.500"):
        desk.promote(trained)
    assert list(desk.home.iterdir()) == []


@pytest.mark.parametrize("changed", [{"half": "tune"}, {"complete": False}])
def test_an_evaluation_that_asked_too_little_opens_no_gate(
    desk: Desk, changed: dict[str, Any]
) -> None:
    trained = desk.train("first")
    desk.report(trained, GOOD, **changed)
    with pytest.raises(GateClosed, match="whole reporting half"):
        desk.promote(trained)


def test_an_evaluation_of_other_weights_or_none_is_refused(desk: Desk) -> None:
    trained = desk.train("first")
    with pytest.raises(RunInvalid, match="finetune evaluate"):
        desk.promote(trained)
    desk.report(trained, GOOD)
    changed = desk.train("first", fill=0.7)
    with pytest.raises(RunInvalid, match="evaluation is of weights"):
        desk.promote(changed)


def test_what_is_in_service_has_to_have_been_measured(desk: Desk) -> None:
    first, second = desk.train("first"), desk.train("second", fill=0.7)
    desk.report(first, GOOD)
    desk.promote(first)
    desk.report(second, GOOD)
    with pytest.raises(GateClosed, match="against the base and first"):
        desk.promote(second)
    serving = read_adapter(desk.home / "first").card.weights_sha256
    desk.report(second, GOOD, serving=serving)
    done = desk.promote(second)
    assert (done["name"], done["replaced"]) == ("first", "first")
    assert read_adapter(desk.home / "first").card.recipe["name"] == "second"
    assert [path.name for path in desk.home.iterdir()] == ["first"]


def test_under_a_later_name_it_says_that_another_adapter_comes_first(desk: Desk) -> None:
    first, second = desk.train("first"), desk.train("second", fill=0.7)
    desk.report(first, GOOD)
    desk.promote(first)
    desk.report(second, GOOD, serving=read_adapter(desk.home / "first").card.weights_sha256)
    assert not desk.promote(second, name="second")["in_service"]


def test_a_run_that_did_not_finish_is_not_promoted(desk: Desk) -> None:
    trained = desk.train("first", finished=False)
    desk.report(trained, GOOD)
    with pytest.raises(RunInvalid, match="not finished"):
        desk.promote(trained)


def test_a_weight_that_is_no_number_is_named_and_refused(desk: Desk) -> None:
    path = desk.train("first").folder / WEIGHTS_NAME
    weights = load_file(path)
    name = next(iter(weights))
    weights[name][0, 0] = float("nan")
    save_file(weights, path)
    trained = find_trained(desk.folder / "first")
    desk.report(trained, GOOD)
    with pytest.raises(NotFinite, match=name.split(".")[-2]):
        desk.promote(trained)
    path.write_bytes(b"not safetensors")
    with pytest.raises(RunInvalid, match="safetensors"):
        read_weights(path)


def test_weights_are_narrowed_without_losing_large_ones(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    small, large = torch.tensor([0.123456]), torch.tensor([1e6])
    size, dtype = write_weights({"small": small, "large": large}, path)
    assert dtype == "bfloat16, float16"
    assert size == path.stat().st_size
    kept = load_file(path)
    assert kept["small"].item() == pytest.approx(0.123456, rel=1e-3)
    assert kept["large"].item() == pytest.approx(1e6, rel=1e-2)


def test_more_than_twenty_megabytes_do_not_ship(tmp_path: Path) -> None:
    with pytest.raises(GateClosed, match="at most 20 MB"):
        write_weights({"big": torch.zeros(11_000_000)}, tmp_path / "w.safetensors")


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden"])
def test_a_name_that_leaves_the_folder_is_refused(desk: Desk, name: str) -> None:
    trained = desk.train("first")
    desk.report(trained, GOOD)
    with pytest.raises(RunInvalid, match="no name for an adapter"):
        desk.promote(trained, name=name)


def test_a_card_is_toml_whatever_stands_in_it() -> None:
    table = {
        "text": 'a "b"\n\\ é', "number": 0.5, "yes": True, "none": None,
        "rows": [{"a": 1}, {"b.c": "d"}], "deep": {"method": {"name": "lora", "ranks": None}},
    }  # fmt: skip
    del_none = {k: v for k, v in table.items() if v is not None}
    del_none["deep"] = {"method": {"name": "lora"}}
    assert tomllib.loads(render_toml(table)) == del_none
