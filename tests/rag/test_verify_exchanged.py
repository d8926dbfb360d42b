"""A word or a phrase in another's place, in a sentence that is otherwise the passage's, withholds it."""

from __future__ import annotations

import pytest

from rag.verify import Verifier
from tests.fakes import HashingEmbedder

PASSAGE = (
    "Contact the unit if you soak more than two pads an hour. The body makes the hormone from about 6 days "
    "after fertilisation. Nipple pain is most common in the first week, and it often comes from a poor latch. "
    "Some tests can be done at home, and many clinics send the results by post. The length of the stay depends on "
    "the reason for the operation. Turning down the drip often helps when the heartbeat is a worry. Thrush is the "
    "second most common infection of the vagina. Ask for help with the latch to prevent sore nipples. "
    "The society advises against the ventouse before 32 weeks. A compress can help to ease the swelling. "
    "See a doctor the same day for pelvic pain with new discharge. "
    "Cells can move to the ovary from other parts of the body."
)


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        (
            "Contact the unit if you soak more than two pads an hour.",
            "Contact the unit if you soak more than one pad an hour.",
        ),
        (
            "The body makes the hormone from about 6 days after fertilisation.",
            "The body makes the hormone from about 6 days after a first week.",
        ),
        ("It often comes from a poor latch.", "Nipple pain rarely comes from a poor latch."),
        ("Some tests can be done at home.", "Most tests can be done at home."),
        (
            "Many clinics send the results by post.",
            "A few clinics send the results by post.",
        ),
        (
            "The length of the stay depends on the reason for the operation.",
            "The length of the stay depends on the place of the operation.",
        ),
        (
            "Turning down the drip often helps when the heartbeat is a worry.",
            "Turning up the drip often helps when the heartbeat is a worry.",
        ),
        (
            "Thrush is the second most common infection of the vagina.",
            "Thrush is the most common infection of the vagina.",
        ),
        (
            "Ask for help with the latch to prevent sore nipples.",
            "Ask for help with the latch to treat sore nipples.",
        ),
        (
            "The society advises against the ventouse before 32 weeks.",
            "The society advises against forceps before 32 weeks.",
        ),
        (
            "A compress can help to ease the swelling.",
            "A compress can completely ease the swelling.",
        ),
        (
            "See a doctor the same day for pelvic pain with new discharge.",
            "Go to an emergency department for pelvic pain with new discharge.",
        ),
        (
            "Cells can move to the ovary from other parts of the body.",
            "Cells can move from the ovary to other parts of the body.",
        ),
    ],
)
def test_one_exchange_withholds_a_sentence(said: str, turned: str) -> None:
    _check_twins(PASSAGE, said, turned)


def _check_twins(passage: str, said: str, turned: str) -> None:
    verifier = Verifier()
    assert verifier.verify(said, passage).supported
    assert not verifier.verify(turned, passage).supported


@pytest.mark.parametrize(
    "sentence",
    [
        "Phone the unit if you soak more than two pads an hour.",
        "From about 6 days after fertilisation the body makes the hormone.",
        "Turning the drip down often helps when the heartbeat is a worry.",
    ],
)
def test_another_order_or_a_like_word_is_no_exchange(sentence: str) -> None:
    refusals = ("not “", "counts", "does not say “")
    reason = Verifier().verify(sentence, PASSAGE).reason
    assert not any(part in reason for part in refusals), reason


CASES = (
    "Take the antibiotic for 7 days, or the syrup for 3 days if you are pregnant. "
    "If the rod is put in within the first 5 days of your period, it works at once; otherwise use condoms for 7 days. "
    "The painkiller taken with food helps many women, but do not take it if you have a stomach ulcer. "
    "Most babies of carriers stay well, but a small number become seriously ill. "
    "At least 7 in 10 women and half of men notice nothing. "
    "The smear is put off until 12 weeks after the birth. "
    "Albacore holds more mercury than other tuna: the advice is one serving of 110 g a week."
)


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        (
            "Take the syrup for 3 days if you are pregnant.",
            "Pregnant women take the antibiotic for 7 days.",
        ),
        (
            "If the rod is put in within the first 5 days of your period, it works at once.",
            "Use condoms for 7 days if the rod is put in within the first 5 days of your period.",
        ),
        (
            "The painkiller taken with food helps many women.",
            "The painkiller can be taken with food if you have a stomach ulcer.",
        ),
        (
            "Most babies of carriers stay well.",
            "Most babies of carriers become seriously ill, but a small number stay well.",
        ),
        (
            "At least 7 in 10 women and half of men notice nothing.",
            "At least 7 in 10 men notice nothing.",
        ),
        (
            "The smear is put off until 12 weeks after the birth.",
            "The smear is put off until 12 weeks of pregnancy.",
        ),
        (
            "For albacore the advice is one serving of 110 g a week.",
            "The advice is one serving of 110 g a week.",
        ),
    ],
)
def test_each_case_keeps_its_own_advice(said: str, turned: str) -> None:
    _check_twins(CASES, said, turned)


STUDIES = (
    "Studies estimate that up to 70 percent of infants with a urine infection have reflux. People who have the "
    "syndrome have a lower than normal number of platelets in their blood. Having a risk factor does not mean that "
    "you will get cancer; not having risk factors doesnt mean that you will not get cancer. WHO recommends an HPV "
    "test every 3 to 5 years for women who live with HIV. In some instances, a person will completely recover "
    "without treatment. Most women go home within three days."
)


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        (
            "Up to 70 percent of infants with a urine infection have reflux.",
            "Up to 70 percent of infants with reflux have a urine infection.",
        ),
        (
            "People who have the syndrome have too few platelets in their blood.",
            "People who have the syndrome have too many platelets in their blood.",
        ),
        (
            "Not having risk factors does not mean that you will not get cancer.",
            "Not having risk factors does mean that you will not get cancer.",
        ),
        (
            "WHO recommends an HPV test every 3 to 5 years for women who live with HIV.",
            "The American Cancer Society recommends an HPV test every 3 to 5 years for women who live with HIV.",
        ),
        (
            "In some instances, a person will completely recover without treatment.",
            "Most people will completely recover without treatment.",
        ),
        ("Most women go home within three days.", "Most women go home within three weeks."),
    ],
)
def test_another_bearer_amount_or_adviser_withholds_a_sentence(said: str, turned: str) -> None:
    assert Verifier().verify(said, STUDIES).supported
    assert not Verifier().verify(turned, STUDIES).supported


RUBELLA = "Rubella in the first 12 weeks of pregnancy harms up to 9 in 10 babies; after 20 weeks damage is rare."


def test_each_statement_that_semicolons_part_must_hold_by_itself() -> None:
    kept = (
        "Rubella in the first 12 weeks harms up to 9 in 10 babies; after 20 weeks damage is rare."
    )
    turned = (
        "Rubella after 20 weeks harms up to 9 in 10 babies; in the first 12 weeks damage is rare."
    )
    assert Verifier().verify(kept, RUBELLA).supported
    assert not Verifier().verify(turned, RUBELLA).supported


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("Dark stools are harmless.", True),
        ("Dark stools while you are taking iron are not harmless.", False),
        ("If you take iron, dark stools aren't harmless.", False),
        ("Dark stools when you are taking iron are never harmless.", False),
    ],
)
def test_a_denial_after_a_clause_inside_counts_for_the_sentence(
    sentence: str, supported: bool
) -> None:
    passage = "Take one iron tablet a day. Some women get dark stools; dark stools are harmless."
    verifier = Verifier(HashingEmbedder())
    assert verifier.verify(sentence, passage).supported is supported
