"""What memory this machine has, has left, and what this process takes of it.

Knows no model. Beside the training road: `estimate` asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Room:
    """Memory where the model would lie, in bytes: of the accelerator, else of the machine."""

    device: str
    total_bytes: int
    free_bytes: int


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
