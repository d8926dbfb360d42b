"""What of the hits a prompt shows: exact words, near the question, within the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Hit
from rag.reply.compress import ROWS, compress_hits, cut_to, list_prompts
from rag.reply.quote import Quote
from tests.fakes import HashingEmbedder
from tests.rag.test_quote import hits

IRON = "Take iron tablets once a day. Coffee slows how iron is taken up."
SLEEP = "Sleep on your side from 28 weeks. A pillow behind your back helps."
ROW = "Test | When\nIron level | 28 weeks"
DRINKS = (
    "Caffeine in common drinks and foods.\nDrink or food | Caffeine, about\nMug of filter coffee | 140 mg\n"
    "Mug of tea | 75 mg\nCan of cola | 40 mg\nBar of chocolate | Less than 25 mg\nTwo mugs of tea are fine."
)


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


def prompts(question: str, text: str, *quoted: str) -> list[str]:
    """What is shown one after the other, of quotes of one passage."""
    (found,) = hits(text)
    quotes = [Quote(words, found, text.index(words)) for words in quoted or (text,)]
    return [
        cut_to(shown, [found])[0][1].text
        for shown in list_prompts(question, quotes, HashingEmbedder())
    ]


def test_a_row_under_headings_is_shown_as_a_sentence() -> None:
    (cut,) = shown("how much caffeine is in tea", hits(DRINKS))
    assert "Mug of tea: caffeine, about 75 mg." in cut
    assert "Bar of chocolate: caffeine, about less than 25 mg." in cut
    assert "|" not in cut
    assert "Drink or food" not in cut


def test_the_row_that_the_question_names_is_shown_alone_and_then_its_neighbours_too() -> None:
    first, second, third = prompts("caffeine in a mug of tea", DRINKS)
    assert first == "Mug of tea: caffeine, about 75 mg."
    assert second.startswith("Caffeine in common drinks and foods.")
    assert second.count("caffeine, about") == ROWS
    assert "caffeine, about" not in third


def test_a_row_that_the_question_does_not_name_is_never_shown_alone() -> None:
    few, last = prompts("how much caffeine is that", DRINKS)
    assert few.count("caffeine, about") == ROWS
    assert "caffeine, about" not in last


def test_after_all_quotes_the_nearest_is_shown_alone_and_one_quote_only_once() -> None:
    both, one = prompts("coffee and iron", IRON, *(f"{part}." for part in IRON[:-1].split(". ")))
    assert both == IRON
    assert one == "Coffee slows how iron is taken up."
    assert prompts("iron", SLEEP) == [SLEEP]
    assert list_prompts("iron", [], HashingEmbedder()) == []


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
