"""Question consistency: scored with the models that are handed in, left out with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from transformers import T5Config, T5ForConditionalGeneration

from finetune.measuring.consistency import (
    ANSWERER,
    ASKER,
    SEPARATOR,
    Consistency,
    find_spans,
    load_consistency,
)
from settings import Settings
from tests.finetune.test_figures import ITSELF, NEEDED, QUOTES, SAID, answered
from tests.models.test_generation import byte_tokenizer


def ask(prompts: Sequence[str]) -> list[str]:
    return [f"What of {prompt.split(SEPARATOR)[1].strip()}?" for prompt in prompts]


def copy_span(prompts: Sequence[str]) -> list[str]:
    return [prompt.split("?")[0].removeprefix("What of ") for prompt in prompts]


def test_passages_that_answer_alike_are_consistent_and_others_are_not() -> None:
    written = [answered(NEEDED, "answered", SAID, draft=ITSELF)]
    alike = Consistency(ask, copy_span).score_answers(written)
    assert alike["consistency"] == 1.0
    assert alike["questions"] > 0
    other = Consistency(ask, lambda prompts: ["unanswerable"] * len(prompts))
    assert other.score_answers(written)["consistency"] == 0.0


def test_answers_that_the_model_did_not_write_are_not_asked_about() -> None:
    found = Consistency(ask, copy_span).score_answers(QUOTES)
    assert found == {"consistency": None, "questions": 0}


def test_questions_are_asked_about_runs_of_content_words() -> None:
    assert find_spans("Take iron tablets with water.")[0] == "iron tablets"


def test_without_its_models_the_measure_says_so(tmp_path: Path) -> None:
    reason = load_consistency(Settings(weights_dir=tmp_path))
    assert isinstance(reason, str)
    assert reason.startswith("QuestEval models not present: skipped")
    assert ASKER in reason


def test_with_its_models_both_are_loaded(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    tokenizer.pad_token = "<|im_start|>"
    config = T5Config(
        vocab_size=len(tokenizer), d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=1,
        decoder_start_token_id=0, eos_token_id=257, pad_token_id=256,
    )  # fmt: skip
    for name in (ASKER, ANSWERER):
        T5ForConditionalGeneration(config).save_pretrained(tmp_path / name)
        tokenizer.save_pretrained(tmp_path / name)
    found = load_consistency(Settings(weights_dir=tmp_path))
    assert isinstance(found, Consistency)
    assert len(found.ask(["one", "two"])) == 2


@pytest.mark.parametrize("text", ["", "it is of the"])
def test_a_text_without_content_has_no_spans(text: str) -> None:
    assert find_spans(text) == []
