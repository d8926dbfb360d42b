"""`python -m finetune evaluate`: base, adapter in service and trained adapter, measured in one run.

The same questions, books, search and verifier for all of them; each model is loaded when it is its
turn. Owns the order of the steps; `finetune.measuring.report` writes what comes out.
Training road: adapter → **report** → gate.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finetune.errors import DataInvalid
from finetune.learning.run import describe_machine
from finetune.measuring.asked import (
    Alone,
    Asked,
    ask_alone,
    ask_app,
    ask_quotes,
    choose_questions,
    open_assistant,
)
from finetune.measuring.candidate import Candidate, Trained, load_candidates
from finetune.measuring.consistency import Consistency, load_consistency
from finetune.measuring.figures import alone_figures, app_figures, rule
from finetune.measuring.held_out import HeldOutSet, measure_set, read_held_out, spread
from finetune.measuring.report import write_report
from models.adapters import ADAPTERS_DIR
from models.weights import file_sha256
from rag.answer import Assistant
from rag.measure.evaluate import GOLD, GoldQuestion
from settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked; answers take seconds each, scoring a row a fraction of one."""

    data: tuple[Path, ...] = ()  # prepared sets
    gold: Path = GOLD
    half: str = "report"  # "report", "tune" or "all"
    questions: int | None = None  # of the half; None = all. A part of them opens no gate
    rows: int = 100  # of each set, scored
    answers: int = 24  # rows of each set, and gold questions without passages, that are answered
    adapter_only: bool = False  # for a quick look: without rivals there is no promotion


@dataclass
class Measured:
    """Everything measured of one model."""

    candidate: Candidate
    asked: list[Asked]
    alone: list[Alone]
    held_out: dict[str, Any] = field(default_factory=dict)


def evaluate(
    trained: Trained,
    settings: Settings,
    plan: Plan,
    out: Path | None = None,
    home: Path = ADAPTERS_DIR,
    assistant: Assistant | None = None,
) -> dict[str, Any]:
    """Measure, write the report into `out` (else the run's own folder), and return its figures.

    `assistant` is the app that is asked, with each model in turn; else the one of the settings.

    Raises:
        DataInvalid: no question, or a set that can't be read.
        RunInvalid, ModelError, RagError, CorpusError: run, model, gold file or index can't be used.
    """
    started = time.perf_counter()
    questions = choose_questions(plan.half, plan.questions, plan.gold)
    if not questions:
        raise DataInvalid(
            f"{plan.gold.name} has no question in half {plan.half!r}; expected at least one. "
            "Choose another with: --half report|tune|all"
        )
    sets = [read_held_out(path) for path in plan.data]
    assistant = assistant or open_assistant(settings.model_copy(update={"model": trained.base}))
    quotes = ask_quotes(assistant, questions)
    measured = []
    for candidate in load_candidates(trained, settings, home):
        if candidate.role == "adapter" or not plan.adapter_only:
            measured.append(measure(candidate, assistant, plan, questions, sets))
            candidate.model.unload()
    consistency = load_consistency(settings)
    report = {
        **_describe(trained, settings, plan, len(questions)),
        **_figures(quotes, measured, consistency),
        "machine": {**describe_machine(), "load": round(os.getloadavg()[0], 1)},
        "seconds": round(time.perf_counter() - started, 1),
    }
    write_report(report, quotes, measured, out or trained.home)
    return report


def measure(
    candidate: Candidate,
    assistant: Assistant,
    plan: Plan,
    questions: Sequence[GoldQuestion],
    sets: Sequence[HeldOutSet],
) -> Measured:
    """One model: gold questions in the app and alone, then the held-out rows."""
    asked = ask_app(assistant, candidate, questions)
    known = [question for question in questions if question.pages]
    alone = ask_alone(candidate, spread(known, plan.answers))
    limits = (plan.rows, plan.answers)
    rows = {
        f"{one.name}/{one.split}": measure_set(candidate.model, one, limits, assistant.retriever)
        for one in sets
    }
    return Measured(candidate, asked, alone, rows)


def _describe(trained: Trained, settings: Settings, plan: Plan, asked: int) -> dict[str, Any]:
    """What was measured, on what; names and hashes, no path of this machine."""
    whole_half = len(choose_questions(plan.half, None, plan.gold))
    return {
        "adapter": {
            "name": trained.name,
            "base": trained.base,
            "sha256": trained.sha256,
            "whole_model": trained.whole,
        },
        "gold": {
            "file": plan.gold.name,
            "sha256": file_sha256(plan.gold),
            "half": plan.half,
            "questions": asked,
            "complete": asked == whole_half,
        },
        "settings": {
            "temperature": settings.temperature,
            "seed": settings.seed,
            "max_answer_tokens": settings.max_answer_tokens,
            "hits": settings.hits,
        },
    }


def _figures(
    quotes: Sequence[Asked], measured: Sequence[Measured], consistency: Consistency | str
) -> dict[str, Any]:
    models: dict[str, dict[str, Any]] = {
        one.candidate.role: {
            "name": one.candidate.name,
            "sha256": one.candidate.sha256,
            "app": app_figures(one.asked, quotes),
            "alone": alone_figures(one.alone),
            "held_out": one.held_out,
        }
        for one in measured
    }
    quoted = app_figures(quotes, quotes)
    rivals = {role: row["app"] for role, row in models.items() if role != "adapter"}
    ruling = rule(models["adapter"]["app"], rivals, quoted["facts"])
    if isinstance(consistency, str):
        found: dict[str, Any] = {"skipped": consistency}
    else:
        found = {one.candidate.role: consistency.score_answers(one.asked) for one in measured}
    return {
        "models": models,
        "quotes": quoted,
        "question_consistency": found,
        "ruling": {"opens": ruling.opens and bool(rivals), "reasons": list(ruling.reasons)},
    }
