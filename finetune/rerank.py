"""`python -m finetune rerank`: pairs, training, figures on held rows, and the folder that ships.

Training road: rows → Pair → **reranker with its card** → gate. The order of the steps, nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from finetune.reranking.medquad_pairs import build_medquad_pairs
from finetune.reranking.pairs import (
    Pair,
    build_asked_pairs,
    build_grounded_pairs,
    read_pairs_file,
    write_pairs,
)
from finetune.reranking.reranking import RerankRecipe, Trainer
from models.registry import find_model
from models.weights import find_weights
from rag.retrieve import load_retriever
from settings import ROOT, Settings

PAIRS_DIR = ROOT / "var" / "finetune" / "data" / "reranker"
HOME = ROOT / "var" / "finetune" / "rerankers"  # in service only once it lies in models/rerankers
MEDQUAD_DIR = ROOT / "var" / "finetune" / "data" / "medquad"
LIMITS = (
    "Trained on questions about ten booklets on pregnancy and women's health in English, and on "
    "MedQuAD. It says how surely a text answers a question, not whether the text is right."
)
log = logging.getLogger(__name__)


def prepare_pairs(settings: Settings, out: Path = PAIRS_DIR, medquad: Path = MEDQUAD_DIR) -> None:
    """Write `grounded.jsonl`, `asked.jsonl` and, where the set is prepared, `medquad.jsonl`."""
    retriever = load_retriever(settings)
    counts = {"asked": write_pairs(out / "asked.jsonl", build_asked_pairs(retriever))}
    if (medquad / "train.jsonl").is_file():
        counts["medquad"] = write_pairs(out / "medquad.jsonl", build_medquad_pairs(medquad))
    else:
        log.warning("without MedQuAD; make it with: python -m finetune prepare medquad")
    counts["grounded"] = write_pairs(out / "grounded.jsonl", build_grounded_pairs(retriever))
    log.info(f"pairs: {counts}")


def train_reranker(
    settings: Settings,
    recipe: RerankRecipe,
    out: Path = HOME / "minilm",
    pairs_dir: Path = PAIRS_DIR,
    limit: int | None = None,
) -> dict[str, Any]:
    """Train on the pairs of a folder (the first `limit` of each kind), write `out`; all figures."""
    entry = find_model(settings.embedder, "embedder")
    read = [pair for path in sorted(pairs_dir.glob("*.jsonl")) for pair in read_pairs_file(path)]
    held = [pair for pair in read if pair.held][:limit]
    learnt = _spread([pair for pair in read if not pair.held], limit)
    log.info(f"{len(learnt)} pairs to learn from, {len(held)} held")
    trainer = Trainer(find_weights(entry, settings), recipe)
    run = trainer.train(learnt)
    results = {**run, "pairs": len(learnt), **measure_held(held, trainer.score(held))}
    data = ["hand-written questions on the starter library (finetune/grounded)"]
    data += ["questions that the starter library's sections answer (asked_as)"]
    if (pairs_dir / "medquad.jsonl").is_file():
        data += [
            "MedQuAD (CC BY 4.0; Ben Abacha and Demner-Fushman 2019, BMC Bioinformatics 20:511)"
        ]
    card = {"base": entry.name, "licence": "Apache-2.0", "data": data, "limits": LIMITS}
    trainer.save(out, {**card, "results": results})
    return {"folder": str(out), **results}


def measure_held(held: Sequence[Pair], scores: Sequence[float]) -> dict[str, float]:
    """AUC over pairs, and over questions by their best text; first text right, before and after."""
    if not held:
        return {}
    rows: dict[str, list[tuple[Pair, float]]] = {}
    for pair, score in zip(held, scores, strict=True):
        rows.setdefault(pair.id, []).append((pair, score))
    of_pairs = [pair.answers for pair in held]
    best = {id: max(score for _, score in row) for id, row in rows.items()}
    kinds = {id: row[0][0].source for id, row in rows.items()}
    found = {"held_questions": len(rows), "pair_auc": _auc(of_pairs, scores)}
    for kind in ("near_miss", "other_topic"):
        ids = [id for id in rows if kinds[id] in ("answered", kind)]
        answered = [kinds[id] == "answered" for id in ids]
        found[f"{kind}_auc"] = _auc(answered, [best[id] for id in ids])
    right = [row for row in rows.values() if any(pair.answers for pair, _ in row)]
    found["first_right_by_search"] = _share([row[0][0].answers for row in right])
    ranked = [max(row, key=lambda one: one[1])[0].answers for row in right]
    found["first_right_by_reranker"] = _share(ranked)
    return found


def _auc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    known = len(set(labels)) == 2
    return round(float(roc_auc_score(labels, scores)), 4) if known else float("nan")


def _share(found: Sequence[bool]) -> float:
    return round(float(np.mean(found)), 4) if found else float("nan")


def _spread(pairs: list[Pair], limit: int | None) -> list[Pair]:
    return pairs if limit is None else pairs[:: max(1, len(pairs) // limit)][:limit]
