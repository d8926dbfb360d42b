"""Example → token ids and the mask of what is learnt: the answer and its end, nothing else.

The prompt is the very one that serving renders (`rag.prompt`, `models.template`), so both can't
drift. Training road: Dialogue / GroundedExample → **tokens + loss mask** → adapter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage

from finetune.errors import DataInvalid
from finetune.records import (
    Dialogue,
    Example,
    GroundedExample,
    PlainText,
    ReadingExample,
    as_passage,
)
from models.template import remove_specials, render_tokens
from rag.prompt import render_dialogue, render_messages, render_reading


@dataclass(frozen=True, slots=True)
class Encoded:
    """One training sequence `(seq,)`; a token is learnt where the mask is 1."""

    id: str
    input_ids: list[int]
    completion_mask: list[int]

    @property
    def labels(self) -> list[int]:
        """What torch's cross entropy expects: the token's id, -100 where nothing is learnt."""
        return [t if m else -100 for t, m in zip(self.input_ids, self.completion_mask, strict=True)]


def render_example(example: Dialogue | GroundedExample | ReadingExample) -> list[BaseMessage]:
    """The messages that serving would send for the same question."""
    if isinstance(example, GroundedExample):
        passages = [as_passage(excerpt) for excerpt in example.passages]
        return render_messages(example.question, passages, example.earlier)
    if isinstance(example, ReadingExample):
        return render_reading(example.asked, as_passage(example.passage), example.is_question)
    return render_dialogue(example.question, example.context)


def encode_example(example: Example, tokenizer: Any, max_tokens: int) -> Encoded | None:
    """The example as tokens; None when it is longer than `max_tokens`, for none is ever cut."""
    end = find_end_token(tokenizer)
    if isinstance(example, PlainText):
        ids = tokenizer(remove_specials(tokenizer, example.text), add_special_tokens=False)
        tokens = [*ids["input_ids"][: max_tokens - 1], end]
        return Encoded(example.id, tokens, [1] * len(tokens))
    prompt = render_tokens(tokenizer, render_example(example))
    answer = remove_specials(tokenizer, example.answer).strip()
    learnt = [*tokenizer(answer, add_special_tokens=False)["input_ids"], end]
    if len(prompt) + len(learnt) > max_tokens:
        return None
    return Encoded(example.id, prompt + learnt, [0] * len(prompt) + [1] * len(learnt))


def encode_examples(
    examples: Iterable[Example], tokenizer: Any, max_tokens: int
) -> tuple[list[Encoded], list[str]]:
    """All that fit, and the ids of those that are too long."""
    encoded, too_long = list[Encoded](), list[str]()
    for example in examples:
        one = encode_example(example, tokenizer, max_tokens)
        if one is None:
            too_long.append(example.id)
        else:
            encoded.append(one)
    return encoded, too_long


def find_end_token(tokenizer: Any) -> int:
    """The token that closes an answer in the chat template.

    Raises:
        DataInvalid: the tokenizer has none: a model trained with it would never stop.
    """
    if tokenizer.eos_token_id is None:
        raise DataInvalid(
            f"the tokenizer of {tokenizer.name_or_path} has no end token; expected an instruct "
            "model's, whose template closes every turn with one"
        )
    end: int = tokenizer.eos_token_id
    return end


def set_pad_token(tokenizer: Any) -> int:
    """Give the tokenizer a padding token that is not its end token, and return its id.

    With pad = end a collator that hides padding from the loss hides the end too, and the model
    never learns to stop. A spare special token is taken; the vocabulary does not grow.

    Raises:
        DataInvalid: there is no spare special token.
    """
    if tokenizer.pad_token_id not in (None, tokenizer.eos_token_id):
        return int(tokenizer.pad_token_id)
    specials = {t.content: i for i, t in tokenizer.added_tokens_decoder.items() if t.special}
    taken = {tokenizer.eos_token, tokenizer.bos_token, "<|im_start|>", "<|im_end|>"}
    spare = [token for token in specials if token not in taken and "header" not in token]
    named = [token for token in spare if "pad" in token] + [t for t in spare if "reserved" in t]
    if not spare:
        raise DataInvalid(
            f"the tokenizer of {tokenizer.name_or_path} has no special token to spare for padding; "
            "expected one beside its end token"
        )
    tokenizer.pad_token = named[0] if named else spare[-1]
    return int(tokenizer.pad_token_id)
