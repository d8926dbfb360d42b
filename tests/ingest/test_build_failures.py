"""What fails alone, what stays of it, and what stops an ingest without harm to the index."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from corpus.errors import IndexMissing
from ingest.build import IngestOptions, ingest
from ingest.errors import OcrUnavailable
from tests.ingest.desk import EMBEDDER, Desk, row_of, statuses
from tests.ingest.printing import print_booklet


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_broken_book_fails_alone(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    (desk.books / "empty.pdf").write_bytes(b"")
    (desk.books / "page.pdf").write_bytes(b"<html>not a book</html>")
    report = desk.ingest()
    assert report.failed
    assert statuses(report) == {"empty.pdf": "failed", "page.pdf": "failed", "sleep.pdf": "added"}
    for name in ("empty.pdf", "page.pdf"):
        row = row_of(report, name)
        assert name in row.error
        assert row.remedy
        assert row.passages == 0
    assert desk.finds("insomnia") == ["sleep.pdf"]


def test_copies_of_a_broken_book_are_all_named(desk: Desk) -> None:
    for name in ("one.pdf", "two.pdf"):
        (desk.books / name).write_bytes(b"<html>not a book</html>")
        (desk.books / f"empty {name}").write_bytes(b"")
    report = desk.ingest()
    assert statuses(report) == dict.fromkeys(
        ["one.pdf", "two.pdf", "empty one.pdf", "empty two.pdf"], "failed"
    )


def test_a_file_name_that_is_not_utf8_fails_alone_and_can_be_printed(desk: Desk) -> None:
    book = print_booklet(desk.books / "sleep.pdf", "insomnia")
    odd = os.path.join(os.fsencode(desk.books), b"caf\xe9.pdf")
    with open(odd, "wb") as stream:
        stream.write(book.read_bytes() + b"\n% other bytes")
    report = desk.ingest()
    assert statuses(report) == {"caf?.pdf": "failed", "sleep.pdf": "added"}
    assert row_of(report, "caf?.pdf").remedy == "Rename the file."
    json.dumps(report.as_json(), ensure_ascii=False).encode()


def test_no_index_is_made_of_nothing_but_failures(desk: Desk) -> None:
    (desk.books / "empty.pdf").write_bytes(b"")
    report = desk.ingest()
    assert (report.failed, report.version, report.published) == (True, "", False)
    with pytest.raises(IndexMissing):
        desk.index()


def test_a_book_that_changed_into_something_broken_leaves_the_index(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    diet = print_booklet(desk.books / "diet.pdf", "heartburn")
    desk.ingest()
    diet.write_bytes(b"half a download")
    report = desk.ingest()
    assert statuses(report) == {"diet.pdf": "failed", "sleep.pdf": "unchanged"}
    assert row_of(report, "diet.pdf").warnings == ("its earlier version left the index",)
    assert desk.finds("heartburn") == []
    again = desk.ingest()
    assert (again.failed, again.published) == (True, False)


def test_a_book_that_cannot_be_read_again_stays_while_its_bytes_are_the_same(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    first = desk.ingest()

    def fail(path: Path) -> None:
        raise OcrUnavailable(f"{path.name} needs OCR.", "Install it.")

    desk.before_reading = fail
    report = desk.ingest(words=50)
    row = row_of(report, "sleep.pdf")
    assert (row.status, row.error, row.remedy) == ("failed", "sleep.pdf needs OCR.", "Install it.")
    assert row.passages == first.totals["passages"]
    assert "stay" in row.warnings[-1]
    assert desk.finds("insomnia") == ["sleep.pdf"]
    desk.before_reading = lambda path: None
    assert statuses(desk.ingest(words=50)) == {"sleep.pdf": "changed"}


def test_a_surprise_in_one_book_does_not_cost_the_others(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    print_booklet(desk.books / "odd.pdf", "heartburn")

    def surprise(path: Path) -> None:
        if path.name == "odd.pdf":
            raise ZeroDivisionError("a page of no width")

    desk.before_reading = surprise
    report = desk.ingest()
    assert statuses(report) == {"odd.pdf": "failed", "sleep.pdf": "added"}
    assert "a page of no width" in row_of(report, "odd.pdf").error


def test_a_book_that_changes_while_it_is_read_is_not_mixed_up(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")

    def replace(path: Path) -> None:
        print_booklet(path, "heartburn")

    desk.before_reading = replace
    report = desk.ingest()
    assert "changed while it was read" in row_of(report, "sleep.pdf").error


def test_an_interrupted_ingest_leaves_the_index_as_it_was(desk: Desk) -> None:
    print_booklet(desk.books / "sleep.pdf", "insomnia")
    version = desk.ingest().version
    print_booklet(desk.books / "diet.pdf", "heartburn")

    class Impatient:
        def start(self, books: int, size: int) -> None: ...
        def book(self, name: str, size: int, passages: int) -> None: ...
        def advance(self, passages: int) -> None:
            raise KeyboardInterrupt

    options = IngestOptions(desk.index_dir, ocr="never")
    with pytest.raises(KeyboardInterrupt):
        ingest([desk.books], options, EMBEDDER, Impatient(), read=desk.read_pdf)
    assert desk.index().version == version
    assert {path.name for path in desk.index_dir.iterdir()} == {".lock", "CURRENT", version}
