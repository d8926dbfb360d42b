"""Token ids in, text out, one step at a time: greedy or sampled, with its own stop rules.

A step takes the model's turn and gives it back, so several sessions advance side by side and a
reader who pauses holds nobody up; a generator that is closed takes no further step. Knows neither
prompts nor adapters.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream
from torch import Tensor

TOP_P = 0.9  # generation_config.json of meta-llama/Llama-3.2-1B-Instruct
LONGEST_LOOP = 40  # tokens; a loop of whole sentences is longer, and the verifier drops repeats
LOOP_TOKENS = 24  # what must have repeated before a draft is given up


class Turns:
    """A lock that is given in the order in which it was asked for."""

    def __init__(self) -> None:
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn, and pass it on afterwards."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            first = self._waiting[0] is mine
        if not first:
            mine.wait()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.popleft()
                if self._waiting:
                    self._waiting[0].set()


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a draft is drawn: temperature 0 is greedy, and then the seed means nothing.

    `never_first` is a token that the answer does not open with.
    """

    max_tokens: int
    temperature: float
    seed: int
    never_first: int | None = None


def generate_tokens(
    model: Any, turns: Turns, prompt: Sequence[int], ends: frozenset[int], sampling: Sampling
) -> Iterator[int]:
    """Ids of the answer, without the end token; `model` is a causal LM of transformers."""
    from transformers import DynamicCache

    cache = DynamicCache(config=model.config)
    randomness = torch.Generator(device=model.device).manual_seed(sampling.seed)
    step, said = list(prompt), list[int]()
    while len(said) < sampling.max_tokens:
        with turns.take(), torch.inference_mode():
            ids = torch.tensor([step], device=model.device)  # (1, seq): the prompt, then one
            logits = model(
                input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1
            ).logits[0, -1]
            if not said and sampling.never_first is not None:
                logits[sampling.never_first] = -torch.inf
            token = _draw(logits, sampling.temperature, randomness)
        if token in ends:
            return
        said.append(token)
        yield token
        if loops(said):
            return
        step = [token]


def decode_text(tokens: Iterable[int], tokenizer: Tokenizer) -> Iterator[str]:
    """Pieces of whole characters, as soon as they are whole."""
    stream = DecodeStream(skip_special_tokens=True)
    for token in tokens:
        piece = stream.step(tokenizer, token)
        if piece:
            yield piece


def opening_chance(model: Any, turns: Turns, prompt: Sequence[int], token: int) -> float:
    """The probability that the answer opens with the token, 0 … 1: one forward pass."""
    with turns.take(), torch.inference_mode():
        ids = torch.tensor([list(prompt)], device=model.device)  # (1, seq)
        logits = model(input_ids=ids, use_cache=False, logits_to_keep=1).logits[0, -1]
        return float(torch.softmax(logits.float(), -1)[token])


def _draw(logits: Tensor, temperature: float, randomness: torch.Generator) -> int:
    """The likeliest token, or one of the nucleus (Holtzman et al. 2019, arXiv 1904.09751)."""
    if temperature == 0:
        return int(logits.argmax())
    probabilities, order = torch.softmax(logits.float() / temperature, -1).sort(descending=True)
    before = probabilities.cumsum(-1) - probabilities
    probabilities[before >= TOP_P] = 0
    return int(order[torch.multinomial(probabilities, 1, generator=randomness)])


def loops(said: Sequence[int]) -> bool:
    """Whether the last tokens are one short piece over and over."""
    if len(said) < LOOP_TOKENS:
        return False
    for period in range(1, LONGEST_LOOP + 1):
        size = max(LOOP_TOKENS, 3 * period)
        tail = said[-size:]
        if len(tail) == size and tail[period:] == tail[:-period]:
            return True
    return False
