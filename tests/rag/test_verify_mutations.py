"""Every sentence of the test passages passes against its passage; with one word of weight turned, none does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rag.measure.safety_verify import read_verify_cases
from rag.text.sentences import split_sentences
from rag.verify import Verifier

PASSAGES = sorted({case.passage for case in read_verify_cases()})
AUXILIARY = re.compile(r"\b(is|are|can|may|should|must|will|has|have)\b(?! not\b)")


def _deny(sentence: str) -> str:
    return AUXILIARY.sub(r"\1 not", sentence, count=1)


def _affirm(sentence: str) -> str:
    return re.sub(
        r"\b(is|are|can|may|should|must|do) not\b|\b(can)not\b", r"\1\2", sentence, count=1
    )


def _renumber(sentence: str) -> str:
    return re.sub(
        r"(?<![\d.,/])\d+(?![\d.,/]*\d)", lambda m: str(int(m[0]) * 2 + 1), sentence, count=1
    )


def _exchange(*pairs: tuple[str, str]) -> Callable[[str], str]:
    def change(sentence: str) -> str:
        for old, new in pairs:
            if re.search(rf"\b{old}\b", sentence):
                return re.sub(rf"\b{old}\b", new, sentence, count=1)
        return sentence

    return change


CHANGES = {
    "denied": _deny,
    "affirmed": _affirm,
    "another number": _renumber,
    "another unit": _exchange(
        ("weeks", "months"),
        ("hours", "days"),
        ("mg", "g"),
        ("micrograms", "milligrams"),
        ("minutes", "hours"),
    ),
    "surer": _exchange(
        ("may", "will"), ("might", "will"), ("some", "all"), ("Most", "All"), ("usually", "always")
    ),
    "the other way": _exchange(
        ("at least", "at most"),
        ("before", "after"),
        ("after", "before"),
        ("above", "below"),
        ("more than", "less than"),
    ),
}


def _own_sentences(passage: str) -> list[str]:
    texts = [span.text for span in split_sentences(passage)]
    return [
        text for text in texts if len(text.split()) >= 5 and "|" not in text and text[-1] == "."
    ]


def test_the_passages_own_sentences_pass() -> None:
    verifier = Verifier()
    failed = [s for p in PASSAGES for s in _own_sentences(p) if not verifier.verify(s, p).supported]
    assert failed == []


@pytest.mark.parametrize("change", CHANGES)
def test_no_turned_sentence_passes(change: str) -> None:
    verifier = Verifier()
    turned = [
        (CHANGES[change](sentence), passage)
        for passage in PASSAGES
        for sentence in _own_sentences(passage)
        if CHANGES[change](sentence) != sentence
    ]
    assert len(turned) >= 20
    assert [
        sentence for sentence, passage in turned if verifier.verify(sentence, passage).supported
    ] == []
