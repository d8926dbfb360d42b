"""The door is shut: what would leave this machine is refused, what stays on it is not."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen import canvas

from settings import ROOT
from tests.offline import NetworkRefused


def test_a_foreign_address_and_a_foreign_name_are_refused() -> None:
    with pytest.raises(NetworkRefused, match="network off"), socket.socket() as door:
        door.connect(("192.0.2.1", 80))  # TEST-NET-1, RFC 5737
    with pytest.raises(NetworkRefused):
        socket.create_connection(("books.example", 80))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.mark.model
def test_the_whole_road_runs_with_the_network_off(tmp_path: Path) -> None:
    book, index = tmp_path / "books" / "iron.pdf", str(tmp_path / "index")
    book.parent.mkdir()
    page = canvas.Canvas(str(book))
    page.drawString(72, 740, "Iron in pregnancy")
    page.drawString(72, 710, "Take iron tablets with orange juice, because vitamin C helps.")
    page.save()
    _run_offline("ingest", str(book), "--index", index, "--only", "--json")
    answer = _run_offline(
        "rag", "ask", "What helps iron tablets in pregnancy?", "--index", index, "--json"
    )
    assert answer["status"] in {"answered", "quoted", "not_in_books"}
    assert answer["triage"]["level"] == "none"


def _run_offline(*arguments: str) -> Any:
    """A module of ours in a process whose door is shut; its JSON."""
    command = [sys.executable, "-m", "tests.offline", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.model
def test_an_answer_from_the_fetched_models_needs_no_network() -> None:
    code = (
        "from tests.offline import refuse_network; refuse_network()\n"
        "from models.embedder import load_embedder; from models.language import load_chat_model\n"
        "from settings import Settings\n"
        "print(load_embedder().encode(['iron']).shape)\n"
        "model = load_chat_model(Settings(max_answer_tokens=16))\n"
        "print(len(str(model.invoke('Name a fruit.', max_tokens=4).content)) > 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["(1, 384)", "True"], done.stderr
