"""Minimal pairs in the order of learning: strangers for a twin first, which are told apart by their words.

An encoder that starts with the twins, of which one word tells, learns nothing in its first thousands: so at
first most twins give way to a sentence on another passage. Training road: ReadingExample → **Twins** → loop.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from finetune.errors import DataInvalid
from finetune.records import ReadingExample
from rag.prompt import NO, YES
from rag.reader import head_text

POOL = 16  # batches of about one length are cut from one pool of so many


@dataclass(frozen=True, slots=True)
class Twins:
    """What a passage says, and what it does not, each as (sentence, what serving shows of the passage)."""

    said: tuple[str, str]
    unsaid: tuple[str, str]

    @property
    def length(self) -> int:
        """Characters of the longer one."""
        return max(sum(map(len, self.said)), sum(map(len, self.unsaid)))


def pair_up(examples: Sequence[ReadingExample]) -> list[Twins]:
    """The minimal pairs among reading examples; questions are passed over.

    Raises:
        DataInvalid: there are none, or a sentence has no twin behind it.
    """
    sentences = [example for example in examples if not example.is_question]
    if not sentences:
        raise DataInvalid(
            "the set holds no sentence; expected what this writes into reading-sentences: "
            "python -m finetune prepare reading"
        )
    twins = []
    for said, unsaid in zip(sentences[::2], [*sentences[1::2], sentences[-1]], strict=False):
        row = said.id.rpartition("-")[0]
        if (said.answer, unsaid.answer) != (YES, NO) or row != unsaid.id.rpartition("-")[0]:
            raise DataInvalid(
                f"{said.id} is no sentence with its twin behind it; expected what this writes: "
                "python -m finetune prepare reading"
            )
        twins.append(Twins(as_pair(said), as_pair(unsaid)))
    return twins


def as_pair(example: ReadingExample) -> tuple[str, str]:
    """The two texts that the encoder reads together, as in serving."""
    return example.asked, head_text(example.passage.section, example.passage.text)


def arrange(
    twins: Sequence[Twins], most: int, strangers: int, least: float, batch: int, seed: int
) -> Iterator[Twins]:
    """So many twins in the order of learning, length by length within a pool; all once before any again.

    The share of strangers falls from 1 to `least` over the first `strangers` twins.
    """
    chance = random.Random(seed)
    drawn: list[Twins] = []
    while len(drawn) < most:
        drawn += chance.sample(list(twins), len(twins))
    learnt = []
    for place, one in enumerate(drawn[:most]):
        share = least if place >= strangers else 1 - (1 - least) * place / strangers
        other = chance.choice(twins)
        strange = chance.random() < share and other.said[1] != one.said[1]
        learnt.append(replace(one, unsaid=(other.said[0], one.said[1])) if strange else one)
    for start in range(0, len(learnt), POOL * batch):
        pool = sorted(learnt[start : start + POOL * batch], key=lambda one: one.length)
        batches = [pool[at : at + batch] for at in range(0, len(pool), batch)]
        chance.shuffle(batches)
        for together in batches:
            yield from together
