"""Refit the second stage of triage: `python -m scripts.fit_triage` → rag/signs/triage_weights.npz.

Learns from tests/gold/triage_examples.jsonl, the tuning half of tests/gold/triage.jsonl, the fresh sets once
they were measured (triage_fresh_*.jsonl) and the rules' own examples; never from the reporting half. Thresholds
are set on five-fold held-out scores.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from models.embedder import load_embedder
from rag.events import Turn
from rag.signs.likeness import Head, Likeness, make_vectorizers, save_likeness
from rag.signs.message import Message, group_parts
from rag.signs.rules import load_rules

GOLD = Path("tests/gold")
SHARES = {"words": 1.0, "groups": 0.5, "meaning": 0.5}
STRENGTH = {"words": 10.0, "groups": 0.3, "meaning": 10.0}  # inverse regularisation, by grid search
ALLOWED = {"emergency": 0.02, "any": 0.03}  # share of held-out harmless texts that may be raised
Row = dict[str, Any]


def read_rows() -> list[Row]:
    rows = [json.loads(line) for line in (GOLD / "triage_examples.jsonl").open(encoding="utf-8")]
    gold = [json.loads(line) for line in (GOLD / "triage.jsonl").open(encoding="utf-8")]
    rows += [row for row in gold if row["half"] == "tuning"]
    for fresh in sorted(GOLD.glob("triage_fresh_*.jsonl")):
        rows += [json.loads(line) for line in fresh.open(encoding="utf-8")]
    rows += [{"text": e, "level": rule.level} for rule in load_rules() for e in rule.examples]
    return rows


def featurise(rows: list[Row]) -> tuple[list[Message], dict[str, Any]]:
    messages = [
        Message(row["text"], [Turn(**turn) for turn in row.get("history", [])]) for row in rows
    ]
    meaning = load_embedder().encode([message.plain for message in messages])
    return messages, {
        "groups": csr_matrix(
            np.array([message.touched(tuple(group_parts())) for message in messages])
        ),
        "meaning": np.asarray(meaning, dtype=np.float32),
    }


def fit_heads(
    lines: list[str], features: dict[str, Any], labels: dict[str, Any]
) -> tuple[Any, dict[str, Head]]:
    vectorizers = make_vectorizers(min_df=2)
    words = csr_matrix(hstack([v.fit_transform(lines) for v in vectorizers]))
    heads = {}
    for name, x in {"words": words, **features}.items():
        for target, y in labels.items():
            model = LogisticRegression(
                C=STRENGTH[name], max_iter=4000, class_weight="balanced"
            ).fit(x, y)
            scale = float(np.std(model.decision_function(x)))
            heads[f"{name}/{target}"] = Head(
                model.coef_[0].astype(np.float32), float(model.intercept_[0]), scale
            )
    return vectorizers, heads


def held_out(
    lines: list[str], features: dict[str, Any], labels: dict[str, Any], strata: Any
) -> dict[str, Any]:
    """Each head's score on texts that it was not fitted on."""
    scores = {f"{name}/{target}": np.zeros(len(lines)) for name in SHARES for target in labels}
    for fit, test in StratifiedKFold(5, shuffle=True, random_state=7).split(lines, strata):
        part = {name: x[fit] for name, x in features.items()}
        vectorizers, heads = fit_heads(
            [lines[i] for i in fit], part, {t: y[fit] for t, y in labels.items()}
        )
        words = csr_matrix(hstack([v.transform([lines[i] for i in test]) for v in vectorizers]))
        for name, x in {"words": words, **{n: x[test] for n, x in features.items()}}.items():
            for target in labels:
                head = heads[f"{name}/{target}"]
                scores[f"{name}/{target}"][test] = (x @ head.weights + head.bias) / head.scale
    return scores


def set_threshold(score: Any, harmless: Any, can_raise: Any, share: float) -> float:
    """The lowest threshold that raises no more than `share` of the harmless texts."""
    reached = np.sort(score[harmless & can_raise])[::-1]
    return float(reached[int(share * harmless.sum())])


def main() -> None:
    rows = read_rows()
    messages, features = featurise(rows)
    lines = [message.plain for message in messages]
    levels = np.array([row["level"] for row in rows])
    labels = {"emergency": levels == "emergency", "any": levels != "none"}
    scores = held_out(lines, features, labels, levels)
    can_raise = np.array([bool(message.says_something()) for message in messages])
    thresholds = {}
    for target in labels:
        for suffix, names in (("", list(SHARES)), ("/plain", ["words", "groups"])):
            total = sum(SHARES[name] * scores[f"{name}/{target}"] for name in names)
            cut = set_threshold(total, levels == "none", can_raise, ALLOWED[target])
            thresholds[target + suffix] = cut
            hit = (total > cut) & can_raise
            wanted = levels == "emergency" if target == "emergency" else levels != "none"
            print(
                f"{target}{suffix}: threshold {cut:.2f}, held-out recall {hit[wanted].mean():.3f}"
            )
    vectorizers, heads = fit_heads(lines, features, labels)
    save_likeness(
        Likeness(vectorizers, heads, thresholds, SHARES, tuple(group_parts()), load_embedder().name)
    )


if __name__ == "__main__":
    main()
