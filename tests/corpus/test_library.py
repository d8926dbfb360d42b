"""Books from folders: which files count, what describes them, which titles are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import LibraryUnreadable
from corpus.library import (
    BookFacts,
    FoundBook,
    describe_book,
    find_books,
    is_title,
    name_books,
    read_library_file,
    title_from_file_name,
    write_library_file,
)
from corpus.records import Book


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_pdfs_are_found_in_folders_of_folders_once_and_sorted(tmp_path: Path) -> None:
    touch(tmp_path / "b.pdf", tmp_path / "deep" / "er" / "A.PDF", tmp_path / "notes.txt")
    touch(tmp_path / "._b.pdf", tmp_path / ".trash" / "old.pdf", tmp_path / "loose")
    found = find_books([tmp_path, tmp_path / "b.pdf", tmp_path / "loose", tmp_path / "gone"])
    assert [book.path.name for book in found.books] == ["b.pdf", "A.PDF", "loose"]
    assert found.books[0].source == tmp_path


def test_a_link_to_a_folder_above_does_not_lead_in_circles(tmp_path: Path) -> None:
    touch(tmp_path / "books" / "a.pdf")
    (tmp_path / "books" / "again").symlink_to(tmp_path / "books")
    assert len(find_books([tmp_path / "books"]).books) == 1


def test_a_pipe_is_no_book_and_a_dead_link_is_one_that_fails_later(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "dead.pdf").symlink_to(tmp_path / "gone.pdf")
    found = find_books([tmp_path, tmp_path / "pipe.pdf"])
    assert [book.path.name for book in found.books] == ["dead.pdf"]


def test_each_folder_has_its_own_library_toml(tmp_path: Path) -> None:
    for name in ("one", "two"):
        touch(tmp_path / name / "a.pdf")
        (tmp_path / name / "library.toml").write_text(f'["a.pdf"]\ntitle = "{name}"\n')
    titles = [book.facts.title for book in find_books([tmp_path]).books if book.facts]
    assert titles == ["one", "two"]


def test_an_entry_without_its_file_is_a_warning(tmp_path: Path) -> None:
    touch(tmp_path / "a.pdf")
    (tmp_path / "library.toml").write_text('["b.pdf"]\ntitle = "B"\n')
    assert "describes b.pdf, which is not there" in find_books([tmp_path]).warnings[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["a.pdf"]\ntitel = "A"', r"unknown key 'titel'. Valid: title, edition"),
        ('["a.pdf"]\nyear = "last"', r"year of \['a.pdf'\].*'last'"),
        ('["a.pdf"]\nsha256 = "abc"', r"sha256 of"),
        ('title = "A"', r'"title" must be a table'),
        ('["a.pdf"]\n["a.pdf"]', r"not valid TOML"),
        ("[", r"not valid TOML"),
        ("\udcff", r"can't be read"),
    ],
)
def test_a_library_toml_that_is_not_valid_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    touch(tmp_path / "a.pdf")
    (tmp_path / "library.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(LibraryUnreadable, match=message):
        find_books([tmp_path])


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.builds(
            BookFacts,
            title=st.text(st.characters(exclude_categories=["Cs"])),
            year=st.none() | st.integers(1500, 2200),
            date=st.none() | st.dates(),
        ),
        max_size=3,
    )
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, facts: dict[str, BookFacts]
) -> None:
    folder = tmp_path_factory.mktemp("library")
    write_library_file(folder, facts)
    assert read_library_file(folder) == facts


def _describe(facts: BookFacts | None, as_read: Book, name: str = "x_1.pdf") -> Book:
    path = Path("/books") / name
    return describe_book(FoundBook(path, path.parent, facts), as_read, name)[0]


def test_library_toml_comes_before_the_pdf_and_the_pdf_before_the_file_name() -> None:
    read = Book("0" * 64, "x_1.pdf", "", "From the PDF", year=2001, publisher="Press")
    book = _describe(BookFacts(title="From library.toml", region="UK"), read)
    assert (book.title, book.year, book.publisher, book.region) == (
        "From library.toml", 2001, "Press", "UK",
    )  # fmt: skip
    assert _describe(None, read).title == "From the PDF"
    assert _describe(None, Book("0" * 64, "x_1.pdf", "", "x_1")).title == "X 1"


def test_the_date_gives_the_year_where_that_is_left_out() -> None:
    facts = BookFacts.model_validate({"date": "2019-05-01"})
    assert _describe(facts, Book("0" * 64, "a.pdf", "", "A")).year == 2019


def test_another_sha256_than_expected_is_a_warning() -> None:
    found = FoundBook(Path("/books/a.pdf"), Path("/books"), BookFacts(sha256="1" * 64))
    assert "another edition?" in describe_book(found, Book("0" * 64, "a", "", "A"), "a.pdf")[1][0]


@pytest.mark.parametrize(
    "title",
    [
        "Microsoft Word - final version.docx", "Untitled-1", "Slide 1", "PowerPoint Presentation",
        "brochure_v7.indd", "Layout 1", "C:\\Users\\me\\book", "/home/me/book", "978924004", "-",
        "", "   ", "Title", "doi:10.1000/182", "PII: S0140-6736", "abc", "leaflet.PDF", "document1",
    ],
)  # fmt: skip
def test_titles_that_a_program_left_are_none(title: str) -> None:
    assert not is_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "WHO labour care guide", "Pregnancy 101", "Cover your cough", "Before, during/after birth",
        "Slides of the annual meeting", "Über Schwangerschaft", "妊娠中の食事", "Printing blood",
    ],
)  # fmt: skip
def test_real_titles_are_kept(title: str) -> None:
    assert is_title(title)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("labour_care-guide_2020.pdf", "Labour care guide 2020"),
        ("eMotherhood.pdf", "EMotherhood"),
        ("a%20good%20book.PDF", "A good book"),
        ("week 37+6.pdf", "Week 37+6"),
        ("_.pdf", "_.pdf"),
    ],
)
def test_a_file_name_makes_a_readable_title(name: str, title: str) -> None:
    assert title_from_file_name(name) == title


def test_namesakes_show_as_much_of_their_folder_as_it_takes() -> None:
    paths = [Path(f"/{p}/guide.pdf") for p in ("a", "b/x", "c/x", "d/x")]
    assert list(name_books(paths).values()) == [
        "guide.pdf", "x/guide.pdf", "c/x/guide.pdf", "d/x/guide.pdf",
    ]  # fmt: skip
