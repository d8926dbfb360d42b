"""The workshop as a whole: rules, reproducible PDFs, and the books that ship with the project."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pypdf
import pytest

from scripts.books.readability import grade_booklet
from scripts.books.references import read_references, tidy_references
from scripts.books.shelf import ROOT, Shelf
from scripts.books.source import SourceError

SOURCE = ROOT / "corpus" / "source"
BOOKLET = """+++
number = 1
title = "A booklet"
subtitle = "For a test"
edition = "2nd edition"
date = 2026-11-20
region = "international"
licence = "CC-BY-4.0"
authors = "Llama, MD project"
colour = "#336699"
+++

# Folic acid

## How much to take

```asked_as
how much folic acd
how many pills a day
do i need folate
```

Take 400 micrograms a day. [@who-test §2; @cdc-test]

| Who | Amount |
|---|---|
| Most people | 400 µg |

Table: Amounts. [@who-test]

::: warning
Ask your doctor. [@none]
:::

![Weeks.](diagram:trimester-timeline) [@cdc-test]
"""
REFERENCES = """# Every reference.

[cdc-test]
title = "Folic acid"
organisation = "CDC"
year = 2024
page = "https://www.cdc.gov/folic-acid"
checked = "known"

[who-test]
title = "Care"
organisation = "WHO"
year = 2016
identifier = "9789241549912"
checked = "looked-up"
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    source = tmp_path / "source"
    shutil.copytree(SOURCE / "style", source / "style")
    (source / "01-folic-acid.md").write_text(BOOKLET, encoding="utf-8")
    (source / "references.toml").write_text(REFERENCES, encoding="utf-8")
    return Shelf(source=source, books=tmp_path / "books")


def change(shelf: Shelf, old: str, new: str) -> None:
    path = shelf.source / "01-folic-acid.md"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def test_the_same_sources_make_the_same_bytes(shelf: Shelf) -> None:
    assert shelf.build() == shelf.build()


def test_a_second_build_changes_nothing_and_agrees_with_the_sources(shelf: Shelf) -> None:
    assert shelf.write() == ["01-folic-acid.pdf", "library.toml"]
    assert shelf.write() == []
    assert shelf.find_differences() == []


def test_a_changed_source_a_changed_pdf_and_a_stray_pdf_are_noticed(shelf: Shelf) -> None:
    shelf.write()
    (shelf.books / "99-stray.pdf").write_bytes(b"x")
    (shelf.books / "library.toml").write_text("")
    change(shelf, "400 micrograms", "500 micrograms")
    expected = ["01-folic-acid.pdf", "99-stray.pdf", "library.toml"]
    assert shelf.find_differences() == expected
    assert shelf.write() == expected


def test_an_unfinished_booklet_is_told_and_left_out_while_the_others_are_made(shelf: Shelf) -> None:
    unfinished = BOOKLET.replace("[@who-test §2; @cdc-test]", "").replace("folic acd", "folat")
    (shelf.source / "02-unfinished.md").write_text(unfinished, encoding="utf-8")
    with pytest.raises(SourceError, match=r"02-unfinished\.md:23: this paragraph states no source"):
        shelf.write()
    assert (shelf.books / "01-folic-acid.pdf").is_file()
    assert not (shelf.books / "02-unfinished.pdf").exists()
    with pytest.raises(SourceError, match="02-unfinished"):
        shelf.find_differences()


def test_the_pdf_has_outline_labels_metadata_and_questions(shelf: Shelf) -> None:
    reader = pypdf.PdfReader(io.BytesIO(shelf.build()[0]["01-folic-acid.pdf"]))
    assert reader.page_labels[:4] == ["i", "ii", "iii", "1"]
    assert _titles(reader.outline) == [
        "Contents",
        "Folic acid",
        "How much to take",
        "References",
    ]
    assert reader.metadata is not None
    assert reader.metadata.title == "A booklet"
    assert reader.metadata.author == "Llama, MD project"
    assert str(reader.metadata.creation_date).startswith("2026-11-20")
    assert json.loads(reader.attachments["asked_as.json"][0]) == [
        {
            "section": ["Folic acid", "How much to take"],
            "page": 4,
            "questions": ["how much folic acd", "how many pills a day", "do i need folate"],
        }
    ]


def test_reference_numbers_lead_to_the_list_at_the_chapters_end(shelf: Shelf) -> None:
    reader = pypdf.PdfReader(io.BytesIO(shelf.build()[0]["01-folic-acid.pdf"]))
    text = re.sub(r"\s+", " ", "".join(page.extract_text() for page in reader.pages[3:]))
    assert "400 micrograms a day. [1,2]" in text
    assert "1. WHO. Care (9789241549912). 2016. §2." in text
    assert "2. CDC. Folic acid. 2024." in text
    assert "3. WHO. Care (9789241549912). 2016." in text


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("[@who-test §2; @cdc-test]", "[@who-best]", "23: 'who-best' is not in references.toml"),
        (" [@who-test §2; @cdc-test]", "", "23: this paragraph states no source"),
        ("Table: Amounts. [@who-test]", "", "25: this table states no source"),
        ("do i need folate\n", "", "15: section 'How much to take' has 2 asked_as"),
        ("do i need folate", "How much folic acd?", "is asked at"),
        ("diagram:trimester-timeline", "diagram:tmester", "no diagram 'tmester'; there are: "),
    ],
)
def test_a_breach_of_the_rules_is_told_with_its_line(
    shelf: Shelf, old: str, new: str, what: str
) -> None:
    change(shelf, old, new)
    files, problems = shelf.build()
    assert "01-folic-acid.pdf" not in files
    assert any("01-folic-acid.md:" in problem and what in problem for problem in problems)


def test_the_last_item_of_a_list_ends_its_sentence(shelf: Shelf) -> None:
    change(
        shelf, "[@who-test §2; @cdc-test]", "Take:\n\n- one a day\n- none at night [@cdc-test]\n"
    )
    reader = pypdf.PdfReader(io.BytesIO(shelf.build()[0]["01-folic-acid.pdf"]))
    text = re.sub(r"\s+", " ", reader.pages[3].extract_text())
    assert "one a day • none at night. [1]" in text


def test_library_toml_names_each_book_with_the_hash_of_its_bytes(shelf: Shelf) -> None:
    files, _ = shelf.build()
    assert tomllib.loads(files["library.toml"].decode()) == {
        "01-folic-acid.pdf": {
            "title": "A booklet",
            "edition": "2nd edition",
            "publisher": "Llama, MD project",
            "year": 2026,
            "date": "2026-11-20",
            "region": "international",
            "licence": "CC-BY-4.0",
            "sha256": hashlib.sha256(files["01-folic-acid.pdf"]).hexdigest(),
        }
    }


def test_a_document_under_two_keys_is_told(shelf: Shelf) -> None:
    listing = shelf.source / "references.toml"
    text = listing.read_text(encoding="utf-8")
    listing.write_text(text + "\n" + text.partition("\n\n")[2].replace("-test]", "-twin]"))
    _, problems = shelf.build()
    assert len(problems) == 2
    assert "[cdc-test] and [cdc-twin] are the same document" in problems[0]


def test_appended_references_are_sorted_into_place() -> None:
    head, cdc, who = re.split(r"^(?=\[)", REFERENCES, flags=re.MULTILINE)
    assert tidy_references(f"{head}{who}\n\n\n{cdc}") == REFERENCES


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("year = 2024\n", "", "year"),
        ("looked-up", "sure", "sure"),
        ("[who-test]", "[cdc-test]", "not TOML"),
    ],
)
def test_a_wrong_reference_is_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    path = tmp_path / "references.toml"
    path.write_text(REFERENCES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceError, match=what):
        read_references(path)


def test_the_shipped_books_are_what_their_sources_make() -> None:
    assert Shelf().find_differences() == []


def test_the_shipped_books_read_easily() -> None:
    """The aim is grade 8 (`score` shows it); names of medicines and illnesses may cost one more."""
    booklets, _, _ = Shelf().read()
    grades = {booklet.path.stem: grade_booklet(booklet)[1] for booklet in booklets}
    assert grades
    assert {name: grade for name, grade in grades.items() if grade > 9.0} == {}


def test_no_gold_question_is_among_the_questions_of_the_booklets() -> None:
    gold = ROOT / "tests" / "gold" / "questions.jsonl"
    if not gold.is_file():
        pytest.skip("no gold set yet")
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line]
    asked = {
        _fold(q) for booklet in Shelf().read()[0] for _, s in booklet.sections for q in s.asked_as
    }
    golden = {_fold(str(row.get("text") or row.get("question"))) for row in rows}
    assert golden
    assert asked & golden == set()


def _titles(outline: list[Any]) -> list[str]:
    """Bookmarks in order, nested ones too."""
    return [t for o in outline for t in (_titles(o) if isinstance(o, list) else [str(o.title)])]


def _fold(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))
