"""Whether a passage answers a question, or says what a sentence says, as small models were taught to read it.

They are shown the few sentences of the passage that come nearest (`rag.text.nearest`), by the prompt of
training (`rag.prompt.render_reading`), and say Yes or No. The gate weighs the one, the verifier the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.records import Passage
from models.adapters import PROOFREADERS_DIR, READERS_DIR
from models.embedder import Embedder
from models.errors import PromptTooLong
from models.language import ChatModel
from rag.prompt import YES, render_reading
from rag.text.nearest import cut_each_to_nearest, cut_to_nearest
from settings import Settings

_LEAST = 1e-4  # probability, so that one reading can't outweigh everything
_UNREAD = 0.0  # log odds of what is too long to be read: as likely as not


class _Reading:
    """A small model that says Yes or No of a few sentences; one instance serves all threads."""

    def __init__(self, model: ChatModel, embedder: Embedder) -> None:
        self._model, self._embedder = model, embedder

    @classmethod
    def load(cls, settings: Settings, wanted: str, home: Path) -> Self | None:
        """With the adapter of `home` that is wanted; None without it."""
        from models.embedder import load_embedder
        from models.local import load_reading_model  # pulls in torch and transformers

        model = load_reading_model(settings, wanted, home)
        return cls(model, load_embedder(settings)) if model else None

    def warm_up(self) -> None:
        """Bring the model into memory, so that the first that is asked does not wait for it."""
        self._model.count_tokens("")

    def _read(self, asked: str, cut: Passage, is_question: bool) -> float:
        """Log odds of Yes."""
        try:
            chance = self._model.opening_chance(render_reading(asked, cut, is_question), YES)
        except PromptTooLong:
            return _UNREAD
        chance = min(max(chance, _LEAST), 1 - _LEAST)
        return float(np.log(chance / (1 - chance)))


class PageReader(_Reading):
    """Reads a question beside passages."""

    def answers(self, question: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        """Log odds that each passage answers the question, shape `(passages,)`."""
        [asked] = self._embedder.encode_questions([question])
        shown = cut_each_to_nearest([p.text for p in passages], asked, self._embedder.encode)
        cuts = [
            replace(passage, section=passage.section[-1:], text=text, boxes=())
            for passage, text in zip(passages, shown, strict=True)
        ]
        return np.array([self._read(question, cut, is_question=True) for cut in cuts], np.float32)


class Proofreader(_Reading):
    """Reads a sentence beside its page."""

    def says(self, sentence: str, passage_text: str, section: str = "") -> float:
        """Log odds that the passage, with its heading, says what the sentence says."""
        encode = self._embedder.encode
        [shown] = cut_to_nearest(passage_text, encode([sentence]), encode)
        cut = Passage("", "", 1, 1, "", tuple(section.split(" › ")[-1:]), shown)
        return self._read(sentence, cut, is_question=False)


@lru_cache(maxsize=2)
def load_reader(settings: Settings) -> PageReader | None:
    """The reader that `settings` describe, loaded once a process; None where there is none.

    Raises:
        AdapterRefused, WeightsDamaged: it is there, and not whole.
    """
    return PageReader.load(settings, settings.reader, READERS_DIR)


@lru_cache(maxsize=2)
def load_proofreader(settings: Settings) -> Proofreader | None:
    """The same of the proofreader."""
    return Proofreader.load(settings, settings.proofreader, PROOFREADERS_DIR)
