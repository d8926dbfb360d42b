"""A browser to test the page in, and the page itself, served by a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
# The browser stays off the network by itself; what the page asks for is then all that is asked for.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Served:
    """A page being served, and what its scripted assistant has said so far."""

    url: str
    folder: Path

    @property
    def spoken(self) -> int:
        diary = self.folder / "diary"
        return len(diary.read_text()) if diary.exists() else 0


@dataclass
class Visit:
    """One tab, with the addresses that it asked for and the complaints of its console."""

    page: Page
    url: str
    asked_for: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def strayed(self) -> list[str]:
        """Requests that left the machine."""
        inner = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
        return [address for address in self.asked_for if not address.startswith(inner)]

    def ask(self, question: str, *, wait: bool = True, wait_s: float = 60) -> None:
        self.page.get_by_test_id("stChatInputTextArea").fill(question)
        self.page.keyboard.press("Enter")
        if wait:
            turn = self.page.locator(
                ".turn", has=self.page.locator(".asked", has_text=question[:40])
            )
            turn.last.locator(".action.copy").wait_for(timeout=wait_s * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the test is skipped, but never in CI."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        reason = "there is no chromium; install it with: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page around the scripted assistant."""
    folder = tmp_path_factory.mktemp("library")
    command = [sys.executable, "-m", "tests.app.scripted", str(folder)]
    yield from serve(command, folder)


def serve(
    command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run a server that prints {"url": …} when it takes requests; end it afterwards."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the server ended with code {process.wait()}"
        yield Served(json.loads(line)["url"], folder)
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visit]]:
    """Open tabs, each in a context of its own: `visit(width=390, height=844)`."""
    contexts = []

    def open_tab(url: str = served.url, width: int = 1280, height: int = 860, **more: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        tab = Visit(context.new_page(), url)
        tab.page.set_default_timeout(60_000)
        tab.page.on("request", lambda request: tab.asked_for.append(request.url))
        tab.page.on("websocket", lambda socket: tab.asked_for.append(socket.url))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.goto(url)
        tab.page.get_by_test_id("stChatInputTextArea").wait_for()
        return tab

    yield open_tab
    for context in contexts:
        context.close()
