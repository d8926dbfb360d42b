"""The cross-encoder: odds of pairs whatever stands beside them, and only with weights that belong together."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from models.adapters import Adapter
from models.cross_encoder import MOST_TOKENS_FIRST, CrossEncoder
from models.errors import AdapterRefused, PromptTooLong, WeightsDamaged
from settings import Settings
from tests.tiny_mpnet import ENTRY, WORDS, save_adapter, save_encoder

FOODS = [word for word in WORDS if word.isalpha()]
PAIRS = [
    *(
        (f"take {word} {'every day ' * n}", f"{word} helps . {word} is safe")
        for n, word in enumerate(FOODS)
    ),
    ("milk", "food . " + "the baby may take milk every day . " * 90),
    ("", ""),
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_encoder(tmp_path_factory.mktemp("mpnet"))


@pytest.fixture(scope="module")
def adapter(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    return save_adapter(encoder, tmp_path_factory.mktemp("adapter"))


def test_a_pair_reads_the_same_alone_and_among_others(encoder: Path, adapter: Adapter) -> None:
    model = CrossEncoder(ENTRY, encoder, adapter, Settings())
    together = model.odds(PAIRS)
    assert len(PAIRS) > 16  # more than go together in one pass
    assert together.shape == (len(PAIRS),)
    assert together.dtype == np.float32
    alone = np.array([model.odds([pair])[0] for pair in PAIRS])
    apart = np.abs(together - alone).max()
    assert apart < 0.1 * np.ptp(alone)


def test_all_threads_read_the_same(encoder: Path, adapter: Adapter) -> None:
    model = CrossEncoder(ENTRY, encoder, adapter, Settings())
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: model.odds(PAIRS[:6]), range(8)))
    assert all(np.allclose(one, read[0]) for one in read)


def test_nothing_asked_is_nothing_answered(encoder: Path, adapter: Adapter) -> None:
    assert CrossEncoder(ENTRY, encoder, adapter, Settings()).odds([]).shape == (0,)


def test_a_sentence_that_leaves_no_room_is_refused_by_its_length(
    encoder: Path, adapter: Adapter
) -> None:
    model = CrossEncoder(ENTRY, encoder, adapter, Settings())
    with pytest.raises(PromptTooLong, match=f"201 tokens, expected at most {MOST_TOKENS_FIRST}"):
        model.odds([("iron " * 201, "iron helps")])
    assert model.odds([("iron " * 200, "iron helps " * 200)]).shape == (1,)


def test_the_adapter_of_another_base_is_refused(encoder: Path, adapter: Adapter) -> None:
    card = adapter.card.model_copy(update={"base_revision": "0" * 12})
    stranger = adapter.model_copy(update={"card": card})
    with pytest.raises(AdapterRefused, match="LLAMA_MD_PROOFREADER=none"):
        CrossEncoder(ENTRY, encoder, stranger, Settings()).warm_up()


def test_an_adapter_without_a_head_is_refused(
    encoder: Path, adapter: Adapter, tmp_path: Path
) -> None:
    headless = tmp_path / "headless"
    shutil.copytree(adapter.folder, headless)
    config = json.loads((headless / "adapter_config.json").read_text())
    (headless / "adapter_config.json").write_text(json.dumps({**config, "modules_to_save": None}))
    with pytest.raises(AdapterRefused, match="python -m finetune proofreader"):
        CrossEncoder(
            ENTRY, encoder, adapter.model_copy(update={"folder": headless}), Settings()
        ).warm_up()


@pytest.mark.parametrize("damage", ["empty", "no weights", "broken weights", "a layer gone"])
def test_a_damaged_folder_names_the_way_on(
    encoder: Path, adapter: Adapter, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "mpnet"
    folder.mkdir() if damage == "empty" else shutil.copytree(encoder, folder)
    weights = folder / "model.safetensors"
    if damage == "no weights":
        weights.unlink()
    elif damage == "broken weights":
        weights.write_bytes(weights.read_bytes()[:-8])
    elif damage == "a layer gone":
        tensors = load_file(weights)
        gone = next(name for name in tensors if "layer.1.attention" in name)
        save_file({name: t for name, t in tensors.items() if name != gone}, weights)
    with pytest.raises(WeightsDamaged, match="python -m models pull mpnet"):
        CrossEncoder(ENTRY, folder, adapter, Settings()).warm_up()
