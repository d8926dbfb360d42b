"""What each method sets to learn, counted on a tiny Llama; blocks are told apart by number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from finetune.errors import RecipeInvalid
from finetune.learning.intrinsic import estimate_dimension
from finetune.learning.methods import apply_method, block_of
from finetune.recipe import Method

BLOCKS = 12


def tiny(tied: bool = False) -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=32,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=BLOCKS,
            num_attention_heads=2,
            num_key_value_heads=1,
            tie_word_embeddings=tied,
        )
    )


def learning(model: Any) -> dict[str, int]:
    return {n: p.numel() for n, p in model.named_parameters() if p.requires_grad}


def blocks_of(names: Any) -> set[int]:
    return {block for name in names if (block := block_of(name)) is not None}


@pytest.mark.parametrize("name", ["lora", "rslora", "dora"])
def test_lora_learns_two_thin_matrices_a_layer_and_nothing_else(name: str) -> None:
    model = apply_method(tiny(), Method(name=name, rank=2, targets=("q_proj", "v_proj")))
    found = learning(model)
    assert all("lora_" in parameter for parameter in found)
    factors = {n: c for n, c in found.items() if "magnitude" not in n}
    # q: 16 → 16, v: 16 → 8, at rank 2
    assert sum(factors.values()) == BLOCKS * 2 * ((16 + 16) + (16 + 8))
    assert (name == "dora") is any("magnitude" in parameter for parameter in found)


def test_rslora_is_scaled_by_the_root_of_the_rank() -> None:
    plain = apply_method(tiny(), Method(name="lora", rank=16, alpha=16))
    stable = apply_method(tiny(), Method(name="rslora", rank=16, alpha=16))

    def scaling(model: Any) -> float:
        return float(model.base_model.model.model.layers[0].self_attn.q_proj.scaling["default"])

    assert scaling(plain) == 1.0
    assert scaling(stable) == 4.0


def test_layer_lora_gives_every_block_its_own_rank_at_one_scaling() -> None:
    ranks = tuple(range(1, BLOCKS + 1))
    method = Method(name="layer_lora", rank=4, alpha=8, ranks=ranks, targets=("q_proj",))
    model = apply_method(tiny(), method)
    layers = model.base_model.model.model.layers
    found = [layer.self_attn.q_proj.lora_A["default"].out_features for layer in layers]
    assert tuple(found) == ranks  # 1 and 10, 11, 12 are told apart
    assert {layer.self_attn.q_proj.scaling["default"] for layer in layers} == {2.0}


def test_layer_lora_with_too_few_ranks_is_refused() -> None:
    with pytest.raises(RecipeInvalid, match="2 ranks, the model has 12 blocks"):
        apply_method(tiny(), Method(name="layer_lora", ranks=(4, 4)))


def test_freezing_the_lower_three_quarters_counts_blocks_as_numbers() -> None:
    found = learning(apply_method(tiny(), Method(name="freeze_lower")))
    assert blocks_of(found) == {9, 10, 11}  # as letters, "9" would come after "11"
    assert "model.embed_tokens.weight" not in found
    assert "lm_head.weight" in found


@pytest.mark.parametrize("tied", [False, True])
def test_selective_unfreezing_learns_the_last_block_and_the_head(tied: bool) -> None:
    found = learning(apply_method(tiny(tied), Method(name="selective")))
    assert blocks_of(found) == {BLOCKS - 1}
    others = {name for name in found if block_of(name) is None}
    assert others == {"model.embed_tokens.weight" if tied else "lm_head.weight"}


def test_boft_learns_orthogonal_factors_of_the_targets() -> None:
    method = Method(name="boft", block_size=4, targets=("q_proj",))
    found = learning(apply_method(tiny(), method))
    assert found
    assert all("boft_" in name for name in found)


def test_full_learns_everything() -> None:
    model = tiny()
    found = learning(apply_method(model, Method(name="full")))
    assert sum(found.values()) == sum(p.numel() for p in model.parameters())


def test_qlora_without_a_quantized_base_is_refused() -> None:
    with pytest.raises(RecipeInvalid, match="not in 4 bits"):
        apply_method(tiny(), Method(name="qlora"))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_the_intrinsic_dimension_of_a_flat_cloud_is_that_of_the_flat(dimension: int) -> None:
    torch.manual_seed(1)
    flat = torch.rand(600, dimension) @ torch.randn(dimension, 40)
    assert estimate_dimension(flat) == pytest.approx(dimension, rel=0.25)


@pytest.mark.parametrize("home", ["ADAPTERS_DIR", "READERS_DIR"])
def test_lora_goes_on_from_a_finished_adapter(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"finetune.learning.methods.{home}", tmp_path)
    first = apply_method(tiny(), Method(name="lora", rank=2, alpha=4))
    with torch.no_grad():
        for parameter in first.parameters():
            if parameter.requires_grad:
                parameter.fill_(0.25)
    first.save_pretrained(str(tmp_path / "first"))
    going_on = apply_method(tiny(), Method(name="lora", rank=2, alpha=4, start="first"))
    assert learning(going_on) == learning(first)
    assert all(bool((p == 0.25).all()) for p in going_on.parameters() if p.requires_grad)


@pytest.mark.parametrize(("start", "rank"), [("absent", 2), ("first", 4)])
def test_a_start_that_is_not_there_or_of_another_rank_is_refused(
    start: str, rank: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.learning.methods.ADAPTERS_DIR", tmp_path)
    apply_method(tiny(), Method(name="lora", rank=2, alpha=4)).save_pretrained(
        str(tmp_path / "first")
    )
    with pytest.raises(RecipeInvalid, match=start):
        apply_method(tiny(), Method(name="lora", rank=rank, alpha=4, start=start))
