"""Will it fit: counts against published ones, bytes against a formula, and against a real step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.estimate import Estimate, Plan, as_markdown, choose_method, in_words
from finetune.examples import Encoded
from finetune.learning.loading import Learner
from finetune.learning.loop import make_trainer
from finetune.learning.methods import METHODS, apply_method
from finetune.recipe import Method, Recipe, Training
from finetune.sizing.memory import Room, measure_room
from finetune.sizing.rehearsal import LiveBytes, Needs, rehearse_step, run_step
from finetune.sizing.shapes import find_config, load_shapes
from models.errors import RegistryInvalid
from settings import load_settings
from tests.models.test_generation import byte_tokenizer

TINY = LlamaConfig(
    vocab_size=300,
    hidden_size=64,
    intermediate_size=160,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=16,
)
ANSWER = 8
GIB = 2**30


def train(**fields: Any) -> Training:
    return Training(**{"precision": "fp32", "accumulation": 1, "max_tokens": 64, **fields})


def rehearse(method: str = "lora", config: LlamaConfig = TINY, **fields: Any) -> Needs:
    return rehearse_step(config, choose_method(method, 4, "all"), train(**fields), ANSWER)


@pytest.mark.parametrize("name", load_shapes())
def test_a_shape_counts_the_parameters_that_its_repository_publishes(name: str) -> None:
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(find_config(name, load_settings()))
    assert sum(p.numel() for p in model.parameters()) == load_shapes()[name]["parameters"]


@pytest.mark.parametrize(
    ("name", "rows"),  # one example brings no mask, two do
    [("lora", 1), ("lora", 2), *((name, 1) for name in METHODS if "lora" not in name)],
)
def test_a_rehearsal_counts_what_real_tensors_take(name: str, rows: int) -> None:
    method, training = choose_method(name, 4, "all"), train(batch_examples=rows)
    rehearsed = rehearse_step(TINY, method, training, ANSWER)
    real = apply_method(AutoModelForCausalLM.from_config(TINY, dtype=torch.float32), method).train()
    counted = run_step(real, rehearsed.parameters, training, ANSWER)
    assert rehearsed == counted


def test_a_rehearsal_counts_what_a_step_of_the_loop_takes(tmp_path: Path) -> None:
    """The loss is written anew for shapes; this holds it to `finetune.learning.loop`."""
    method, training = choose_method("lora", 4, "all"), train(max_tokens=256, max_steps=1)
    recipe = Recipe(
        name="one", about="", model="none", data=("none",), method=method, training=training
    )
    model = AutoModelForCausalLM.from_config(TINY, dtype=torch.float32)
    learner = Learner(apply_method(model, method), byte_tokenizer(), "fp32")
    row = Encoded("a", [5] * 256, [0] * (256 - ANSWER) + [1] * ANSWER)
    trainer = make_trainer(recipe, learner, {"train": [row], "valid": []}, tmp_path, ())
    with LiveBytes() as counter:
        for tensor in (*learner.model.parameters(), *learner.model.buffers()):
            counter.see(tensor)
        trainer.train()
    needs = rehearse_step(TINY, method, training, ANSWER)
    states = needs.optimizer_bytes  # are not there yet in a first step
    assert needs.peak_bytes - states == pytest.approx(counter.peak, rel=0.05)


def test_a_block_keeps_the_activations_that_the_formula_gives() -> None:
    """Korthikanti et al. 2022 (arXiv 2205.05198), section 4, for a Llama in float32.

    A token and block: for each of two norms its input, the scaled input and its output (h each) and
    one factor; q and the attention's output (h), k and v (kv), a logsumexp a head; the gate, its
    SiLU, the up projection and their product (i each). Without the paper's 5as/h, the scores, which
    scaled_dot_product_attention does not keep, and without its dropout masks.
    """
    tokens, h, i, kv, heads = 64, 64, 160, 32, 4
    expected = 4 * tokens * (2 * (3 * h + 1) + 2 * h + 2 * kv + heads + 4 * i)
    deeper = LlamaConfig(**{**TINY.to_dict(), "num_hidden_layers": 3})
    more = rehearse("full", deeper).activation_bytes - rehearse("full").activation_bytes
    assert more == pytest.approx(expected, rel=0.01)


def test_adapters_states_and_gradients_are_in_float32_and_frozen_weights_are_not() -> None:
    needs = rehearse("lora", precision="bf16")
    assert needs.gradient_bytes == 4 * needs.trainable
    assert needs.optimizer_bytes == pytest.approx(8 * needs.trainable, rel=0.05)
    frozen = needs.weights_bytes - 4 * needs.trainable
    assert frozen == pytest.approx(2 * needs.parameters, rel=0.01)


def test_four_bit_weights_take_half_a_byte_and_their_constants() -> None:
    needs = rehearse("qlora", precision="bf16")
    linear = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 160)
    rest = 4 * (needs.parameters - linear)  # embeddings and norms go to float32
    adapters = 2 * needs.trainable
    # QLoRA (arXiv 2305.14314), section 3: 4 bits and 0.127 bits of constants a weight
    assert needs.weights_bytes == pytest.approx(linear * 4.127 / 8 + rest + adapters, rel=0.005)


def test_longer_more_at_a_time_and_less_kept_change_the_activations() -> None:
    one = rehearse().activation_bytes
    assert rehearse(max_tokens=128).activation_bytes == pytest.approx(2 * one, rel=0.05)
    assert rehearse(batch_examples=4).activation_bytes > 3.9 * one
    assert rehearse(gradient_checkpointing=True).activation_bytes < one / 3
    assert rehearse(packing=True, batch_examples=2).activation_bytes > 2 * one


def test_ranks_that_only_data_can_tell_are_taken_as_the_mean() -> None:
    method = Method(name="layer_lora", rank=4, ranks="intrinsic")
    assert rehearse_step(TINY, method, train(), ANSWER) == rehearse("lora")


def test_gradients_of_earlier_batches_are_there_when_a_step_has_several() -> None:
    once, more = rehearse("full"), rehearse("full", accumulation=8)
    assert more.peak_bytes > once.peak_bytes


@pytest.mark.parametrize(
    ("device", "free", "fits"),
    [
        ("cuda", 12.0, "yes"),
        ("cuda", 10.5, "barely"),
        ("cpu", 16.0, "yes"),
        ("cpu", 12.0, "barely"),  # 10 GiB are needed; a heap may have gaps of half as much
        ("cpu", 9.0, "no"),
    ],
)
def test_what_fits_only_without_gaps_fits_barely(device: str, free: float, fits: str) -> None:
    needs = Needs(1, 1, 0, 0, 0, 0, 10 * GIB)
    plan = Plan("phi-2", Method(name="lora"), train())
    one = Estimate(plan, needs, Room(device, 16 * GIB, int(free * GIB)), 0)
    assert one.fits == fits
    assert f"Fits: {fits}" in in_words(one)
    assert ("--checkpointing" in in_words(one)) is (fits != "yes")
    assert ("MALLOC_" in in_words(one)) is (fits == "barely" and device == "cpu")
    assert "| phi-2 | " in as_markdown([one])


def test_an_unknown_model_is_told_the_names() -> None:
    with pytest.raises(RegistryInvalid, match=r"'lama'.*llama-3.1-8b, llama-3.2-1b.*config\.json"):
        find_config("lama", load_settings())


def test_a_config_on_disk_is_a_shape(tmp_path: Path) -> None:
    TINY.save_pretrained(tmp_path)
    for path in (tmp_path, tmp_path / "config.json"):
        assert find_config(str(path), load_settings()).hidden_size == 64
    with pytest.raises(RegistryInvalid, match=r"no config\.json"):
        find_config(str(tmp_path.parent), load_settings())


def test_the_room_of_this_machine_is_measured() -> None:
    room = measure_room()
    assert 0 < room.free_bytes <= room.total_bytes


def test_the_command_says_whether_it_fits(tmp_path: Path) -> None:
    TINY.save_pretrained(tmp_path)
    arguments = ["estimate", str(tmp_path), "--method", "dora", "--rank", "4", "--dtype", "bf16"]
    row = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert row["method"] == "dora"
    assert row["fits"] == "yes"
    assert row["total_bytes"] == row["peak_bytes"] + row["process_bytes"]
    assert "Fits: yes" in CliRunner().invoke(app, arguments).stdout
    refused = CliRunner().invoke(app, ["estimate", "lama", "--json"])
    assert refused.exit_code == 1
    assert "llama-3.2-1b" in json.loads(refused.stdout)["error"]
