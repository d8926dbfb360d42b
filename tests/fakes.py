"""Stand-ins for the models: an embedder that hashes words, and a chat model that reads a script.

Both have the public faces of the real ones, so tests hand them in and patch nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from models.embedder import Embedder, Span, Vectors
from models.language import ChatModel

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    _WORD.findall(
        "a an and are as at be by can do does for from had has have how i if in is it me my of on "
        "or should that the this to was what when which who why will with you your"
    )
)


class HashingEmbedder(Embedder):
    """Texts that share words get near vectors; a text has the same vector on any machine."""

    def __init__(self, dimension: int = 256, max_tokens: int = 256, revision: str = "1") -> None:
        self.name = "hashing"
        self.revision = revision
        self.dimension = dimension
        self.max_tokens = max_tokens

    def encode(self, texts: Sequence[str], /) -> Vectors:
        return np.stack([self._vector(text) for text in texts]) if texts else self._no_vectors()

    def encode_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]], /
    ) -> tuple[Vectors, Vectors]:
        windows = [
            text[start:end]
            for text, of_text in zip(texts, spans, strict=True)
            for start, end in of_text
        ]
        return self.encode(texts), self.encode(windows)

    def count_tokens(self, text: str, /) -> int:
        return len(_WORD.findall(text)) + 2

    def _no_vectors(self) -> Vectors:
        return np.zeros((0, self.dimension), dtype=np.float32)

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
            weight = 0.05 if word in _COMMON else 1.0
            vector[number % self.dimension] += weight if number >> 63 else -weight
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            vector[0] = length = 1.0
        return vector / np.float32(length)


class ScriptedChatModel(ChatModel):
    """Says its replies in turn, then the last one again and again, `piece` characters a chunk.

    `asked` holds the messages of every call; `closed_early` counts streams not read to their end.
    """

    replies: list[str] = ["My books do not answer this."]  # noqa: RUF012 (pydantic copies it)
    piece: int = 5
    context_tokens: int = 2048
    chance: float = 0.0  # of any opening, where `reads_openings` is set

    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _closed_early: int = PrivateAttr(default=0)

    @property
    def asked(self) -> list[list[BaseMessage]]:
        return self._asked

    @property
    def closed_early(self) -> int:
        return self._closed_early

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def opening_chance(self, messages: Sequence[BaseMessage], opening: str) -> float:
        return self.chance

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = AIMessage("".join(str(c.message.content) for c in self._stream(messages, stop)))
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self.replies[min(len(self._asked), len(self.replies) - 1)]
        self._asked.append(list(messages))
        for mark in stop or []:
            reply = reply.split(mark)[0]
        self._closed_early += 1
        for start in range(0, len(reply), self.piece):
            text = reply[start : start + self.piece]
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        self._closed_early -= 1
