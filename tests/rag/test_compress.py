"""What of the hits a prompt shows: exact words, near the question, within the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Hit
from rag.reply.compress import compress_hits
from tests.fakes import HashingEmbedder
from tests.rag.test_quote import hits

IRON = "Take iron tablets once a day. Coffee slows how iron is taken up."
SLEEP = "Sleep on your side from 28 weeks. A pillow behind your back helps."
ROW = "Test | When\nIron level | 28 weeks"


def shown(question: str, found: list[Hit], most_words: int = 160, *wanted: str) -> list[str]:
    cut = compress_hits(question, found, HashingEmbedder(), most_words, wanted)
    return [passage.text for _, passage in cut]


def test_what_fits_is_shown_whole_and_in_the_order_of_the_hits() -> None:
    assert shown("how often iron tablets", hits(SLEEP, IRON)) == [SLEEP, IRON]


def test_the_statements_nearest_to_the_question_stay_and_a_hit_of_none_goes() -> None:
    found = hits(SLEEP, IRON)
    ((hit, passage),) = compress_hits("iron tablets a day", found, HashingEmbedder(), 6)
    assert passage.text == "Take iron tablets once a day."
    assert hit is found[1]  # the verifier gets the whole passage
    assert hit.passage.text == IRON


def test_the_row_of_a_table_may_stand_in_a_prompt() -> None:
    assert "28 weeks" in shown("when is the iron level tested", hits(ROW))[0]


def test_what_an_example_cites_is_there_however_far_from_the_question() -> None:
    assert shown("iron tablets", hits(SLEEP, IRON), 12, "A pillow behind your back") == [
        "A pillow behind your back helps.",
        "Take iron tablets once a day.",
    ]


@given(
    st.lists(st.sampled_from([IRON, SLEEP, ROW, "It is safe.", ""]), max_size=4),
    st.integers(1, 40),
)
def test_no_word_is_added_and_the_budget_holds(texts: list[str], most_words: int) -> None:
    cut = compress_hits("is iron safe", hits(*texts), HashingEmbedder(), most_words)
    for hit, passage in cut:
        assert passage.text
        held = hit.passage.text.split()
        assert all(word in held for word in passage.text.split())
    longest = max((len(text.split()) for text in texts), default=0)
    assert sum(len(passage.text.split()) for _, passage in cut) <= max(most_words, longest)
