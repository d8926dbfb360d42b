"""Heavy subjects get their own gentle opening and help line; ordinary ones do not."""

from __future__ import annotations

import pytest

from rag.countries import find_country
from rag.events import Tone, Turn
from rag.profile import Profile
from rag.reply.tone import OPENINGS, open_gently, topic_tone


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("I don't want to live anymore", "self-harm"),
        ("i keep thinking about hurting myself", "self-harm"),
        ("My husband hits me when he drinks", "violence"),
        ("I am scared of my boyfriend", "violence"),
        ("I'm 15 and I think I'm pregnant", "under-age"),
        ("can I get the pill without my mum finding out?", "under-age"),
        ("i am in year 10 and my period is late", "under-age"),
        ("I lost my baby at 20 weeks", "loss"),
        ("there was no heartbeat at the scan", "loss"),
        ("What are the signs of a miscarriage?", "loss"),
        ("I want an abortion, how is it done?", "abortion"),
        ("I don't want this baby", "abortion"),
        ("I'm 16 weeks, can I fly?", None),
        ("I am 14 weeks and 3 days", None),
        ("i am 10 cm dilated", None),
        ("My daughter is 14 weeks old", None),
        ("I don't want to keep breastfeeding, how do I stop?", None),
        ("I don't want the baby to be cold at night", None),
        ("he kicks me in the ribs all night", None),
        ("I cut myself shaving down there", None),
        ("I'm dying for a coffee, is one fine?", None),
        ("How much folic acid do I need?", None),
    ],
)
def test_each_subject_has_its_tone(text: str, tone: Tone | None) -> None:
    assert topic_tone(text) == tone


def test_the_line_is_that_of_her_country() -> None:
    lines = {"US": "1-800-799-7233", "GB": "0808 2000 247", "HU": "112"}  # HU: no other is known
    for code, line in lines.items():
        opening = open_gently("My husband hits me", (), None, find_country(code))
        assert line in opening.words


def test_without_a_known_line_the_words_stand_alone() -> None:
    opening = open_gently("I lost my baby", (), None, find_country("NP"))
    assert opening.words == OPENINGS["loss"]


def test_the_words_are_said_once_while_the_line_stays() -> None:
    history = (Turn("user", "I lost my baby at 20 weeks"), Turn("assistant", "…"))
    again = open_gently("I had a miscarriage before too", history, None, find_country("GB"))
    assert again.text == ""
    assert "Sands" in again.line


def test_who_asks_about_a_loss_is_not_told_that_she_had_one() -> None:
    asked = open_gently("What are the signs of a miscarriage?", (), None, find_country("GB"))
    had = open_gently("I had a miscarriage last year", (), None, find_country("GB"))
    assert asked.text.startswith("This is hard to ask")
    assert had.text == OPENINGS["loss"]


def test_danger_is_met_with_the_same_words_each_time() -> None:
    history = (Turn("user", "I want to die"),)
    assert open_gently("I still want to die", history, None, find_country("GB")).text


def test_the_age_on_the_card_stays_in_mind() -> None:
    assert topic_tone("how do I tell anyone?", Profile(age=15)) == "under-age"
    assert topic_tone("how do I tell anyone?", Profile(age=18)) is None
