"""The verifier measured on tests/gold/verify.jsonl: what it passes, what it withholds, by kind of pair.

Knows no check: it asks, counts and lays the counts out. Part of `python -m rag eval --safety`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import BadInput
from rag.verify import Verifier, load_verifier
from settings import ROOT, Settings

VERIFY_GOLD = ROOT / "tests" / "gold" / "verify.jsonl"
# Written before the checks read them, and looked at since: first sight stands in tests/gold/README.md.
VERIFY_FRESH = sorted(VERIFY_GOLD.parent.glob("verify_fresh_*.jsonl"))
_TITLES = {
    "report": "Reporting half",
    "tune": "Tuning half",
    "fresh": "Fresh sets",
}
# Issue 4: no changed number and no flipped negation may pass.
NEVER_PASSED = ("number", "unit", "comparison", "negation", "permission")


@dataclass(frozen=True, slots=True)
class VerifyCase:
    """One line of the verifier's test set."""

    id: str
    half: str  # "tune", "report" or "fresh"
    kind: str  # "near", "paraphrase", … of true pairs; "number", "negation", … of false ones
    supported: bool
    sentence: str
    passage: str


@dataclass(slots=True)
class VerifyCounts:
    """What became of one half's pairs."""

    total: Counter[tuple[bool, str]] = field(default_factory=Counter)  # (supported, kind)
    passed: Counter[tuple[bool, str]] = field(default_factory=Counter)
    wrongly_passed: list[str] = field(default_factory=list)
    spent_s: float = 0.0

    def share_passed(self, supported: bool) -> float:
        """Of the pairs that are (or are not) supported, the share that passed."""
        total = sum(n for (true, _), n in self.total.items() if true is supported)
        return sum(n for (true, _), n in self.passed.items() if true is supported) / max(total, 1)

    @property
    def precision(self) -> float:
        """Of what passed, the share that is supported."""
        right = sum(n for (true, _), n in self.passed.items() if true)
        return right / max(self.passed.total(), 1)

    @property
    def sentence_ms(self) -> float:
        """Milliseconds a sentence."""
        return 1000 * self.spent_s / max(self.total.total(), 1)


def read_verify_cases(path: Path = VERIFY_GOLD) -> list[VerifyCase]:
    """The test set; refused with its remedy when it is not there."""
    if not path.is_file():
        raise BadInput(
            f"{path} is missing; expected the verifier's test pairs. Run `git checkout {path.name}`."
        )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    wanted = VerifyCase.__slots__
    return [VerifyCase(**{name: row[name] for name in wanted}) for row in rows]


def measure_verify(cases: list[VerifyCase], verifier: Verifier) -> dict[str, VerifyCounts]:
    """Counts of every half."""
    halves: dict[str, VerifyCounts] = {}
    for case in cases:
        counts = halves.setdefault(case.half, VerifyCounts())
        started = time.perf_counter()
        passed = verifier.verify(case.sentence, case.passage).supported
        counts.spent_s += time.perf_counter() - started
        counts.total[case.supported, case.kind] += 1
        counts.passed[case.supported, case.kind] += passed
        if passed and not case.supported:
            counts.wrongly_passed.append(case.id)
    return halves


def report_verify(settings: Settings) -> dict[str, Any]:
    """The verifier on its test set, as figures and as Markdown."""
    from models.embedder import load_embedder

    cases = [case for path in (VERIFY_GOLD, *VERIFY_FRESH) for case in read_verify_cases(path)]
    halves = measure_verify(cases, load_verifier(settings, load_embedder(settings)))
    tables = [_half_as_markdown(name, counts) for name, counts in sorted(halves.items())]
    return {
        "markdown": "\n".join(["## Verified sentences", *tables]),
        "halves": {name: _half_as_json(counts) for name, counts in halves.items()},
    }


def _half_as_json(counts: VerifyCounts) -> dict[str, Any]:
    kinds = {
        f"{'true' if true else 'false'} {kind}": [counts.passed[true, kind], total]
        for (true, kind), total in sorted(counts.total.items(), reverse=True)
    }
    return {
        "pairs": counts.total.total(),
        "precision": round(counts.precision, 4),
        "recall": round(counts.share_passed(True), 4),
        "never_passed": sum(counts.passed[False, kind] for kind in NEVER_PASSED),
        "wrongly_passed": counts.wrongly_passed,
        "sentence_ms": round(counts.sentence_ms, 1),
        "passed_of": kinds,
    }


def _half_as_markdown(name: str, counts: VerifyCounts) -> str:
    forbidden = sum(counts.passed[False, kind] for kind in NEVER_PASSED)
    lines = [
        f"### {_TITLES[name]}: {counts.total.total()} pairs\n",
        f"Of what it passes {counts.precision:.1%} is supported; "
        f"{counts.share_passed(True):.1%} of the supported passes. "
        f"Changed numbers, units, comparisons, denials or permissions passed: {forbidden}. "
        f"{counts.sentence_ms:.0f} ms a sentence.\n",
        "| pair | kind | passed | of |",
        "|---|---|---|---|",
    ]
    for (true, kind), total in sorted(
        counts.total.items(), key=lambda item: (not item[0][0], item[0][1])
    ):
        word = "true" if true else "false"
        lines.append(f"| {word} | {kind} | {counts.passed[true, kind]} | {total} |")
    return "\n".join(lines) + "\n"
