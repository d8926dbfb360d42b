"""Clauses are cut where a new statement begins; each knows whether it denies, hedges or restricts."""

from __future__ import annotations

import pytest

from rag.checking.polarity import MOST, PLAIN, RARE, SOME
from rag.checking.reading import read_sentence


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("Do not eat shark.", True),
        ("Shark should be avoided.", True),
        ("Shark is not unsafe.", False),
        ("It does no harm and causes no symptoms.", True),
        ("Take no more than 4 g.", False),
        ("Do not take more than 4 g.", False),
        ("You can't fly.", True),
        ("You can fly.", False),
        ("Primaquine is contraindicated.", True),
        ("Not only tea but coffee too.", False),
    ],
)
def test_a_clause_knows_whether_it_denies(text: str, negative: bool) -> None:
    assert read_sentence(text).clauses[0].negative is negative


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("Fibroids grow.", PLAIN),
        ("Fibroids may grow.", SOME),
        ("A can of cola holds 40 mg.", PLAIN),
        ("Some women need fluids.", SOME),
        ("At some time it goes.", PLAIN),
        ("Fibroids usually grow.", MOST),
        ("It rarely harms.", RARE),
        ("It happens more often in winter.", PLAIN),
    ],
)
def test_a_clause_knows_its_reserve(text: str, manner: int) -> None:
    assert read_sentence(text).clauses[0].manner == manner


def test_a_condition_is_a_clause_of_its_own() -> None:
    clauses = read_sentence("Take metformin unless your kidneys are weak; rest.").clauses
    assert [clause.strong_condition for clause in clauses] == [False, True, False]


def test_a_leading_condition_ends_at_its_comma() -> None:
    clauses = read_sentence("If targets are not met, offer metformin.").clauses
    assert [clause.negative for clause in clauses] == [True, False]
