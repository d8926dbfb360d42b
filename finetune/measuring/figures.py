"""Figures from answers, and the gate's verdict on them: arithmetic alone.

Knows no model and no file. Training road: answers → **figures** → report → gate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finetune.errors import GateClosed
from finetune.measuring.asked import Alone, Asked
from finetune.measuring.measures import mean, quantile, repetition
from rag.measure.evaluate import judge_answer, share_told

DECISIVE = {
    "answered": "answerable questions with a written, verified answer",
    "sentences_passed": "draft sentences that pass the verifier",
    "facts": "key facts told",
    "right_refusals": "unanswerable questions refused",
}
MARGIN = 0.02  # how much worse counts as no worse, and how much better as better
_QUOTED = re.compile(r"“[^”]*”|\[\d+\]|\d[\d.,]*")
REASONS_SHOWN = 8


def app_figures(asked: Sequence[Asked], quotes: Sequence[Asked]) -> dict[str, Any]:
    """All figures of one model in the app; shares are None where there is nothing to count.

    `quotes` are the same questions answered by the books alone.
    """
    answerable = [a for a in asked if a.gold.pages]
    other = [a for a in asked if not a.gold.pages]
    told = [a for a in answerable if a.draft is not None]
    return {
        "answerable": len(answerable),
        "unanswerable": len(other),
        "emergencies": sum(a.answer.status == "emergency" for a in answerable),
        "model_asked": len(told),
        "answered": share(a.written for a in answerable),
        "answered_of_asked": share(a.written for a in told),
        **_sentence_figures(asked),
        **_fact_figures(answerable, quotes),
        "right_refusals": share(a.refused for a in other),
        "refused_by_app": share(a.refused_by_app for a in other),
        "refused_by_model": share(a.refused_by_model for a in other),
        "wrongly_answered": share(a.written for a in other),
        "false_refusals": share(a.refused for a in answerable),
        "false_refusals_by_model": share(a.refused_by_model for a in told),
        **_draft_figures(asked),
        **_seconds(asked),
        "statuses": dict(Counter(a.answer.status for a in asked).most_common()),
    }


def _sentence_figures(asked: Sequence[Asked]) -> dict[str, Any]:
    kept = sum(a.kept for a in asked)
    dropped = [d for a in asked for d in a.answer.dropped]
    reasons = Counter(_QUOTED.sub("…", d.reason) for d in dropped)
    judged = [judge_answer(a.gold, a.answer) for a in asked if a.written]
    citations = sum(j.citations for j in judged)
    return {
        "sentences_kept": kept,
        "sentences_dropped": len(dropped),
        "sentences_passed": kept / (kept + len(dropped)) if kept + len(dropped) else None,
        "dropped_because": dict(reasons.most_common(REASONS_SHOWN)),
        "valid_citations": sum(j.valid_citations for j in judged) / citations
        if citations
        else None,
        "on_gold_page": share(j.on_gold_page for j in judged if j.gold.pages),
    }


def _fact_figures(answerable: Sequence[Asked], quotes: Sequence[Asked]) -> dict[str, Any]:
    """Facts told over all answerable questions, and over those that the model answered."""
    quoted = {a.gold.id: a for a in quotes}
    written = [a for a in answerable if a.written]
    same = [quoted[a.gold.id] for a in written if a.gold.id in quoted]
    return {
        "facts": mean(facts_told(a) for a in answerable),
        "facts_where_written": mean(facts_told(a) for a in written),
        "facts_by_model": mean(share_told(a.gold.facts, a.own_sentences) for a in written),
        "facts_quoted_there": mean(facts_told(a) for a in same),
    }


def _draft_figures(asked: Sequence[Asked]) -> dict[str, Any]:
    drafts = [a.draft for a in asked if a.draft is not None]
    return {
        "drafts": len(drafts),
        "stops_itself": share(d.ending == "itself" for d in drafts),
        "endings": dict(Counter(d.ending for d in drafts).most_common()),
        "repetition": mean(repetition(d.text) for d in drafts),
        "draft_tokens": mean(d.tokens for d in drafts),
    }


def _seconds(asked: Sequence[Asked]) -> dict[str, Any]:
    """Seconds of the answers that the model was asked for; of all, where it never was."""
    timed = [a.answer.timings_ms for a in asked if a.draft is not None]
    timed = timed or [a.answer.timings_ms for a in asked]
    total = [t["total"] / 1000 for t in timed if "total" in t]
    first = [t["first_sentence"] / 1000 for t in timed if "first_sentence" in t]
    return {
        "seconds_median": quantile(total, 0.5),
        "seconds_p90": quantile(total, 0.9),
        "first_sentence_median": quantile(first, 0.5),
    }


def alone_figures(alone: Sequence[Alone]) -> dict[str, Any]:
    """Figures of answers without passages; nothing in them can be verified."""
    return {
        "questions": len(alone),
        "facts": mean(share_told(a.gold.facts, [a.draft.text]) for a in alone if a.gold.pages),
        "stops_itself": share(a.draft.ending == "itself" for a in alone),
        "repetition": mean(repetition(a.draft.text) for a in alone),
        "draft_tokens": mean(a.draft.tokens for a in alone),
        "seconds_median": quantile([a.seconds for a in alone], 0.5),
    }


def facts_told(asked: Asked) -> float:
    """Share of the question's key facts that the answer tells."""
    return share_told(asked.gold.facts, [asked.answer.text])


def share(values: Iterable[bool]) -> float | None:
    """Share of those that are true; None of nothing."""
    return mean(float(value) for value in values)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the gate says, with the figures that it says it for."""

    opens: bool
    reasons: tuple[str, ...]


def rule(adapter: dict[str, Any], rivals: dict[str, dict[str, Any]], quoted_facts: Any) -> Ruling:
    """Whether an adapter beats each rival: nothing that decides worse, something better.

    `rivals` are figures by name (the base, the adapter in service); `quoted_facts` is the share of
    key facts that the books tell by themselves, which a reader has without any model.
    """
    opens, reasons = True, list[str]()
    if _less(adapter.get("facts"), quoted_facts):
        opens = False
        reasons.append(_compare("facts", adapter, "the quotes", {"facts": quoted_facts}))
    for name, rival in rivals.items():
        worse = [key for key in DECISIVE if _less(adapter.get(key), rival.get(key))]
        better = [key for key in DECISIVE if _less(rival.get(key), adapter.get(key))]
        reasons += [_compare(key, adapter, name, rival) for key in worse or better]
        if not worse and not better:
            reasons.append(f"nothing is better than {name} by more than {MARGIN}")
        opens = opens and not worse and bool(better)
    return Ruling(opens, tuple(reasons))


def _less(one: float | None, other: float | None) -> bool:
    """Less by more than the margin; what was not measured counts as 0."""
    return (one or 0.0) < (other or 0.0) - MARGIN


def _compare(key: str, adapter: dict[str, Any], name: str, rival: dict[str, Any]) -> str:
    mine, theirs = (adapter.get(key) or 0.0), (rival.get(key) or 0.0)
    return f"{DECISIVE[key]} {mine:.3f}, {name} {theirs:.3f}"


def check_rivals(figure: str, found: float, rivals: Mapping[str, float], mend: str) -> None:
    """Let pass what comes up to the least that each rival asks of a figure.

    Raises:
        GateClosed: the text names figure, rival and least, and what mends it.
    """
    for rival, least in rivals.items():
        if found < least:
            raise GateClosed(
                f"{figure} is {found:.3f}, expected at least {least:.3f} beside {rival}. {mend}"
            )
