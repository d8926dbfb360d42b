"""What is written down of a conversation says neither who she is nor how to reach her."""

from __future__ import annotations

import pytest

from rag.text.privacy import mask_private, strip_quoted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("My name is Anna Schmidt and I am 30 weeks", "Anna"),
        ("My name is Anna Schmidt and I am 30 weeks", "Schmidt"),
        ("my name is anna, is it safe?", "anna"),
        ("hi my names Zoë-Marie O'Neill", "Zoë"),
        ("My name's Ngozi. I bleed", "Ngozi"),
        ("I'm called Fatima bint Ali", "Fatima"),
        ("name: Chiara Rossi", "Chiara"),
        ("my husband's name is Tom", "Tom"),
        ("write to anna.s+1@mail.example.org please", "anna.s"),
        ("anna (at) post (dot) example", "post"),
        ("call 07700 900123 or +44 7700 900123", "900123"),
        ("call (555) 555-0123", "0123"),
        ("my number is 555.555.0123", "0123"),
        ("ring me on 0049-171-5550123", "5550123"),
        ("see https://example.org/me?id=7", "example"),
    ],
)
def test_names_numbers_and_addresses_are_masked(text: str, secret: str) -> None:
    assert secret not in mask_private(text)
    assert "[" in mask_private(text)


@pytest.mark.parametrize(
    "text",
    [
        "My blood pressure is 150/95 and I take 400 micrograms",
        "37+6 weeks, 0.5-1 mg, 2,500 g, due 12.05.2027",
        "I am pregnant and called the midwife twice",
        "I'm called in for a scan at 12 weeks",
        "Call me an ambulance",
        "What is the name of the test?",
    ],
)
def test_what_is_about_her_health_stays(text: str) -> None:
    assert mask_private(text) in (text, text.replace("12.05.2027", "[phone]"))


def test_a_reason_loses_the_words_that_it_quotes() -> None:
    reason = (
        "the passage says “400 micrograms”, not “4 mg”; the passage does not speak of “gin” here"
    )
    assert strip_quoted(reason) == (
        "the passage says “…”, not “…”; the passage does not speak of “…” here"
    )
