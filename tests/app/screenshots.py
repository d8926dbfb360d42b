"""Draws the screenshots of the README: `make screenshots`, or with a page that runs already
`python -m tests.app.screenshots URL [FOLDER]`, where FOLDER is docs/images unless given.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.app.conftest import QUIET, ROOT, Visit

IMAGES = ROOT / "docs" / "images"
ANSWER_S = 150
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def draw_answer(tab: Visit) -> None:
    """An answer, and the page that it stands on."""
    tab.ask("How much folic acid should I take, and until when?", wait_s=ANSWER_S)
    open_first_source(tab.page)


def draw_emergency(tab: Visit) -> None:
    """The banner of a danger sign."""
    tab.ask("I'm 34 weeks and he hasn't kicked since yesterday", wait_s=ANSWER_S)


def draw_medicine(tab: Visit) -> None:
    """A second answer, for the dark theme."""
    tab.ask("Can I take ibuprofen while I am pregnant?", wait_s=ANSWER_S)
    open_first_source(tab.page)


def draw_nothing(tab: Visit) -> None:
    """The first screen as it is."""


def open_first_source(page: Page) -> None:
    page.locator(".chip").first.click()
    page.locator(".mark.quoted").first.wait_for()
    page.locator(".sheet img").evaluate("image => image.decode()")


SHOTS: tuple[tuple[str, Callable[[Visit], None], dict[str, int], str], ...] = (
    ("answer", draw_answer, DESKTOP, "light"),
    ("dark", draw_medicine, DESKTOP, "dark"),
    ("emergency", draw_emergency, {"width": 1100, "height": 760}, "light"),
    ("phone", draw_emergency, PHONE, "light"),
    ("welcome", draw_nothing, {"width": 1100, "height": 760}, "light"),
)


def main() -> None:
    """Draw them with a browser of its own."""
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else IMAGES
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        draw_all(browser, sys.argv[1], folder)
        browser.close()


def draw_all(browser: Browser, url: str, folder: Path = IMAGES) -> None:
    """Every screenshot, of the page at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, act, size, scheme in SHOTS:
        draw(browser, url, folder / f"{name}.png", act, size, scheme)


def draw(
    browser: Browser,
    url: str,
    path: Path,
    act: Callable[[Visit], None],
    size: dict[str, int],
    scheme: str,
) -> None:
    """One screenshot, in a tab of its own."""
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    tab = Visit(context.new_page(), url)
    tab.page.goto(url)
    tab.page.get_by_test_id("stChatInputTextArea").wait_for()
    act(tab)
    tab.page.wait_for_timeout(1500)  # let the last animation end
    picture = Image.open(io.BytesIO(tab.page.screenshot()))
    context.close()
    picture.convert("RGB").quantize(256).save(path, optimize=True)  # a third of the size


if __name__ == "__main__":
    main()
