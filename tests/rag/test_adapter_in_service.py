"""The adapter that ships, for real: it belongs to its base, words the books, cites, refuses and stops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.adapters import ADAPTERS_DIR, WEIGHTS_NAME, read_adapter
from models.weights import file_sha256
from rag.answer import Assistant, load_assistant
from settings import load_settings

NAME = "smollm2-135m-grounded"
MOST_BYTES = 20_000_000


def test_its_card_says_what_it_is_and_its_weights_are_those_of_the_card() -> None:
    adapter = read_adapter(ADAPTERS_DIR / NAME)
    assert adapter.card.base == "smollm2-135m"
    assert adapter.card.licence
    assert any("MedQuAD" in note and "CC BY 4.0" in note for note in adapter.card.data)
    weights = adapter.folder / WEIGHTS_NAME
    assert adapter.card.weights_sha256 == file_sha256(weights)
    assert weights.stat().st_size <= MOST_BYTES


@pytest.fixture(scope="module")
def assistant() -> Iterator[Assistant]:
    settings = load_settings()
    if not (settings.index_dir / "CURRENT").is_file():
        pytest.skip("there is no index of the starter library: python -m ingest")
    yield load_assistant(settings)
    load_assistant.cache_clear()


@pytest.mark.model
def test_the_app_takes_it_by_itself_and_it_words_what_the_page_says(assistant: Assistant) -> None:
    answer = assistant.answer("How much water should I drink a day in pregnancy?")
    assert answer.status == "answered"
    first = answer.sentences[0]
    assert not first.quoted
    assert "8 to 12 cups" in first.text
    assert all(c.quote in c.hit.passage.text for s in answer.sentences for c in s.citations)


@pytest.mark.model
def test_what_no_page_answers_is_refused(assistant: Assistant) -> None:
    answer = assistant.answer("Who invented the caesarean section?")
    assert answer.status == "not_in_books"
    assert not any(sentence.citations for sentence in answer.sentences)
