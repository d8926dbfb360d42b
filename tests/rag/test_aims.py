"""What sort of sentence a question asks for."""

from __future__ import annotations

import pytest

from rag.reply.aims import weigh_aim


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        (
            "What are the signs of a miscarriage?",
            "The main signs are bleeding from the vagina and cramps low in the belly.",
            "Stress, sex and work do not cause miscarriage.",
        ),
        (
            "symptoms of ovarian cancer",
            "Ovarian cancer can cause bloating, pain in the belly and feeling full quickly.",
            "There is no screening test that works for ovarian cancer.",
        ),
        (
            "What causes anaemia?",
            "Anaemia is most often from too little iron.",
            "Anaemia is common in pregnancy.",
        ),
        (
            "what are the risks of a caesarean",
            "Risks of a caesarean are infection, bleeding and blood clots.",
            "A caesarean takes about 45 minutes.",
        ),
        (
            "side effects of the injection",
            "The injection can make periods stop, and weight may rise.",
            "The injection is given every 13 weeks.",
        ),
        (
            "what is a membrane sweep",
            "A membrane sweep, in which a finger is swept around the neck of the womb, may help.",
            "A membrane sweep is often offered first.",
        ),
        (
            "What's gestational diabetes?",
            "Gestational diabetes is high blood sugar that is first found in pregnancy.",
            "Most women with gestational diabetes feel nothing.",
        ),
    ],
)
def test_the_sort_of_sentence_that_is_asked_for_is_worth_more(
    question: str, better: str, worse: str
) -> None:
    assert weigh_aim(question, better) > weigh_aim(question, worse) == 0


def test_a_list_counts_under_a_heading_that_names_the_sort() -> None:
    items = "Call now for any of these:\n• A severe headache.\n• Sudden swelling of the face."
    assert weigh_aim("signs of pre-eclampsia", items, "Pre-eclampsia: the signs") > 0
    assert weigh_aim("signs of pre-eclampsia", items, "Blood pressure") == 0
    assert weigh_aim("can I take aspirin", items, "Pre-eclampsia: the signs") == 0


def test_what_lists_more_is_worth_more() -> None:
    one, more = "The sign is bleeding.", "The signs are bleeding, cramps and pain."
    assert weigh_aim("signs of it", more) > weigh_aim("signs of it", one)
