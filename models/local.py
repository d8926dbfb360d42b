"""A chat model on this machine: transformers weights, one adapter at most, tokens as they come.

Knows folders of weights, not where they come from. Book road: messages → **draft**.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)
from transformers.utils import logging as transformers_logging

from models.adapters import attach_adapter, pick_adapter
from models.dense import find_dense
from models.device import pick_device, pick_dtype, set_threads
from models.errors import GenerationBusy, PromptTooLong, WeightsDamaged
from models.language import ChatModel
from models.registry import find_model
from models.stops import cut_at_stops
from models.weights import find_weights
from settings import Settings

log = logging.getLogger(__name__)

WAIT_S = 120.0  # longest wait for the other sessions' answers
_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


class LocalChatModel(ChatModel):
    """One model in memory, shared by all sessions; they take turns, an answer at a time."""

    name: str
    temperature: float
    seed: int
    max_answer_tokens: int
    adapter: str = ""  # name of the adapter in use, "" without one

    _model: PreTrainedModel = PrivateAttr()
    _tokenizer: PreTrainedTokenizerBase = PrivateAttr()
    _turn: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, **fields: Any
    ) -> None:
        super().__init__(**fields)
        self._model, self._tokenizer = model, tokenizer

    @property
    def _llm_type(self) -> str:
        return "llama-md-local"

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def count_message_tokens(self, messages: Sequence[BaseMessage]) -> int:
        return int(self._encode(messages).shape[1])

    def _encode(self, messages: Sequence[BaseMessage]) -> Tensor:
        """Token ids (1, seq) of the messages in the model's own template, ready to be answered."""
        turns = [{"role": _ROLES[m.type], "content": str(m.content)} for m in messages]
        found: Any = self._tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        ids: Tensor = found["input_ids"]
        return ids

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(c.message.content) for c in self._stream(messages, stop, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Text as it is written. Closing the iterator ends the generation at its next token."""
        prompt = self._encode(messages)
        self._check_room(prompt.shape[1])
        with self._take_turn():
            for piece in cut_at_stops(self._write(prompt), stop or ()):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
                if run_manager:
                    run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk

    def _check_room(self, prompt_tokens: int) -> None:
        room = self.context_tokens - self.max_answer_tokens
        if prompt_tokens > room:
            raise PromptTooLong(
                f"the prompt has {prompt_tokens} tokens; {self.name} reads {room} beside an answer "
                f"of {self.max_answer_tokens}. Send fewer or shorter passages"
            )

    @contextmanager
    def _take_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=WAIT_S):
            raise GenerationBusy(
                f"other sessions kept {self.name} busy for {WAIT_S:.0f} s. Try again"
            )
        try:
            yield
        finally:
            self._turn.release()

    def _write(self, prompt: Tensor) -> Iterator[str]:
        """Run the generation in a thread of its own and hand on its text."""
        streamer = TextIteratorStreamer(
            self._tokenizer,
            skip_prompt=True,
            skip_special_tokens=True,  # type: ignore[arg-type]
        )
        closed = threading.Event()
        failures: list[BaseException] = []

        def run() -> None:
            try:
                self._decode(prompt, streamer, closed)
            except BaseException as failure:  # noqa: BLE001 (raised again in the reader's thread)
                failures.append(failure)
                streamer.end()

        thread = threading.Thread(target=run, name="draft", daemon=True)
        thread.start()
        try:
            yield from (piece for piece in streamer if piece)
        finally:
            closed.set()
            thread.join()
        if failures:
            raise failures[0]

    @torch.inference_mode()
    def _decode(
        self, prompt: Tensor, streamer: TextIteratorStreamer, closed: threading.Event
    ) -> None:
        torch.manual_seed(self.seed)
        sampled = {"temperature": self.temperature, "top_p": 0.95} if self.temperature else {}
        ids = prompt.to(self._model.device)
        self._model.generate(  # type: ignore[operator]
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=self.max_answer_tokens,
            do_sample=bool(self.temperature),
            stopping_criteria=StoppingCriteriaList([_Closed(closed)]),
            streamer=streamer,
            **sampled,
        )


class _Closed(StoppingCriteria):
    """Ends the generation when nobody reads it any more."""

    def __init__(self, closed: threading.Event) -> None:
        self._closed = closed

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: Any) -> Tensor:  # type: ignore[override]
        return torch.full((input_ids.shape[0],), self._closed.is_set(), device=input_ids.device)


def load_local_model(settings: Settings) -> LocalChatModel:
    """The chat model that `settings.model` names, with the adapter that `settings.adapter` picks.

    Raises:
        ModelError: no weights here, damaged ones, or an adapter that does not belong to them.
    """
    entry = find_model(settings.model, "chat")
    folder = find_dense(find_weights(entry, settings))
    device = pick_device()
    set_threads(settings)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=pick_dtype(device), local_files_only=True
        ).to(device)
    except (OSError, ValueError, KeyError, RuntimeError) as failure:
        raise WeightsDamaged(
            f"{entry.name} in {folder} can't be loaded ({str(failure).splitlines()[0]}). "
            f"Run: python -m models pull {entry.name}"
        ) from failure
    adapter = pick_adapter(entry, settings)
    if adapter is not None:
        model = attach_adapter(model, tokenizer, adapter, entry.name)
    model.eval()
    _prepare_generation(model, tokenizer)
    log.info(
        "%s loaded from %s, adapter %s", entry.name, folder, adapter.name if adapter else "none"
    )
    return LocalChatModel(
        model,
        tokenizer,
        name=entry.name,
        context_tokens=entry.context_tokens,
        temperature=entry.temperature if settings.temperature is None else settings.temperature,
        seed=settings.seed,
        max_answer_tokens=settings.max_answer_tokens,
        adapter=adapter.name if adapter else "",
    )


def _prepare_generation(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """One clean generation config: the template's end tokens, padding, no sampling of its own."""
    known = model.generation_config.eos_token_id if model.generation_config else None
    ends = known if isinstance(known, list) else [known]
    ids = {end for end in [*ends, tokenizer.eos_token_id] if isinstance(end, int)}
    model.generation_config = type(model.generation_config)(  # type: ignore[misc]
        eos_token_id=sorted(ids),
        pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(ids),
    )
