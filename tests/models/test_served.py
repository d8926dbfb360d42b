"""A model behind an OpenAI-compatible URL: a real llama.cpp server in process, and none at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langchain_core.messages import HumanMessage

from models.errors import ServerFailed
from models.language import load_chat_model
from models.registry import find_model
from models.weights import find_weights
from settings import Settings, load_settings


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The embedded model's GGUF served by llama.cpp on loopback."""
    xllamacpp = pytest.importorskip("xllamacpp")
    folder = find_weights(find_model("smollm2-135m"), load_settings())
    params = xllamacpp.CommonParams()
    params.model.path = str(next(folder.glob("*.gguf")))
    params.n_ctx, params.n_parallel = 1024, 1
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


@pytest.mark.model
def test_a_real_server_stands_in_by_one_setting(url: str) -> None:
    model = load_chat_model(Settings(model_url=url, max_answer_tokens=16))
    pieces = [str(piece.content) for piece in model.stream([HumanMessage("Name a fruit.")])]
    assert len(pieces) > 1
    assert "".join(pieces).strip()


def test_a_server_that_is_down_is_named_with_both_ways_on() -> None:
    model = load_chat_model(Settings(model_url="http://127.0.0.1:9/v1"))
    with pytest.raises(ServerFailed, match="LLAMA_MD_MODEL_URL"):
        model.invoke([HumanMessage("hello")])
