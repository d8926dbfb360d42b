"""The reranker: PEFT's arithmetic on our forward pass; used only as its card says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import BertWordPieceTokenizer
from torch import Tensor
from transformers import BertConfig, BertModel, BertTokenizerFast

from models import bert
from models.bert import BertEncoder
from models.errors import AdapterRefused, WeightsDamaged
from models.reranker import (
    CARD_NAME,
    DOWN,
    UP,
    WEIGHTS_NAME,
    Reranker,
    RerankerCard,
    find_reranker,
    load_reranker,
    merge_change,
    read_card,
    write_card,
)
from models.weights import file_sha256
from settings import Settings

WIDTH, RANK = 32, 2
TEXTS = ["iron and folic acid", "call the midwife when the waters break, at any hour", "weeks"]
QUESTION = "how much folic acid"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT of random weights with its tokenizer."""
    root = tmp_path_factory.mktemp("tiny")
    words = BertWordPieceTokenizer(lowercase=True)
    words.train_from_iterator([*TEXTS, QUESTION] * 3, vocab_size=120, show_progress=False)
    words.save_model(str(root))
    BertTokenizerFast(vocab=str(root / "vocab.txt")).save_pretrained(root)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=max(120, words.get_vocab_size()),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(root)
    return root


@pytest.fixture(scope="module")
def change() -> dict[str, Tensor]:
    torch.manual_seed(1)
    query = "encoder.layer.1.attention.self.query"
    return {
        query + DOWN: torch.randn(RANK, WIDTH),
        query + UP: torch.randn(WIDTH, RANK),
        "head.answer": torch.randn(2 * WIDTH),
        "head.answer_bias": torch.zeros(1),
        "head.place": torch.randn(WIDTH),
        "head.place_bias": torch.zeros(1),
    }


@pytest.fixture
def folder(tmp_path: Path, base: Path, change: dict[str, Tensor]) -> Path:
    """A home of rerankers with one."""
    folder = tmp_path / "home" / "tiny"
    folder.mkdir(parents=True)
    save_file(change, folder / WEIGHTS_NAME)
    write_card(folder, make_card(base, file_sha256(folder / WEIGHTS_NAME)))
    return folder


def make_card(base: Path, sha256: str) -> RerankerCard:
    revision = file_sha256(base / "model.safetensors")[:12]
    return RerankerCard(
        base="minilm", base_revision=revision, weights_sha256=sha256, scale=2.0, max_tokens=24,
        licence="Apache-2.0", data=["made here"], limits="none of use",
        recipe={"rank": RANK}, results={"auc": 0.5},
    )  # fmt: skip


def test_a_merged_change_does_what_peft_does(base: Path, change: dict[str, Tensor]) -> None:
    model = BertModel.from_pretrained(base, add_pooling_layer=False)
    lora = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=r".*layer\.1.*\.query")
    adapted = get_peft_model(model, lora).eval()
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            side = DOWN if "lora_A" in name else UP
            weight.data = change[f"encoder.layer.1.attention.self.query{side}"].clone()
    ids = torch.tensor([[2, 7, 9, 3, 11, 3]])
    with torch.no_grad():
        expected = adapted(ids).last_hidden_state
    config = bert.BertConfig.model_validate_json((base / "config.json").read_bytes())
    weights = merge_change(load_file(base / "model.safetensors"), change, 2.0)
    encoder = BertEncoder(config, weights, torch.device("cpu"), torch.float32)
    assert torch.allclose(encoder.forward(ids, None), expected, atol=1e-5)


def test_a_score_does_not_depend_on_the_other_texts(
    base: Path, change: dict[str, Tensor], folder: Path
) -> None:
    reranker = Reranker(base, change, read_card(folder))
    together = reranker.score(QUESTION, TEXTS)
    alone = np.concatenate([reranker.score(QUESTION, [text]) for text in TEXTS])
    assert together.shape == (3,)
    assert np.allclose(together, alone, atol=0.05)  # bfloat16 where the machine has it
    assert len(set(together.tolist())) == 3


def test_no_texts_have_no_scores(base: Path, change: dict[str, Tensor], folder: Path) -> None:
    assert Reranker(base, change, read_card(folder)).score(QUESTION, []).shape == (0,)


def test_a_text_too_long_is_cut(base: Path, change: dict[str, Tensor], folder: Path) -> None:
    reranker = Reranker(base, change, read_card(folder))
    assert np.isfinite(reranker.score(QUESTION, ["folic acid " * 500])).all()


def test_a_base_that_is_not_there_names_the_command(
    tmp_path: Path, change: dict[str, Tensor], folder: Path
) -> None:
    with pytest.raises(WeightsDamaged, match="models pull minilm"):
        Reranker(tmp_path, change, read_card(folder))


def test_a_card_reads_back_as_it_was_written(base: Path, folder: Path) -> None:
    card = read_card(folder)
    assert card == make_card(base, card.weights_sha256)


def test_a_reranker_belongs_to_one_revision_of_one_embedder(base: Path, folder: Path) -> None:
    revision = read_card(folder).base_revision
    assert find_reranker("minilm", revision, folder.parent) == folder
    assert find_reranker("minilm", "another", folder.parent) is None
    assert load_reranker("other", revision, Settings(), folder.parent) is None


def test_a_card_with_a_strange_key_is_refused(folder: Path) -> None:
    card = folder / CARD_NAME
    card.write_text('colour = "blue"\n' + card.read_text())
    with pytest.raises(AdapterRefused, match="colour"):
        read_card(folder)


def test_weights_that_are_not_those_of_the_card_are_refused(folder: Path) -> None:
    revision = read_card(folder).base_revision
    (folder / WEIGHTS_NAME).write_bytes(b"something else")
    with pytest.raises(AdapterRefused, match="not the file of its card"):
        load_reranker("minilm", revision, Settings(), folder.parent)
