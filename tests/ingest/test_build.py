"""An index kept in step with folders: what is read, what is copied, what is removed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from corpus.errors import LibraryUnreadable
from corpus.index import Index
from tests.fakes import HashingEmbedder
from tests.ingest.desk import EMBEDDER, Desk, row_of, statuses
from tests.ingest.printing import print_book, print_booklet


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# new, unchanged, changed, removed


def test_new_books_are_added_and_can_be_searched(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia", pages=3)
    print_booklet(desk.books / "more" / "diet.PDF", "heartburn")
    report = desk.ingest()
    assert statuses(report) == {"sleep.pdf": "added", "diet.PDF": "added"}
    assert row_of(report, "sleep.pdf").pages == 3
    assert report.totals["passages"] == len(desk.index()) > 0
    assert not report.failed
    assert desk.finds("insomnia") == ["sleep.pdf"]
    vector = EMBEDDER.encode(["heartburn"])[0]
    best = desk.index().search_dense(vector, 1)[0]
    assert "heartburn" in desk.index().passage(best.row).text


def test_unchanged_books_are_not_read_and_the_version_stands(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    first = desk.ingest()
    again = desk.ingest()
    assert desk.read == []
    assert statuses(again) == {"sleep.pdf": "unchanged"}
    assert (again.version, again.published) == (first.version, False)
    assert again.totals["passages"] == first.totals["passages"]


def test_only_the_changed_book_is_read_again(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    print_booklet(desk.books / "diet.pdf", "heartburn")
    desk.ingest()
    print_booklet(desk.books / "diet.pdf", "nausea")
    report = desk.ingest()
    assert statuses(report) == {"sleep.pdf": "unchanged", "diet.pdf": "changed"}
    assert desk.read == ["diet.pdf"]
    assert (desk.finds("heartburn"), desk.finds("nausea")) == ([], ["diet.pdf"])
    assert desk.finds("insomnia") == ["sleep.pdf"]


def test_a_book_whose_file_is_gone_is_removed(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    diet = print_booklet(desk.books / "diet.pdf", "heartburn")
    desk.ingest()
    diet.unlink()
    report = desk.ingest()
    assert statuses(report) == {"sleep.pdf": "unchanged", "diet.pdf": "removed"}
    assert (desk.finds("heartburn"), desk.read) == ([], [])
    (desk.books / "sleep.pdf").unlink()
    assert statuses(desk.ingest()) == {"sleep.pdf": "removed"}
    assert len(desk.index()) == 0


def test_a_renamed_file_is_the_same_book_under_its_new_name(desk: Desk) -> None:
    old = print_booklet(desk.books / "sleep.pdf", "insomnia")
    desk.ingest()
    old.rename(desk.books / "rest.pdf")
    report = desk.ingest()
    assert (statuses(report), desk.read) == ({"rest.pdf": "unchanged"}, [])
    assert f"was {old} before" in row_of(report, "rest.pdf").warnings
    assert desk.finds("insomnia") == ["rest.pdf"]
    assert desk.index().books[0].path == str(desk.books / "rest.pdf")


def test_two_files_that_swap_their_names_keep_their_passages(desk: Desk) -> None:
    one = print_booklet(desk.books / "one.pdf", "insomnia")
    two = print_booklet(desk.books / "two.pdf", "heartburn")
    desk.ingest()
    one.rename(desk.books / "aside")
    two.rename(one)
    (desk.books / "aside").rename(two)
    assert statuses(desk.ingest()) == {"one.pdf": "unchanged", "two.pdf": "unchanged"}
    assert (desk.finds("insomnia"), desk.finds("heartburn")) == (["two.pdf"], ["one.pdf"])


def test_the_same_bytes_in_two_files_are_one_book(desk: Desk) -> None:
    book = print_booklet(desk.books / "sleep.pdf", "insomnia")
    copy = shutil.copy(book, desk.books / "a copy.pdf")
    report = desk.ingest()
    assert len(desk.index().books) == len(report.books) == report.totals["duplicates"] == 1
    assert f"{book} holds the same bytes" in report.books[0].warnings[0]
    Path(copy).unlink()
    assert (statuses(desk.ingest()), desk.read) == ({"sleep.pdf": "unchanged"}, [])


def test_books_of_one_name_in_two_folders_are_told_apart(desk: Desk) -> None:
    print_booklet(desk.books / "who" / "guide.pdf", "insomnia")
    print_booklet(desk.books / "cdc" / "guide.pdf", "heartburn")
    report = desk.ingest()
    assert statuses(report) == {"guide.pdf": "added", "who/guide.pdf": "added"}
    assert desk.finds("insomnia") == ["who/guide.pdf"]


# what has to be read again


@pytest.mark.parametrize(
    "change", [{"words": 50}, {"ocr": "auto"}, {"rebuild": True}, {"embedder": HashingEmbedder(8)}]
)
def test_other_settings_read_the_books_again(desk: Desk, change: dict[str, object]) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    desk.ingest()
    report = desk.ingest(**change)  # type: ignore[arg-type]
    assert (statuses(report), desk.read) == ({"sleep.pdf": "changed"}, ["sleep.pdf"])
    assert len(Index.open(desk.index_dir, fully=True).books) == 1


@pytest.mark.parametrize("name", ["passages.sqlite", "vectors.faiss", "manifest.json"])
def test_a_damaged_index_is_made_anew(desk: Desk, name: str) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    desk.ingest()
    path = desk.index().folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    desk.ingest()
    assert desk.read == ["sleep.pdf"]
    assert desk.finds("insomnia") == ["sleep.pdf"]


# sources


def test_another_folder_adds_to_the_index_and_all_are_kept_in_step(
    desk: Desk, tmp_path: Path
) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    print_booklet(desk.books / "diet.pdf", "heartburn")
    desk.ingest()
    mine = print_booklet(tmp_path / "mine" / "mine.pdf", "anaemia")
    (desk.books / "diet.pdf").unlink()
    report = desk.ingest(mine)
    assert statuses(report) == {
        "sleep.pdf": "unchanged",
        "mine.pdf": "added",
        "diet.pdf": "removed",
    }
    assert report.sources == (str(desk.books), str(mine))
    mine.unlink()
    assert statuses(desk.ingest()) == {"sleep.pdf": "unchanged", "mine.pdf": "removed"}


def test_only_forgets_the_other_sources(desk: Desk, tmp_path: Path) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    mine = print_booklet(tmp_path / "mine.pdf", "anaemia")
    desk.ingest(desk.books, mine)
    report = desk.ingest(mine, only=True)
    assert statuses(report) == {"mine.pdf": "unchanged", "sleep.pdf": "removed"}
    assert desk.index().manifest.sources == (str(mine),)
    assert desk.read == []


def test_a_source_that_is_gone_takes_its_books_along(desk: Desk, tmp_path: Path) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    print_booklet(tmp_path / "stick" / "mine.pdf", "anaemia")
    desk.ingest(desk.books, tmp_path / "stick")
    shutil.rmtree(tmp_path / "stick")
    report = desk.ingest()
    assert statuses(report) == {"sleep.pdf": "unchanged", "mine.pdf": "removed"}
    assert report.sources == (str(desk.books),)


def test_a_folder_without_a_pdf_is_refused_when_nothing_is_indexed(desk: Desk) -> None:
    (desk.books / "notes.txt").write_text("no book")
    (desk.books / "._hidden.pdf").write_bytes(b"left by another system")
    with pytest.raises(LibraryUnreadable, match=r"no PDF found in .*books"):
        desk.ingest()


# library.toml


def test_library_toml_describes_books_without_reading_them_again(desk: Desk) -> None:
    print_book(desk.books / "x1.pdf", ["A page about insomnia."], title="Microsoft Word - x.doc")
    assert row_of(desk.ingest(), "x1.pdf").title == "X1"
    facts = '["x1.pdf"]\ntitle = "Sleeping well"\nyear = 2026\nregion = "UK"\nsha256 = "' + "0" * 64
    (desk.books / "library.toml").write_text(facts + '"\n')
    report = desk.ingest()
    row = row_of(report, "x1.pdf")
    assert (row.status, row.title, desk.read) == ("unchanged", "Sleeping well", [])
    assert "expects x1.pdf with sha256 000000000000" in row.warnings[0]
    book = desk.index().books[0]
    assert (book.title, book.year, book.region) == ("Sleeping well", 2026, "UK")
    (desk.books / "library.toml").unlink()
    assert row_of(desk.ingest(), "x1.pdf").warnings == ()
    assert desk.index().books[0].title == "X1"


def test_an_invalid_library_toml_stops_the_ingest_and_the_index_stands(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    version = desk.ingest().version
    (desk.books / "library.toml").write_text('["sleep.pdf"]\ntitel = "Sleep"\n')
    with pytest.raises(LibraryUnreadable, match=r"unknown key 'titel'. Valid: title, edition"):
        desk.ingest()
    assert desk.index().version == version


# the whole


def test_any_history_of_a_folder_ends_in_the_index_that_a_fresh_ingest_makes(
    desk: Desk, tmp_path: Path
) -> None:
    chance = random.Random(20261120)
    topics = ["insomnia", "heartburn", "nausea", "anaemia", "cramps"]

    def disturb() -> None:
        books = sorted(desk.books.glob("*.pdf"))
        name = desk.books / f"book{chance.randrange(6)}.pdf"
        action = chance.choice(["print", "print", "remove", "rename", "copy", "break"])
        if action == "print" or not books:
            print_booklet(name, chance.choice(topics), pages=chance.randrange(1, 4))
        elif action == "remove":
            chance.choice(books).unlink()
        elif action == "rename":
            chance.choice(books).rename(name)
        elif action == "copy" and (book := chance.choice(books)) != name:
            shutil.copy(book, name)
        elif action == "break":
            name.write_bytes(chance.choice([b"", b"broken"]))

    print_booklet(desk.books / "first.pdf", "insomnia")
    for step in range(25):
        for _ in range(chance.randrange(1, 4)):
            disturb()
        desk.ingest()
        fresh = Desk(tmp_path / f"fresh{step}")
        shutil.copytree(desk.books, fresh.books, dirs_exist_ok=True)
        if not fresh.ingest().version:
            assert len(desk.index()) == 0, "every book is broken"
            continue
        mine, other = desk.index(), fresh.index()
        assert {book.id for book in mine.books} == {book.id for book in other.books}
        for book in other.books:
            mine_rows, rows = mine.rows_of_book(book.id), other.rows_of_book(book.id)
            assert mine.passages(mine_rows) == other.passages(rows)
            assert (mine.vectors_of(mine_rows).matrix == other.vectors_of(rows).matrix).all()
