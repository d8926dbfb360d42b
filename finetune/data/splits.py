"""Rows → train, valid, test by a hash of the question, so that no near-duplicate crosses.

Training road: Fate → **split** → prepared set. Near questions are grouped first; a group goes where
the hash of its least member sends it, whatever the order of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from finetune.data.near import Pairs, group_pairs

SHARES = {"train": 0.9, "valid": 0.05, "test": 0.05}


def assign_splits(questions: Sequence[str], pairs: Pairs) -> list[str]:
    """The split of each question (normalised); `pairs` are the places of near ones."""
    least: dict[int, str] = {}
    groups = group_pairs(len(questions), pairs)
    for group, question in zip(groups.tolist(), questions, strict=True):
        least[group] = min(question, least.get(group, question))
    splits = {group: split_of(question) for group, question in least.items()}
    return [splits[group] for group in groups.tolist()]


def split_of(question: str) -> str:
    """Where a hash of the words sends a question that is like no other."""
    digest = hashlib.sha256(question.encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64
    for split, share in SHARES.items():
        if place < share:
            return split
        place -= share
    return "test"
