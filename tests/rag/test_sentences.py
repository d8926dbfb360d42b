"""Sentences are cut at their ends and nowhere else, whole or in pieces; marks are read off them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import CitedSentence, read_citations, split_sentences, stream_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Take 0.5 mg daily. Rest.", ["Take 0.5 mg daily.", "Rest."]),
        (
            "Some foods, e.g. Brie, carry germs. Avoid them.",
            ["Some foods, e.g. Brie, carry germs.", "Avoid them."],
        ),
        ("Eat oily fish, nuts, etc. Avoid shark.", ["Eat oily fish, nuts, etc.", "Avoid shark."]),
        ("You need vitamin C. Oranges have it.", ["You need vitamin C.", "Oranges have it."]),
        ("Ask Dr. Ahmed first. Then wait.", ["Ask Dr. Ahmed first.", "Then wait."]),
        ("The answer is no. Ask again.", ["The answer is no.", "Ask again."]),
        ("Is it safe? Yes! Mostly.", ["Is it safe?", "Yes!", "Mostly."]),
        ("Wait 30 min. Then test.", ["Wait 30 min.", "Then test."]),
        ("The dose is 400 µg (i.e. 0.4 mg) a day.", ["The dose is 400 µg (i.e. 0.4 mg) a day."]),
        ("1. Wash your hands.\n2. Dry them.", ["1. Wash your hands.", "2. Dry them."]),
        (
            "a line that the page\nwraps in its middle. Next.",
            ["a line that the page\nwraps in its middle.", "Next."],
        ),
        (
            "No test is needed over\n45. Under 45 it is.",
            ["No test is needed over\n45.", "Under 45 it is."],
        ),
        ("Drug | Dose\niron | 30 mg", ["Drug | Dose", "iron | 30 mg"]),
        ("Signs are: • fever • pain", ["Signs are:", "• fever", "• pain"]),
        ("Call at once.Wait there.", ["Call at once.", "Wait there."]),
        ("", []),
        ("...", []),
    ],
)
def test_a_passage_is_cut_at_sentence_ends_only(text: str, sentences: list[str]) -> None:
    assert [span.text for span in split_sentences(text)] == sentences


@given(st.text(alphabet="ab A.!?\n|•[]1e", max_size=80))
def test_spans_are_exact_substrings_in_order(text: str) -> None:
    spans = split_sentences(text)
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


DRAFT = (
    "Take 0.5 mg a day. [1][2] Avoid liver [1, 3]. Call e.g. your midwife![2]\n- Rest well [9]\nEnd"
)
CUT = [
    "Take 0.5 mg a day. [1][2]",
    "Avoid liver [1, 3].",
    "Call e.g. your midwife![2]",
    "Rest well [9]",
    "End",
]


def test_marks_stay_with_the_sentence_before_them() -> None:
    assert list(stream_sentences([DRAFT])) == CUT


def test_a_citation_cut_across_two_pieces_stays_whole() -> None:
    assert list(stream_sentences(["Rest. [", "1", "2] Drink."])) == ["Rest. [12]", "Drink."]


@given(st.lists(st.integers(0, len(DRAFT)), max_size=12))
def test_the_cut_does_not_depend_on_the_pieces(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(DRAFT)]
    pieces = [DRAFT[a:b] for a, b in pairwise(edges)]
    assert list(stream_sentences(pieces)) == CUT


@given(st.text(alphabet="ab A.!?\n[]12e,", max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_any_text_is_cut_alike_in_any_pieces(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert list(stream_sentences(pieces)) == list(stream_sentences([text]))


def test_a_sentence_is_given_out_as_soon_as_the_next_begins() -> None:
    pieces = iter(["Rest. ", "Now", " drink"])
    sentences = stream_sentences(pieces)
    assert next(sentences) == "Rest."
    assert next(pieces) == " drink"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Rest [1].", CitedSentence("Rest.", (1,))),
        ("Rest. [1][2]", CitedSentence("Rest.", (1, 2))),
        ("Rest [1, 2] and drink [2].", CitedSentence("Rest and drink.", (1, 2))),
        ("Rest [1-3].", CitedSentence("Rest.", (1, 2, 3))),
        ("Rest [0].", CitedSentence("Rest.", (), (0,))),
        ("Rest [9].", CitedSentence("Rest.", (), (9,))),
        ("Rest [1][9].", CitedSentence("Rest.", (1,), (9,))),
        ("Rest [1-9000000].", CitedSentence("Rest.", (1,), (9000000,))),
        ("Rest.", CitedSentence("Rest.")),
        ("Rest. [1", CitedSentence("Rest.")),
        ("Rest [see page 3].", CitedSentence("Rest [see page 3].")),
    ],
)
def test_citations_are_read_and_taken_off(sentence: str, expected: CitedSentence) -> None:
    assert read_citations(sentence, available=3) == expected
