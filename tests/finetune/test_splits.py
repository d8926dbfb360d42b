"""Splits: near-duplicates stay together, wherever they stand; shares are about as promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.data.near import NEAR, find_near_pairs, group_pairs, measure_likeness, normalise
from finetune.data.splits import SHARES, assign_splits, split_of

WORDS = """pain back pregnant weeks iron tablet tea morning evening bleeding spotting period late
baby moving less swelling headache fever cough doctor scan week sugar test high low pressure rest
walk sleep nausea food milk water salt sweet sour left right""".split()


def split(texts: list[str]) -> list[str]:
    questions = [normalise(text) for text in texts]
    return assign_splits(questions, find_near_pairs(questions))


questions = st.lists(st.sampled_from(WORDS), min_size=4, max_size=40).map(" ".join)
disguises = st.sampled_from(
    [
        str.upper,
        lambda text: f"Hello doctor, {text}?",
        lambda text: text.replace(" ", ",  "),
        lambda text: f"{text} please",
        lambda text: text.rsplit(" ", 1)[0],
        lambda text: text,
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(questions, disguises), min_size=2, max_size=12), st.randoms())
def test_no_near_duplicate_crosses_the_splits(
    pairs: list[tuple[str, Callable[[str], str]]], chance: Random
) -> None:
    texts = [text for text, _ in pairs] + [disguise(text) for text, disguise in pairs]
    chance.shuffle(texts)
    splits = split(texts)
    plain = [normalise(text) for text in texts]
    for one in range(len(texts)):
        for other in range(one):
            if measure_likeness(plain[one], plain[other]) >= NEAR:
                assert splits[one] == splits[other]


@settings(max_examples=30, deadline=None)
@given(st.lists(questions, min_size=2, max_size=12, unique=True), st.randoms())
def test_the_order_of_the_rows_does_not_matter(texts: list[str], chance: Random) -> None:
    shuffled = list(texts)
    chance.shuffle(shuffled)
    assert dict(zip(texts, split(texts), strict=True)) == dict(
        zip(shuffled, split(shuffled), strict=True)
    )


def test_a_long_question_with_a_word_changed_is_near() -> None:
    one = normalise("I am 30 weeks pregnant and my feet swell in the evening, is that dangerous?")
    other = normalise("I am 31 weeks pregnant and my feet swell in the evening, is that dangerous?")
    assert len(find_near_pairs([one, other, "something else entirely"])) == 1


def test_a_chain_of_near_questions_is_one_group() -> None:
    assert group_pairs(4, find_near_pairs(["a b", "c d", "e f", "g h"])).tolist() == [0, 1, 2, 3]
    words = WORDS[:24]
    chain = [" ".join(words[n : n + 16]) for n in range(4)]
    assert group_pairs(4, find_near_pairs(chain)).tolist() == [0, 0, 0, 0]


def test_the_shares_are_about_nine_in_ten_and_half_of_one_each() -> None:
    counts = Counter(split_of(f"question number {n}") for n in range(4000))
    for name, share in SHARES.items():
        assert abs(counts[name] / 4000 - share) < 0.02


def test_one_row_and_none_are_split_too() -> None:
    assert split([]) == []
    assert split(["hello"])[0] in SHARES
    assert set(split(["", "?"])) <= set(SHARES)


def test_a_greeting_and_punctuation_do_not_make_a_question_another() -> None:
    assert normalise("Hi doctor, Is 0.5-1 mg OK?") == normalise("is 0.5-1 MG ok")
    assert normalise("Is 0.5 mg fine") != normalise("Is 5 mg fine")
