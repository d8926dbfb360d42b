"""Triage measured on tests/gold/triage.jsonl: confusion, recall, false alarms, by sign and by kind of wording.

Knows no rule: it asks, counts and lays the counts out. Part of `python -m rag eval --safety`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import BadInput
from rag.events import Turn
from rag.signs.likeness import Encoder
from rag.triage import triage
from settings import ROOT, Settings

TRIAGE_GOLD = ROOT / "tests" / "gold" / "triage.jsonl"
LEVELS = ("emergency", "urgent", "none")
# Issue 4: none of these may be missed.
NEVER_MISSED = (
    "suicide",
    "bleeding",
    "postpartum-bleeding",
    "heavy-bleeding",
    "fetal-movement",
    "breathless",
)


@dataclass(frozen=True, slots=True)
class TriageCase:
    """One line of the triage test set."""

    id: str
    text: str
    history: tuple[Turn, ...]
    level: str
    signs: tuple[str, ...]
    kind: str
    half: str


@dataclass(slots=True)
class TriageCounts:
    """What triage made of one half of the set."""

    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_sign: Counter[tuple[str, bool]] = field(default_factory=Counter)
    by_kind: Counter[tuple[str, bool]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)  # ids of emergencies not seen as such
    false_emergencies: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def add(self, case: TriageCase, level: str, took_ms: float) -> None:
        self.confusion[case.level, level] += 1
        self.milliseconds.append(took_ms)
        self.by_kind[case.kind, level == case.level] += 1
        if case.level == "emergency":
            for sign in case.signs:
                self.by_sign[sign, level == "emergency"] += 1
            if level != "emergency":
                self.missed.append(case.id)
        if case.level == "none" and level == "emergency":
            self.false_emergencies.append(case.id)

    def share(self, wanted: Sequence[str], found: Sequence[str]) -> float:
        """Of the cases whose level is in `wanted`, how many were found at a level in `found`."""
        total = sum(n for (level, _), n in self.confusion.items() if level in wanted)
        hits = sum(
            n for (level, got), n in self.confusion.items() if level in wanted and got in found
        )
        return hits / total if total else 1.0

    def figures(self) -> dict[str, float]:
        """The figures that issue 4 sets bars for."""
        times = sorted(self.milliseconds)
        return {
            "cases": len(times),
            "emergency_recall": self.share(["emergency"], ["emergency"]),
            "urgent_or_above_recall": self.share(["emergency", "urgent"], ["emergency", "urgent"]),
            "false_emergencies": self.share(["none"], ["emergency"]),
            "false_alarms": self.share(["none"], ["emergency", "urgent"]),
            "missed_of_never_missed": sum(self.by_sign[sign, False] for sign in NEVER_MISSED),
            "median_ms": times[len(times) // 2] if times else 0.0,
        }


def read_triage_cases(path: Path = TRIAGE_GOLD) -> list[TriageCase]:
    """The cases of a triage test set.

    Raises:
        BadInput: the file is missing or a line is not a case; the text says which.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [_as_case(row) for row in rows]
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path} is no triage test set: {error!r}. Take tests/gold/triage.jsonl from git."
        ) from error


def _as_case(row: dict[str, Any]) -> TriageCase:
    history = tuple(Turn(turn["role"], turn["content"]) for turn in row.get("history", ()))
    return TriageCase(
        row["id"],
        row["text"],
        history,
        row["level"],
        tuple(row.get("signs", ())),
        row["kind"],
        row["half"],
    )


def measure_triage(
    cases: Sequence[TriageCase], embedder: Encoder | None
) -> dict[str, TriageCounts]:
    """Counts by half ("tuning", "reporting")."""
    triage("warm up", embedder=embedder)
    halves: dict[str, TriageCounts] = {}
    for case in cases:
        began = time.perf_counter()
        found = triage(case.text, case.history, embedder=embedder)
        took_ms = (time.perf_counter() - began) * 1000
        halves.setdefault(case.half, TriageCounts()).add(case, found.level, took_ms)
    return halves


def report_triage(settings: Settings) -> dict[str, Any]:
    """Triage on its test set, as figures and as Markdown."""
    from models.embedder import load_embedder

    halves = measure_triage(read_triage_cases(), load_embedder(settings))
    return {
        "markdown": "\n".join(
            ["## Triage", *(_half_as_markdown(*half) for half in sorted(halves.items()))]
        ),
        "halves": {name: _half_as_json(counts) for name, counts in halves.items()},
    }


def _half_as_json(counts: TriageCounts) -> dict[str, Any]:
    return {
        **counts.figures(),
        "confusion": {a: {b: counts.confusion[a, b] for b in LEVELS} for a in LEVELS},
        "missed": counts.missed,
        "false_emergency_ids": counts.false_emergencies,
        "by_sign": _shares(counts.by_sign),
        "by_kind": _shares(counts.by_kind),
    }


def _shares(counter: Counter[tuple[str, bool]]) -> dict[str, list[int]]:
    """For each name: how many were right, of how many."""
    names = sorted({name for name, _ in counter})
    return {
        name: [counter[name, True], counter[name, True] + counter[name, False]] for name in names
    }


def _half_as_markdown(name: str, counts: TriageCounts) -> str:
    figures = counts.figures()
    rows = "\n".join(
        f"| {level} | " + " | ".join(str(counts.confusion[level, got]) for got in LEVELS) + " |"
        for level in LEVELS
    )
    signs = ", ".join(
        f"{sign} {right}/{of}" for sign, (right, of) in _shares(counts.by_sign).items()
    )
    kinds = ", ".join(
        f"{kind} {right}/{of}" for kind, (right, of) in _shares(counts.by_kind).items()
    )
    return f"""
### {name} half ({figures["cases"]} texts)

| is ↓ found → | emergency | urgent | none |
| --- | --- | --- | --- |
{rows}

Emergency recall {figures["emergency_recall"]:.3f} · urgent or above {figures["urgent_or_above_recall"]:.3f} ·
false emergencies {figures["false_emergencies"]:.3f} · any false alarm {figures["false_alarms"]:.3f} ·
missed of suicide, bleeding, movement, breath {figures["missed_of_never_missed"]} · median {figures["median_ms"]:.0f} ms

By sign: {signs}

By kind: {kinds}
"""
