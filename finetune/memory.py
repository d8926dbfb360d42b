"""What memory this machine has left, and keeping a training process from holding more than it uses.

Knows no model. Beside the training road: `estimate` asks how much there is, `train` keeps it tidy.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

# mallopt(3): parameter number, and glibc's own first value, above which a block is a mapping that
# goes back to the system when it is freed. Once set, it no longer grows with what was freed.
_M_MMAP_THRESHOLD = -3
_MMAP_BYTES = 128 * 1024
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Room:
    """Memory where the model would lie, in bytes: of the accelerator, else of the machine."""

    device: str
    total_bytes: int
    free_bytes: int


def return_freed_blocks() -> bool:
    """Let glibc give every freed tensor back to the system; False where there is no glibc.

    By itself glibc raises its mapping threshold to 32 MB with the first tensors that are freed
    (mallopt(3), "dynamic mmap threshold"), and a step's tensors then lie scattered over a heap that
    never shrinks: `python -m scripts.bench.finetune` measures how much more that takes.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES) == 1)


def measure_room() -> Room:
    """The first accelerator's memory, else this machine's, within the limit of its container."""
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        return Room("cuda", total, free)
    memory = psutil.virtual_memory()
    limit, used = _read_cgroup("memory.max"), _read_cgroup("memory.current")
    if limit is None or used is None:
        return Room("cpu", memory.total, memory.available)
    return Room("cpu", min(memory.total, limit), min(memory.available, max(limit - used, 0)))


def process_bytes() -> int:
    """What this process itself holds in main memory."""
    return int(psutil.Process().memory_info().rss)


def _read_cgroup(name: str) -> int | None:
    """A figure of this container; None where there is no limit."""
    try:
        return int((_CGROUP / name).read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file, or "max"
        return None
