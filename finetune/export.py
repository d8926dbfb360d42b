"""`python -m finetune export`: what was trained, for programs that know nothing of this project.

    merged/             the whole model, adapter merged in, float16 safetensors and its tokenizer
    NAME-f16.gguf       the same for llama.cpp       NAME-lora-f16.gguf   the adapter alone, for --lora
    export.json         base, adapter and the sha256 of every file; written last

Training road: adapter → **export**. Knows no figures: exporting needs no gate, serving here does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

from finetune.errors import ExportRefused, RunInvalid
from finetune.gguf.gguf_writer import as_float16, write_adapter, write_model
from finetune.measuring.candidate import Trained, as_adapter
from models.adapters import CARD_NAME, Adapter, base_revision, read_adapter
from models.dense import find_dense
from models.local import Loaded, load_tokenizer
from models.registry import ModelEntry, find_model
from models.weights import describe_files, find_weights
from settings import ROOT, Settings

Kind = Literal["merged", "gguf", "gguf-adapter"]
HOME = ROOT / "var" / "finetune" / "exports"
MANIFEST_NAME = "export.json"


def choose_kinds(wanted: Kind | Literal["all"], trained: Trained) -> tuple[Kind, ...]:
    """The kind that was named; "all" is every kind there can be of an adapter, or of a model."""
    if wanted != "all":
        return (wanted,)
    return ("merged", "gguf") if trained.whole else ("merged", "gguf", "gguf-adapter")


def export(
    trained: Trained, kinds: Sequence[Kind], settings: Settings, out: Path | None = None
) -> dict[str, Any]:
    """Write the kinds asked for into a new folder; the contents of its export.json.

    The adapter is merged in float32 and rounded once, to float16: bfloat16, in which Llamas come,
    has 8 times coarser steps, and would round part of a small adapter away.

    Raises:
        ExportRefused: a kind that can't hold what was trained, or a folder of something else.
        NotFinite: a weight is no number that float16 holds.
        RunInvalid, ModelError: the base is not here, or another one.
    """
    out = out or HOME / trained.name
    _check_free(out)
    if trained.whole and "gguf-adapter" in kinds:
        raise ExportRefused(
            f"{trained.folder} holds all weights of a model, and no adapter. Export --to gguf"
        )
    entry = find_model(trained.base, "chat")
    loaded = _load(trained, entry, settings)
    adapter = None if trained.whole else as_adapter(trained, settings, loaded)
    report: dict[str, Any] = {
        "name": trained.name,
        "base": entry.name,
        "base_revision": base_revision(loaded.model),
        "trained_sha256": trained.sha256,
        "licence": _find_licence(trained, entry),
    }
    partial = out.with_name(f".{out.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _write_kinds(loaded, adapter, kinds, partial, report)
    report["files"] = {name: file.model_dump() for name, file in describe_files(partial).items()}
    (partial / MANIFEST_NAME).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    partial.replace(out)
    return {"folder": str(out), **report}


def _check_free(out: Path) -> None:
    """An earlier export may be replaced; anything else may not."""
    if out.exists() and not (out / MANIFEST_NAME).is_file() and any(out.iterdir()):
        raise ExportRefused(
            f"{out} holds other files, expected a new folder or an earlier export. Name another: --out"
        )


def _load(trained: Trained, entry: ModelEntry, settings: Settings) -> Loaded:
    """The base, or the whole model that was trained, in float32 on the CPU."""
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = trained.folder if trained.whole else find_dense(find_weights(entry, settings))
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True
        )
    except (OSError, ValueError, KeyError, RuntimeError) as failure:
        raise RunInvalid(
            f"the model in {folder} can't be loaded ({failure}); expected one that transformers "
            "reads. Fetch the base again, or train anew: python -m finetune train RECIPE"
        ) from failure
    return Loaded.of(model.eval(), load_tokenizer(folder))


def _find_licence(trained: Trained, entry: ModelEntry) -> str:
    """A promoted adapter's own, else its base's."""
    promoted = (trained.folder / CARD_NAME).is_file()
    return read_adapter(trained.folder).card.licence if promoted else entry.licence


def _write_kinds(
    loaded: Loaded, adapter: Adapter | None, kinds: Sequence[Kind], out: Path, about: dict[str, Any]
) -> None:
    """The adapter alone first: merging it in is the last that it is good for."""
    model, name = loaded.model, about["name"]
    if adapter:
        model = PeftModel.from_pretrained(model, str(adapter.folder))
        if "gguf-adapter" in kinds:
            write_adapter(model, out / f"{name}-lora-f16.gguf", name)
        if set(kinds) != {"gguf-adapter"}:
            model = model.merge_and_unload()
    if "gguf" in kinds:
        write_model(model, loaded.tokenizer, out / f"{name}-f16.gguf", name, about["licence"])
    if "merged" in kinds:
        _save_merged(model, loaded.tokenizer, out / "merged")


def _save_merged(model: Any, tokenizer: Any, folder: Path) -> None:
    """The model in float16, rounded once, with its tokenizer."""
    for key, tensor in model.state_dict().items():
        as_float16(tensor, key)  # refuses what it can't hold
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
