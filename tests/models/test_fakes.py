"""The stand-ins keep the promises that the other tests lean on."""

from __future__ import annotations

import numpy as np
from langchain_core.messages import HumanMessage

from models.language import count_message_tokens
from tests.fakes import HashingEmbedder, ScriptedChatModel


def test_hashed_vectors_have_unit_length_and_texts_that_share_words_are_near() -> None:
    near, same, far = HashingEmbedder().encode(
        ["iron in pregnancy", "how much iron does pregnancy need", "contraceptive implant"]
    )
    assert np.allclose([np.linalg.norm(v) for v in (near, same, far)], 1.0)
    assert near @ same > near @ far


def test_scripted_model_streams_its_replies_in_turn_and_keeps_what_it_was_asked() -> None:
    model = ScriptedChatModel(replies=["Yes. [1]", "No. [2]"])
    said = ["".join(str(c.content) for c in model.stream([HumanMessage(q)])) for q in "abc"]
    assert said == ["Yes. [1]", "No. [2]", "No. [2]"]
    assert [messages[0].content for messages in model.asked] == ["a", "b", "c"]
    assert count_message_tokens(model, [HumanMessage("two words")]) > 2


def test_scripted_model_notices_that_its_stream_was_closed() -> None:
    model = ScriptedChatModel(replies=["a long reply that nobody reads to the end"])
    stream = model.stream([HumanMessage("?")])
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert model.closed_early == 1
