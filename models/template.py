"""Messages → the ids that a chat model reads: the one rendering that serving and training share.

Knows a tokenizer with a chat template, no model. Book road: **messages → tokens** → draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

FIXED_DATE = "26 Jul 2024"  # what Llama 3.2's template prints when no clock is to be had
_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


def render_tokens(tokenizer: Any, messages: Sequence[BaseMessage]) -> list[int]:
    """The ids of the messages in the chat template, with the answer's opening at the end.

    Special tokens inside a message are taken out: a text can't open a turn of its own.
    """
    turns = [
        {"role": _ROLES.get(m.type, m.type), "content": remove_specials(tokenizer, str(m.text))}
        for m in messages
    ]
    ids: list[int] = tokenizer.apply_chat_template(
        turns, add_generation_prompt=True, date_string=FIXED_DATE, return_dict=False
    )
    return ids


def remove_specials(tokenizer: Any, text: str) -> str:
    """The text without the tokenizer's special tokens."""
    for token in tokenizer.added_tokens_decoder.values():
        if token.special:
            text = text.replace(token.content, " ")
    return text
