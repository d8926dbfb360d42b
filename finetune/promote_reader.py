"""`python -m finetune promote --as reader`: the gate between who was taught to read a page and the app.

Measures what it tells on passages of the test split, beside who reads only the question and never the
passage; puts it in service only when reading helps, and no less than with the one in service.
Training road: ReadingExample → adapter → **gate**.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.examples import render_example
from finetune.measuring.candidate import Trained, as_adapter
from finetune.measuring.reading import check_reading_gate, guess_by_text, measure_reading
from finetune.promote import Label, card_fields, check_finished, place
from finetune.records import DATA_HOME, ReadingExample, read_split
from models.adapters import READERS_DIR, Adapter, pick_adapter
from models.language import ChatModel
from models.local import LocalChatModel, make_reading_model
from models.registry import find_model
from models.weights import find_weights
from rag.prompt import YES
from settings import Settings

DATA = DATA_HOME / "reading-questions"  # the prepared set whose test split judges it
LIMITS = (
    "Says Yes or No to “Does it answer this?” of a few sentences of a page, in English. Of a question "
    "and a twin that the page leaves open it takes one in five for the other: it advises the gate."
)


def promote_reader(trained: Trained, label: Label, settings: Settings) -> dict[str, Any]:
    """Put the adapter in service; where it lies, its bytes, and its figures.

    Raises:
        GateClosed: it does not read better than who sees no passage, or than the one in service.
        DataInvalid, RunInvalid, NotFinite, AdapterRefused: as `finetune.promote.promote`.
    """
    check_finished(trained)
    test, train = read_split(DATA, "test"), read_split(DATA, "train")
    figures = {
        "trained": measure_reading(
            test, read_all(_load(as_adapter(trained, settings), settings), test)
        ),
        "text_alone": measure_reading(test, guess_by_text(train, test, settings)),
    }
    serving = pick_adapter(find_model(trained.base, "chat"), "auto", READERS_DIR)
    if serving is not None:
        figures["in_service"] = measure_reading(test, read_all(_load(serving, settings), test))
    mend = "Write more rows in finetune/readings, or train longer: python -m finetune train RECIPE"
    check_reading_gate(figures, "questions", mend)
    results = {"examples": len(test), **figures}
    name = label.name or trained.name
    own = Label(name, label.licence, label.data, label.limits or LIMITS)
    fields = card_fields(trained, own, results)
    return {**place(trained, name, fields, settings, READERS_DIR), "figures": figures}


def read_all(model: ChatModel, examples: Sequence[ReadingExample]) -> NDArray[np.float64]:
    """The probability of Yes for each example."""
    return np.array([model.opening_chance(render_example(example), YES) for example in examples])


def _load(adapter: Adapter, settings: Settings) -> LocalChatModel:
    folder = find_weights(find_model(adapter.card.base, "chat"), settings)
    return make_reading_model(folder, adapter, settings)
