"""The table holds together; synonyms meet, opposites and families keep apart, books teach names."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import rag.checking.terms
from rag.checking.terms import build_vocabulary, is_name_like, load_terms, stem_phrase, stem_word

TABLE = tomllib.loads(
    Path(rag.checking.terms.__file__).with_name("terms.toml").read_text(encoding="utf-8")
)


def test_the_table_has_its_sections_and_no_empty_entry() -> None:
    assert set(TABLE) == {"drugs", "conditions", "places", "same", "opposites", "families", "roles"}
    for section, lists in TABLE.items():
        assert lists
        assert all(members and all(stem_phrase(word) for word in members) for members in lists), (
            section
        )


def test_no_list_holds_two_opposites() -> None:
    pairs = {frozenset(map(stem_phrase, pair)) for pair in TABLE["opposites"]}
    for members in TABLE["same"]:
        stems = [stem_phrase(word) for word in members]
        clashes = [p for p in pairs if len(p) == 2 and p <= set(stems)]
        assert not clashes, members


def test_no_synonym_begins_with_a_denial() -> None:
    denials = ("not ", "no ", "cannot ", "does not ", "do not ")
    allowed = {"no matter", "no charge"}
    phrases = [word for members in TABLE["same"] for word in members]
    assert [word for word in phrases if word.startswith(denials) and word not in allowed] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paracetamol", "acetaminophen"),
        ("hypertension", "high blood pressure"),
        ("womb", "uterus"),
        ("membranes rupture", "waters break"),
        ("haemorrhage", "hemorrhage"),
        ("caesarean section", "C-section"),
        ("first trimester", "first three months"),
    ],
)
def test_lay_and_clinical_words_meet(one: str, other: str) -> None:
    terms = load_terms()
    assert terms.find_keys(stem_phrase(one)) & terms.find_keys(stem_phrase(other))


def test_names_of_two_drugs_never_meet() -> None:
    terms = load_terms()
    assert not terms.find_keys(("ibuprofen",)) & terms.find_keys(("paracetamol",))


def test_opposites_and_roles_are_known() -> None:
    terms = load_terms()
    assert terms.are_opposites(
        frozenset((stem_word("increase"),)), frozenset((stem_word("decrease"),))
    )
    assert terms.share_role(terms.find_keys(("mother",)), terms.find_keys(stem_phrase("baby")))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("amoxicillin", True),
        ("endometritis", True),
        ("labetalol", True),
        ("weeks", False),
        ("combined", False),
    ],
)
def test_a_name_shows_by_its_ending(word: str, name: bool) -> None:
    assert is_name_like(word) is name


def test_books_teach_their_own_names() -> None:
    names = build_vocabulary(["Give Zurampic with food. Zurampic is new.", "Then Zurampic again."])
    assert stem_word("Zurampic") in names
    assert stem_word("food") not in names
