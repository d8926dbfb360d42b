"""A GGUF file → a dense folder that transformers loads in a second, made once and kept beside it.

Unpacking takes half a minute, so the result is stored in bfloat16 (finer than the 4 bits it came
from), with its own manifest, written last. Knows no chat and no adapter.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from filelock import FileLock

from models.errors import WeightsDamaged
from models.weights import (
    FetchManifest,
    describe_files,
    file_sha256,
    find_damage,
    read_fetch_manifest,
    write_fetch_manifest,
)

log = logging.getLogger(__name__)


def find_dense(folder: Path) -> Path:
    """The folder to load: the given one if it is dense already, else the unpacked copy of its GGUF.

    Raises:
        WeightsDamaged: neither is to be had.
    """
    if (folder / "config.json").is_file():
        return folder
    files = sorted(folder.glob("*.gguf"))
    if len(files) != 1:
        raise WeightsDamaged(
            f"{folder} holds {len(files)} GGUF files and no config.json; expected one model: "
            "config.json with *.safetensors, or a single *.gguf"
        )
    dense = folder / "dense"
    source = f"{files[0].name} sha256 {file_sha256(files[0])}"
    if _is_current(dense, source):
        return dense
    try:
        with FileLock(folder / ".dense.lock"):
            if not _is_current(dense, source):
                _unpack(files[0], dense, source)
    except OSError as error:
        raise WeightsDamaged(
            f"{files[0]} can't be unpacked into {dense} ({error}); expected a readable GGUF of a "
            "Llama and room for its dense copy beside it"
        ) from error
    return dense


def _is_current(dense: Path, source: str) -> bool:
    manifest = read_fetch_manifest(dense)
    return (
        manifest is not None
        and manifest.source == source
        and not find_damage(dense, manifest, fully=False)
    )


def _unpack(gguf: Path, dense: Path, source: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    log.info("unpacking %s, once", gguf.name)
    partial = dense.with_name(".dense.part")
    shutil.rmtree(partial, ignore_errors=True)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
        local_files_only=True,
    )
    tokenizer = AutoTokenizer.from_pretrained(
        gguf.parent, gguf_file=gguf.name, local_files_only=True
    )
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    manifest = FetchManifest(name=gguf.stem, source=source, files=describe_files(partial))
    write_fetch_manifest(partial, manifest)
    shutil.rmtree(dense, ignore_errors=True)
    partial.replace(dense)
