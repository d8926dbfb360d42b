"""The page in a real browser, with the scripted assistant: what a person sees and can do."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.scripted import HOSTILE

if TYPE_CHECKING:
    from tests.app.conftest import Served, Visit

pytestmark = pytest.mark.browser
GOLD = Path(__file__).resolve().parents[1] / "gold" / "attacks.jsonl"
Visits = Callable[..., "Visit"]


def wait_until(true: Callable[[], bool], timeout_s: float = 60) -> bool:
    """Whether `true` came true in time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def falls_silent(served: Served, within_s: float = 6) -> bool:
    """Whether the assistant stops speaking: nothing new for a second and a half."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        before = served.spoken
        time.sleep(1.5)
        if served.spoken == before:
            return True
    return False


def test_a_person_asks_reads_opens_the_page_is_warned_and_starts_anew(visit: Visits) -> None:
    tab = visit()
    page = tab.page
    assert page.get_by_role("button", name="Pregnancy").is_visible()

    tab.ask("How much folic acid should I take?", wait=False)
    page.locator(".turn[data-state=running] .sentence").first.wait_for()  # before the rest is there
    page.locator(".action.copy").wait_for()
    assert page.locator(".sentence").count() == 3

    page.locator(".chip").nth(1).click()
    image = page.locator(".sheet img")
    image.wait_for()
    assert wait_until(lambda: image.evaluate("image => image.naturalWidth") >= 1000)
    assert page.locator(".mark.quoted").count() >= 1
    assert "2nd edition" in page.locator(".viewer header").inner_text()
    page.get_by_label("Next page").click()
    page.get_by_text("Page 2 of 3").wait_for()
    page.get_by_role("button", name="Back to the marked passage").click()
    page.get_by_text("Page 1 of 3").wait_for()
    page.keyboard.press("Escape")
    page.locator(".viewer").wait_for(state="detached")

    tab.ask("I am 30 weeks pregnant and bleeding")
    banner = page.locator(".banner.emergency")
    assert banner.get_attribute("role") == "alert"
    assert banner.locator("a.call").get_attribute("href") == "tel:911"
    assert banner.bounding_box()["y"] < page.locator(".said").last.bounding_box()["y"]

    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("what would you like to know").wait_for()
    assert wait_until(lambda: page.locator(".turn").count() == 0)
    assert tab.strayed == []
    assert tab.complaints == []


def test_an_answer_goes_on_through_a_rating_and_a_visit_to_the_library(visit: Visits) -> None:
    tab = visit()
    page = tab.page
    tab.ask("How much folic acid should I take?")
    tab.ask("Tell me a long story", wait=False)
    running = page.locator(".turn[data-state=running]")
    running.locator(".sentence").first.wait_for()
    page.locator(".action.up").first.click()
    page.get_by_text("Anything else").wait_for()
    page.get_by_role("link", name="Library").click()
    page.get_by_text("Every answer comes from these books").wait_for()
    page.get_by_role("link", name="Ask").click()
    before = running.locator(".sentence").count()
    assert wait_until(lambda: running.locator(".sentence").count() > max(before, 3))


def test_stop_ends_the_answer_and_what_stands_stays(visit: Visits, served: Served) -> None:
    tab = visit()
    page = tab.page
    tab.ask("Tell me a long story", wait=False)
    page.locator(".sentence").nth(1).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("You stopped this answer").wait_for()
    assert falls_silent(served)
    assert page.locator(".sentence").count() >= 2
    page.get_by_role("button", name="Answer again").click()
    page.locator(".turn[data-state=running]").wait_for()
    tab.ask("How much folic acid?")  # a new question ends the one that is running
    assert falls_silent(served)


def test_closing_the_tab_ends_the_answer_within_seconds(visit: Visits, served: Served) -> None:
    tab = visit()
    tab.ask("Tell me a long story", wait=False)
    tab.page.locator(".sentence").nth(1).wait_for()
    tab.page.close()
    assert falls_silent(served)


def test_closing_the_tab_on_another_page_ends_the_answer_too(visit: Visits, served: Served) -> None:
    tab = visit()
    tab.ask("Tell me a long story", wait=False)
    tab.page.locator(".sentence").first.wait_for()
    tab.page.get_by_role("link", name="Library").click()
    tab.page.get_by_text("Every answer comes from these books").wait_for()
    tab.page.close()
    assert falls_silent(served)


def test_no_markup_of_a_person_a_model_or_a_book_runs_or_loads_anything(visit: Visits) -> None:
    tab = visit()
    page = tab.page
    tab.ask(f"hostile {HOSTILE}")
    assert "<img src=" in page.locator(".asked").inner_text()
    assert "<script>" in page.locator(".said").inner_text()
    page.locator(".chip").first.click()
    page.locator(".sheet img").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Question or words").fill(HOSTILE)
    page.keyboard.press("Enter")
    page.get_by_text("window.hacked=1").last.wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator("a[href*='evil'], a[href^='javascript'], img[src*='evil']").count() == 0
    assert tab.strayed == []


def test_no_attack_runs_or_loads_anything_when_a_model_echoes_it(visit: Visits) -> None:
    lines = GOLD.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines if '"kind": "markup"' in line]
    assert len(texts) >= 8
    tab = visit()
    tab.ask("echo " + "\n".join(texts))
    assert "onerror=alert(1)" in tab.page.locator(".said").inner_text()
    for tag in ("img[src='x']", "iframe", "svg[onload]", "a[href*=evil]", "style:has-text('evil')"):
        assert tab.page.locator(f".turn {tag}").count() == 0
    assert tab.strayed == []
    assert tab.complaints == []


def test_a_heavy_subject_opens_gently_with_a_line_to_call(visit: Visits) -> None:
    tab = visit()
    tab.ask("I lost my baby at 20 weeks")
    opening = tab.page.locator(".opening")
    assert "I'm so sorry." in opening.inner_text()
    assert opening.locator("a.help").get_attribute("href") == "tel:08081643332"
    assert opening.bounding_box()["y"] < tab.page.locator(".said").bounding_box()["y"]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("folic " * 2000, "more than I can take in at once"),
        ("\N{BABY}" * 10_000, "more than I can take in at once"),
        ("\u202efolic acid\u202c \x07\x1b[31m", "400 micrograms"),
    ],
)
def test_odd_messages_get_a_kind_limit_or_an_answer(
    visit: Visits, message: str, shown: str
) -> None:
    tab = visit()
    tab.ask(message, wait=False)
    tab.page.locator(".said", has_text=shown).wait_for()
    assert "\u202e" not in tab.page.locator(".asked").inner_text()


def test_leave_now_replaces_the_page_and_leaves_nothing_behind(
    visit: Visits, served: Served
) -> None:
    tab = visit()
    page = tab.page
    page.context.route(re.compile("^https:"), lambda route: route.fulfill(body="Weather"))
    tab.ask("How much folic acid should I take?")
    page.get_by_role("button", name="Leave now").click()
    page.get_by_text("Weather").wait_for()
    assert not page.url.startswith(served.url)
    page.go_back()
    assert not page.url.startswith(served.url)
    page.goto(served.url)
    page.get_by_text("what would you like to know").wait_for()
    assert wait_until(lambda: page.locator(".turn").count() == 0)


def test_two_tabs_share_nothing(visit: Visits) -> None:
    one, other = visit(), visit()
    one.ask("How much folic acid should I take?")
    other.page.reload()
    other.page.get_by_text("what would you like to know").wait_for()
    assert other.page.locator(".turn").count() == 0


def test_on_a_phone_all_fits_and_the_page_opens_over_the_conversation(visit: Visits) -> None:
    tab = visit(width=390, height=844, is_mobile=True, has_touch=True, device_scale_factor=2)
    page = tab.page
    tab.ask("I am 30 weeks pregnant and bleeding")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.wait_for_timeout(1500)
    assert 0 < page.locator(".banner.emergency").bounding_box()["y"] < 300  # not scrolled away
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_role("button", name="New conversation").tap()
    page.get_by_text("what would you like to know").wait_for()
    page.get_by_test_id("stExpandSidebarButton").wait_for()  # the sidebar has gone out of the way
    tab.ask("How much folic acid should I take?")
    page.locator(".source").first.tap()
    viewer = page.locator(".viewer")
    viewer.wait_for()
    assert viewer.bounding_box()["width"] == 390
    assert page.get_by_role("button", name="Leave now").is_visible()


def test_with_the_keyboard_alone_a_source_is_opened_and_closed(visit: Visits) -> None:
    tab = visit()
    page = tab.page
    tab.ask("How much folic acid should I take?")
    page.locator(".chip").first.focus()
    page.keyboard.press("Enter")
    page.locator(".viewer").wait_for()
    assert page.get_by_label("Close the page").evaluate("b => b.getRootNode().activeElement === b")
    page.keyboard.press("Escape")
    page.locator(".viewer").wait_for(state="detached")
    chip = page.locator(".chip").first
    assert wait_until(lambda: chip.evaluate("chip => chip.getRootNode().activeElement === chip"))
