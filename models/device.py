"""Which device and number format suit this machine.

bfloat16 only where the hardware multiplies it: elsewhere it is emulated, and slower than float32.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import torch

from settings import Settings

# what torch calls the instructions: Intel and AMD (AVX-512 BF16, AMX), ARM (BF16 of Armv8.6)
_BF16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")


@lru_cache(maxsize=1)
def pick_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def pick_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device multiplies it, else float16 on CUDA, float32 on a CPU."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    capabilities = torch.cpu.get_capabilities()
    fast = any(capabilities.get(name) for name in _BF16_INSTRUCTIONS)
    return torch.bfloat16 if fast else torch.float32


def set_threads(settings: Settings) -> None:
    """Give torch the configured number of CPU threads; 0 leaves its own choice."""
    if settings.threads and settings.threads != torch.get_num_threads():
        torch.set_num_threads(settings.threads)


def open_thread_pool(device: torch.device) -> ThreadPoolExecutor:
    """Workers for independent batches: one a core, each computing on its own core alone.

    Threads that share one batch wait for one another at every step; beside other programs that
    costs far more than it brings. An accelerator gets a single worker.
    """
    threads = torch.get_num_threads()
    workers = 1 if device.type == "cuda" else threads
    pool = ThreadPoolExecutor(workers, thread_name_prefix="encode")
    started = threading.Barrier(workers)

    def settle() -> None:
        torch.set_num_threads(1)
        started.wait()  # so that every worker takes exactly one of these

    for worker in [pool.submit(settle) for _ in range(workers)]:
        worker.result()
    torch.set_num_threads(threads)  # torch also keeps the last count for threads yet to come
    return pool
