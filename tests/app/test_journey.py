"""The page with nothing made up: starter library, embedded models, Debian's browser.

What `make chat` serves, asked what the first screen offers.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from app.views.welcome import EXAMPLES
from models.errors import WeightsMissing
from models.registry import find_model
from models.weights import find_weights
from settings import load_settings
from tests.app.conftest import ROOT, serve
from tests.app.screenshots import draw_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.app.conftest import Served, Visit

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.timeout(900)]
PATIENCE_S = 150  # two busy cores, a model that writes 20 to 40 tokens a second
Visits = Callable[..., "Visit"]


def require_weights() -> None:
    """Skip where `make setup` has not fetched the models; in CI it always has."""
    settings = load_settings()
    try:
        for name in (settings.embedder, settings.model):
            find_weights(find_model(name), settings)
    except WeightsMissing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`python -m app` on an index of the starter library: made here, or a copy brought in step."""
    require_weights()
    folder = tmp_path_factory.mktemp("real")
    if (made := load_settings().index_dir).exists():
        shutil.copytree(made, folder / "index")
    environment = os.environ | {"LLAMA_MD_INDEX_DIR": str(folder / "index")}
    ingest = [sys.executable, "-m", "ingest", "corpus/books", "--only"]
    subprocess.run(ingest, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app", "--json", "--port", str(port)]
    yield from serve(command, folder, environment)


def test_each_question_of_the_first_screen_is_answered_with_a_page(
    visit: Visits, real: Served
) -> None:
    for number in range(len(EXAMPLES)):
        tab = visit(real.url)
        tab.page.get_by_role("button", name=EXAMPLES[number][1]).click()
        tab.page.locator(".turn[data-state=done]").wait_for(timeout=PATIENCE_S * 1000)
        assert tab.page.locator(".chip").count() >= 1, EXAMPLES[number]
        tab.page.locator(".chip").first.click()
        tab.page.locator(".mark.quoted").first.wait_for()
        assert tab.strayed == []


def test_an_emergency_and_a_foreign_question_are_told_apart(visit: Visits, real: Served) -> None:
    tab = visit(real.url)
    tab.ask("I'm 30 weeks pregnant and bleeding heavily", wait_s=PATIENCE_S)
    assert tab.page.locator(".banner.emergency a.call").is_visible()
    tab.ask("How do I change the tyre of a car?", wait_s=PATIENCE_S)
    assert tab.page.locator(".turn").last.locator(".chip").count() == 0


@pytest.mark.skipif("LLAMA_MD_SCREENSHOTS" not in os.environ, reason="drawn by: make screenshots")
def test_the_screenshots_of_the_readme_are_drawn(browser: Browser, real: Served) -> None:
    draw_all(browser, real.url)
