"""The index as its readers see it: what it finds, what it refuses, how it notices a new version."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError, IndexDamaged, IndexMissing, IndexUnfit
from corpus.index import CURRENT, Index, LiveIndex
from corpus.records import Box, TextBox
from tests.corpus.shelf import (
    EMBEDDER,
    LABOUR,
    make_book,
    make_passages,
    write_books,
    write_labour,
)
from tests.fakes import HashingEmbedder

QUESTION = "is it normal that my water broke"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("index")
    write_labour(folder, asked_as=[QUESTION])
    return Index.open(folder, EMBEDDER, fully=True)


# dense search


def test_a_passage_is_nearest_to_its_own_words(index: Index) -> None:
    for row in range(len(index)):
        vector = EMBEDDER.encode([index.passage(row).text])[0]
        best = index.search_dense(vector, k=1)[0]
        assert (best.row, best.kind) == (row, "passage")
        assert best.score == pytest.approx(1.0, abs=1e-5)


def test_only_the_wanted_kinds_of_vectors_are_searched(index: Index) -> None:
    vector = EMBEDDER.encode([QUESTION])[0]
    assert {hit.kind for hit in index.search_dense(vector, 99, kinds=["question"])} == {"question"}
    assert len(index.search_dense(vector, 99, kinds=["passage", "window"])) == 2 * len(index)
    assert index.search_dense(vector, 99, kinds=[]) == []


def test_asking_for_more_than_there_is_gives_all_best_first(index: Index) -> None:
    hits = index.search_dense(EMBEDDER.encode(["epidural"])[0], k=10_000)
    assert len(hits) == 3 * len(index)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert index.search_dense(EMBEDDER.encode(["epidural"])[0], k=0) == []


def test_a_batch_gives_what_single_searches_give(index: Index) -> None:
    vectors = EMBEDDER.encode(["waters breaking", "gas and air"])
    batch = index.search_dense_batch(vectors, 3)
    assert batch == [index.search_dense(vector, 3) for vector in vectors]


def test_a_vector_of_another_length_is_refused_with_both_lengths(index: Index) -> None:
    with pytest.raises(ValueError, match=r"\(1, 8\).*\(n, 64\)"):
        index.search_dense(EMBEDDER.encode(["x"])[0][:8], 3)


def test_dense_scores_are_the_best_of_each_kind_for_given_rows(index: Index) -> None:
    vector = EMBEDDER.encode([QUESTION])[0]
    scores = index.dense_scores(vector, [3, 0, 3])
    assert scores["question"].tolist() == pytest.approx([1.0, 1.0, 1.0], abs=1e-5)
    found = {hit.row: hit.score for hit in index.search_dense(vector, 99, kinds=["passage"])}
    assert scores["passage"].tolist() == pytest.approx([found[3], found[0], found[3]], abs=1e-5)
    assert index.dense_scores(vector, [])["passage"].shape == (0,)


def test_a_passage_without_windows_scores_minus_infinity_there(tmp_path: Path) -> None:
    from corpus.vectors import BookVectors
    from corpus.writer import write_index

    book = make_book()
    made = make_passages(book)
    matrix = EMBEDDER.encode([passage.text for passage in made])
    vectors = BookVectors.of(matrix, range(len(made)), ["passage"] * len(made))
    write_index(tmp_path, EMBEDDER, [(book, made, vectors)])
    scores = Index.open(tmp_path).dense_scores(matrix[0], [0])
    assert scores["window"].tolist() == [float("-inf")]


# lexical search


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("breaks", 0),  # stemmed
        ("EPIDURAL", 3),
        (["gas and air"], 2),  # a phrase
        ('what about a "gush" AND NEAR( *', 0),
        ("épidural", 3),
    ],
)
def test_words_find_their_passage(index: Index, query: str | list[str], row: int) -> None:
    found = index.search_lexical(query, k=4)
    assert found[0][0] == row
    assert found[0][1] > 0


def test_words_of_the_section_path_find_all_its_passages(index: Index) -> None:
    assert {row for row, _ in index.search_lexical("relief", k=9)} == {2, 3}


def test_a_phrase_is_not_found_in_another_order(index: Index) -> None:
    assert index.search_lexical(["air and gas"], k=4) == []


def test_questions_are_searched_too_unless_their_weight_is_zero(index: Index) -> None:
    assert len(index.search_lexical("broke", k=9)) == len(index)
    assert all(score == 0 for _, score in index.search_lexical("broke", 9, weights=(1, 1, 0)))


@pytest.mark.parametrize("query", ["", "   ", "🤰", "\0", '"', "()", ["", "🤰", '"'], [], "'--;"])
def test_a_query_without_words_finds_nothing(index: Index, query: str | list[str]) -> None:
    assert index.search_lexical(query, k=3) == []


@given(st.one_of(st.text(), st.lists(st.text(), max_size=9)))
def test_no_query_raises(index: Index, query: str | list[str]) -> None:
    assert len(index.search_lexical(query, k=3)) <= 3


@pytest.mark.parametrize("query", ["a" * 100_000, "word " * 20_000, "\ud800 half", 'AND "OR" NOT'])
def test_long_and_strange_queries_are_answered(index: Index, query: str) -> None:
    index.search_lexical(query, k=3)


# passages


def test_passages_come_in_the_order_that_was_asked_for(index: Index) -> None:
    assert [p.page_label for p in index.passages([3, 0, 3])] == ["4", "1", "4"]
    with pytest.raises(KeyError):
        index.passages([0, 99])


def test_a_passage_comes_back_as_it_went_in_with_boxes_only_on_request(index: Index) -> None:
    made = make_passages(make_book(), asked_as=[QUESTION])
    assert [index.passage(row, boxes=True) for row in range(4)] == made
    assert index.passage(0).boxes == ()
    assert index.boxes(0) == (TextBox(0, 6, Box(1, 72.0, 100.5, 90.25, 112.0)),)


def test_neighbours_never_cross_a_section(index: Index) -> None:
    assert index.neighbours(1, before=5, after=5) == [0]
    assert index.neighbours(2) == [3]
    assert index.neighbours(0, before=0, after=0) == []


def test_neighbours_never_cross_a_book(tmp_path: Path) -> None:
    one, two = make_book("one.pdf"), make_book("two.pdf")
    section = [(("Same",), ["First.", "Second."])]
    write_books(tmp_path, (one, make_passages(one, section)), (two, make_passages(two, section)))
    index = Index.open(tmp_path)
    assert index.neighbours(1, 3, 3) == [0]
    assert index.neighbours(2, 3, 3) == [3]
    assert index.rows_of_book(two.id) == range(2, 4)


def test_sections_are_listed_in_reading_order(index: Index) -> None:
    book = index.books[0]
    assert index.sections() == [
        (book.id, ("Labour", "Signs"), 0),
        (book.id, ("Labour", "Pain relief"), 2),
    ]
    assert index.by_section(book.id, ("Labour", "Pain relief")) == [2, 3]
    assert index.by_section(book.id, ("Labour",)) == []


def test_a_passage_is_found_by_its_id(index: Index) -> None:
    assert index.rows_of_id(index.passage(2).id) == [2]
    assert index.rows_of_id("unknown") == []


def test_text_that_sqlite_cannot_hold_keeps_its_length(tmp_path: Path) -> None:
    book = make_book()
    write_books(tmp_path, (book, make_passages(book, [(("A\0b", "c\ud800"), ["nul \0 in it"])])))
    passage = Index.open(tmp_path).passage(0)
    assert passage.text == "nul   in it"
    assert passage.section == ("A b", "c?")


def test_an_index_without_books_can_be_searched(tmp_path: Path) -> None:
    write_books(tmp_path)
    index = Index.open(tmp_path, EMBEDDER, fully=True)
    assert len(index) == 0
    assert index.search_dense(EMBEDDER.encode(["x"])[0], 3) == []
    assert index.search_lexical("x", 3) == []
    assert index.sections() == []


def test_threads_share_one_index(index: Index) -> None:
    def ask(number: int) -> tuple[object, object]:
        vector = EMBEDDER.encode([LABOUR[number % 2][1][0]])[0]
        return index.search_dense(vector, 2), index.search_lexical("waters gas", 2)

    alone = [ask(number) for number in range(2)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(200))) == alone * 100


# opening


def test_a_missing_index_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="python -m ingest"):
        Index.open(tmp_path / "nothing")


@pytest.mark.parametrize(
    "other", [HashingEmbedder(dimension=64, revision="2"), HashingEmbedder(dimension=32)]
)
def test_an_index_of_another_embedder_is_refused(tmp_path: Path, other: HashingEmbedder) -> None:
    write_labour(tmp_path)
    with pytest.raises(IndexUnfit, match=r"hashing \(1, 64 dim.*python -m ingest --rebuild"):
        Index.open(tmp_path, other)


def test_an_index_of_another_format_is_refused(tmp_path: Path) -> None:
    write_labour(tmp_path)
    manifest = Index.open(tmp_path).folder / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"format_version": 1', '"format_version": 99, "more": 1'))
    with pytest.raises(IndexUnfit, match="format 99"):
        Index.open(tmp_path)


@pytest.mark.parametrize(
    "name", ["passages.sqlite", "vectors.faiss", "owners.bin", "manifest.json"]
)
@pytest.mark.parametrize("harm", ["gone", "short", "empty", "longer"])
def test_a_harmed_file_is_noticed(tmp_path: Path, name: str, harm: str) -> None:
    write_labour(tmp_path)
    path = Index.open(tmp_path).folder / name
    data = path.read_bytes()
    path.unlink()
    if harm != "gone":
        harmed = {"short": data[: len(data) // 2], "empty": b"", "longer": data + b"{"}[harm]
        path.write_bytes(harmed)
    with pytest.raises(IndexDamaged, match="python -m ingest --rebuild"):
        Index.open(tmp_path)


@pytest.mark.parametrize("name", ["passages.sqlite", "vectors.faiss", "owners.bin"])
def test_an_altered_file_is_noticed_by_its_checksum(tmp_path: Path, name: str) -> None:
    write_labour(tmp_path)
    path = Index.open(tmp_path).folder / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match="checksum"):
        Index.open(tmp_path, fully=True)


@pytest.mark.parametrize("content", [b"", b"\n", b"../v000001", b"\xff\xfe", b"v000099", b"/etc"])
def test_a_pointer_to_nowhere_is_refused(tmp_path: Path, content: bytes) -> None:
    write_labour(tmp_path)
    (tmp_path / CURRENT).write_bytes(content)
    with pytest.raises(IndexDamaged):
        Index.open(tmp_path)


# a living index


def test_a_new_version_is_noticed_and_the_old_one_serves_whoever_holds_it(tmp_path: Path) -> None:
    write_labour(tmp_path)
    live = LiveIndex(tmp_path, EMBEDDER)
    held = live.current()
    assert live.current() is held
    book = make_book("new.pdf")
    write_books(tmp_path, (book, make_passages(book, [((), ["Entirely new words."])])))
    assert live.current().books == (book,)
    write_books(tmp_path, (book, make_passages(book, [((), ["Newer words."])])))
    assert not held.folder.exists(), "two versions later the files are gone"
    assert held.search_lexical("epidural", 1)[0][0] == 3
    assert held.boxes(0)


def test_a_living_index_stays_with_what_it_has_when_the_new_one_is_unfit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_labour(tmp_path)
    live = LiveIndex(tmp_path, EMBEDDER)
    version = live.current().version
    from corpus.writer import write_index

    write_index(tmp_path, HashingEmbedder(dimension=8), [])
    assert live.current().version == version
    assert f"staying with index {version}" in caplog.text
    shutil.rmtree(tmp_path)
    assert live.current().version == version


def test_a_living_index_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="python -m ingest"):
        LiveIndex(tmp_path)


def test_readers_see_whole_versions_while_a_writer_swaps(tmp_path: Path) -> None:
    """Each version says one number throughout; a mix of two would show."""

    def publish(number: int) -> None:
        book = make_book(f"edition{number}.pdf")
        texts = [f"edition{number} line{i}" for i in range(5)]
        write_books(tmp_path, (book, make_passages(book, [((f"edition{number}",), texts)])))

    publish(0)
    finished = Event()

    def read(live: LiveIndex) -> set[str]:
        seen = set()
        while not finished.is_set():
            index = live.current()
            (book,) = index.books
            edition = book.file.removesuffix(".pdf")
            seen.add(edition)
            assert len(index.search_lexical(edition, 9)) == 5
            texts = [passage.text for passage in index.passages(range(5))]
            assert texts == [f"{edition} line{i}" for i in range(5)]
            for row, vector in enumerate(EMBEDDER.encode(texts)):
                best = index.search_dense(vector, 1, kinds=["passage"])[0]
                assert (best.row, round(best.score, 4)) == (row, 1.0)
            Index.open(tmp_path, EMBEDDER, fully=True).close()
        return seen

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read, LiveIndex(tmp_path, EMBEDDER)) for _ in range(2)]
        try:
            for number in range(1, 30):
                publish(number)
        finally:
            finished.set()
        assert all(len(reader.result()) > 1 for reader in readers)
