"""The catalogue: licence first, downloads that go on where they broke off, and both ways on."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpus.library import find_books, read_library_file
from ingest.catalogue import app, read_catalogue
from ingest.download import download_pdf
from ingest.errors import CatalogueInvalid, DownloadFailed

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4000  # about a megabyte, no real book
WHO_ITEMS = ("9789240045989", "9789240080591", "9789240057142", "9789240017566", "9789241565493")
SHA256 = hashlib.sha256(PDF).hexdigest()


class Shop(BaseHTTPRequestHandler):
    """Serves one file, with ranges; the class attributes are what a test changes."""

    content = PDF
    breaks_off_after: int | None = None  # bytes, once
    ranges: list[str]

    def do_GET(self) -> None:
        shop = type(self)
        if self.path != "/book.pdf":
            self.send_error(404)
            return
        tag = f'"{hashlib.sha256(shop.content).hexdigest()[:8]}"'
        asked = self.headers.get("Range", "")
        shop.ranges.append(asked)
        start = int(asked[6:].rstrip("-")) if asked and self.headers.get("If-Range") == tag else 0
        if start >= len(shop.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(shop.content) - start))
        self.end_headers()
        stop, shop.breaks_off_after = shop.breaks_off_after, None
        self.wfile.write(shop.content[start : None if stop is None else start + stop])
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[tuple[type[Shop], str]]:
    """A server of its own for each test, and the book's address."""
    handler = type("OwnShop", (Shop,), {"ranges": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_port}/book.pdf"
    server.shutdown()
    server.server_close()


def write_catalogue(folder: Path, pdf: str, sha256: str = "") -> Path:
    path = folder / "catalogue.toml"
    path.write_text(
        f"""
        [books.guide]
        title = 'A "guide"'
        publisher = "Office of Tests"
        year = 2024
        region = "US"
        licence = "CC BY 4.0"
        licence_page = "https://creativecommons.org/licenses/by/4.0/"
        page = "https://example.org/guide"
        pdf = "{pdf}"
        sha256 = "{sha256}"
        about = "For tests."
        notice = "Something to weigh."
        [not_open]
        closed = "All rights reserved"
        """
    )
    return path


def run(folder: Path, *arguments: str, typed: str = "") -> Result:
    options = ["--catalogue", str(folder / "catalogue.toml"), "--folder", str(folder / "own")]
    return CliRunner().invoke(app, ["add", *arguments, *options], input=typed)


def test_a_book_is_downloaded_checked_and_described(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    write_catalogue(tmp_path, shop[1], SHA256)
    result = run(tmp_path, "guide", "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    book = tmp_path / "own" / "guide.pdf"
    assert json.loads(result.stdout)["file"] == str(book)
    assert json.loads(result.stdout)["sha256"] == SHA256
    assert book.read_bytes() == PDF
    (found,) = find_books([tmp_path / "own"]).books
    assert found.facts is not None
    assert (found.facts.title, found.facts.sha256) == ('A "guide"', SHA256)
    assert sorted(path.name for path in book.parent.iterdir()) == ["guide.pdf", "library.toml"]


def test_the_licence_and_the_notice_are_shown_before_anything_is_fetched(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    write_catalogue(tmp_path, shop[1])
    result = run(tmp_path, "guide")
    assert result.exit_code == 1
    for shown in ("CC BY 4.0", "Something to weigh.", "--yes", "not accepted"):
        assert shown in result.stderr
    assert shop[0].ranges == []
    assert not (tmp_path / "own").exists()


def test_a_book_that_is_there_is_not_fetched_again(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    write_catalogue(tmp_path, shop[1])
    run(tmp_path, "guide", "--yes")
    result = run(tmp_path, "guide")
    assert result.exit_code == 0
    assert "is already there. Now run: python -m ingest" in result.stdout
    assert len(shop[0].ranges) == 1


def test_other_books_of_the_folder_keep_their_description(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    write_catalogue(tmp_path, shop[1])
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "library.toml").write_text(
        '["mine.pdf"]\ntitle = "Mine \\\\ ü"\ndate = 2020-01-31\n'
    )
    run(tmp_path, "guide", "--yes")
    facts = read_library_file(tmp_path / "own")
    assert set(facts) == {"mine.pdf", "guide.pdf"}
    assert (facts["mine.pdf"].title, str(facts["mine.pdf"].date)) == ("Mine \\ ü", "2020-01-31")


def test_without_an_address_the_page_and_the_place_are_named(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "")
    result = run(tmp_path, "guide", "--yes")
    assert result.exit_code == 0
    assert "https://example.org/guide" in result.stdout
    assert str(tmp_path / "own" / "guide.pdf") in result.stdout
    assert read_library_file(tmp_path / "own")["guide.pdf"].year == 2024


def test_without_a_network_both_ways_on_are_named(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "http://127.0.0.1:9/book.pdf")  # the discard port: nobody answers
    result = run(tmp_path, "guide", "--yes", "--json")
    assert result.exit_code == 1
    assert "can't be reached" in json.loads(result.stdout)["error"]
    assert "python -m ingest.catalogue add guide" in result.stderr
    assert "https://example.org/guide" in result.stderr
    assert "guide.pdf, then run: python -m ingest" in result.stderr


@pytest.mark.parametrize(
    ("name", "expected"), [("gide", "It has: guide"), ("closed", "All rights reserved")]
)
def test_a_name_that_cannot_be_added_is_wrong_usage(
    tmp_path: Path, name: str, expected: str
) -> None:
    write_catalogue(tmp_path, "")
    result = run(tmp_path, name, "--yes")
    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.replace("│", " ").split())


def test_an_unknown_key_in_the_catalogue_is_refused(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, "")
    path.write_text(path.read_text().replace("year", "yeer"))
    with pytest.raises(CatalogueInvalid, match="yeer"):
        read_catalogue(path)


def test_the_catalogue_of_the_project_is_listed_with_licences() -> None:
    result = CliRunner().invoke(app, ["list", "--json"])
    listed = json.loads(result.stdout)
    assert len(listed["books"]) >= 10
    assert all(book["licence"] and book["page"] for book in listed["books"])
    assert all(book["publisher"] and book["region"] for book in listed["books"])
    pages = " ".join(book["page"] for book in listed["books"])
    assert all(item in pages for item in WHO_ITEMS)
    assert {"nice", "rcog", "acog", "who-antenatal-care-2016"} <= set(listed["not_open"])
    assert CliRunner().invoke(app, ["list"]).stdout.count("CC BY-NC-SA 3.0 IGO") == 5


# downloads


def test_a_download_that_broke_off_goes_on_where_it_stopped(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    handler, url = shop
    handler.breaks_off_after = 300_000
    assert download_pdf(url, tmp_path / "book.pdf") == SHA256
    assert handler.ranges[0] == ""
    assert 0 < int(handler.ranges[1].removeprefix("bytes=").rstrip("-")) <= 300_000
    assert [path.name for path in tmp_path.iterdir()] == ["book.pdf"]


def test_the_next_call_goes_on_too_unless_the_file_has_changed(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    handler, url = shop
    target, partial = tmp_path / "book.pdf", tmp_path / "book.pdf.part"
    partial.write_bytes(PDF[:1000])
    (tmp_path / "book.pdf.part.tag").write_text(f'"{SHA256[:8]}"')
    download_pdf(url, target, SHA256)
    assert handler.ranges == ["bytes=1000-"]
    assert target.read_bytes() == PDF

    partial.write_bytes(b"%PDF of another state of the file")
    (tmp_path / "book.pdf.part.tag").write_text('"other"')
    download_pdf(url, target, SHA256)
    assert target.read_bytes() == PDF


def test_a_rest_of_unknown_origin_is_not_built_upon(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    (tmp_path / "book.pdf.part").write_bytes(b"%PDF from who knows where")
    download_pdf(shop[1], tmp_path / "book.pdf")
    assert shop[0].ranges == [""]
    assert (tmp_path / "book.pdf").read_bytes() == PDF


def test_a_download_that_is_complete_but_unnamed_is_accepted(
    tmp_path: Path, shop: tuple[type[Shop], str]
) -> None:
    (tmp_path / "book.pdf.part").write_bytes(PDF)
    (tmp_path / "book.pdf.part.tag").write_text(f'"{SHA256[:8]}"')
    assert download_pdf(shop[1], tmp_path / "book.pdf", SHA256) == SHA256


@pytest.mark.parametrize(
    ("path", "content", "sha256", "message"),
    [
        ("/book.pdf", PDF, "0" * 64, "expected 0000"),
        ("/book.pdf", b"<html>sign in</html>", "", "not a PDF"),
        ("/elsewhere.pdf", PDF, "", "answered 404"),
        ("/book.pdf", PDF + b"x" * 3_000_000, "", "allowed"),
    ],
)
def test_what_is_not_the_book_is_thrown_away(
    tmp_path: Path,
    shop: tuple[type[Shop], str],
    path: str,
    content: bytes,
    sha256: str,
    message: str,
) -> None:
    shop[0].content = content
    url = shop[1].replace("/book.pdf", path)
    with pytest.raises(DownloadFailed, match=message):
        download_pdf(url, tmp_path / "book.pdf", sha256, max_bytes=2_000_000)
    assert not (tmp_path / "book.pdf").exists()


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed):
        download_pdf("http://[::1", tmp_path / "book.pdf")


def test_the_list_names_publisher_year_region_and_page_and_what_is_not_open() -> None:
    shown = CliRunner().invoke(app, ["list"]).stdout
    book = "WHO recommendations on maternal health · 2nd edition · World Health Organization · 2025"
    assert f"{book} · international\n" in shown
    assert "https://openstax.org/details/books/nutrition\n" in shown
    not_open = shown.split("Not open")[1]
    for name in ("Hesperian", "Australian", "RCOG", "NICE", "ACOG", "antenatal care"):
        assert name in not_open
