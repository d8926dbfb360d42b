"""Pairs for the reranker: the anchor decides, and a row that is held is never learnt from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.index import LiveIndex
from corpus.records import Book, Passage
from corpus.writer import write_index
from finetune.errors import DataInvalid
from finetune.records import Dialogue, write_examples
from finetune.reranking.medquad_pairs import build_medquad_pairs
from finetune.reranking.pairs import (
    Pair,
    build_asked_pairs,
    build_grounded_pairs,
    is_held,
    read_pairs_file,
    write_pairs,
)
from ingest.embed import embed_passages
from rag.retrieve import Retriever
from rag.search.gate import load_gate
from rag.search.synonyms import Synonyms
from tests.fakes import HashingEmbedder

EMBEDDER = HashingEmbedder()
BOOK = Book("food", "food.pdf", "", "Eating")
ANCHOR = "Hard cheese is safe"
CHEESE = f"Cheese is made of milk. {ANCHOR}. Ask for the label in a shop. Keep it in the fridge."
TEXTS = {
    "Cheese": (CHEESE, ("can i have cheddar",)),
    "Fish": ("Swordfish holds mercury. Sardines hold little mercury. Cook fish.", ("tuna ok?",)),
    "Eggs": ("Eggs are cooked until the white is firm. Raw eggs carry salmonella.", ()),
    "Liver": ("Liver holds much vitamin A. Eat no liver in pregnancy.", ()),
    "Drinks": ("Two cups of coffee hold 200 mg of caffeine. Tea holds less.", ()),
}
QUESTIONS = [f"is hard cheese number {n} safe to eat" for n in range(20)]
LEARNT = next(question for question in QUESTIONS if not is_held(question))
HELD = next(question for question in QUESTIONS if is_held(question))


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    path = tmp_path_factory.mktemp("index")
    passages = [
        Passage(str(n), "food", n, n, str(n), (title,), text, position=n, asked_as=asked)
        for n, (title, (text, asked)) in enumerate(TEXTS.items(), start=1)
    ]
    write_index(path, EMBEDDER, [(BOOK, passages, embed_passages(EMBEDDER, passages))])
    return Retriever(
        live=LiveIndex(path, EMBEDDER), embedder=EMBEDDER, gate=load_gate(), synonyms=Synonyms({})
    )


def build(retriever: Retriever, folder: Path, question: str, answered: bool = True) -> list[Pair]:
    claims = [{"text": "Yes, hard cheese is safe.", "anchor": ANCHOR}] if answered else []
    row = {"id": "r1", "question": question, "book": "food.pdf", "answer": claims}
    (folder / "01.jsonl").write_text(json.dumps(row) + "\n")
    return list(build_grounded_pairs(retriever, folder))


def test_the_passage_with_the_anchor_answers_and_the_others_do_not(
    retriever: Retriever, tmp_path: Path
) -> None:
    pairs = build(retriever, tmp_path, LEARNT)
    right = [pair for pair in pairs if pair.answers]
    assert len(right) == 1
    assert ANCHOR in right[0].text
    assert all(ANCHOR not in pair.text for pair in pairs if not pair.answers)
    assert {pair.source for pair in pairs} == {"right", "without", "wrong"}


def test_the_answer_is_marked_in_the_text(retriever: Retriever, tmp_path: Path) -> None:
    (right,) = (pair for pair in build(retriever, tmp_path, LEARNT) if pair.answers)
    assert [right.text[start:end] for start, end in right.spans] == [f"{ANCHOR}."]


def test_a_passage_without_its_answer_is_a_wrong_one(retriever: Retriever, tmp_path: Path) -> None:
    pairs = build(retriever, tmp_path, LEARNT)
    (without,) = (pair for pair in pairs if pair.source == "without")
    assert without.text.startswith("Cheese. Cheese is made of milk.")
    assert not without.answers


def test_a_held_row_is_read_as_serving_reads(retriever: Retriever, tmp_path: Path) -> None:
    pairs = build(retriever, tmp_path, HELD)
    assert {pair.source for pair in pairs} == {"answered"}
    assert all(pair.held for pair in pairs)
    assert sum(pair.answers for pair in pairs) == 1


def test_nothing_answers_a_question_that_no_booklet_answers(
    retriever: Retriever, tmp_path: Path
) -> None:
    pairs = build(retriever, tmp_path, LEARNT, answered=False)
    assert len(pairs) > 1
    assert not any(pair.answers for pair in pairs)
    assert {pair.source for pair in pairs} == {"near_miss"}


def test_a_carried_question_is_answered_by_its_section(retriever: Retriever) -> None:
    pairs = list(build_asked_pairs(retriever))
    assert [pair.question for pair in pairs if pair.answers] == ["can i have cheddar", "tuna ok?"]
    assert pairs[0].text == f"Cheese. {CHEESE}"


def test_another_aspect_of_the_same_disease_does_not_answer(tmp_path: Path) -> None:
    asked = {
        "symptoms": "What are the symptoms of Mumps?",
        "treatment": "What are the treatments for Mumps?",
    }
    rows = [
        Dialogue(f"medquad-1_1-{n}", "medquad", question, f"About the {kind}.")
        for n, (kind, question) in enumerate(asked.items())
    ]
    write_examples(tmp_path / "train.jsonl", rows)
    labels = [{"id": row.id, "label": kind} for row, kind in zip(rows, asked, strict=True)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, labels)))
    pairs = list(build_medquad_pairs(tmp_path))
    assert [(pair.text, pair.answers) for pair in pairs[:2]] == [
        ("Mumps. About the symptoms.", True),
        ("Mumps. About the treatment.", False),
    ]
    assert all("mumps" in pair.question.lower() for pair in pairs)


def test_pairs_read_back_as_they_were_written(tmp_path: Path) -> None:
    pairs = [
        Pair("1", "right", "q", "text", True, ((0, 2),)),
        Pair("2", "near_miss", "q", "t", False),
    ]
    assert write_pairs(tmp_path / "pairs.jsonl", pairs) == 2
    assert read_pairs_file(tmp_path / "pairs.jsonl") == pairs


def test_a_file_of_something_else_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(DataInvalid, match="rerank --prepare"):
        read_pairs_file(tmp_path / "pairs.jsonl")
