"""Versions are written whole or not at all, one writer at a time, and old ones are cleared."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import IndexBusy, IndexUnwritable
from corpus.index import CURRENT, Index
from corpus.manifest import BookEntry, EmbedderId
from corpus.writer import IndexWriter, writing_lock
from tests.corpus.shelf import EMBEDDER, make_book, make_passages, make_vectors, write_labour

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from corpus.writer import writing_lock
with writing_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def _names(folder: Path) -> set[str]:
    """What stands in the folder; versions without the hash of their content."""
    names = (path.name for path in folder.iterdir() if not path.name.startswith("."))
    return {re.sub(r"^(v\d{6})-[0-9a-f]{8}$", r"\1", name) for name in names}


def test_a_second_ingest_is_turned_away_until_the_first_one_dies(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusy, match="another ingest"), writing_lock(tmp_path):
            pass
        holder.kill()
    with writing_lock(tmp_path):
        pass


def test_the_current_version_and_the_one_before_it_are_kept(tmp_path: Path) -> None:
    for _ in range(4):
        write_labour(tmp_path)
    assert _names(tmp_path) == {"CURRENT", "v000003", "v000004"}


def test_two_indexes_that_differ_never_share_a_version_name(tmp_path: Path) -> None:
    write_labour(tmp_path / "one")
    write_labour(tmp_path / "two", asked_as=["how does it feel"])
    versions = {Index.open(tmp_path / name).version for name in ("one", "two")}
    assert len(versions) == 2


def test_what_a_killed_ingest_left_is_cleared(tmp_path: Path) -> None:
    write_labour(tmp_path)
    (tmp_path / "tmp-half").mkdir()
    (tmp_path / "tmp-half" / "passages.sqlite").write_bytes(b"half")
    (tmp_path / "tmp-CURRENT").write_text("v0000")
    (tmp_path / "v000002-0123abcd").mkdir()  # renamed, but never pointed to
    (tmp_path / "notes.txt").write_text("the user's own")
    write_labour(tmp_path)
    assert _names(tmp_path) == {"CURRENT", "v000001", "v000002", "notes.txt"}
    assert Index.open(tmp_path, EMBEDDER, fully=True).version.startswith("v000002-")


def test_a_version_that_is_not_published_leaves_no_trace(tmp_path: Path) -> None:
    write_labour(tmp_path)
    book = make_book("half.pdf")
    made = make_passages(book)

    def stop_half_way() -> None:

        with IndexWriter(tmp_path, EmbedderId.of(EMBEDDER)) as writer:
            writer.add_book(BookEntry(book=book, pages=1), made, make_vectors(made))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert _names(tmp_path) == {"CURRENT", "v000001"}


def test_books_copied_from_an_old_version_are_the_same(tmp_path: Path) -> None:
    write_labour(tmp_path, asked_as=["how does it feel", "what now"])
    old = Index.open(tmp_path)
    book = make_book("before.pdf")
    made = make_passages(book)
    with IndexWriter(tmp_path, EmbedderId.of(EMBEDDER)) as writer:
        writer.add_book(BookEntry(book=book, pages=1), made, make_vectors(made))
        writer.copy_book(old, old.entries[0])
        writer.publish()
    new = Index.open(tmp_path, EMBEDDER, fully=True)
    moved = new.rows_of_book(old.books[0].id)
    assert moved == range(4, 8)
    for row in range(4):
        assert new.passage(moved[row], boxes=True) == old.passage(row, boxes=True)
    before, after = old.vectors_of(range(4)), new.vectors_of(moved)
    assert (before.owners == after.owners).all()
    assert (before.matrix == after.matrix).all()
    assert [row for row, _ in new.search_lexical("epidural", 9)] == [3, 7]


def test_a_folder_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    with (
        pytest.raises(IndexUnwritable, match="--index"),
        writing_lock(tmp_path / "index"),
    ):
        pass


FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from corpus.errors import IndexUnwritable
from tests.corpus.shelf import LABOUR, make_book, make_passages, write_books
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
book = make_book("large.pdf")
try:
    write_books(Path(sys.argv[1]), (book, make_passages(book, LABOUR * 40)))
except IndexUnwritable as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [1, 5_000, 60_000])
def test_a_full_disk_leaves_the_old_index(tmp_path: Path, limit: int) -> None:
    book = write_labour(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(tmp_path), str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "disk space" in run.stdout, run.stderr
    assert Index.open(tmp_path, EMBEDDER, fully=True).books == (book,)
    write_labour(tmp_path)
    assert _names(tmp_path) == {CURRENT, "v000001", "v000002"}
