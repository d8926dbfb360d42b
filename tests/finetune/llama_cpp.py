"""llama.cpp as a peer: what it writes greedily from a GGUF, and how it cuts text into tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest


class Engine:
    """A llama.cpp server in this process, on loopback."""

    def __init__(self, url: str) -> None:
        self._url = url

    def write(self, prompt: Sequence[int], count: int) -> list[int]:
        """`count` tokens, the likeliest each time, whatever they are."""
        asked = {
            "prompt": list(prompt),
            "n_predict": count,
            "samplers": ["top_k"],
            "top_k": 1,
            "ignore_eos": True,
            "return_tokens": True,
            "cache_prompt": False,
        }
        tokens: list[int] = self._ask("completion", asked)["tokens"]
        return tokens

    def cut(self, text: str) -> list[int]:
        """The text's tokens, as a prompt begins."""
        asked = {"content": text, "add_special": True, "parse_special": True}
        tokens: list[int] = self._ask("tokenize", asked)["tokens"]
        return tokens

    def _ask(self, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        reply = httpx.post(f"{self._url}/{what}", json=asked, timeout=120)
        found: dict[str, Any] = reply.raise_for_status().json()
        return found


@contextmanager
def open_engine(model: Path, adapter: Path | None = None) -> Iterator[Engine]:
    """llama.cpp with a model, and a LoRA adapter over it; keys and values in float32."""
    xllamacpp = pytest.importorskip("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx, params.n_parallel, params.warmup = 256, 1, False
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.cpuparams.n_threads = 1
    params.verbosity = -1
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    if adapter:
        lora = xllamacpp.CommonAdapterLoraInfo()
        lora.path, lora.scale = str(adapter), 1.0
        params.lora_adapters = [lora]
    server = xllamacpp.Server(params)
    yield Engine(server.listening_address)
    del server
