"""What the evidence gate looks at: numbers that tell an answered question from a near miss."""

from __future__ import annotations

from corpus.index import Index
from models.embedder import Embedder
from rag.fusion import Candidates
from rag.synonyms import Rewording
from rag.vocabulary import Vocabulary


def measure_evidence(
    index: Index,
    embedder: Embedder,
    vocabulary: Vocabulary,
    query: str,
    reworded: Rewording,
    found: Candidates,
) -> dict[str, float]:
    """Features of one search, by name."""
    return {"top": float(found.asked.max()), "dense": float(found.dense.max())}
