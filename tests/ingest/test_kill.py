"""Killed at any instant, an ingest leaves the old index or the new one, whole; the next one runs.

The kills happen in `tests.ingest.killing`, in a process of its own that forks and ends ingests.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.ingest.killing import MOMENTS


def _kill(how: str, folder: Path) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.ingest.killing", how, str(folder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert run.returncode == 0, run.stderr
    outcomes: list[str] = json.loads(run.stdout)
    return outcomes


def test_an_ingest_killed_at_50_random_moments_leaves_the_old_index_or_the_new_one(
    tmp_path: Path,
) -> None:
    outcomes = _kill("random", tmp_path)
    assert len(outcomes) == MOMENTS
    assert set(outcomes) <= {"old", "new"}
    assert "old" in outcomes


def test_an_ingest_killed_at_every_step_on_disk_leaves_the_old_index_or_the_new_one(
    tmp_path: Path,
) -> None:
    outcomes = _kill("steps", tmp_path)
    swap = outcomes.index("new")
    assert outcomes == ["old"] * swap + ["new"] * (len(outcomes) - swap)
    assert swap > 5, "hardly a step before the swap was seen"
