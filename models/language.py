"""The chat model as everybody sees it: a LangChain `BaseChatModel` that knows how much it can read.

Knows no weights and no server; `models.local` and `models.served` do, and are loaded when needed.
Book road: messages → **draft**.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import lru_cache

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from settings import Settings

CHARACTERS_PER_TOKEN = 3.0  # cautious for English prose, where tokenizers average about 4
TOKENS_PER_MESSAGE = 8  # role and separators of a chat template
UNKNOWN_CONTEXT_TOKENS = 4096  # of a foreign LangChain model that does not say


class ChatModel(BaseChatModel):
    """A chat model that counts its own tokens.

    `.stream(messages, stop=…)` yields chunks whose `.content` is text; closing the iterator ends
    the generation. Raises `PromptTooLong` rather than cut a prompt.
    """

    context_tokens: int
    reads_openings: bool = (
        False  # `opening_chance` and `.stream(…, never_open=text)` are understood
    )
    chooses: bool = True  # can choose among many sentences; False for a model too small for it
    grounded: bool = True  # can answer from passages; False for a small model that was never taught

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Tokens of a plain text."""

    def opening_chance(self, messages: Sequence[BaseMessage], opening: str) -> float:
        """The probability that the answer begins with the first token of `opening`, 0 … 1.

        Raises:
            NotImplementedError: of a model that does not say `reads_openings`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not tell how it would open")

    def count_message_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Tokens of the messages as the model reads them, template and answer prefix included."""
        return sum(self.count_tokens(str(m.content)) + TOKENS_PER_MESSAGE for m in messages)

    def get_num_tokens(self, text: str) -> int:
        return self.count_tokens(text)


def count_message_tokens(model: BaseChatModel, messages: Sequence[BaseMessage]) -> int:
    """Tokens of the messages for any LangChain chat model; a cautious estimate for foreign ones."""
    if isinstance(model, ChatModel):
        return model.count_message_tokens(messages)
    characters = sum(len(str(message.content)) for message in messages)
    return int(characters / CHARACTERS_PER_TOKEN) + TOKENS_PER_MESSAGE * len(messages)


def prompt_budget_tokens(model: BaseChatModel, settings: Settings) -> int:
    """How many tokens of messages leave room for the longest answer."""
    context = model.context_tokens if isinstance(model, ChatModel) else UNKNOWN_CONTEXT_TOKENS
    return context - settings.max_answer_tokens


@lru_cache(maxsize=2)
def load_chat_model(settings: Settings) -> ChatModel:
    """The chat model that the settings describe, loaded once a process."""
    if settings.model_url:
        from models.served import ServedChatModel  # pulls in the openai client

        return ServedChatModel.from_settings(settings)
    from models.local import load_local_model  # pulls in torch and transformers

    return load_local_model(settings)
