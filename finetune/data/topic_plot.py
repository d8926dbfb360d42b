"""A picture of the topics: the rows on a plane, and how many each topic has.

Training road, the last step of `topics`.
"""

from __future__ import annotations

import random
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from finetune.data.topic_model import project
from models.embedder import Vectors

if TYPE_CHECKING:
    from finetune.topics import Topics

MOST_POINTS = 2000
MATCH = "#b3204d"
OTHERS = (  # Okabe and Ito's colours without red, which colour-blind people tell apart
    "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#7f7f7f", "#f0e442", "#332288", "#88ccee", "#999933",
)  # fmt: skip


def draw_topics(path: Path, topics: Topics, vectors: Vectors) -> None:
    """Write a PNG: left the rows on a plane, right how many each topic has, in one colour each."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 6), layout="constrained")
    plane, bars = figure.subplots(1, 2, width_ratios=(3, 2))
    colours = _choose_colours(topics)
    drawn = sorted(random.Random(7).sample(range(len(vectors)), min(MOST_POINTS, len(vectors))))
    points, of_row = project(vectors[drawn]), topics.of_row[drawn]
    for topic, colour in zip(topics.topics, colours, strict=True):
        own = points[of_row == topic.number]
        plane.scatter(*own.T, s=12, color=colour, linewidths=0)
        if len(own) and topic.words:
            middle = np.median(own, axis=0)
            plane.annotate(topic.words[0], middle, ha="center", weight="bold")
    plane.set_xticks([])
    plane.set_yticks([])
    plane.set_title(f"{len(vectors):,} rows, {len(topics.topics)} topics")
    bars.barh([t.name for t in topics.topics], [t.rows for t in topics.topics], color=colours)
    bars.invert_yaxis()
    bars.set_xlabel("rows")
    bars.set_title("red: pregnancy and women's health")
    bars.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def _choose_colours(topics: Topics) -> list[str]:
    """A quiet colour for each topic; the matching ones stand out."""
    others = cycle(OTHERS)
    return [MATCH if t.number in topics.matching else next(others) for t in topics.topics]
