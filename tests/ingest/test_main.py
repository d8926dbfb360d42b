"""`python -m ingest` as it is used: what it prints where, its exit codes, and how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpus.index import Index
from ingest.__main__ import app
from models.errors import ModelError
from models.late import LateEmbedder
from settings import load_settings
from tests.ingest.printing import print_booklet

pytestmark = pytest.mark.model
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def _embedder_is_here() -> None:
    try:
        LateEmbedder(load_settings())
    except ModelError as error:
        pytest.skip(f"the embedder is not here: {error}")


def run(folder: Path, *arguments: str) -> Result:
    index = ["--index", str(folder / "index"), "--ocr", "never"]
    return CliRunner().invoke(app, [*arguments, *index])


def test_json_stands_alone_on_standard_output_and_says_everything(tmp_path: Path) -> None:
    print_booklet(tmp_path / "books" / "sleep.pdf", "insomnia")
    result = run(tmp_path, str(tmp_path / "books"), "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    (book,) = report["books"]
    assert book | {"title": "", "path": "", "passages": 0, "warnings": []} == {
        "book": "sleep.pdf", "status": "added", "title": "", "path": "", "pages": 2,
        "passages": 0, "ocr_pages": 0, "warnings": [], "error": "", "remedy": "",
    }  # fmt: skip
    assert book["passages"] > 0
    assert report["totals"] == {
        "books": 1, "added": 1, "changed": 0, "unchanged": 0, "removed": 0, "failed": 0,
        "duplicates": 0, "pages": 2, "passages": book["passages"], "ocr_pages": 0,
    }  # fmt: skip
    assert set(report["seconds"]) == {"find", "read", "embed", "write", "total"}
    assert report["published"]
    assert report["version"] == Index.open(tmp_path / "index").version
    assert report["sources"] == [str(tmp_path / "books")]
    assert len(Index.open(tmp_path / "index")) == book["passages"]


def test_a_failed_book_makes_exit_code_1_and_is_named_with_its_remedy(tmp_path: Path) -> None:
    print_booklet(tmp_path / "books" / "sleep.pdf", "insomnia")
    (tmp_path / "books" / "broken.pdf").write_bytes(b"")
    result = run(tmp_path, str(tmp_path / "books"))
    assert result.exit_code == 1
    assert "failed  broken.pdf" in result.stdout
    assert "0 bytes" in result.stdout
    assert "added  sleep.pdf" in result.stdout
    assert "1 books" in result.stdout
    assert "Kept in step with" in result.stdout


def test_a_folder_without_books_makes_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    result = run(tmp_path, str(tmp_path / "books"), "--json")
    assert result.exit_code == 1
    assert "no PDF found" in json.loads(result.stdout)["error"]
    assert "no PDF found" in result.stderr


@pytest.mark.parametrize("arguments", [["/no/such/folder"], ["--ocr", "perhaps"], ["--no-such"]])
def test_wrong_usage_makes_exit_code_2(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["--index", str(tmp_path / "index"), *arguments])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert not (tmp_path / "index").exists()


def test_a_path_that_the_index_remembers_may_be_gone(tmp_path: Path) -> None:
    one = print_booklet(tmp_path / "one.pdf", "insomnia")
    two = print_booklet(tmp_path / "two.pdf", "heartburn")
    assert run(tmp_path, str(one), str(two)).exit_code == 0
    two.unlink()
    result = run(tmp_path, str(one), str(two), "--json")
    assert result.exit_code == 0, result.stderr
    assert {b["book"]: b["status"] for b in json.loads(result.stdout)["books"]} == {
        "one.pdf": "unchanged",
        "two.pdf": "removed",
    }


def test_an_unknown_embedder_lists_the_valid_ones(tmp_path: Path) -> None:
    print_booklet(tmp_path / "books" / "sleep.pdf", "insomnia")
    result = run(tmp_path, str(tmp_path / "books"), "--embedder", "best-of-all")
    assert result.exit_code == 1
    assert "minilm" in result.stderr


def test_help_says_what_becomes_of_the_other_books() -> None:
    text = " ".join(CliRunner().invoke(app, ["--help"]).stdout.split())
    assert "remembers every PATH" in text
    assert "--only" in text


def test_a_second_run_loads_no_torch(tmp_path: Path) -> None:
    books = print_booklet(tmp_path / "books" / "sleep.pdf", "insomnia").parent
    arguments = [str(books), "--index", str(tmp_path / "index"), "--ocr", "never"]
    code = (
        "import sys; from typer.testing import CliRunner; from ingest.__main__ import app\n"
        "assert CliRunner().invoke(app, sys.argv[1:]).exit_code == 0\n"
        "print('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, *arguments]
    loaded = [subprocess.check_output(command, cwd=ROOT, text=True).strip() for _ in range(2)]
    assert loaded == ["True", "False"]


def hear_ctrl_c() -> None:
    """A program that a shell runs in the background is born deaf to SIGINT, and its children too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_stops_amid_a_slow_book_and_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    books = tmp_path / "books"
    print_booklet(books / "sleep.pdf", "insomnia")
    run(tmp_path, str(books))
    version = Index.open(tmp_path / "index").version
    print_booklet(books / "slow.pdf", "heartburn", pages=200)
    ingest = [sys.executable, "-m", "ingest", "--ocr", "always"]
    process = subprocess.Popen(
        [*ingest, str(books), "--index", str(tmp_path / "index")],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    while not list((tmp_path / "index").glob("tmp-*")):
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.01)
    time.sleep(1.0)  # by now a reader is at work
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130, messages.decode()
    assert b"the index is as it was" in messages
    assert b"Traceback" not in messages
    assert Index.open(tmp_path / "index").version == version
