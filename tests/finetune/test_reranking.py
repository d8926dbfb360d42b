"""Training the reranker on a tiny base: it learns, lands in time, and ships what it measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel, BertTokenizerFast

from finetune.errors import NotFinite
from finetune.rerank import measure_held
from finetune.reranking.pairs import Pair
from finetune.reranking.reranking import RerankRecipe, Trainer
from models.reranker import WEIGHTS_NAME, Reranker, read_card

FOODS = ["eggs", "cheese", "liver", "fish", "milk", "rice"]
TEXTS = {True: "{} is safe when it is cooked.", False: "many people like {} at breakfast."}
PAIRS = [
    Pair(f"{food}-{answers}", "wrong", f"is {food} safe", text.format(food), answers)
    for food in FOODS
    for answers, text in TEXTS.items()
]
CARD = {
    "base": "minilm",
    "licence": "Apache-2.0",
    "data": ["made here"],
    "limits": "",
    "results": {},
}
QUICK = RerankRecipe(rank=4, alpha=8, learning_rate=5e-3, epochs=40, batch_pairs=6, seed=3)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT of random weights with its tokenizer."""
    root = tmp_path_factory.mktemp("tiny")
    words = BertWordPieceTokenizer(lowercase=True)
    texts = [pair.question for pair in PAIRS] + [pair.text for pair in PAIRS]
    words.train_from_iterator(texts, vocab_size=120, show_progress=False)
    words.save_model(str(root))
    BertTokenizerFast(vocab=str(root / "vocab.txt")).save_pretrained(root)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=max(120, words.get_vocab_size()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(root)
    return root


@pytest.fixture(scope="module")
def trained(base: Path) -> Trainer:
    trainer = Trainer(base, QUICK)
    trainer.train(PAIRS)
    return trainer


def test_it_learns_which_texts_answer(trained: Trainer) -> None:
    scores = np.array(trained.score(PAIRS))
    answers = np.array([pair.answers for pair in PAIRS])
    assert scores[answers].mean() > scores[~answers].mean() + 1


def test_what_was_saved_scores_as_what_was_trained(trained: Trainer, tmp_path: Path) -> None:
    trained.save(tmp_path, CARD)
    served = Reranker(trained.base, load_file(tmp_path / WEIGHTS_NAME), read_card(tmp_path))
    expected = trained.score(PAIRS[:6])
    found = served.score(PAIRS[0].question, [pair.text for pair in PAIRS[:6]])
    assert np.allclose(found, expected, atol=0.25)  # float16 on disk, bfloat16 in the layers


def test_a_fresh_change_changes_nothing(base: Path) -> None:
    trainer = Trainer(base, QUICK)
    assert all(bool((w == 0).all()) for name, w in trainer.change.items() if "lora_B" in name)


def test_the_same_seed_gives_the_same_weights(base: Path) -> None:
    recipe = RerankRecipe(rank=4, epochs=1, batch_pairs=6, seed=5)
    first, second = Trainer(base, recipe), Trainer(base, recipe)
    first.train(PAIRS)
    second.train(PAIRS)
    assert all(torch.equal(first.change[name], second.change[name]) for name in first.change)


def test_a_run_ends_when_its_minutes_are_over(base: Path) -> None:
    run = Trainer(base, RerankRecipe(rank=4, epochs=10_000, minutes=0.01)).train(PAIRS)
    assert run["steps"] < 10_000
    assert run["seconds"] < 10


def test_a_loss_that_is_no_number_ends_the_run(base: Path) -> None:
    trainer = Trainer(base, QUICK)
    with torch.no_grad():
        trainer.change["head.answer"].fill_(float("nan"))
    with pytest.raises(NotFinite, match="loss of step 1"):
        trainer.train(PAIRS)
    with pytest.raises(NotFinite, match=r"head\.answer"):
        trainer.save(base / "out", CARD)


def test_figures_compare_the_best_text_of_each_question() -> None:
    held = [
        Pair("a", "answered", "q", "wrong", False, held=True),
        Pair("a", "answered", "q", "right", True, held=True),
        Pair("n", "near_miss", "q", "wrong", False, held=True),
        Pair("n", "near_miss", "q", "wrong too", False, held=True),
    ]
    figures = measure_held(held, [0.0, 2.0, 1.0, -1.0])
    assert figures["near_miss_auc"] == 1.0
    assert figures["first_right_by_search"] == 0.0
    assert figures["first_right_by_reranker"] == 1.0
