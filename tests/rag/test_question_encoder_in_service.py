"""The question encoder that ships, for real: it belongs to its embedder, and knows how people talk."""

from __future__ import annotations

import pytest

from models.adapters import QUESTIONS_DIR, WEIGHTS_NAME, read_adapter
from models.embedder import load_embedder
from models.weights import file_sha256
from settings import load_settings

NAME = "minilm-questions"
MOST_BYTES = 2_000_000


def test_its_card_says_what_it_is_and_its_weights_are_those_of_the_card() -> None:
    encoder = read_adapter(QUESTIONS_DIR / NAME)
    assert encoder.card.base == "minilm"
    assert any("MedQuAD" in note and "CC BY 4.0" in note for note in encoder.card.data)
    weights = encoder.folder / WEIGHTS_NAME
    assert encoder.card.weights_sha256 == file_sha256(weights)
    assert weights.stat().st_size <= MOST_BYTES


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "my waterworks sting and I keep running to the loo",
            "Burning when you pass urine can be a urinary tract infection.",
            "When your waters break, call the maternity unit.",
        ),
        (
            "came off the jab and still no sign of the painters",
            "After the contraceptive injection it can take up to a year for periods to return.",
            "Vaccines that hold live viruses are not given in pregnancy.",
        ),
    ],
)
def test_a_question_moves_towards_what_is_meant_and_texts_stay(
    question: str, right: str, wrong: str
) -> None:
    learnt = load_embedder(load_settings())
    plain = load_embedder(load_settings().model_copy(update={"question_encoder": "none"}))
    texts = learnt.encode([right, wrong])
    assert (texts == plain.encode([right, wrong])).all()
    before, after = (
        float(embedder.encode_questions([question])[0] @ (texts[0] - texts[1]))
        for embedder in (plain, learnt)
    )
    assert after > before
