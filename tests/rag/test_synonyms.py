"""Lay words find their clinical wording; the question itself is not lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BadInput
from rag.search.synonyms import Synonyms, load_synonyms

SMALL = Synonyms(
    {
        "rupture of membranes, amniotic fluid": ["waters breaking", "waters broke"],
        "amniotic fluid": ["waters"],
        "episiotomy": ["cut down there"],
    }
)


def test_the_longest_phrase_wins() -> None:
    found = SMALL.reword("my waters broke at night")
    assert found.text == "my rupture of membranes at night"
    assert found.clinical == ("rupture of membranes", "amniotic fluid")


def test_a_question_without_lay_words_stays_as_it_is() -> None:
    assert SMALL.reword("What is anaemia?").text == "What is anaemia?"
    assert SMALL.reword("What is anaemia?").found == ()


@pytest.mark.parametrize("typed", ["CUT DOWN THERE?", "cut  down there", "cut, down there!"])
def test_case_and_punctuation_do_not_matter(typed: str) -> None:
    assert SMALL.reword(typed).clinical == ("episiotomy",)


def test_found_phrases_point_at_their_characters() -> None:
    question = "will they cut down there"
    found = SMALL.reword(question).found[0]
    assert question[found.start : found.end] == "cut down there"


def test_the_table_that_ships_knows_everyday_words() -> None:
    table = load_synonyms()
    assert "pelvic floor muscle training" in table.reword("are kegels any good").clinical
    assert "paracetamol" in table.reword("can I have Tylenol").clinical
    assert "umbilical cord stump care" in table.reword("his belly button is red").clinical


def test_no_lay_phrase_of_the_table_is_empty() -> None:
    table = load_synonyms()
    assert table.reword("").found == ()
    assert table.reword("? !").found == ()


def test_a_broken_table_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.toml"
    path.write_text('[birth]\n"labour" = "labor"\n')
    with pytest.raises(BadInput, match=r"labour.*expected a list"):
        load_synonyms(path)
