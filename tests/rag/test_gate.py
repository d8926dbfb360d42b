"""The gate judges by fitted weights; its file is checked; its features mean what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus.records import Passage
from rag.errors import BadInput
from rag.search.features import measure_evidence
from rag.search.fusion import Candidates
from rag.search.gate import Gate, load_gate
from rag.search.synonyms import Synonyms
from rag.search.vocabulary import Vocabulary, content_words

GATE = Gate({"score": 10.0}, bias=-5.0, threshold=0.5, scope=0.3)
TEXTS = [
    "Hair dye is safe in pregnancy as far as is known.",
    "A tear of the perineum heals within weeks.",
    "Eat eggs only when they are cooked.",
]


def measure(question: str, synonyms: Synonyms | None = None) -> dict[str, float]:
    passages = [Passage(str(i), "b", 1, 1, "1", (), text) for i, text in enumerate(TEXTS)]
    some = np.array([0.5, 0.3, 0.2], dtype=np.float32)
    found = Candidates(np.arange(3), passages, some, some, some, some * 0, some * 0, some)
    rewording = (synonyms or Synonyms({})).reword(question)
    words = content_words(question)
    return measure_evidence(Vocabulary(passages), question, rewording, words, found)


def test_enough_evidence_is_answered() -> None:
    found = GATE.judge({"score": 0.6, "top": 0.6})
    assert found.verdict == "enough"
    assert found.score == pytest.approx(0.731, abs=0.001)


def test_a_near_miss_is_not_in_the_books() -> None:
    assert GATE.judge({"score": 0.4, "top": 0.45}).verdict == "not_in_books"


def test_a_question_far_from_everything_is_out_of_scope() -> None:
    assert GATE.judge({"score": 0.1, "top": 0.1}).verdict == "out_of_scope"


def test_extreme_features_do_not_overflow() -> None:
    assert GATE.judge({"score": 1e9, "top": 1.0}).score == pytest.approx(1.0)
    assert GATE.judge({"score": -1e9, "top": 0.0}).score == pytest.approx(0.0)


def test_the_gate_that_ships_knows_only_features_that_are_measured() -> None:
    assert set(load_gate().names) <= set(measure("Is hair dye safe?"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "scope = 1",
        "not toml [",
        'scope = 1\n[plain]\nbias = 0\nthreshold = 0\nweights = "high"',
    ],
)
def test_a_broken_file_names_the_script_that_mends_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"scripts\.fit_gate"):
        load_gate("plain", path)


def test_a_question_whose_words_stand_in_a_passage_is_covered() -> None:
    assert measure("Is hair dye safe in pregnancy?")["coverage"] == pytest.approx(1.0)


def test_a_word_that_no_passage_holds_lowers_coverage_and_is_unknown() -> None:
    near_miss = measure("Is a tattoo safe in pregnancy?")
    assert near_miss["coverage"] < 0.6
    assert near_miss["unknown"] > 0.2
    assert measure("Is hair dye safe in pregnancy?")["unknown"] == 0.0


def test_a_lay_phrase_is_covered_by_its_clinical_wording() -> None:
    question = "i ripped down there will it mend"
    with_table = Synonyms({"perineum, tear": ["ripped down there"]})
    assert measure(question, with_table)["coverage"] > measure(question)["coverage"]


def test_a_question_of_common_words_only_has_no_coverage() -> None:
    assert measure("what can you tell me")["coverage"] == 0.0
