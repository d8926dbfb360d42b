"""Measures of texts and tokens, on cases that can be counted by hand."""

from __future__ import annotations

import math

import pytest
import torch
from transformers import LlamaForCausalLM

from finetune.examples import Encoded
from finetune.measuring.measures import (
    TokenScore,
    mean,
    quantile,
    repetition,
    rouge_l,
    score_tokens,
    strip_marks,
    token_f1,
)
from tests.finetune.trainees import tiny_config


def tiny() -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(tiny_config(40)).eval()


def test_the_loss_is_that_of_the_learnt_tokens_alone() -> None:
    model = tiny()
    encoded = Encoded("one", [1, 5, 9, 3, 7, 2], [0, 0, 0, 1, 1, 1])
    score = score_tokens(model, encoded)
    labels = torch.tensor([encoded.labels])
    expected = model(torch.tensor([encoded.input_ids]), labels=labels).loss
    assert score.tokens == 3
    assert score.loss == pytest.approx(expected.item(), abs=1e-5)
    assert score.perplexity == pytest.approx(math.exp(score.loss))


def test_running_text_is_learnt_from_its_second_token_on() -> None:
    assert score_tokens(tiny(), Encoded("text", [1, 5, 9, 3], [1, 1, 1, 1])).tokens == 3


def test_accuracy_counts_tokens_that_greedy_writing_would_choose() -> None:
    model = tiny()
    likeliest = int(model(torch.tensor([[1, 5]])).logits[0, -1].argmax())
    other = (likeliest + 1) % 40
    right, wrong = ([1, 5, token] for token in (likeliest, other))
    both = score_tokens(model, Encoded("r", right, [0, 0, 1]))
    both += score_tokens(model, Encoded("w", wrong, [0, 0, 1]))
    assert both.accuracy == 0.5


def test_sums_of_rows_weigh_by_tokens_and_nothing_gives_no_figure() -> None:
    total = TokenScore(1, 4.0, 0) + TokenScore(3, 0.0, 3)
    assert (total.loss, total.accuracy) == (1.0, 0.75)
    assert math.isnan(TokenScore().loss)
    assert score_tokens(tiny(), Encoded("none", [1, 2], [0, 0])) == TokenScore()


@pytest.mark.parametrize(
    ("answer", "reference", "f1"),
    [
        ("Take iron daily [1].", "take iron daily", 1.0),
        ("Take iron", "Take folic acid", 0.4),
        ("27 mg", "0.5 mg", 0.5),
        ("to. to", "Rest", 0.0),
        ("", "", 1.0),
        ("", "Rest", 0.0),
    ],
)
def test_f1_counts_shared_words(answer: str, reference: str, f1: float) -> None:
    assert token_f1(answer, reference) == pytest.approx(f1)


def test_rouge_l_follows_order_and_ignores_marks() -> None:
    assert rouge_l("Iron tablets with water [1].", "iron tablets with water") == 1.0
    assert rouge_l("water with tablets iron", "iron tablets with water") < 0.5
    assert rouge_l("", "iron") == 0.0


def test_repetition_sees_a_loop_and_not_a_plain_sentence() -> None:
    assert repetition("Take iron tablets with water or orange juice.") == 0.0
    assert repetition("take the iron now " * 10) > 0.8
    assert repetition("to. to") == 0.0


def test_a_mark_is_no_word_of_an_answer() -> None:
    assert strip_marks("Rest [1]. Drink [2, 3].") == "Rest. Drink."


def test_mean_and_quantile_of_nothing_are_none() -> None:
    assert mean([]) is None
    assert quantile([], 0.5) is None
    assert [quantile([3, 1, 2, 10], share) for share in (0.0, 0.5, 0.9)] == [1, 2, 10]
