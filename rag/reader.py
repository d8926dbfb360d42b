"""Whether a passage answers a question, or says what a sentence says, as models were taught to read it.

They are shown the few sentences of the passage that come nearest (`rag.text.nearest`), as in training. The
page reader is a language model that says Yes or No of a question, and the gate weighs it; the proofreader is
a cross-encoder that reads a sentence beside its page, and the verifier weighs that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.records import Passage
from models.embedder import Embedder
from models.errors import PromptTooLong
from models.language import ChatModel
from rag.prompt import YES, render_reading
from rag.text.nearest import cut_each_to_nearest, cut_to_nearest
from settings import Settings

_LEAST = 1e-4  # probability, so that one reading can't outweigh everything
_UNREAD = 0.0  # log odds of what is too long to be read: as likely as not


class PageReader:
    """Reads a question beside passages; one instance serves all threads."""

    def __init__(self, model: ChatModel, embedder: Embedder) -> None:
        self._model, self._embedder = model, embedder

    def warm_up(self) -> None:
        """Bring the model into memory, so that the first that is asked does not wait for it."""
        self._model.count_tokens("")

    def answers(self, question: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        """Log odds that each passage answers the question, shape `(passages,)`."""
        [asked] = self._embedder.encode_questions([question])
        shown = cut_each_to_nearest([p.text for p in passages], asked, self._embedder.encode)
        cuts = [
            replace(passage, section=passage.section[-1:], text=text, boxes=())
            for passage, text in zip(passages, shown, strict=True)
        ]
        return np.array([self._read(question, cut) for cut in cuts], np.float32)

    def _read(self, question: str, cut: Passage) -> float:
        try:
            prompt = render_reading(question, cut, is_question=True)
            chance = self._model.opening_chance(prompt, YES)
        except PromptTooLong:
            return _UNREAD
        chance = min(max(chance, _LEAST), 1 - _LEAST)
        return float(np.log(chance / (1 - chance)))


class PairReader(Protocol):
    """What the proofreader needs of a cross-encoder."""

    def warm_up(self) -> None: ...

    def odds(self, pairs: Sequence[tuple[str, str]], /) -> NDArray[np.float32]: ...


class Proofreader:
    """Reads a sentence beside its page; one instance serves all threads."""

    def __init__(self, model: PairReader, embedder: Embedder) -> None:
        self._model, self._embedder = model, embedder

    def warm_up(self) -> None:
        """Bring the model into memory, so that the first that is asked does not wait for it."""
        self._model.warm_up()

    def says(self, sentence: str, passage_text: str, section: str = "") -> float:
        """Log odds that the passage, with its heading, says what the sentence says.

        Raises:
            AdapterRefused, WeightsDamaged: the weights are not what they should be.
        """
        encode = self._embedder.encode
        [shown] = cut_to_nearest(passage_text, encode([sentence]), encode)
        try:
            [odds] = self._model.odds([(sentence, head_text(section.split(" › ")[-1:], shown))])
        except PromptTooLong:
            return _UNREAD
        return float(odds)


def head_text(section: Sequence[str], text: str) -> str:
    """A text under its last heading, as the proofreader reads it."""
    heading = section[-1] if section else ""
    return f"{heading}. {text}" if heading else text


@lru_cache(maxsize=2)
def load_reader(settings: Settings) -> PageReader | None:
    """The reader that `settings` describe, loaded once a process; None where there is none.

    Raises:
        AdapterRefused, WeightsDamaged: it is there, and not whole.
    """
    from models.embedder import load_embedder
    from models.local import load_reading_model  # pulls in torch and transformers

    model = load_reading_model(settings)
    return PageReader(model, load_embedder(settings)) if model else None


@lru_cache(maxsize=2)
def load_proofreader(settings: Settings) -> Proofreader | None:
    """The proofreader that they describe, loaded once a process; None where there is none.

    Raises:
        AdapterRefused, WeightsDamaged: its adapter is not whole; `warm_up` tells of the weights.
    """
    from models.cross_encoder import load_cross_encoder  # pulls in torch
    from models.embedder import load_embedder

    model = load_cross_encoder(settings)
    return Proofreader(model, load_embedder(settings)) if model else None
