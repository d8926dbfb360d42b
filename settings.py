"""One typed settings object: environment `LLAMA_MD_*`, then `llama-md.toml`, then the defaults here.

Knows no room; every room may read it. `SETTINGS` is built at first use by `load_settings`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ROOT = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """Every setting of Llama, MD. Environment names are the field names, in capitals, prefixed."""

    model_config = SettingsConfigDict(
        env_prefix="LLAMA_MD_",
        toml_file="llama-md.toml",
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
    )

    # where things lie
    books_dir: Path = Field(ROOT / "corpus" / "books", description="folder of PDF books to ingest")
    own_books_dir: Path = Field(
        ROOT / "var" / "books",
        description="your own PDFs and the catalogue's; ingested beside books_dir",
    )
    index_dir: Path = Field(ROOT / "var" / "index", description="folder of the search index")
    weights_dir: Path = Field(
        ROOT / "var" / "weights", description="folder of fetched model weights"
    )
    model_dir: Path | None = Field(
        None, description="folder with the chat model's own files, instead of the fetched ones"
    )

    # which models
    model: str = Field("smollm2-135m", description="chat model: a name in models/registry.toml")
    embedder: str = Field("minilm", description="embedder: a name in models/registry.toml")
    adapter: str = Field(
        "auto",
        description="adapter in models/adapters; 'auto' = the one whose base is the model, 'none'",
    )
    reader: str = Field(
        "auto",
        description="the small model's adapter in models/readers, which reads for the gate; "
        "'none' = it goes without",
    )
    proofreader: str = Field(
        "auto",
        description="the cross-encoder's adapter in models/proofreaders, which reads drafted sentences "
        "beside their page; 'none' = the checks alone decide",
    )
    question_encoder: str = Field(
        "auto",
        description="the embedder's adapter in models/questions, which questions go through; "
        "'none' = as texts do",
    )
    model_url: str = Field(
        "", description="OpenAI-compatible base URL that stands in for the local chat model"
    )
    model_url_name: str = Field("default", description="model name sent to model_url")
    model_url_key: str = Field("none", description="API key sent to model_url")
    model_url_context_tokens: int = Field(
        4096, ge=256, description="tokens that the model behind model_url reads, answer included"
    )
    model_url_timeout_s: float = Field(
        60.0, gt=0, description="longest silence of model_url before it counts as down"
    )
    temperature: float | None = Field(
        None, ge=0, le=2, description="sampling temperature; empty = the registry's for the model"
    )
    draft: Literal["auto", "always", "never"] = Field(
        "auto",
        description="let the chat model write: 'auto' = only one that can answer from passages",
    )
    seed: int = Field(7, description="seed of sampling")
    max_answer_tokens: int = Field(220, ge=16, le=2048, description="longest draft, in tokens")
    threads: int = Field(0, ge=0, description="CPU threads for torch; 0 = all cores")

    # how books are read
    ocr: Literal["auto", "never", "always"] = Field(
        "auto", description="which pages go through OCR"
    )
    max_pages: int = Field(3000, ge=1, description="a book with more pages is refused")
    max_bytes: int = Field(300_000_000, ge=1, description="a PDF larger than this is refused")
    max_stream_bytes: int = Field(
        500_000_000,
        ge=1,
        description="decompressed size of one PDF's streams above which it is refused",
    )
    file_timeout_s: float = Field(300.0, gt=0, description="longest reading time of one book")
    passage_words: int = Field(110, ge=20, le=400, description="aimed-at length of a passage")
    window_vectors: bool = Field(
        False, description="also index a vector for each 40-word window of a passage"
    )

    # how questions are answered
    hits: int = Field(5, ge=1, le=20, description="passages shown to the model")
    country: str = Field("US", description="whose emergency number is shown (ISO 3166 alpha-2)")
    region: str = Field("", description="prefer books of this region when scores are close")
    exit_url: str = Field(
        "https://www.bbc.com/weather", description="the plain page that 'Leave now' goes to"
    )
    log_conversations: bool = Field(False, description="maintainers only: log masked conversations")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments beat the environment, which beats `llama-md.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
