"""A chat model behind an OpenAI-compatible URL (vLLM, llama.cpp, Ollama…), by one setting.

Knows no weights; langchain-openai does the talking. Book road: messages → **draft**.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from models.errors import ServerFailed
from models.language import CHARACTERS_PER_TOKEN, UNKNOWN_CONTEXT_TOKENS, ChatModel
from settings import Settings

TIMEOUT_S = httpx.Timeout(120.0, connect=5.0)  # a small server may think for long, but it answers


class ServedChatModel(ChatModel):
    """Streams from the server; tokens are estimated, since its tokenizer is unknown."""

    url: str
    context_tokens: int = UNKNOWN_CONTEXT_TOKENS

    _client: ChatOpenAI = PrivateAttr()

    @classmethod
    def from_settings(cls, settings: Settings) -> ServedChatModel:
        """The model at `settings.model_url`; nothing is sent before the first question."""
        model = cls(url=settings.model_url)
        model._client = ChatOpenAI(
            base_url=settings.model_url,
            model=settings.model_url_name,
            api_key=SecretStr(settings.model_url_key),
            temperature=settings.temperature or 0.0,
            seed=settings.seed,
            max_completion_tokens=None,
            extra_body={"max_tokens": settings.max_answer_tokens},
            timeout=TIMEOUT_S,
            max_retries=0,
        )
        return model

    @property
    def _llm_type(self) -> str:
        return "llama-md-served"

    def count_tokens(self, text: str) -> int:
        return int(len(text) / CHARACTERS_PER_TOKEN) + 1

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(c.message.content) for c in self._stream(messages, stop))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Text as the server sends it; closing the iterator closes the connection."""
        try:
            for piece in self._client.stream(messages, stop=stop):
                text = str(piece.content)
                if text:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        except openai.APIConnectionError as failure:
            raise ServerFailed(
                f"no model server answered at {self.url}. Start it, or unset LLAMA_MD_MODEL_URL "
                "to use the local model"
            ) from failure
        except openai.APIError as failure:
            raise ServerFailed(f"the model server at {self.url} refused: {failure}") from failure
