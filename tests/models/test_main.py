"""`python -m models` as it is used: JSON alone on standard output, exit codes, the way on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.__main__ import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The command line with an empty folder of weights."""
    from settings import load_settings

    monkeypatch.setenv("LLAMA_MD_WEIGHTS_DIR", str(tmp_path))
    load_settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, arguments)
    load_settings.cache_clear()


def read(result: Result) -> dict:  # type: ignore[type-arg]
    found: dict = json.loads(result.stdout)  # type: ignore[type-arg]
    return found


def test_list_names_every_model_and_whether_it_is_here(run) -> None:  # type: ignore[no-untyped-def]
    rows = {row["name"]: row for row in read(run("list", "--json"))["models"]}
    assert rows["minilm"]["kind"] == "embedder"
    assert rows["minilm"]["folder"] == ""
    assert "smollm2-135m" in run("list").stdout


def test_info_shows_sources_in_order(run) -> None:  # type: ignore[no-untyped-def]
    sources = read(run("info", "llama-3.2-1b", "--json"))["sources"]
    assert [source.split()[0] for source in sources] == ["local", "hub", "hub"]
    assert "0.6" in run("info", "llama-3.2-1b").stdout


def test_an_unknown_name_is_wrong_usage_and_lists_the_valid_ones(run) -> None:  # type: ignore[no-untyped-def]
    result = run("pull", "gpt-9", "--json")
    assert result.exit_code == 2
    assert "minilm" in read(result)["error"]
    assert "minilm" in result.stderr


def test_what_can_not_be_fetched_fails_with_the_ways_on(run) -> None:  # type: ignore[no-untyped-def]
    result = run("pull", "llama-3.2-1b")
    assert result.exit_code == 1
    assert "LLAMA_MD_MODEL_DIR" in result.stderr


def test_a_model_that_is_here_is_not_fetched_again(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "llama-3.2-1b"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    assert read(run("pull", "llama-3.2-1b", "--json"))["status"] == "present"


def test_no_command_shows_the_help(run) -> None:  # type: ignore[no-untyped-def]
    assert "pull" in run("--help").stdout
    assert run("pull").exit_code == 2
