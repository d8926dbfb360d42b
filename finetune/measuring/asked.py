"""Gold questions put to a candidate: through the whole app, and alone, without any passage.

The app's own assistant answers, so search, gate, prompt, verifier and quotes are those of a reader.
Knows no figure. Training road: adapter → **answers** → report.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finetune.measuring.candidate import Candidate, Draft
from finetune.measuring.held_out import spread
from models.embedder import load_embedder
from models.language import load_chat_model
from rag.answer import Assistant
from rag.events import Answer
from rag.measure.evaluate import GOLD, GoldQuestion, read_gold
from rag.prompt import REFUSAL, render_dialogue
from rag.retrieve import load_retriever
from rag.verify import load_verifier
from settings import Settings

log = logging.getLogger(__name__)
TOLD_EVERY = 10  # questions between two lines of progress


@dataclass(frozen=True, slots=True)
class Asked:
    """A gold question and what the app made of it; no draft where the model was not asked."""

    gold: GoldQuestion
    answer: Answer
    draft: Draft | None

    @property
    def written(self) -> bool:
        """The reader sees sentences of the model, each of them verified."""
        return self.answer.status == "answered"

    @property
    def refused_by_model(self) -> bool:
        """The model wrote the refusal of `rag.prompt`, and nothing that was shown."""
        return (
            self.draft is not None and not self.written and REFUSAL.rstrip(".") in self.draft.text
        )

    @property
    def refused_by_app(self) -> bool:
        """Search and gate refused, or nothing of a draft was left."""
        return self._is_refusal and not self.refused_by_model

    @property
    def refused(self) -> bool:
        return self._is_refusal or self.refused_by_model

    @property
    def _is_refusal(self) -> bool:
        return self.answer.status in ("not_in_books", "out_of_scope")

    @property
    def kept(self) -> int:
        """Sentences of the draft that were shown; those of the quotes are not the model's."""
        return len(self.own_sentences)

    @property
    def own_sentences(self) -> list[str]:
        """What the model wrote of what the reader sees: cited, and no book's own words."""
        said = self.answer.sentences if self.written else ()
        return [s.text for s in said if s.citations and not s.quoted]


@dataclass(frozen=True, slots=True)
class Alone:
    """A gold question and what the model says with no passage beside it."""

    gold: GoldQuestion
    draft: Draft
    seconds: float


def choose_questions(
    half: str, most: int | None = None, path: Path | None = None
) -> list[GoldQuestion]:
    """Questions of a half ("report", "tune" or "all"), answerable and not, evenly chosen.

    Raises:
        BadInput: no such file, or a line that is no gold question.
    """
    asked = [q for q in read_gold(path or GOLD) if half in ("all", q.half)]
    return asked if most is None else spread(asked, most)


def open_assistant(settings: Settings) -> Assistant:
    """The app that the settings describe; its model stays unloaded, candidates take its place."""
    embedder = load_embedder(settings)
    return Assistant(
        retriever=load_retriever(settings, embedder),
        model=load_chat_model(settings.model_copy(update={"adapter": "none", "draft": "never"})),
        embedder=embedder,
        verifier=load_verifier(settings, embedder),
        settings=settings,
    )


def ask_quotes(assistant: Assistant, questions: Sequence[GoldQuestion]) -> list[Asked]:
    """The app's answers with no model at all: the books' own best sentences."""
    never = assistant.settings.model_copy(update={"draft": "never"})
    quoting = replace(assistant, settings=never)
    return [Asked(q, quoting.answer(q.question), None) for q in told(questions, "quotes")]


def ask_app(
    assistant: Assistant, candidate: Candidate, questions: Sequence[GoldQuestion]
) -> list[Asked]:
    """The app's answers with the candidate as its model."""
    candidate.model.load()  # so that the first question's seconds are its own
    always = assistant.settings.model_copy(update={"draft": "always"})
    helper, asked = replace(assistant, model=candidate.model, settings=always), []
    for question in told(questions, candidate.name):
        candidate.model.take_draft()
        answer = helper.answer(question.question)
        asked.append(Asked(question, answer, candidate.model.take_draft()))
    return asked


def ask_alone(candidate: Candidate, questions: Iterable[GoldQuestion]) -> list[Alone]:
    """Greedy answers to the bare questions: what the model knows, or makes up, by itself."""
    alone = []
    for question in questions:
        started = time.perf_counter()
        candidate.model.invoke(render_dialogue(question.question), temperature=0.0)
        draft = candidate.model.take_draft()
        if draft is not None:
            alone.append(Alone(question, draft, time.perf_counter() - started))
    return alone


def told(questions: Sequence[GoldQuestion], name: str) -> Iterator[GoldQuestion]:
    """The questions, with a line of progress in the log from time to time."""
    started = time.perf_counter()
    for number, question in enumerate(questions):
        if number and number % TOLD_EVERY == 0:
            each = (time.perf_counter() - started) / number
            left = each * (len(questions) - number)
            log.info(
                "%s: %d of %d questions, %.1f s each, %.0f s left",
                name, number, len(questions), each, left,
            )  # fmt: skip
        yield question
