"""Books of different region or year that put different numbers on one thing are shown side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.index import LiveIndex
from corpus.records import Book, Citation, Hit, Passage
from corpus.writer import write_index
from ingest.embed import embed_passages
from rag.answer import Assistant
from rag.events import Answer
from rag.measure.show import answer_as_json, answer_as_text
from rag.reply.differences import LEAD, find_differences, read_statement, speak_of_the_same
from rag.retrieve import Retriever, load_retriever
from rag.search.gate import load_gate
from rag.search.synonyms import load_synonyms
from rag.verify import Verifier
from settings import Settings
from tests.fakes import HashingEmbedder, ScriptedChatModel

GOLD = Path(__file__).parents[1] / "gold" / "differences.jsonl"
EMBEDDER = HashingEmbedder()
UK = Book("uk", "uk.pdf", "/uk.pdf", "Birth in Britain", "2nd edition", "NHS", 2024, "UK")
US = Book("us", "us.pdf", "/us.pdf", "Birth in America", "", "CDC", 2023, "US")
OLD_UK = Book("old", "old.pdf", "/old.pdf", "Birth in Britain", "", "NHS", 2009, "UK")
TWIN = Book("twin", "twin.pdf", "/twin.pdf", "Birth again", "", "NHS", 2024, "UK")

HERE = "Keep caffeine below 200 mg a day in pregnancy. Tea has caffeine too."
THERE = "In pregnancy, keep caffeine below 300 mg a day. Tea has caffeine too."
QUESTION = "How much caffeine a day in pregnancy?"
SAME = "In pregnancy, keep caffeine below 200 mg a day. Tea has caffeine too."


def make_hit(book: Book, text: str) -> Hit:
    return Hit(make_passage(book, text), book, 0.9)


def make_passage(book: Book, text: str) -> Passage:
    section = ("Food and drink", "Caffeine")
    return Passage(Passage.make_id(book.id, 4, 4, text), book.id, 4, 4, "4", section, text)


def compare(here: str, book: Book, there: str, quote: str = "") -> list[str]:
    hits = [make_hit(UK, here), make_hit(book, there)]
    told = [Citation(1, hits[0], quote or here)]
    return [found.text for found in find_differences(told, hits, EMBEDDER)]


@pytest.mark.parametrize("book", [US, OLD_UK])
def test_another_region_or_year_with_another_number_is_found_in_its_own_words(book: Book) -> None:
    assert compare(HERE, book, THERE) == [
        "Keep caffeine below 200 mg a day in pregnancy.",
        "In pregnancy, keep caffeine below 300 mg a day.",
    ]


def test_the_same_number_is_no_difference() -> None:
    assert compare(HERE, US, SAME) == []


def test_books_of_one_origin_are_not_set_against_each_other() -> None:
    assert compare(HERE, TWIN, THERE) == []


def test_a_page_that_names_both_numbers_itself_is_left_alone() -> None:
    assert compare(f"{HERE} Elsewhere the limit is 300 mg a day.", US, THERE) == []


def test_only_what_the_answer_tells_is_compared() -> None:
    assert compare(HERE, US, THERE, quote="Tea has caffeine too.") == []


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("The first scan is done at 10 to 14 weeks.", "The detailed scan is done at 18 to 21 weeks."),
        ("Take 400 micrograms of folic acid a day.", "Women with epilepsy take 1 mg of folic acid a day."),
        ("Pregnant women need 27 mg of iron a day.", "Breastfeeding women need 9 mg of iron a day."),
        ("Fly until 37 weeks with one baby.", "Fly until 32 weeks with twins."),
        ("Take 75 to 150 mg of aspirin a day.", "Take 100 mg of aspirin a day."),
        ("The scan is at 11 to 14 weeks.", "The scan is between 11+2 and 14+1 weeks."),
        ("Call if your temperature is 38 °C or more.", "Call if your temperature is 100.4 °F or more."),
    ],
)  # fmt: skip
def test_different_things_and_numbers_that_agree_raise_no_alarm(here: str, there: str) -> None:
    assert not speak_of_the_same(read_statement(here), read_statement(there))


def test_a_heading_tells_two_things_apart() -> None:
    first = read_statement("The scan takes about 20 minutes.", section="Scans › The first scan")
    other = read_statement("The scan takes about 30 minutes.", section="Scans › The 20-week scan")
    again = read_statement("The scan takes about 30 minutes.", section="Scans › Your first scan")
    assert not speak_of_the_same(first, other)
    assert speak_of_the_same(first, again)


def test_the_gold_pairs_keep_their_figures() -> None:
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 60
    found = {
        (half, label): [
            speak_of_the_same(read_statement(row["one"]), read_statement(row["two"]))
            for row in rows
            if row["half"] == half and (row["label"] == "differ") == (label == "differ")
        ]
        for half in ("tune", "report")
        for label in ("differ", "other")
    }
    assert sum(found["report", "differ"]) / len(found["report", "differ"]) >= 0.6
    assert sum(found["report", "other"]) / len(found["report", "other"]) <= 0.05
    assert sum(found["tune", "differ"]) / len(found["tune", "differ"]) >= 0.85
    assert not any(found["tune", "other"])


# The whole answer, over a small index of two books


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    books = []
    for book, text in ((UK, HERE), (US, THERE)):
        passages = [make_passage(book, text)]
        books.append((book, passages, embed_passages(EMBEDDER, passages)))
    write_index(folder, EMBEDDER, books)
    return folder


def answer(index: Path, draft: str = "", **settings: Any) -> Answer:
    retriever = Retriever(
        live=LiveIndex(index, EMBEDDER),
        embedder=EMBEDDER,
        gate=load_gate(),
        synonyms=load_synonyms(),
        region=settings.get("region", ""),
    )
    assistant = Assistant(
        retriever=retriever,
        model=ScriptedChatModel(replies=[draft or "unused"], grounded=bool(draft)),
        embedder=EMBEDDER,
        verifier=Verifier(EMBEDDER),
        settings=Settings(index_dir=index, **settings),
    )
    return assistant.answer(QUESTION)


@pytest.mark.parametrize("draft", ["", "Keep caffeine below 200 mg a day in pregnancy [1]."])
def test_an_answer_says_that_books_differ_and_shows_both_with_their_labels(
    index: Path, draft: str
) -> None:
    found = answer(index, draft, region="UK")
    texts = [sentence.words for sentence in found.sentences]
    lead = texts.index(LEAD)
    assert texts[lead + 1 : lead + 3] == [
        "Birth in Britain (2nd edition · NHS · 2024 · UK): “Keep caffeine below 200 mg a day in pregnancy.”",
        "Birth in America (CDC · 2023 · US): “In pregnancy, keep caffeine below 300 mg a day.”",
    ]  # fmt: skip
    assert [c.hit.book for s in found.sentences[lead + 1 : lead + 3] for c in s.citations] == [
        UK,
        US,
    ]
    assert all(c.quote in c.hit.passage.text for c in found.citations)
    assert found.timings_ms["differences"] >= 0


def test_the_command_line_shows_title_edition_year_and_region_of_every_citation(
    index: Path,
) -> None:
    found = answer_as_json(answer(index, region="UK"))
    by_book = {cited["book"]: cited for cited in found["citations"]}
    assert [by_book["uk.pdf"][key] for key in ("title", "edition", "year", "region")] == [
        "Birth in Britain", "2nd edition", 2024, "UK",
    ]  # fmt: skip
    text = answer_as_text(found)
    assert "] Birth in America (CDC · 2023 · US), p. 4: “In pregnancy" in text
    assert f"{LEAD} Birth in Britain (2nd edition · NHS · 2024 · UK): “Keep" in text


@pytest.mark.parametrize(("region", "book"), [("UK", UK), ("us", US)])
def test_the_setting_prefers_a_region(index: Path, region: str, book: Book) -> None:
    settings = Settings(index_dir=index, region=region)
    hits = load_retriever(settings, EMBEDDER).search(QUESTION).hits
    assert hits[0].book == book
    assert answer(index, region=region).citations[0].hit.book == book
