"""A sentence and a passage read together → one number: an encoder with a trained head, as transformers runs it.

Knows adapters and weights, not what its number is for. Book road: draft → **odds** → verified sentence.
A cross-encoder sees both texts at every layer: Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from models.adapters import PROOFREADERS_DIR, Adapter, check_fits, find_serving, merge_adapter
from models.device import pick_device, pick_dtype, set_threads
from models.errors import AdapterRefused, PromptTooLong, WeightsDamaged
from models.registry import ModelEntry, find_model
from models.weights import fingerprints
from settings import Settings

PROOFREADS = "mpnet"  # whatever model writes, this one is the base of the proofreader
HEAD = "classifier"  # what the base does not have, and every adapter has to bring
MOST_TOKENS = 300  # of both texts; the second loses its end where it is longer
MOST_TOKENS_FIRST = 200
_TOGETHER = 16  # pairs in one pass, of about one length

log = logging.getLogger(__name__)


class CrossEncoder:
    """Base and adapter, loaded when first asked; one instance serves all threads."""

    def __init__(
        self, entry: ModelEntry, folder: Path, adapter: Adapter, settings: Settings
    ) -> None:
        set_threads(settings)
        self._entry, self._folder, self._adapter = entry, folder, adapter
        self._loading, self._tokenizing = threading.Lock(), threading.Lock()

    def warm_up(self) -> None:
        """Bring the weights into memory, so that the first that asks does not wait for them.

        Raises:
            WeightsDamaged: the folder holds no such encoder.
            AdapterRefused: the adapter was trained on other weights, or has no head.
        """
        with self._loading:
            _ = self._loaded

    def odds(self, pairs: Sequence[tuple[str, str]], /) -> NDArray[np.float32]:
        """Log odds of Yes for each pair of texts, shape `(pairs,)`.

        Raises:
            PromptTooLong: a first text has more than MOST_TOKENS_FIRST tokens.
            WeightsDamaged, AdapterRefused: as `warm_up`.
        """
        self.warm_up()
        order = sorted(range(len(pairs)), key=lambda place: sum(map(len, pairs[place])))
        found = np.zeros(len(pairs), np.float32)
        for start in range(0, len(order), _TOGETHER):
            places = order[start : start + _TOGETHER]
            found[places] = self._read([pairs[place] for place in places])
        return found

    @torch.inference_mode()
    def _read(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        model, tokenizer = self._loaded
        with self._tokenizing:  # padding and truncation are a state of the tokenizer
            batch = encode_pairs(tokenizer, pairs)
        logits: torch.Tensor = model(**batch.to(model.device)).logits  # (pairs, 1)
        return logits[:, 0].float().cpu().numpy()

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """Model and tokenizer, the adapter merged in float32 and rounded once."""
        log.info("loading %s with %s", self._entry.name, self._adapter.name)
        model, tokenizer = bring_cross_encoder(self._folder, self._entry.name)
        made_for = self._entry.name, *fingerprints(self._folder)
        check_fits(self._adapter, *made_for, setting="LLAMA_MD_PROOFREADER")
        config = json.loads((self._adapter.folder / "adapter_config.json").read_bytes())
        if HEAD not in (config.get("modules_to_save") or ()):
            raise AdapterRefused(
                f"{self._adapter.folder} brings no {HEAD}, so its odds would be those of chance. "
                "Train it anew: python -m finetune proofreader"
            )
        device = pick_device()
        merged: Any = merge_adapter(model, self._adapter.folder)
        return merged.to(device, pick_dtype(device)).eval(), tokenizer


def load_cross_encoder(settings: Settings) -> CrossEncoder | None:
    """The encoder with the proofreader's adapter; None without either. The weights come at first use.

    Raises:
        WeightsDamaged, AdapterRefused: it is there, and not whole.
    """
    entry = find_model(PROOFREADS, "cross-encoder")
    found = find_serving(entry, settings.proofreader, PROOFREADERS_DIR, settings)
    return CrossEncoder(entry, *found, settings) if found else None


def bring_cross_encoder(folder: Path, name: str) -> tuple[Any, Any]:
    """The encoder in float32 with a head of chance, and its tokenizer, from disk.

    Raises:
        WeightsDamaged: the folder holds none, or one of other layers.
    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    loud = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # checked below
    try:
        model, report = AutoModelForSequenceClassification.from_pretrained(
            folder,
            num_labels=1,
            dtype=torch.float32,
            local_files_only=True,
            output_loading_info=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        missing = [key for key in report["missing_keys"] if not key.startswith(HEAD)]
        if missing:
            raise ValueError(f"it has no {missing[0]}")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise WeightsDamaged(
            f"the encoder in {folder} can't be loaded ({error}); expected one that transformers "
            f"reads. Run: python -m models pull {name}"
        ) from error
    finally:
        transformers_logging.set_verbosity(loud)
    return model, tokenizer


def encode_pairs(tokenizer: Any, pairs: Sequence[tuple[str, str]]) -> Any:
    """Token ids and mask `(pairs, tokens)` of what training and serving both read.

    Raises:
        PromptTooLong: a first text has more than MOST_TOKENS_FIRST tokens.
    """
    first, second = map(list, zip(*pairs, strict=True))
    longest = max(map(len, tokenizer(first, add_special_tokens=False)["input_ids"]))
    if longest > MOST_TOKENS_FIRST:
        raise PromptTooLong(
            f"a sentence takes {longest} tokens, expected at most {MOST_TOKENS_FIRST} beside its "
            "passage. Hand it over in parts"
        )
    return tokenizer(
        first, second, truncation="only_second", max_length=MOST_TOKENS,
        padding=True, return_tensors="pt",
    )  # fmt: skip
