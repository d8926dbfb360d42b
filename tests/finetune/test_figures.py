"""Figures of answers counted by hand, and a gate that opens only for what is better."""

from __future__ import annotations

from typing import Any

import pytest

from corpus.records import Citation, Hit, Passage
from finetune.measuring.asked import Alone, Asked
from finetune.measuring.candidate import Draft
from finetune.measuring.figures import MARGIN, alone_figures, app_figures, rule
from rag.events import Answer, Dropped, Sentence, Status
from rag.measure.evaluate import GoldQuestion
from rag.prompt import REFUSAL
from tests.finetune.trainees import BOOK, IRON, NEEDED, UNKNOWN

HIT = Hit(Passage("p1", BOOK.id, 1, 1, "1", (), IRON), BOOK, 1.0)


def answered(
    gold: GoldQuestion,
    status: Status,
    *texts: str,
    draft: Draft | None = None,
    dropped: tuple[str, ...] = (),
    seconds: float = 1.0,
) -> Asked:
    citation = Citation(1, HIT, texts[0] if texts else "")
    answer = Answer(
        status,
        tuple(Sentence(text, (citation,)) for text in texts),
        (citation,) if texts else (),
        dropped=tuple(Dropped(reason, reason) for reason in dropped),
        timings_ms={"total": 1000 * seconds, "first_sentence": 500 * seconds},
    )
    return Asked(gold, answer, draft)


SAID = "Pregnant women need 27 mg of iron a day."
ITSELF = Draft(f"{SAID} [1]", 12, "itself")
REFUSED = Draft(REFUSAL, 7, "itself")
QUOTES = [answered(NEEDED, "quoted", "Take iron tablets with water or orange juice.")]


def test_a_written_answer_counts_and_its_withheld_sentences_too() -> None:
    row = app_figures(
        [answered(NEEDED, "answered", SAID, draft=ITSELF, dropped=("cites no passage",))], QUOTES
    )
    assert (row["answered"], row["answered_of_asked"], row["sentences_passed"]) == (1.0, 1.0, 0.5)
    assert (row["facts"], row["facts_where_written"], row["facts_quoted_there"]) == (1.0, 1.0, 0.0)
    assert (row["stops_itself"], row["seconds_median"]) == (1.0, 1.0)


def test_quotes_are_no_sentences_of_the_model() -> None:
    asked = answered(
        NEEDED, "quoted", SAID, draft=Draft("40 mg [1].", 5, "cut"), dropped=("says 40 mg",)
    )
    row = app_figures([asked], QUOTES)
    assert (row["answered"], row["sentences_kept"], row["sentences_passed"]) == (0.0, 0, 0.0)
    assert row["endings"] == {"cut": 1}
    assert row["facts"] == 1.0  # the reader is told all the same
    assert row["facts_where_written"] is None


def test_an_emergency_is_no_refusal_and_does_not_reach_the_model() -> None:
    row = app_figures([answered(NEEDED, "emergency"), answered(NEEDED, "not_in_books")], QUOTES)
    assert (row["emergencies"], row["model_asked"], row["false_refusals"]) == (1, 0, 0.5)
    assert row["answered_of_asked"] is None


def test_right_refusals_are_those_of_the_app_and_of_the_model() -> None:
    asked = [
        answered(UNKNOWN, "not_in_books"),
        answered(UNKNOWN, "out_of_scope"),
        answered(UNKNOWN, "quoted", IRON, draft=REFUSED),
        answered(UNKNOWN, "quoted", IRON, draft=Draft("Gold [1].", 3, "itself"), dropped=("x",)),
        answered(UNKNOWN, "answered", SAID, draft=ITSELF),
    ]
    row = app_figures(asked, [])
    assert (row["right_refusals"], row["refused_by_app"], row["refused_by_model"]) == (
        0.6,
        0.4,
        0.2,
    )
    assert row["wrongly_answered"] == 0.2


def test_a_refusal_of_what_a_book_answers_is_a_false_one() -> None:
    row = app_figures([answered(NEEDED, "quoted", IRON, draft=REFUSED)], QUOTES)
    assert (row["false_refusals"], row["false_refusals_by_model"]) == (1.0, 1.0)


def test_reasons_are_counted_without_the_words_that_they_name() -> None:
    dropped = ("the passage does not say “gold”", "the passage does not say “40 mg”", "cites [7]")
    row = app_figures([answered(NEEDED, "quoted", IRON, draft=ITSELF, dropped=dropped)], QUOTES)
    assert row["dropped_because"] == {"the passage does not say …": 2, "cites …": 1}


def test_alone_the_facts_of_the_bare_answer_are_counted() -> None:
    row = alone_figures([Alone(NEEDED, ITSELF, 2.0), Alone(NEEDED, REFUSED, 4.0)])
    assert (row["facts"], row["questions"], row["seconds_median"]) == (0.5, 2, 2.0)


def test_nothing_asked_gives_no_shares() -> None:
    row = app_figures([], [])
    assert row["answered"] is row["right_refusals"] is row["seconds_median"] is None


BASE = {"answered": 0.1, "sentences_passed": 0.2, "facts": 0.5, "right_refusals": 0.9}


def adapter(**changed: float | None) -> dict[str, Any]:
    return BASE | changed


def test_the_gate_opens_for_what_is_better_and_nowhere_worse() -> None:
    ruling = rule(adapter(answered=0.8), {"base": BASE}, 0.5)
    assert ruling.opens
    assert ruling.reasons == (
        "answerable questions with a written, verified answer 0.800, base 0.100",
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "nothing is better than base"),
        ({"answered": 0.1 + MARGIN / 2}, "nothing is better than base"),
        ({"answered": 0.8, "right_refusals": 0.8}, "refused 0.800, base 0.900"),
        ({"answered": 0.8, "facts": 0.4}, "key facts told 0.400, the quotes 0.500"),
        ({"answered": 0.8, "sentences_passed": None}, "verifier 0.000, base 0.200"),
    ],
)
def test_the_gate_stays_closed_and_names_the_figures(
    changed: dict[str, float | None], why: str
) -> None:
    ruling = rule(adapter(**changed), {"base": BASE}, 0.5)
    assert not ruling.opens
    assert why in "; ".join(ruling.reasons)


def test_worse_within_the_margin_is_no_worse() -> None:
    assert rule(adapter(answered=0.8, facts=0.5 - MARGIN / 2), {"base": BASE}, 0.5).opens


def test_the_adapter_in_service_has_to_be_beaten_too() -> None:
    serving = adapter(answered=0.85)
    ruling = rule(adapter(answered=0.8), {"base": BASE, "in service": serving}, 0.5)
    assert not ruling.opens
    assert "in service 0.850" in "; ".join(ruling.reasons)
