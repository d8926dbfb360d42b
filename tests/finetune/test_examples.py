"""Tokens and loss mask: the answer and its end are learnt, token by token, for both real templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.errors import DataInvalid
from finetune.examples import encode_example, encode_examples, set_pad_token
from finetune.records import Dialogue, Excerpt, GroundedExample, PlainText
from models.errors import ModelError
from models.local import load_tokenizer
from models.registry import find_model
from models.template import render_tokens
from models.weights import find_weights
from rag.prompt import REFUSAL, render_dialogue, render_messages
from settings import load_settings
from tests.finetune.lessons import FISH, IRON, ground, spare_tokenizer
from tests.models.test_generation import byte_tokenizer

REAL = {"smollm2-135m": "<|im_end|>", "llama-3.2-tokenizer": "<|eot_id|>"}


def real_tokenizer(name: str) -> Any:
    try:
        folder = find_weights(find_model(name), load_settings())
    except ModelError as missing:
        pytest.skip(str(missing))
    return load_tokenizer(folder / "dense" if name == "smollm2-135m" else folder)


@pytest.mark.model
@pytest.mark.parametrize(("name", "end"), REAL.items())
def test_only_the_answer_and_its_end_are_learnt(name: str, end: str) -> None:
    tokenizer = real_tokenizer(name)
    one = encode_example(ground(1), tokenizer, 4096)
    assert one is not None
    learnt = [t for t, m in zip(one.input_ids, one.completion_mask, strict=True) if m]
    assert tokenizer.decode(learnt) == f"27 mg a day. [2]{end}"
    assert one.completion_mask == sorted(one.completion_mask)  # the prompt first, then the answer
    told = [label for label in one.labels if label != -100]
    assert told == learnt


@pytest.mark.model
@pytest.mark.parametrize("name", REAL)
def test_the_prompt_learnt_from_is_the_prompt_that_serving_sends(name: str) -> None:
    tokenizer = real_tokenizer(name)
    example = ground(1)
    one = encode_example(example, tokenizer, 4096)
    assert one is not None
    from finetune.records import as_passage

    served = render_tokens(
        tokenizer, render_messages(example.question, [as_passage(e) for e in example.passages])
    )
    assert one.input_ids[: one.completion_mask.index(1)] == served


@pytest.mark.model
@pytest.mark.parametrize("name", REAL)
def test_the_whole_turn_is_what_the_template_makes_of_it(name: str) -> None:
    tokenizer = real_tokenizer(name)
    asked = Dialogue("d", "test", "Is fish safe?", "Yes. Twice a week.", context="Week 20.")
    one = encode_example(asked, tokenizer, 4096)
    assert one is not None
    roles = {"system": "system", "human": "user"}
    turns = [
        {"role": roles[m.type], "content": str(m.content)}
        for m in render_dialogue(asked.question, asked.context)
    ]
    whole = tokenizer.apply_chat_template(
        [*turns, {"role": "assistant", "content": asked.answer}],
        date_string="26 Jul 2024",
        return_dict=False,
    )
    assert whole[: len(one.input_ids)] == one.input_ids


@pytest.mark.model
@pytest.mark.parametrize("name", REAL)
def test_padding_is_not_the_end(name: str) -> None:
    tokenizer = real_tokenizer(name)
    size = len(tokenizer)
    assert set_pad_token(tokenizer) != tokenizer.eos_token_id
    assert len(tokenizer) == size


def test_a_tokenizer_with_nothing_to_spare_for_padding_is_refused() -> None:
    with pytest.raises(DataInvalid, match="special token to spare"):
        set_pad_token(byte_tokenizer())


def test_what_is_too_long_is_left_out_whole_and_named() -> None:
    encoded, too_long = encode_examples([ground(1), ground(2)], spare_tokenizer(), 40)
    assert encoded == []
    assert too_long == ["g1", "g2"]


def test_running_text_is_learnt_whole_and_ends() -> None:
    tokenizer = spare_tokenizer()
    one = encode_example(PlainText("t", "test", "A note."), tokenizer, 64)
    assert one is not None
    assert all(one.completion_mask)
    assert one.input_ids[-1] == tokenizer.eos_token_id


def test_an_answer_cannot_bring_special_tokens_of_its_own() -> None:
    tokenizer = spare_tokenizer()
    one = encode_example(
        Dialogue("d", "test", "Hello <|im_end|>?", "Stop <|im_end|> here"), tokenizer, 4096
    )
    assert one is not None
    start = one.completion_mask.index(1)
    assert one.input_ids[start:].count(tokenizer.eos_token_id) == 1
    assert one.input_ids[-1] == tokenizer.eos_token_id


def test_a_refusal_and_a_follow_up_are_rendered_as_serving_renders_them() -> None:
    tokenizer = spare_tokenizer()
    example = GroundedExample(
        "g", "test", "And fish?", (IRON, FISH), REFUSAL, earlier="How much iron?"
    )
    one = encode_example(example, tokenizer, 4096)
    assert one is not None
    text = tokenizer.decode(one.input_ids)
    assert "Earlier question: How much iron?\nQuestion: And fish?" in text
    assert text.endswith(f"{REFUSAL}<|im_end|>")


@settings(deadline=None, max_examples=40)
@given(
    st.text(max_size=60),
    st.text(min_size=1, max_size=60),
    st.lists(st.text(max_size=40), max_size=3),
)
def test_whatever_is_asked_the_mask_covers_the_answer_alone(
    question: str, answer: str, texts: list[str]
) -> None:
    tokenizer = spare_tokenizer()
    passages = tuple(Excerpt(("Section",), text) for text in texts)
    one = encode_example(GroundedExample("g", "t", question, passages, answer), tokenizer, 10_000)
    assert one is not None
    learnt = [t for t, m in zip(one.input_ids, one.completion_mask, strict=True) if m]
    assert learnt[-1] == tokenizer.eos_token_id
    assert tokenizer.eos_token_id not in learnt[:-1]


def test_the_twelve_questions_are_no_gold_questions_and_not_learnt_from() -> None:
    from finetune.grounded import ROWS_DIR, read_rows
    from finetune.twelve import read_twelve
    from rag.measure.evaluate import GOLD, read_gold

    twelve = {question.casefold() for question in read_twelve()}
    assert len(twelve) == 12
    assert not twelve & {gold.question.casefold() for gold in read_gold(Path(GOLD))}
    assert not twelve & {row.question.casefold() for row in read_rows(ROWS_DIR)}
