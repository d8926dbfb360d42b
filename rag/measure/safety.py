"""`python -m rag eval --safety`: every safety part measured on its test set of tests/gold, as one report.

Each part is one function from settings to `{"markdown": …, figures…}`; a further one adds a line to `SECTIONS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.measure.safety_triage import report_triage
from rag.measure.safety_verify import report_verify
from settings import Settings

SECTIONS: dict[str, Callable[[Settings], dict[str, Any]]] = {
    "triage": report_triage,
    "verify": report_verify,
}


def report_safety(settings: Settings, out: Path) -> dict[str, Any]:
    """Every section; written to `out` as safety.md and safety.json, and returned with its Markdown."""
    sections = {name: measure(settings) for name, measure in SECTIONS.items()}
    markdown = "\n\n".join(str(section["markdown"]) for section in sections.values())
    report: dict[str, Any] = {"markdown": markdown, **sections}
    out.mkdir(parents=True, exist_ok=True)
    (out / "safety.md").write_text(f"{markdown}\n", encoding="utf-8")
    (out / "safety.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report
