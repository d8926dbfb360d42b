"""Rows that name sentences of MedQuAD by number → grounded examples in other people's prose.

Written by hand so that the adapter also learns to answer from books it has never seen; the words
themselves stay in MedQuAD (CC BY 4.0), which is not part of this project. Beside a question stand
passages of the same data that come nearest to it, the right one among them.
Training road: row + MedQuAD → **GroundedExample** → tokens.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.records import Book, Hit, Passage
from finetune.data.datasets import read_records
from finetune.errors import DataInvalid
from finetune.grounded import as_example, draw_hits, split_of
from finetune.records import GroundedExample, write_examples
from models.embedder import Embedder, Vectors
from rag.prompt import REFUSAL
from rag.reply.compress import compress_hits
from rag.text.sentences import split_sentences
from rag.verify import Verifier

ROWS = Path(__file__).with_name("medquad_rows.jsonl")
PASSAGE_WORDS = 110  # as the settings' passage_words
NEAR = 24  # passages, the nearest to a question, of which five stand beside it
OTHERS = 1200  # further answers whose passages may stand beside a question

SOURCE = Book("medquad", "medquad.jsonl", "", "MedQuAD", licence="CC BY 4.0")


@dataclass(frozen=True, slots=True)
class MedquadRow:
    """A question and the numbers (from 1) of the sentences that answer it; none = not answered."""

    id: str
    medquad: str  # id of the pair
    question: str
    sentences: tuple[int, ...]


def build_medquad_grounded(
    medquad: Path, out: Path, embedder: Embedder, rows: Path = ROWS
) -> dict[str, Any]:
    """Write `train.jsonl`, `valid.jsonl` and `report.json` into `out`; the report.

    Raises:
        DataInvalid: a row names a pair or a sentence that MedQuAD does not have.
    """
    answers = {str(row["id"]): row for row in read_records(medquad)}
    wanted = list(read_medquad_rows(rows))
    hits = [Hit(p, SOURCE, 0.0) for p in _cut_answers(answers, {row.medquad for row in wanted})]
    vectors = embedder.encode([hit.passage.embedded_text for hit in hits])
    asked = embedder.encode([row.question for row in wanted])
    verifier, counts = Verifier(embedder), Counter[str]()
    splits: dict[str, list[GroundedExample]] = {"train": [], "valid": []}
    for row, question in zip(wanted, asked, strict=True):
        near = _nearest(question, vectors, hits)
        example = _build(row, answers, near, embedder, verifier)
        if example is None:
            counts["withheld by the verifier"] += 1
            continue
        counts["refusal" if example.answer == REFUSAL else "answer"] += 1
        splits[split_of(row.question)].append(example)
    sizes = {name: write_examples(out / f"{name}.jsonl", split) for name, split in splits.items()}
    report = {"set": "grounded-medquad", "fates": dict(counts), "examples": sizes}
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def read_medquad_rows(path: Path) -> Iterator[MedquadRow]:
    """The rows of the file.

    Raises:
        DataInvalid: a line is none.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            row["sentences"] = tuple(map(int, row["sentences"]))
            yield MedquadRow(**row)
        except (ValueError, KeyError, TypeError) as failure:
            raise DataInvalid(
                f'{path}, line {number} is no row ({failure!r}); expected {{"id", "medquad", '
                '"question", "sentences": [numbers]}. Mend that line'
            ) from failure


def _build(
    row: MedquadRow,
    answers: Mapping[str, Mapping[str, Any]],
    near: Sequence[Hit],
    embedder: Embedder,
    verifier: Verifier,
) -> GroundedExample | None:
    """The row's example; None when the verifier would withhold a sentence of it.

    `near` are all passages, the nearest to the question first.
    """
    chance = random.Random(row.id)
    told = _find_sentences(row, answers)
    own = [hit for hit in near if hit.passage.book_id == row.medquad]
    right = [next((hit for hit in own if text in hit.passage.text), None) for text in told]
    carriers = [hit for hit in right if hit is not None]
    if len(carriers) < len(told):
        return None
    others = [hit for hit in near[:NEAR] if hit not in own] if told else near[:NEAR]
    first = {hit.passage.id: hit for hit in [*carriers, *others]}
    hits = draw_hits(list(first.values()), carriers, chance)
    wanted = [" ".join(text.split()) for text in told]
    shown = [p for _, p in compress_hits(row.question, hits, embedder, wanted=wanted)]
    marked = []
    for text in wanted:
        place = next((n for n, p in enumerate(shown, 1) if text in " ".join(p.text.split())), None)
        if place is None or not _is_said(text, shown[place - 1], verifier):
            return None
        marked.append(f"{text} [{place}]")
    return as_example(row.id, "medquad", row.question, shown, marked)


def _is_said(text: str, passage: Passage, verifier: Verifier) -> bool:
    return verifier.verify(text, passage.text, passage.section[0]).supported


def _find_sentences(row: MedquadRow, answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if row.medquad not in answers:
        raise DataInvalid(
            f"row {row.id} names MedQuAD's {row.medquad!r}, which the file does not hold; expected "
            "the whole of MedQuAD. Get it: git clone https://github.com/abachaa/MedQuAD"
        )
    spans = split_sentences(str(answers[row.medquad]["answer"]))
    if any(not 1 <= number <= len(spans) for number in row.sentences):
        raise DataInvalid(
            f"row {row.id} names sentences {row.sentences} of {row.medquad}, which has {len(spans)}"
        )
    return [spans[number - 1].text for number in row.sentences]


def _cut_answers(answers: Mapping[str, Mapping[str, Any]], named: set[str]) -> Iterator[Passage]:
    """Passages of about `PASSAGE_WORDS` words, of whole sentences: of named answers and of others."""
    others = [id for id in answers if id not in named]
    random.Random(7).shuffle(others)
    for id in [*sorted(named & answers.keys()), *others[:OTHERS]]:
        text, begin = str(answers[id]["answer"]), 0
        spans = split_sentences(text)
        for place, span in enumerate(spans):
            words = len(text[begin : span.end].split())
            if words >= PASSAGE_WORDS or place == len(spans) - 1:
                section = (str(answers[id]["focus"]),)
                yield Passage(
                    f"{id}-{place}", id, 1, 1, "1", section, text[begin : span.end].strip()
                )
                begin = span.end


def _nearest(question: Any, vectors: Vectors, hits: Sequence[Hit]) -> list[Hit]:
    return [hits[int(place)] for place in (vectors @ question).argsort()[::-1]]
