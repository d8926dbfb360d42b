"""Adapters: attached only with a card, to the base and tokenizer they were trained on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from models.adapters import (
    Adapter,
    attach_adapter,
    base_revision,
    pick_adapter,
    read_adapter,
    tokenizer_sha256,
)
from models.errors import AdapterRefused
from models.registry import find_model
from models.weights import file_sha256

CONFIG = LlamaConfig(
    vocab_size=32,
    hidden_size=16,
    intermediate_size=32,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=1,
)
BASE = "smollm2-135m"


def tiny_model(seed: int = 0) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    return LlamaForCausalLM(CONFIG).eval()


def tiny_tokenizer(extra: str = "iron") -> PreTrainedTokenizerFast:
    vocabulary = {word: i for i, word in enumerate(["[UNK]", "folic", "acid", extra])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of adapters with one, trained (that is, shaken) on the tiny model."""
    folder = tmp_path / "grounded"
    adapted = get_peft_model(tiny_model(), LoraConfig(r=2, target_modules=["q_proj"]))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.5)
    adapted.save_pretrained(folder)
    write_card(folder)
    return tmp_path


def write_card(folder: Path, base: str = BASE) -> None:
    (folder / "card.toml").write_text(
        f"""
base = "{base}"
base_revision = "{base_revision(tiny_model())}"
tokenizer_sha256 = "{tokenizer_sha256(tiny_tokenizer())}"
weights_sha256 = "{file_sha256(folder / "adapter_model.safetensors")}"
licence = "Apache-2.0"
data = ["made in a test"]
limits = "none known"
"""
    )


def attach(home: Path, seed: int = 0, extra: str = "iron", base: str = BASE) -> torch.Tensor:
    adapter = read_adapter(home / "grounded")
    model = attach_adapter(tiny_model(seed), tiny_tokenizer(extra), adapter, base)
    logits: torch.Tensor = model(torch.tensor([[1, 2, 3]])).logits
    return logits


def test_an_adapter_on_its_own_base_changes_what_the_model_says(home: Path) -> None:
    plain = tiny_model()(torch.tensor([[1, 2, 3]])).logits
    assert not torch.allclose(attach(home), plain, atol=1e-4)


def test_other_weights_another_tokenizer_and_another_name_are_refused(home: Path) -> None:
    with pytest.raises(AdapterRefused, match="revision"):
        attach(home, seed=1)
    with pytest.raises(AdapterRefused, match="tokenizer"):
        attach(home, extra="zinc")
    with pytest.raises(AdapterRefused, match=r"base.*LLAMA_MD_ADAPTER=none"):
        attach(home, base="llama-3.2-1b")


def test_without_a_card_an_adapter_is_refused(home: Path) -> None:
    (home / "grounded" / "card.toml").unlink()
    with pytest.raises(AdapterRefused, match="finetune promote"):
        read_adapter(home / "grounded")


def test_weights_that_are_not_those_of_the_card_are_refused(home: Path) -> None:
    weights = home / "grounded" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(AdapterRefused, match="card"):
        read_adapter(home / "grounded")


def test_auto_takes_the_adapter_of_the_model_and_none_takes_none(home: Path) -> None:
    def pick(name: str, model: str = BASE) -> Adapter | None:
        return pick_adapter(find_model(model), name, home)

    found = pick("auto")
    assert found is not None
    assert found.name == "grounded"
    assert pick("auto", "llama-3.2-1b") is None
    assert pick("none") is None
    with pytest.raises(AdapterRefused, match="auto, none, grounded"):
        pick("missing")


def test_of_several_adapters_auto_skips_those_of_other_models(home: Path) -> None:
    shutil.copytree(home / "grounded", home / "a-dialogue")
    write_card(home / "a-dialogue", base="llama-3.2-1b")
    found = pick_adapter(find_model(BASE), "auto", home)
    assert found is not None
    assert found.name == "grounded"
