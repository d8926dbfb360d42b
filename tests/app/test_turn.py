"""Every state of a reply as the data that its element shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.reply import Reply
from app.views.turn import name_place, turn_data
from corpus.records import Book, Citation, Hit, Passage
from rag.events import Answer, Dropped, Event, Opening, Sentence, Status, Triage

BOOK = Book("b", "b.pdf", "/b.pdf", "Birth", "3rd edition", "WHO", 2022, "international")
PASSAGE = Passage("p", "b", 12, 12, "iv", ("Labour", "Waters"), "Call us. Green water is urgent.")
HIT = Hit(PASSAGE, BOOK, 1.0)
CALL = Sentence("Call us.", (Citation(1, HIT, "Call us."),))
GREEN = Sentence("Green is urgent.", (Citation(1, HIT, "Green water is urgent."),))
NO_SIGN = Triage()
EMERGENCY = Triage("emergency", ("waters", "waters-2"), ("Call now.", "Call now."), ("NHS",))


def draw(
    status: Status, *sentences: Sentence, triage: Triage = NO_SIGN, **more: Any
) -> dict[str, Any]:
    def speak(_: object) -> Iterator[Event]:
        yield triage
        yield from sentences
        yield Answer(status, sentences, triage=triage, **more)

    reply = Reply("My waters broke", speak)
    assert reply.wait(10)
    return turn_data(reply, "999", ready=True, last=True)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("answered", "From the books"),
        ("quoted", "In the books' own words"),
        ("not_in_books", "Not in my books"),
        ("out_of_scope", "Not my subject"),
        ("emergency", "What the books say about this"),
    ],
)
def test_each_status_has_its_own_heading(status: Status, title: str) -> None:
    assert draw(status, CALL)["heading"]["title"] == title


def test_the_books_own_words_are_told_apart_from_the_models() -> None:
    shown = draw("answered", CALL, replace(CALL, quoted=True))["sentences"]
    assert [sentence["quoted"] for sentence in shown] == [False, True]


def test_an_emergency_says_what_to_do_once_and_whom_to_call() -> None:
    banner = draw("emergency", GREEN, triage=EMERGENCY)["banner"]
    assert banner["advice"] == ["Call now."]
    assert banner["call"] == {"label": "Call 999", "number": "999"}
    assert banner["sources"] == "Source: NHS"


def test_an_urgent_sign_has_a_banner_without_the_call_button() -> None:
    banner = draw("answered", CALL, triage=Triage("urgent", ("itch",), ("Call today.",)))["banner"]
    assert banner["level"] == "urgent"
    assert banner["call"] is None


def test_two_quotes_of_one_passage_are_one_source_with_its_own_place_each() -> None:
    data = draw("answered", CALL, GREEN)
    assert [source["n"] for source in data["sources"]] == [1]
    assert [mark["at"] for line in data["sentences"] for mark in line["marks"]] == [[0, 0], [1, 0]]


def test_a_source_shows_title_edition_year_region_section_and_printed_page() -> None:
    (source,) = draw("answered", CALL)["sources"]
    assert source["title"] == "Birth"
    assert source["about"] == "3rd edition · WHO · 2022 · international"
    assert source["where"] == "Labour › Waters · page iv"
    assert name_place(Hit(Passage("p", "b", 3, 3, "", (), "x"), BOOK, 1.0)) == "page 3"


def test_what_is_copied_carries_the_advice_the_answer_and_its_sources() -> None:
    copied = draw("emergency", GREEN, triage=EMERGENCY)["copy"]
    assert copied.index("My waters broke") < copied.index("Call now.") < copied.index("[1] Birth")


def test_the_nearest_sections_are_offered_where_the_books_are_silent() -> None:
    data = draw("not_in_books", Sentence("No."), nearest_sections=("Labour › Waters",))
    assert data["nearest"] == ["Labour › Waters"]
    assert data["sources"] == []


def test_what_was_left_out_of_an_answer_is_admitted() -> None:
    answer = Answer("answered", (CALL,))
    reply = Reply("q", lambda _: iter([Triage(), Dropped("x", "no"), CALL, answer]))
    assert reply.wait(10)
    note = turn_data(reply, "999", ready=True, last=True)["heading"]["note"]
    assert "one drafted sentence did not hold" in note


def test_a_failed_reply_shows_its_problem_and_cannot_be_rated() -> None:
    reply = Reply("q", lambda _: iter([Triage()]))
    assert reply.wait(10)
    data = turn_data(reply, "999", ready=True, last=True)
    assert data["heading"]["title"] == "I could not answer"
    assert data["sentences"][-1]["text"] == reply.problem
    assert not data["rateable"]


def test_fear_is_met_gently_and_whoever_may_be_watched_is_shown_the_way_out() -> None:
    triage = Triage("emergency", ("violence", "bleeding-unknown"), ("Call.",), ("WHO",))
    banner = draw("emergency", triage=triage)["banner"]
    assert banner["title"].startswith("You are not alone")
    assert "Leave now" in banner["notes"][0]
    assert "This can't wait" in draw("emergency", GREEN, triage=EMERGENCY)["banner"]["title"]


def draw_opening(opening: Opening, triage: Triage = NO_SIGN) -> dict[str, Any]:
    reply = Reply("q", lambda _: iter([triage, opening, CALL, Answer("quoted", (CALL,))]))
    assert reply.wait(10)
    return turn_data(reply, "999", ready=True, last=True)


def test_a_gentle_opening_shows_its_line_as_a_call() -> None:
    data = draw_opening(Opening("loss", "I'm so sorry.", "Call:", "0808 164 3332 (Sands)"))
    assert data["opening"]["text"] == "I'm so sorry."
    assert data["opening"]["number"] == "0808 164 3332"
    assert data["opening"]["note"] == ""
    assert "Sands" in data["copy"]


def test_a_banner_of_fear_says_no_word_twice_and_has_the_line_to_press() -> None:
    triage = Triage("emergency", ("suicide",), ("Call 988 now.",), ("WHO",))
    data = draw_opening(Opening("self-harm", "You matter.", "Now:", "988 (Lifeline)"), triage)
    assert data["banner"]["lines"] == [{"label": "Call 988", "number": "988"}]
    assert data["opening"] is None


def test_whoever_may_be_watched_sees_the_way_out_without_an_emergency_too() -> None:
    opening = draw_opening(Opening("violence", "You deserve to be safe."))["opening"]
    assert "Leave now" in opening["note"]
    assert opening["line"] == ""


def test_where_books_differ_each_statement_carries_the_name_of_its_book() -> None:
    citation = Citation(1, HIT, "Call us.")
    told = Sentence("Call us.", (citation,), BOOK.full_title)
    data = draw("answered", CALL, Sentence("Books differ here:"), told)
    label = "Birth (3rd edition · WHO · 2022 · international)"
    assert [line["book"] for line in data["sentences"]] == ["", "", label]
    assert data["sentences"][2]["marks"][0]["label"] == f"{label}, Labour › Waters · page iv"
    assert f"Books differ here: {label}: “Call us.” [1]" in data["copy"]
    assert f"[1] {label}, Labour › Waters · page iv" in data["copy"]
