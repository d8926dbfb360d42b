"""The process that serves: its address, its health, the pages of books, and its command line."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from app.__main__ import app
from app.errors import PortTaken
from app.server import bind

if TYPE_CHECKING:
    from tests.app.conftest import Served


def get(url: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def test_health_says_that_it_lives_what_is_loaded_and_which_index(served: Served) -> None:
    status, kind, body = get(f"{served.url}/healthz")
    assert (status, kind) == (200, "application/json")
    version = (served.folder / "index" / "CURRENT").read_text().strip()
    assert json.loads(body) == {"status": "ok", "ready": True, "index": version}


def test_a_page_of_a_book_is_served_as_an_image(served: Served) -> None:
    book = json.loads((next(served.folder.glob("index/v*")) / "manifest.json").read_text())
    book_id = book["books"][0]["book"]["id"]
    status, kind, body = get(f"{served.url}/book-page/{book_id}/1")
    assert (status, kind) == (200, "image/webp")
    assert body[:4] == b"RIFF"
    assert get(f"{served.url}/book-page/{book_id}/99")[0] == 404


def test_every_answer_forbids_the_browser_to_load_from_elsewhere(served: Served) -> None:
    for path in ("/", "/healthz", "/library"):
        with urllib.request.urlopen(served.url + path, timeout=20) as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_on_loopback_another_host_name_is_refused(served: Served) -> None:
    request = urllib.request.Request(served.url, headers={"Host": "evil.invalid"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request, timeout=20)


@pytest.mark.parametrize("path", ["nobody/1", "..%2F..%2Fetc/1", "%2Fetc%2Fpasswd/1"])
def test_nothing_but_a_book_of_the_index_can_be_named(served: Served, path: str) -> None:
    status, _, body = get(f"{served.url}/book-page/{path}")
    assert status in (400, 404) or b"<html" in body  # or the page itself, never a file
    assert b"root:" not in body


def test_a_free_port_is_found_after_one_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {taken} is in use.*python -m app --port N"):
            bind("127.0.0.1", taken)
        with bind("127.0.0.1", taken, tries=20) as found:
            assert taken < found.getsockname()[1] < taken + 20


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PortTaken, match=r"can't serve on 192\.0\.2\.1"):
        bind("192.0.2.1", 0)


def test_a_taken_port_ends_the_command_with_code_1_and_the_remedy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = CliRunner().invoke(app, ["--port", str(other.getsockname()[1])])
    assert result.exit_code == 1
    assert "python -m app --port N" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("wrong", [["--port", "0"], ["--port", "many"], ["--colour"]])
def test_wrong_usage_ends_with_code_2(wrong: list[str]) -> None:
    assert CliRunner().invoke(app, wrong).exit_code == 2


def test_help_names_the_options() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert "--json" in result.stdout
