"""The pages run by Streamlit's own test driver, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app.resources
from app.resources import Desk, Speaker, open_desk
from app.session import Session
from corpus.errors import IndexMissing
from rag.events import Turn
from settings import Settings
from tests.app.scripted import ScriptedAssistant, make_desk

MAIN = Path(app.resources.__file__).with_name("main.py")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield open_desk(make_desk(tmp_path, pause_s=0))
    app.resources._desk = None


def start() -> AppTest:
    driver = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert not driver.exception
    return driver


def session_of(driver: AppTest) -> Session:
    found = driver.session_state["session"]
    assert isinstance(found, Session)
    return found


def ask(driver: AppTest, question: str) -> None:
    driver.chat_input(key="question").set_value(question).run()
    assert session_of(driver).replies[-1].wait(20)
    driver.run()
    assert not driver.exception


def test_the_first_screen_offers_four_questions_and_says_what_it_is_not(desk: Desk) -> None:
    driver = start()
    examples = [button for button in driver.button if (button.key or "").startswith("example-")]
    assert len(examples) == 4
    words = " ".join(text.value for text in driver.text)
    assert "not a doctor" in words
    assert "call 911" in words


def test_an_example_is_asked_with_one_click(desk: Desk) -> None:
    driver = start()
    driver.button(key="example-0").click().run()
    assert "folic acid" in session_of(driver).replies[0].question


def test_a_follow_up_is_asked_with_what_was_said_before(desk: Desk) -> None:
    driver = start()
    ask(driver, "How much folic acid? I am 10 weeks pregnant")
    ask(driver, "and later?")
    assistant = desk.assistant()
    assert isinstance(assistant, ScriptedAssistant)
    question, history, profile = assistant.heard[-1]
    assert question == "and later?"
    assert history[0] == Turn("user", "How much folic acid? I am 10 weeks pregnant")
    assert history[1].role == "assistant"
    assert profile.weeks == 10


def test_the_card_is_cleared_and_the_conversation_forgotten_on_request(desk: Desk) -> None:
    driver = start()
    ask(driver, "I am 30 weeks pregnant, how much folic acid?")
    driver.button(key="told-clear").click().run()
    assert session_of(driver).profile.weeks is None
    assert len(session_of(driver).replies) == 1
    session_of(driver).forget()
    assert not session_of(driver).replies


def test_what_the_card_corrects_is_what_the_next_question_carries(desk: Desk) -> None:
    driver = start()
    ask(driver, "I am 30 weeks pregnant, how much folic acid?")
    driver.number_input[0].set_value(31).run()
    assert session_of(driver).profile.weeks == 31


def test_the_country_decides_the_number(desk: Desk) -> None:
    driver = start()
    driver.selectbox(key="country").set_value("GB").run()
    assert session_of(driver).profile.country == "GB"
    assert "call 999" in " ".join(text.value for text in driver.text)


def test_without_an_index_the_library_says_what_to_do(desk: Desk, tmp_path: Path) -> None:
    empty = desk.settings.model_copy(update={"index_dir": tmp_path / "nothing"})
    open_desk(Desk(empty, lambda _settings: desk.assistant()))

    def library() -> None:
        from app.resources import desk
        from app.session import current_session
        from app.views.library import show_library

        show_library(current_session(desk()), desk())

    driver = AppTest.from_function(library, default_timeout=30).run()
    assert driver.code[0].value == "python -m ingest"
    assert not driver.exception


def test_the_search_page_names_edition_publisher_year_and_region_of_every_hit(desk: Desk) -> None:
    def search() -> None:
        from app.resources import desk
        from app.session import current_session
        from app.views.search import show_search

        show_search(current_session(desk()), desk())

    driver = AppTest.from_function(search, default_timeout=30).run()
    driver.text_input(key="search-words").set_value("folic acid").run()
    assert not driver.exception
    shown = [str(block.proto) for block in driver.get("html")]
    heads = [text for text in shown if "Before and after the birth" in text]
    assert len(heads) == 3
    assert all("2nd edition · Test Press · 2026 · international" in head for head in heads)


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("International", "those of the region “International” come first"),
        ("UK", "but no book has it. There are: international."),
    ],
)
def test_the_library_says_which_region_is_preferred(desk: Desk, region: str, said: str) -> None:
    from app.views.library import say_preference

    assert said in say_preference(region, desk.index())


def test_nothing_of_a_conversation_is_written_to_disk(desk: Desk, tmp_path: Path) -> None:
    driver = start()
    ask(driver, "My name is Zzyzx and I am bleeding")
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not any(b"Zzyzx" in content for content in written)


def test_a_danger_sign_is_seen_even_where_no_model_loads(desk: Desk) -> None:
    def fail(_: Settings) -> Speaker:
        raise IndexMissing("there is no index")

    open_desk(Desk(desk.settings, fail))
    driver = start()
    ask(driver, "I am 30 weeks pregnant and bleeding heavily")
    reply = session_of(driver).replies[0]
    assert reply.state == "failed"
    assert reply.triage.level == "emergency"
