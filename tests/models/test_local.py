"""The embedded chat model for real: it streams, stops, counts and refuses what does not fit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langchain_core.messages import HumanMessage

from models.errors import ModelError, PromptTooLong, WeightsMissing
from models.language import load_chat_model
from models.local import LocalChatModel
from settings import Settings

pytestmark = pytest.mark.model
ASK = [HumanMessage("Say the names of three fruits.")]


@pytest.fixture(scope="module")
def model() -> Iterator[LocalChatModel]:
    found = load_chat_model(Settings(max_answer_tokens=24, adapter="none"))
    assert isinstance(found, LocalChatModel)
    yield found
    load_chat_model.cache_clear()


def test_it_writes_in_pieces_and_the_same_each_time(model: LocalChatModel) -> None:
    pieces = [str(piece.content) for piece in model.stream(ASK)]
    assert len(pieces) > 3
    assert "".join(pieces) == model.invoke(ASK).content


def test_end_tokens_of_the_template_are_never_shown(model: LocalChatModel) -> None:
    assert "<|im_end|>" not in str(model.invoke(ASK).content)


def test_closing_the_stream_frees_the_model_for_the_next(model: LocalChatModel) -> None:
    stream = model.stream(ASK)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert str(model.invoke(ASK).content)


def test_messages_count_more_tokens_than_their_text(model: LocalChatModel) -> None:
    assert model.count_message_tokens(ASK) > model.count_tokens(str(ASK[0].content))


def test_a_prompt_without_room_for_an_answer_is_refused(model: LocalChatModel) -> None:
    with pytest.raises(PromptTooLong, match="fewer"):
        model.invoke([HumanMessage("word " * 5000)])


def test_a_model_that_will_not_write_is_not_loaded_before_it_is_needed() -> None:
    load_chat_model.cache_clear()
    found = load_chat_model(Settings(adapter="none"))
    assert isinstance(found, LocalChatModel)
    assert not found.grounded
    assert found._loaded is None


def test_weights_that_are_not_here_name_the_command(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WeightsMissing, match="python -m models pull"):
        load_chat_model(Settings(weights_dir=tmp_path, model="llama-3.2-1b"))


def test_an_unknown_model_lists_the_valid_names() -> None:
    with pytest.raises(ModelError, match="smollm2-135m"):
        load_chat_model(Settings(model="gpt-9"))
