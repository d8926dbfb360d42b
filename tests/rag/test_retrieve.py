"""The search as its users see it, on a small index made here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from langchain_core.retrievers import BaseRetriever

from corpus.errors import IndexMissing
from corpus.index import LiveIndex
from corpus.records import Book, Box, Passage, TextBox
from corpus.writer import write_index
from ingest.embed import embed_passages
from models.embedder import Vectors
from rag.events import Turn
from rag.retrieve import Retriever
from rag.search.fusion import is_list
from rag.search.gate import load_gate
from rag.search.synonyms import Synonyms
from tests.fakes import HashingEmbedder

EMBEDDER = HashingEmbedder()
SYNONYMS = Synonyms({"episiotomy": ["cut down there"], "mastitis": ["breast infection"]})
UK = Book("uk", "uk.pdf", "", "Birth in Britain", region="UK")
US = Book("us", "us.pdf", "", "Birth in America", region="US")

LABOUR = ("Labour", "Pushing")
INFLAMED = "Mastitis is an inflamed breast. Go on feeding, rest and use cool packs."
TEXTS = {
    "uk": [
        (1, ("Contents",), "Labour ........ 2 Feeding ........ 3 Mood ........ 4 Index ........ 9"),
        (2, LABOUR, "Routine episiotomy is not advised when the baby is born."),
        (2, LABOUR, "Warm packs on the perineum lower the risk of a severe tear while pushing."),
        (
            3,
            ("Feeding",),
            INFLAMED,
        ),
        (4, ("Mood",), "Baby blues pass within two weeks; depression lasts longer and needs help."),
        (5, ("Tests",), "The glucose test for diabetes is done between 24 and 28 weeks."),
    ],
    "us": [
        (
            7,
            ("Feeding",),
            INFLAMED,
        ),
        (8, ("Diet",), "Swordfish holds mercury and is avoided in pregnancy."),
        (9, ("Weight",), "Gaining weight in pregnancy depends on the weight before."),
    ],
}


def make_passage(book: str, position: int) -> Passage:
    page, section, text = TEXTS[book][position]
    boxes = (TextBox(0, len(text), Box(page, 0, 0, 100, 10)),)
    return Passage(
        Passage.make_id(book, page, page, text),
        book,
        page,
        page,
        str(page),
        section,
        text,
        boxes,
        position,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index")
    books = []
    for book in (UK, US):
        passages = [make_passage(book.id, i) for i in range(len(TEXTS[book.id]))]
        books.append((book, passages, embed_passages(EMBEDDER, passages)))
    write_index(path, EMBEDDER, books)
    return path


@pytest.fixture(scope="module")
def retriever(folder: Path) -> Retriever:
    return Retriever(
        live=LiveIndex(folder, EMBEDDER), embedder=EMBEDDER, gate=load_gate(), synonyms=SYNONYMS
    )


def test_the_passage_that_answers_comes_first_with_its_page(retriever: Retriever) -> None:
    hit = retriever.search("When is the glucose test for diabetes done?").hits[0]
    assert (hit.book.file, hit.passage.first_page) == ("uk.pdf", 5)


def test_a_lay_phrase_finds_the_clinical_page(retriever: Retriever) -> None:
    assert "episiotomy" in retriever.search("will they cut down there?").hits[0].passage.text


class LearntEmbedder(HashingEmbedder):
    """Was taught what one question means; texts have the vectors that they always had."""

    def encode_questions(self, texts: Sequence[str], /) -> Vectors:
        return self.encode([text.replace("my old flame", "swordfish mercury") for text in texts])


def test_questions_go_through_the_encoder_that_was_taught_how_people_ask(folder: Path) -> None:
    asked = "my old flame"
    before, after = (
        Retriever(
            live=LiveIndex(folder, embedder), embedder=embedder, gate=load_gate(), synonyms=SYNONYMS
        ).search(asked)
        for embedder in (EMBEDDER, LearntEmbedder())
    )
    assert "Swordfish" in after.hits[0].passage.text
    assert after.hits[0].score > max(hit.score for hit in before.hits)


def test_every_hit_carries_the_parts_of_its_score(retriever: Retriever) -> None:
    for hit in retriever.search("glucose test").hits:
        assert {"dense", "lexical", "question"} <= set(hit.parts)


def test_hits_are_sorted_by_score_and_never_more_than_asked_for(retriever: Retriever) -> None:
    scores = [hit.score for hit in retriever.search("feeding and rest", k=3).hits]
    assert len(scores) <= 3
    assert scores == sorted(scores, reverse=True)


def test_the_same_text_in_two_books_is_one_hit(retriever: Retriever) -> None:
    texts = [hit.passage.text for hit in retriever.search("mastitis inflamed breast", k=9).hits]
    assert len([text for text in texts if "inflamed" in text]) == 1


def test_a_preferred_region_decides_between_equals(retriever: Retriever) -> None:
    for region, file in (("US", "us.pdf"), ("UK", "uk.pdf")):
        hits = retriever.search("mastitis inflamed breast cool packs", region=region).hits
        assert hits[0].book.file == file


def test_neighbours_of_one_section_and_page_become_one_passage(retriever: Retriever) -> None:
    hit = retriever.search("episiotomy and warm packs while pushing").hits[0]
    first, second = TEXTS["uk"][1][2], TEXTS["uk"][2][2]
    assert hit.passage.text == f"{first}\n{second}"
    for box, words in zip(hit.passage.boxes, (first, second), strict=True):
        assert hit.passage.text[box.start : box.end] == words


@pytest.mark.parametrize(
    ("section", "text", "expected"),
    [
        (("Contents",), "Labour 2 Feeding 3", True),
        (("Annex", "5 References"), "A study of labour.", True),
        (
            (),
            "1. Say L, et al. 2014;2(6). 2. Lawn J, et al. 2016;387. 3. doi 10",
            True,
        ),
        (LABOUR, "Smith et al. found that warm packs help.", False),
        (("Sources of iron",), "Meat and beans hold iron.", False),
    ],
)
def test_lists_of_references_and_contents_are_told_apart(
    section: tuple[str, ...], text: str, expected: bool
) -> None:
    assert is_list(Passage("i", "b", 1, 1, "1", section, text)) is expected


def test_a_follow_up_is_searched_with_its_subject(retriever: Retriever) -> None:
    history = [Turn("user", "What is mastitis?"), Turn("assistant", "An inflamed breast.")]
    result = retriever.search("how long does it last?", history)
    assert result.earlier == "What is mastitis?"
    assert "Mastitis" in result.hits[0].passage.text


def test_nearest_sections_name_the_section_and_its_book(retriever: Retriever) -> None:
    nearest = retriever.search("glucose test for diabetes").nearest_sections
    assert nearest[0] == "Tests (Birth in Britain)"
    assert len(nearest) <= 3


@pytest.mark.parametrize(
    "question", ["", "   ", "???", "the of and", '"NEAR( AND OR NOT"*', "é" * 3000]
)
def test_whatever_is_typed_gets_an_answer_and_no_error(retriever: Retriever, question: str) -> None:
    assert len(retriever.search(question).hits) <= 5


def test_it_is_a_langchain_retriever(retriever: Retriever) -> None:
    documents = retriever.invoke("glucose test for diabetes")
    assert isinstance(retriever, BaseRetriever)
    assert documents[0].metadata["book"] == "uk.pdf"
    assert documents[0].metadata["page"] == 5


def test_a_new_index_is_used_without_a_restart(tmp_path: Path) -> None:
    old, new = (make_passage("uk", i) for i in (3, 5))
    write_index(tmp_path, EMBEDDER, [(UK, [old], embed_passages(EMBEDDER, [old]))])
    living = Retriever(
        live=LiveIndex(tmp_path, EMBEDDER), embedder=EMBEDDER, gate=load_gate(), synonyms=SYNONYMS
    )
    assert living.search("glucose test").hits[0].passage.id == old.id
    write_index(tmp_path, EMBEDDER, [(UK, [new], embed_passages(EMBEDDER, [new]))])
    assert living.search("glucose test").hits[0].passage.id == new.id


def test_an_index_without_passages_answers_nothing(tmp_path: Path) -> None:
    write_index(tmp_path, EMBEDDER, [])
    empty = Retriever(
        live=LiveIndex(tmp_path, EMBEDDER), embedder=EMBEDDER, gate=load_gate(), synonyms=SYNONYMS
    )
    result = empty.search("anything")
    assert result.hits == ()
    assert result.evidence.verdict == "not_in_books"


def test_no_index_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="python -m ingest"):
        LiveIndex(tmp_path / "none", EMBEDDER)
