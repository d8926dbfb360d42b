"""Recipes: every one in the folder is read, an unknown key is refused, fields go with their method."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from finetune.errors import RecipeInvalid
from finetune.recipe import RECIPES_DIR, MethodName, read_recipe
from models.registry import find_model

RECIPES = sorted(RECIPES_DIR.glob("*.toml"))
GOOD = """
name = "mine"
about = "a try"
model = "smollm2-135m"
data = ["grounded"]
[method]
name = "lora"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_every_recipe_is_there_and_every_method_has_one() -> None:
    assert len(RECIPES) == 16
    assert {read_recipe(path).method.name for path in RECIPES} == set(get_args(MethodName))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_valid_and_opens_with_its_launch_command(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert find_model(recipe.model, "chat")
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(f"-m finetune train {path.stem}")


def test_a_recipe_is_found_by_its_name_alone() -> None:
    assert read_recipe(Path("llama-3.2-1b-grounded")).model == "llama-3.2-1b"


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("rnak = 8", "rnak"),
        ("ranks = [4, 4]", "ranks does not go with method 'lora'"),
        ("block_size = 4", "block_size does not go with"),
        ("rank = 0", "rank"),
        ("dropout = 1.5", "dropout"),
        ("[training]\nlearning_rat = 1", "learning_rat"),
        ("[training]\nprecision = 'int8'", "precision"),
    ],
)
def test_a_key_or_value_that_is_not_known_is_refused_by_name(
    tmp_path: Path, more: str, complaint: str
) -> None:
    with pytest.raises(RecipeInvalid, match=complaint):
        read_recipe(write(tmp_path, GOOD + more))


def test_layer_lora_needs_its_ranks(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match="ranks goes with method 'layer_lora'"):
        read_recipe(write(tmp_path, GOOD.replace('"lora"', '"layer_lora"')))


def test_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(RecipeInvalid, match=r"Valid names: .*smollm2-135m-grounded"):
        read_recipe(Path("smollm"))


def test_what_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match=r"mine\.toml can't be used"):
        read_recipe(write(tmp_path, "name = "))
