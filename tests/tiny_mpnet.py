"""A cross-encoder small enough for tests: MPNet of two blocks with weights of chance, on disk."""

from __future__ import annotations

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import MPNetConfig, MPNetForSequenceClassification, PreTrainedTokenizerFast

from models.adapters import WEIGHTS_NAME, Adapter, AdapterCard
from models.cross_encoder import bring_cross_encoder, fingerprints
from models.registry import FolderSource, ModelEntry
from models.weights import file_sha256

WORDS = (
    "<s> <pad> </s> [UNK] <mask> take iron folic acid every day week never water tea food the baby may "
    "milk is safe not helps . bleeding pain fever 27 400 mg"
).split()
ENTRY = ModelEntry(
    name="mpnet",
    kind="cross-encoder",
    family="mpnet",
    title="Tiny",
    licence="MIT",
    context_tokens=512,
    sources=(FolderSource(kind="folder", path="mpnet"),),
)


def save_encoder(folder: Path) -> Path:
    """Config, weights and tokenizer in a folder."""
    torch.manual_seed(5)
    config = MPNetConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=306,
    )  # fmt: skip
    MPNetForSequenceClassification(config).mpnet.save_pretrained(str(folder))
    ids = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="[UNK]"
    ).save_pretrained(str(folder))  # fmt: skip
    return folder


def save_adapter(encoder: Path, folder: Path) -> Adapter:
    """An adapter of chance over that encoder, with its card in memory."""
    torch.manual_seed(6)
    model, _ = bring_cross_encoder(encoder, "mpnet")
    config = LoraConfig(
        r=2, lora_alpha=4, target_modules=["q", "v"], modules_to_save=["classifier"],
        init_lora_weights=False,
    )  # fmt: skip
    get_peft_model(model, config).save_pretrained(str(folder))
    return Adapter(name="tiny", folder=folder, card=make_card(encoder, folder))


def make_card(encoder: Path, folder: Path) -> AdapterCard:
    """The card of an adapter in `folder` over that encoder."""
    revision, tokenizer = fingerprints(encoder)
    return AdapterCard(
        base="mpnet", base_revision=revision, tokenizer_sha256=tokenizer,
        weights_sha256=file_sha256(folder / WEIGHTS_NAME), licence="MIT", data=[], limits="",
    )  # fmt: skip
