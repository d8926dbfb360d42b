"""What triage makes of messages: negation, time, questions, other meanings, other people, several turns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.events import Turn
from rag.profile import Profile
from rag.signs.rules import load_rules
from rag.triage import triage


def level_of(*turns: str) -> str:
    history = [Turn("user", turn) for turn in turns[:-1]]
    return triage(turns[-1], history).level


@pytest.mark.parametrize(
    "text",
    [
        "I'm bleeding heavily at 12 weeks",
        "he hasn't kicked since yesterday, 34 wks",
        "not only bleeding but terrible cramps, 9 weeks pregnant",
        "no pain, but my baby isn't moving, 35 weeks",
        "i cant stop bleeding and im pregnant",
        "is it normal that I'm soaking a pad an hour at 10 weeks?",
        "my wife is 36 weeks and having a seizure",
        "im 9wks preg and bleding realy bad",
        "bp is 165/112 and I'm 33 weeks",
        "my three week old has a temperature of 38.6",
        "I want to kill myself",
        "my husband beats me",
        "the whole toilet bowl is red, I'm nine weeks",
        "I can't say two words without gasping",
        "watched a birth video and now I am bleeding heavily, 20 weeks",
        "is it normal to bleed so much after the birth that I can't leave the bathroom",
        "my stepdad comes into my room at night and does things to me",
        "I had pre-eclampsia last time and today I have a bad headache and see stars, 31 weeks",
    ],
)
def test_a_sign_that_is_had_now_is_an_emergency(text: str) -> None:
    assert level_of(text) == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "it burns when I pee, 20 weeks",
        "my palms and soles itch at night, 33 weeks",
        "a little brown spotting at 7 weeks, no pain",
        "the condom broke last night",
        "I'm 15 weeks and my nephew has chickenpox",
        "bp 146/93 at 30 weeks, feel fine",
        "my spiral is still inside and the stick shows two lines",
        "he controls my money and reads my messages",
        "I feel flat every day since the birth but I would never hurt myself",
        "I've felt low for weeks since the birth, no thoughts of harming myself",
    ],
)
def test_a_sign_that_can_wait_until_today_is_urgent(text: str) -> None:
    assert level_of(text) == "urgent"


@pytest.mark.parametrize(
    "text",
    [
        "no bleeding, no pain, no fever, just wondering about my next scan",
        "what are the signs of pre-eclampsia?",
        "In my last pregnancy I bled at 8 weeks, will it happen again?",
        "what if my waters break early?",
        "my gums bleed when I brush",
        "my back is killing me",
        "is breaststroke ok at 20 weeks",
        "in the novel the heroine bleeds to death in childbirth",
        "nursing exam: causes of postpartum haemorrhage",
        "my aunt died of sepsis after birth in 1970",
        "bp was 118/72 today",
        "he never hits me, we argue about the dishes",
        "my hips kill me on the stairs, 28 weeks",
        "could that count as abuse?",
        "will a sunny window cure his yellow colour?",
        "how often do women die in childbirth",
        "he won't stop dancing in there, 30 weeks",
        "no pain, baby moving lots, 31 weeks",
        "a bit breathless on the stairs, fine when I rest, 33 weeks",
        "work is bleeding me dry",
        "how long will I be pushing?",
        "thank you",
    ],
)
def test_no_sign_is_no_alarm(text: str) -> None:
    assert level_of(text) == "none"


def test_signs_spread_over_turns_count_together() -> None:
    assert (
        level_of("i'm 31 weeks", "headache since yesterday", "and now I see stars") == "emergency"
    )


def test_an_old_message_alone_raises_nothing() -> None:
    assert (
        level_of("my baby stopped moving, 34 weeks", "they checked, all is well", "can I eat fish?")
        == "none"
    )


@pytest.mark.parametrize(
    "next_message", ["can I eat fish?", "I like bananas, which foods have iron?"]
)
def test_an_emergency_stays_visible_beside_a_harmless_next_message(next_message: str) -> None:
    found = triage(next_message, [Turn("user", "I'm bleeding heavily and I'm 12 weeks")])
    assert found.level == "urgent"
    assert "bleeding-pregnancy" in found.signs
    assert found.advice[0].startswith("You wrote of this earlier")


@pytest.mark.parametrize(
    "seen_to",
    [
        "they scanned me, the heartbeat is there",
        "the bleeding stopped",
        "I was seen by the midwife",
    ],
)
def test_an_emergency_that_was_seen_to_is_shown_no_more(seen_to: str) -> None:
    turns = ("I'm bleeding heavily and I'm 12 weeks", seen_to, "which foods have iron?")
    assert level_of(*turns) == "none"


def test_a_wish_to_die_stays_visible_whatever_follows() -> None:
    turns = ("I want to kill myself", "I'm fine now", "how do I make pancakes?")
    assert level_of(*turns) == "urgent"


def test_a_sign_in_the_newest_message_is_an_emergency_again() -> None:
    assert (
        level_of("I'm bleeding heavily and I'm 12 weeks", "it's gushing blood now") == "emergency"
    )


def test_what_the_card_knows_sets_the_threshold() -> None:
    early, term = Profile(pregnant=True, weeks=31.0), Profile(pregnant=True, weeks=39.0)
    assert triage("my waters broke, clear fluid", profile=early).level == "emergency"
    assert triage("my waters broke, clear fluid", profile=term).level == "urgent"


def test_advice_names_the_number_of_her_country() -> None:
    advice = triage("I have chest pain", profile=Profile(country="GB")).advice
    assert any("999" in line for line in advice)


def test_an_emergency_tells_what_to_do_and_who_says_so() -> None:
    found = triage("I can't breathe, 30 weeks")
    assert found.signs
    assert found.advice
    assert found.sources


@pytest.mark.parametrize(
    "rule", [r for r in load_rules() if r.level == "emergency"], ids=lambda r: r.id
)
def test_examples_of_an_emergency_rule_are_emergencies(rule: object) -> None:
    told = (
        Profile(pregnant=True, weeks=30.0)
        if rule.who & {"pregnant", "told pregnant"}
        else Profile()
    )  # type: ignore[attr-defined]
    if rule.who & {"after birth"} and not told.pregnant:  # type: ignore[attr-defined]
        told = Profile(pregnant=False, days_after_birth=5.0, baby_days=5.0)
    if rule.who == {"newborn"}:  # type: ignore[attr-defined]
        told = Profile(pregnant=False, days_after_birth=5.0, baby_days=5.0)
    missed = [e for e in rule.examples if triage(e, profile=told).level != "emergency"]  # type: ignore[attr-defined]
    assert missed == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_a_level(text: str) -> None:
    assert triage(text).level in ("emergency", "urgent", "none")


@pytest.mark.parametrize(
    "text", ["🤰" * 10_000, "a" * 50_000, "\u202e\u0000\u200b", "", "? . , !" * 3000]
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    assert triage(text).level == "none"
