"""The verifier with a proofreader: what it is asked, and what it may and may not change."""

from __future__ import annotations

import pytest

from rag.verify import Verifier
from tests.fakes import HashingEmbedder

PASSAGE = (
    "Folic acid helps a baby's spine to form. Take 400 micrograms of folic acid every day until the end of "
    "week 12. Paracetamol may be taken for pain. Do not take ibuprofen after 20 weeks."
)
SURE, UNSURE, NO = 6.0, 1.0, -2.0


class Proofreader:
    """As sure as it was told to be; keeps what it was asked."""

    def __init__(self, odds: float) -> None:
        self.odds = odds
        self.asked: list[str] = []

    def says(self, sentence: str, passage_text: str, section: str) -> float:
        self.asked.append(sentence)
        return self.odds


def verifier(proofreader: Proofreader) -> Verifier:
    return Verifier(HashingEmbedder(), proofreader=proofreader)


@pytest.mark.parametrize("odds", [SURE, NO])
@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("Do not take ibuprofen after 20 weeks.", True),  # a copy
        ("Take 500 micrograms of folic acid every day until the end of week 12.", False),
        ("You can take ibuprofen after 20 weeks.", False),
    ],
)
def test_nobody_reads_what_is_settled(sentence: str, supported: bool, odds: float) -> None:
    reads = Proofreader(odds)
    assert verifier(reads).verify(sentence, PASSAGE).supported is supported
    assert reads.asked == []


def test_what_the_checks_pass_falls_if_it_says_no() -> None:
    sentence = "Folic acid helps the spine of a baby to form."
    assert verifier(Proofreader(UNSURE)).verify(sentence, PASSAGE).supported
    verdict = verifier(Proofreader(NO)).verify(sentence, PASSAGE)
    assert not verdict.supported
    assert "something else" in verdict.reason
    assert verdict.quote == ""


def test_what_the_words_leave_open_passes_only_if_it_is_sure() -> None:
    sentence = "Folic acid is good for how the backbone of the baby grows."
    doubted = Verifier(HashingEmbedder()).verify(sentence, PASSAGE)
    assert not doubted.supported
    assert verifier(Proofreader(UNSURE)).verify(sentence, PASSAGE) == doubted
    verdict = verifier(Proofreader(SURE)).verify(sentence, PASSAGE)
    assert verdict.supported
    assert verdict.quote == "Folic acid helps a baby's spine to form."


def test_amounts_and_names_are_handed_over_in_the_words_of_the_passage() -> None:
    reads = Proofreader(SURE)
    assert (
        verifier(reads).verify("Take 0.4 mg of folic acid daily until week 12.", PASSAGE).supported
    )
    assert verifier(reads).verify("Acetaminophen may be taken for pain.", PASSAGE).supported
    assert [asked[:40] for asked in reads.asked] == [
        "Take 400 micrograms of folic acid every ",
        "Paracetamol may be taken for pain.",
    ]


def test_an_empty_passage_is_never_read() -> None:
    reads = Proofreader(SURE)
    assert not verifier(reads).verify("Ginger may help with nausea.", "").supported
    assert reads.asked == []
