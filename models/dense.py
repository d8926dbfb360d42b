"""GGUF weights → dense safetensors beside them, once: transformers loads these in a second.

Knows no model's use. Called by `models.local` and by the training road.
"""

from __future__ import annotations

import logging
import shutil
import struct
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
DENSE_NAME = "dense"
# what the reader of transformers raises on a file that is cut short or is something else
_BROKEN = (OSError, ValueError, KeyError, IndexError, OverflowError, RuntimeError, struct.error)


def find_dense(folder: Path) -> Path:
    """A folder that `from_pretrained` reads: `folder` itself, or its unpacked GGUF.

    Raises:
        WeightsDamaged: the GGUF can't be unpacked.
    """
    ggufs = sorted(folder.glob("*.gguf"))
    if (folder / "config.json").is_file() or not ggufs:
        return folder
    dense = folder / DENSE_NAME
    with FileLock(folder / ".dense.lock"):
        source = f"{ggufs[0].name} sha256 {file_sha256(ggufs[0])}"
        manifest = read_fetch_manifest(dense)
        if not manifest or manifest.source != source or find_damage(dense, manifest, fully=False):
            _unpack(ggufs[0], dense, source)
    return dense


def _unpack(gguf: Path, dense: Path, source: str) -> None:
    """Write the dense copy beside the final folder, declare it complete, move it in."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    log.info("unpacking %s, once (half a minute)", gguf.name)
    partial = dense.with_name(f".{DENSE_NAME}.part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
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
        model.config.quantization_config = None
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        files = describe_files(partial)
        write_fetch_manifest(
            partial, FetchManifest(name=gguf.parent.name, source=source, files=files)
        )
        shutil.rmtree(dense, ignore_errors=True)
        partial.replace(dense)
    except _BROKEN as failure:
        raise WeightsDamaged(
            f"{gguf} can't be unpacked into {dense} ({failure}); expected a whole GGUF and room "
            "for its dense copy. Delete its folder and pull the model again"
        ) from failure
