"""A tiny base on disk and a prepared set, small enough that a whole training takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from finetune.recipe import Recipe
from finetune.records import Dialogue, Excerpt, GroundedExample, write_examples
from tests.models.test_generation import byte_tokenizer

IRON = Excerpt(("Vitamins", "Iron"), "Pregnant women need 27 mg of iron a day.")
FISH = Excerpt(("Eating", "Fish"), "Eat fish twice a week.")


def spare_tokenizer() -> PreTrainedTokenizerFast:
    """The byte tokenizer with a special token to spare for padding."""
    tokenizer = byte_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|pad|>"]})
    return tokenizer


def save_tiny_base(folder: Path, blocks: int = 4, **fields: Any) -> Path:
    """A Llama of a few thousand weights, with its tokenizer."""
    torch.manual_seed(0)
    tokenizer = spare_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=blocks,
        num_attention_heads=2,
        num_key_value_heads=1,
        eos_token_id=tokenizer.eos_token_id,
        **fields,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def ground(number: int) -> GroundedExample:
    return GroundedExample(
        f"g{number}", "test", f"How much iron, number {number}?", (FISH, IRON), "27 mg a day. [2]"
    )


def save_set(folder: Path, count: int = 8) -> Path:
    """A prepared set of grounded examples and dialogues."""
    dialogues = [
        Dialogue(f"d{n}", "test", f"Is fish safe? {n}", "Yes, twice a week.") for n in range(2)
    ]
    write_examples(folder / "train.jsonl", [*map(ground, range(count)), *dialogues])
    write_examples(folder / "valid.jsonl", map(ground, range(count, count + 2)))
    return folder


def make_recipe(base: Path, data: Path, **fields: Any) -> Recipe:
    """A recipe that learns two small steps an epoch."""
    training = {
        "epochs": 1,
        "batch_examples": 1,
        "accumulation": 5,
        "max_tokens": 2048,
        "learning_rate": 1e-2,
        "precision": "fp32",
        **fields.pop("training", {}),
    }
    method = fields.pop("method", {"name": "lora", "rank": 2, "alpha": 4})
    given = {"name": "tiny", "about": "a test", "model": str(base), "data": [str(data)], **fields}
    return Recipe(**given, method=method, training=training)
