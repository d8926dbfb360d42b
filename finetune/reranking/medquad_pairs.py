"""MedQuAD as pairs: the same disease, another aspect — near a question, and no answer to it.

"What are the symptoms of X?" beside the page's text on the treatment of X is the purest near miss
there is. The questions are formulas, so most are put as people ask. Training road: prepared set
(`python -m finetune prepare medquad`) → **Pair** → reranker.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from finetune.records import Dialogue, read_examples
from finetune.reranking.pairs import Pair

MOST_WORDS = 110  # of an answer: about what a passage of a book has
LONGEST_FOCUS = 6  # words; "What I need to know about …" is no name of a disease
AS_WRITTEN = 0.25  # share of the questions that keep their formula

# Our own wordings of each question type; {} stands for the disease.
WORDINGS = {
    "symptoms": (
        "how do i know if i have {}", "signs of {}?", "What does {} feel like?",
        "what would i notice first with {}", "symtoms of {} pls",
    ),
    "treatment": (
        "how is {} treated", "What can they give me for {}?", "is there a cure for {}",
        "my doctor says its {}, what happens now to treat it", "medicine for {}?",
    ),
    "causes": (
        "why do people get {}", "what brings on {}", "How did I get {}?", "where does {} come from",
    ),
    "exams and tests": (
        "how do they test for {}", "what scans or bloods do u need for {}",
        "How will the doctor find out if it is {}?", "test for {}",
    ),
    "outlook": (
        "how long can you live with {}", "does {} get better on its own",
        "What are the chances with {}?", "is {} going to kill me",
    ),
    "susceptibility": (
        "who gets {}", "am i likely to get {}", "What makes {} more likely?", "who is most at risk of {}",
    ),
    "prevention": (
        "how can i avoid {}", "can you stop {} from happening", "What lowers the risk of {}?",
    ),
    "considerations": ("what should i eat with {}", "What diet helps with {}?", "food and {}"),
    "complications": ("can {} get worse or damage anything", "what can {} lead to?"),
    "stages": ("what are the stages of {}", "how far can {} go, what stages are there"),
    "frequency": ("how common is {}", "how many people get {}", "is {} rare"),
    "inheritance": ("does {} run in families", "will my baby get {} from me", "Is {} genetic?"),
    "information": ("what is {}", "{} what is it", "What does {} mean?"),
}  # fmt: skip
_MOST_OF_A_TYPE = 100  # questions; the set holds thousands on rare genes
_FOCUS = re.compile(
    r"^(?:What (?:is|are)(?: the (?:symptoms of|outlook for|stages of|treatments for|complications of))?"
    r"|What causes|What to do for|Who is at risk for|How to (?:diagnose|prevent)"
    r"|How many people are affected by|Is)\s+(?P<focus>.+?)(?: inherited)?\s*\?$"
)


@dataclass(frozen=True, slots=True)
class _Aspect:
    """One question of a page: what is asked of the disease, and the answer."""

    id: str
    type: str
    question: str
    focus: str
    answer: str


def build_medquad_pairs(folder: Path) -> Iterator[Pair]:
    """The pairs of a prepared set's `train.jsonl`; its `rows.jsonl` names the question types.

    Raises:
        DataInvalid: the set is not there.
    """
    pages: dict[str, list[_Aspect]] = {}
    for aspect in _read_aspects(folder):
        pages.setdefault(aspect.id.rsplit("-", 1)[0], []).append(aspect)
    told: dict[str, int] = {}
    for page in sorted(pages):
        chance = random.Random(page)
        aspects = pages[page]
        for aspect in aspects:
            others = [a for a in aspects if a.type not in (aspect.type, "information")]
            if not others or told.get(aspect.type, 0) >= _MOST_OF_A_TYPE:
                continue
            told[aspect.type] = told.get(aspect.type, 0) + 1
            question = _ask(aspect, chance)
            yield Pair(aspect.id, "medquad", question, _text(aspect), True)
            yield Pair(aspect.id, "medquad", question, _text(chance.choice(others)), False)


def _read_aspects(folder: Path) -> Iterator[_Aspect]:
    examples = list(read_examples(folder / "train.jsonl"))
    rows = (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    types = {row["id"]: row["label"] for row in map(json.loads, rows)}
    for example in examples:
        type_ = types.get(example.id, "")
        if not isinstance(example, Dialogue) or type_ not in WORDINGS:
            continue
        found = _FOCUS.match(example.question)
        if found and len(found["focus"].split()) <= LONGEST_FOCUS:
            yield _Aspect(example.id, type_, example.question, found["focus"], example.answer)


def _ask(aspect: _Aspect, chance: random.Random) -> str:
    if chance.random() < AS_WRITTEN:
        return aspect.question
    wording = chance.choice(WORDINGS[aspect.type])
    focus = aspect.focus if wording[0].isupper() else aspect.focus.lower()
    return wording.format(focus)


def _text(aspect: _Aspect) -> str:
    """The answer's first words under the disease's name, as a passage stands under its section."""
    words = aspect.answer.split(" ")
    return f"{aspect.focus}. {' '.join(words[:MOST_WORDS])}"
