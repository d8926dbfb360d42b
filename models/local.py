"""The chat model on this machine: transformers, with an adapter merged in, as a LangChain model.

Knows folders and the register, not passages. Book road: messages → **draft**.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from models.adapters import READERS_DIR, Adapter, attach_adapter, find_serving, pick_adapter
from models.dense import find_dense
from models.device import pick_device, pick_dtype, set_threads
from models.errors import PromptTooLong, WeightsDamaged
from models.generation import Sampling, Turns, decode_text, generate_tokens, opening_chance
from models.language import ChatModel
from models.registry import find_model
from models.stops import cut_at_stops
from models.template import render_tokens
from models.weights import find_weights
from settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A causal LM of transformers and its tokenizer, in memory."""

    model: Any
    tokenizer: Any
    ends: frozenset[int]  # tokens at which an answer is over

    @classmethod
    def of(cls, model: Any, tokenizer: Any) -> Loaded:
        """Ends are the declared ones, and any special token: it would open another turn."""
        declared = model.generation_config.eos_token_id
        ends = {declared} if isinstance(declared, int) else set(declared or [])
        ends |= {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
        return cls(model, tokenizer, frozenset(ends))


class LocalChatModel(ChatModel):
    """Streams from a causal LM that all sessions share; each token is one fair turn.

    The weights are loaded when the model first writes or counts, or by `load`.
    """

    name: str
    temperature: float
    seed: int
    max_answer_tokens: int
    adapter: str = ""  # name of the folder, "" = none

    _bring: Callable[[], Loaded] = PrivateAttr()
    _loaded: Loaded | None = PrivateAttr(default=None)
    _loading: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _turns: Turns = PrivateAttr(default_factory=Turns)

    def __init__(self, *, bring: Callable[[], Loaded], **fields: Any) -> None:
        super().__init__(**fields)
        self._bring = bring

    def load(self) -> Loaded:
        """The model in memory; the first call brings it there.

        Raises:
            ModelError: as `load_local_model`.
        """
        with self._loading:
            if self._loaded is None:
                self._loaded = self._bring()
            return self._loaded

    def count_tokens(self, text: str) -> int:
        return len(self.load().tokenizer(text, add_special_tokens=False)["input_ids"])

    def count_message_tokens(self, messages: Sequence[BaseMessage]) -> int:
        return len(self.render_tokens(messages))

    def render_tokens(self, messages: Sequence[BaseMessage]) -> list[int]:
        """The ids that the model reads: messages in the chat template, and the answer's opening."""
        return render_tokens(self.load().tokenizer, messages)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        sampling = Sampling(
            max_tokens=kwargs.get("max_tokens", self.max_answer_tokens),
            temperature=kwargs.get("temperature", self.temperature),
            seed=kwargs.get("seed", self.seed),
            never_first=self._first_token(kwargs["never_open"]) if "never_open" in kwargs else None,
        )
        tokens = self.write_tokens(self._fitting_prompt(messages, sampling.max_tokens), sampling)
        pieces = decode_text(tokens, self.load().tokenizer.backend_tokenizer)
        yield ChatGenerationChunk(message=AIMessageChunk(content=""))  # LangChain refuses no chunk
        for text in cut_at_stops(pieces, stop or []):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
            if run_manager:
                run_manager.on_llm_new_token(text, chunk=chunk)
            yield chunk

    def write_tokens(self, prompt: Sequence[int], sampling: Sampling) -> Iterator[int]:
        """Ids of the answer, one step at a time, without the end token."""
        loaded = self.load()
        return generate_tokens(loaded.model, self._turns, prompt, loaded.ends, sampling)

    def opening_chance(self, messages: Sequence[BaseMessage], opening: str) -> float:
        loaded, prompt = self.load(), self._fitting_prompt(messages, 1)
        return opening_chance(loaded.model, self._turns, prompt, self._first_token(opening))

    def _first_token(self, text: str) -> int:
        ids: list[int] = self.load().tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids[0]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _fitting_prompt(self, messages: Sequence[BaseMessage], max_tokens: int) -> list[int]:
        prompt = self.render_tokens(messages)
        if len(prompt) + max_tokens > self.context_tokens:
            raise PromptTooLong(
                f"the messages take {len(prompt)} tokens and the answer may take {max_tokens}; "
                f"{self.name} reads {self.context_tokens} in all. Hand over fewer passages, or set "
                "LLAMA_MD_MAX_ANSWER_TOKENS lower"
            )
        return prompt

    @property
    def _llm_type(self) -> str:
        return "llama-md-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"name": self.name, "adapter": self.adapter, "temperature": self.temperature}


def load_local_model(settings: Settings) -> LocalChatModel:
    """The model that the settings name, with its adapter; in memory at once if it will write.

    Raises:
        WeightsMissing, WeightsDamaged: it was not fetched, or not whole.
        AdapterRefused: the adapter does not belong to it.
    """
    entry = find_model(settings.model, "chat")
    folder = find_weights(entry, settings)
    adapter = pick_adapter(entry, settings.adapter)
    set_threads(settings)
    model = LocalChatModel(
        bring=lambda: bring_model(entry.name, folder, adapter),
        name=entry.name,
        context_tokens=entry.context_tokens,
        reads_openings=adapter is not None,  # an untuned model's refusals are not calibrated
        chooses=entry.chooses,
        grounded=entry.grounded or adapter is not None,
        temperature=entry.temperature if settings.temperature is None else settings.temperature,
        seed=settings.seed,
        max_answer_tokens=settings.max_answer_tokens,
        adapter=adapter.name if adapter else "",
    )
    if settings.draft == "always" or (settings.draft == "auto" and model.grounded):
        model.load()
    return model


READS = "smollm2-135m"  # whatever model writes, this one reads for the gate


def load_reading_model(settings: Settings) -> LocalChatModel | None:
    """The small model with the reader's adapter, which says Yes or No; None without it.

    Raises:
        WeightsDamaged, AdapterRefused: it is there, and not whole.
    """
    found = find_serving(find_model(READS, "chat"), settings.reader, READERS_DIR, settings)
    return make_reading_model(*found, settings) if found else None


def make_reading_model(folder: Path, adapter: Adapter, settings: Settings) -> LocalChatModel:
    """The base in a folder with an adapter that says Yes or No; the weights come at first use."""
    entry = find_model(adapter.card.base, "chat")
    set_threads(settings)
    return LocalChatModel(
        bring=lambda: bring_model(entry.name, folder, adapter),
        name=entry.name,
        context_tokens=entry.context_tokens,
        temperature=0.0,
        seed=settings.seed,
        max_answer_tokens=1,
        adapter=adapter.name,
    )


def bring_model(name: str, folder: Path, adapter: Adapter | None) -> Loaded:
    """Weights and tokenizer from disk, the adapter merged in.

    Raises:
        WeightsDamaged: the folder holds no model that loads.
        AdapterRefused: the adapter was trained on something else.
    """
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    log.info("loading %s with adapter %s", name, adapter.name if adapter else "none")
    dense = find_dense(folder)
    tokenizer = load_tokenizer(dense)
    return Loaded.of(_load_weights(dense, name, tokenizer, adapter), tokenizer)


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer in a dense folder, from this machine only."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(folder, error) from error


def _load_weights(folder: Path, name: str, tokenizer: Any, adapter: Adapter | None) -> Any:
    """Weights on the right device; an adapter is merged in float32, then rounded once."""
    from transformers import AutoModelForCausalLM

    device = pick_device()
    dtype = pick_dtype(device)
    model: Any
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32 if adapter else dtype, local_files_only=True
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(folder, error) from error
    if adapter:
        model = attach_adapter(model, tokenizer, adapter, name)
    return model.to(device, dtype).eval()


def _damaged(folder: Path, error: Exception) -> WeightsDamaged:
    return WeightsDamaged(
        f"the model in {folder} can't be loaded ({error}); expected a causal language model that "
        "transformers reads. Fetch it again: python -m models pull NAME"
    )
