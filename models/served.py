"""Any OpenAI-compatible server (vLLM, llama.cpp, Ollama…) as the chat model, by one setting.

Knows an address, not what runs behind it. Book road: messages → **draft**.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from models.errors import PromptTooLong, ServerFailed
from models.language import CHARACTERS_PER_TOKEN, ChatModel
from models.registry import find_model
from settings import Settings

CONNECT_TIMEOUT_S = 5.0


class ServedChatModel(ChatModel):
    """LangChain's client with our token budget, and errors that say what to do."""

    url: str
    max_answer_tokens: int

    _client: ChatOpenAI = PrivateAttr()

    def __init__(self, *, client: ChatOpenAI, **fields: Any) -> None:
        super().__init__(**fields)
        self._client = client

    @classmethod
    def from_settings(cls, settings: Settings) -> ServedChatModel:
        """The server that `model_url` names."""
        entry = find_model(settings.model, "chat")
        client = ChatOpenAI(
            base_url=settings.model_url,
            model=settings.model_url_name,
            api_key=SecretStr(settings.model_url_key),
            temperature=(
                entry.temperature if settings.temperature is None else settings.temperature
            ),
            seed=settings.seed,
            extra_body={"max_tokens": settings.max_answer_tokens},  # the name that all servers know
            timeout=httpx.Timeout(settings.model_url_timeout_s, connect=CONNECT_TIMEOUT_S),
            max_retries=0,
            stream_usage=False,
        )
        return cls(
            client=client,
            url=settings.model_url,
            context_tokens=settings.model_url_context_tokens,
            max_answer_tokens=settings.max_answer_tokens,
        )

    def count_tokens(self, text: str) -> int:
        """A cautious estimate: the server's tokenizer is not known here."""
        return int(len(text) / CHARACTERS_PER_TOKEN) + 1

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self._check_length(messages)
        with self._named_errors():
            for piece in self._client.stream(messages, stop=stop, **kwargs):
                text = str(piece.text)
                if text:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=text))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(c.text) for c in self._stream(messages, stop, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _check_length(self, messages: list[BaseMessage]) -> None:
        tokens = self.count_message_tokens(messages) + self.max_answer_tokens
        if tokens > self.context_tokens:
            raise PromptTooLong(
                f"messages and answer take about {tokens} tokens; the server at {self.url} is set "
                f"to read {self.context_tokens}. Hand over fewer passages, or set "
                "LLAMA_MD_MODEL_URL_CONTEXT_TOKENS to what it reads"
            )

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """The client's errors in our words."""
        try:
            yield
        except openai.APITimeoutError as error:
            raise ServerFailed(
                f"the model server at {self.url} did not answer in time. Is it busy? "
                "LLAMA_MD_MODEL_URL_TIMEOUT_S sets how long to wait"
            ) from error
        except openai.APIConnectionError as error:
            raise ServerFailed(
                f"no model server answers at {self.url}. Start it, correct LLAMA_MD_MODEL_URL, or "
                "unset it to use the local model"
            ) from error
        except openai.OpenAIError as error:
            raise ServerFailed(
                f"the model server at {self.url} answered with an error: {error}. Expected the "
                "OpenAI chat API and the model that LLAMA_MD_MODEL_URL_NAME names"
            ) from error

    @property
    def _llm_type(self) -> str:
        return "llama-md-served"
