"""A sentence passes when its passage says it, and no changed word of weight gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.measure.safety_verify import NEVER_PASSED, measure_verify, read_verify_cases
from rag.text.sentences import split_sentences
from rag.verify import Verifier, supporting_quote
from tests.fakes import HashingEmbedder

PASSAGE = (
    "Take a tablet of 400 micrograms of folic acid every day until the end of week 12. Women with "
    "diabetes need 5 mg. Ibuprofen should be avoided, and must not be taken after 20 weeks unless a "
    "doctor prescribes it. Paracetamol is the first choice for pain; take no more than 4 g in 24 hours. "
    "Ginger may help with nausea, which affects about 8 in 10 women. Some women need a drip."
)


def _verdict(sentence: str, passage: str = PASSAGE) -> bool:
    return Verifier(HashingEmbedder()).verify(sentence, passage).supported


@pytest.mark.parametrize(
    "sentence",
    [
        "Take a tablet of 400 micrograms of folic acid every day until the end of week 12.",
        "Take 0.4 mg of folic acid daily until the end of week 12.",
        "Acetaminophen is the first choice for pain.",
        "Do not take more than 4000 mg of paracetamol in a day.",
        "About 80% of women have nausea.",
        "Ginger might help with feeling sick.",
        "Women with diabetes need 5 mg of folic acid.",
        "Ginger may help with nausea; some women need a drip.",
    ],
)
def test_what_the_passage_says_passes(sentence: str) -> None:
    assert _verdict(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Take a tablet of 500 micrograms of folic acid every day until the end of week 12.",
        "Take a tablet of 400 mg of folic acid every day until the end of week 12.",
        "Take a tablet of 400 micrograms of folic acid every week until the end of week 12.",
        "Take a tablet of 400 micrograms of folic acid every day after week 12.",
        "Women need 5 mg of folic acid.",
        "Paracetamol should be avoided.",
        "Ibuprofen must not be taken.",
        "Ibuprofen may be taken after 20 weeks.",
        "Ibuprofen is the first choice for pain.",
        "Take at least 4 g of paracetamol in 24 hours.",
        "Ginger will help with nausea.",
        "Ginger does not help with nausea.",
        "All women need a drip.",
        "Nausea affects about 8 in 100 women.",
        "Folic acid prevents pre-eclampsia.",
        "I hope this helps.",
        "Yes.",
        "Please see your midwife.",
        "",
    ],
)
def test_what_the_passage_does_not_say_is_withheld(sentence: str) -> None:
    assert not _verdict(sentence)


def test_numbers_of_two_facts_must_not_be_exchanged() -> None:
    passage = "Take folic acid 400 µg and iron 30 mg every day."
    assert _verdict("Take iron 30 mg every day.", passage)
    assert not _verdict("Take iron 400 µg and folic acid 30 mg every day.", passage)


def test_a_condition_that_is_left_out_refuses() -> None:
    passage = "Brie is safe only if it has been cooked until steaming hot."
    assert _verdict("Brie is safe only if it has been cooked until steaming hot.", passage)
    assert not _verdict("Brie is safe.", passage)


def test_the_heading_may_name_the_subject() -> None:
    verdict = Verifier().verify(
        "Metformin is taken twice a day.", "It is taken twice a day.", section="Metformin"
    )
    assert verdict.supported


def test_items_of_a_list_are_read_with_their_lead() -> None:
    passage = "Avoid these in pregnancy:\n• raw shellfish\n• liver\nCooked fish is safe."
    assert _verdict("Avoid liver in pregnancy.", passage)
    assert not _verdict("Liver is safe.", passage)


def test_a_row_of_a_table_carries_its_own_numbers() -> None:
    passage = "Visit | Week\nAnomaly scan | 18 to 21 weeks\nDating scan | 11 to 14 weeks"
    assert _verdict("The anomaly scan is at 18 to 21 weeks.", passage)
    assert not _verdict("The anomaly scan is at 11 to 14 weeks.", passage)


@pytest.mark.parametrize(
    "sentence", ["Ginger may help with nausea.", "Women with diabetes need 5 mg."]
)
def test_the_quote_is_an_exact_substring(sentence: str) -> None:
    verdict = Verifier().verify(sentence, PASSAGE)
    assert verdict.supported
    assert verdict.quote in PASSAGE
    assert supporting_quote(sentence, PASSAGE) == verdict.quote


def test_a_refusal_names_its_reason() -> None:
    verdict = Verifier().verify("Take 500 micrograms of folic acid every day.", PASSAGE)
    assert not verdict.supported
    assert "500 micrograms" in verdict.reason
    assert verdict.quote == ""


def test_an_empty_passage_supports_nothing() -> None:
    assert not Verifier().verify("Ginger may help with nausea.", "").supported
    assert supporting_quote("Ginger may help with nausea.", "") == ""


@given(st.text(max_size=60), st.text(max_size=120))
def test_any_text_gets_a_verdict(sentence: str, passage: str) -> None:
    verdict = Verifier().verify(sentence, passage)
    assert verdict.supported == bool(verdict.quote)
    assert verdict.reason


@given(st.sampled_from([span.text for span in split_sentences(PASSAGE)]))
def test_the_passages_own_sentences_pass_and_their_denial_does_not(sentence: str) -> None:
    assert Verifier().verify(sentence, PASSAGE).supported
    assert not Verifier().verify(f"It is not true that {sentence.lower()}", PASSAGE).supported


def test_on_the_test_pairs_nothing_dangerous_passes() -> None:
    """The bar of issue 4 on what may never pass, on both halves; the rest is measured by `eval --safety`."""
    halves = measure_verify(read_verify_cases(), Verifier())
    assert set(halves) == {"tune", "report"}
    for counts in halves.values():
        assert counts.total.total() >= 300
        assert sum(counts.passed[False, kind] for kind in NEVER_PASSED) == 0
        assert counts.precision >= 0.96
        assert counts.share_passed(True) >= 0.65


@pytest.mark.parametrize(
    "sentence", ["Smoking is good for the baby.", "Smoking benefits the baby."]
)
def test_good_does_not_stand_where_the_passage_has_harm(sentence: str) -> None:
    assert not Verifier().verify(sentence, "Smoking harms the baby.").supported
