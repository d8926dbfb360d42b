"""One answer in the making: what was said and withheld, cited by number, timed and, if asked for, logged.

Written by rag/answer.py, step by step; knows no model and no book's index.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from time import perf_counter

from corpus.records import Citation, Hit
from rag.events import Answer, Dropped, Opening, Sentence, Status, Triage
from rag.reply.refusal import stands_against
from rag.search.gate import Evidence
from rag.search.vocabulary import words_of
from rag.text.privacy import mask_private, strip_quoted
from settings import Settings

log = logging.getLogger(__name__)

MOSTLY = 0.8  # share of the words of each clause of a quote from which it would only repeat what was said
_CLAUSE = re.compile(r"[;.]\s+")


class Record:
    """One answer in the making: sentences kept and dropped, citations numbered by first use."""

    def __init__(self, settings: Settings, is_wanted: Callable[[], bool]) -> None:
        self.is_wanted = is_wanted
        self.triage = Triage()
        self.status: Status = "answered"
        self.refused = False  # the model said that no passage answers
        self.sentences: list[Sentence] = []
        self.dropped: list[Dropped] = []
        self.nearest: tuple[str, ...] = ()
        self.opening: Opening | None = None
        self._citations: dict[tuple[str, str], Citation] = {}
        self._numbers: dict[str, int] = {}
        self._timings: dict[str, float] = {}
        self._log_words = settings.log_conversations
        self._started = self._last = perf_counter()

    def lap(self, step: str) -> None:
        """Milliseconds since the last lap, under the step's name."""
        now = perf_counter()
        self._timings[step] = round((now - self._last) * 1000, 1)
        self._last = now

    def say(self, text: str) -> Iterator[Sentence]:
        """A fixed sentence of ours: no citation, nothing to verify."""
        sentence = Sentence(text)
        self._add(sentence)
        yield sentence

    def keep(self, text: str, hit: Hit, quote: str) -> Sentence:
        """A sentence of the model that the quoted words carry; the passage is numbered on first use."""
        sentence = Sentence(text, (self._cite(hit, quote),))
        self._add(sentence)
        return sentence

    def quote(self, text: str, hit: Hit, label: str = "") -> Sentence:
        """Words of a book, as they stand there."""
        sentence = Sentence(text, (self._cite(hit, text),), label, quoted=True)
        self._add(sentence)
        return sentence

    def drop(self, text: str, reason: str) -> Dropped:
        """Withhold a sentence; the log gets the reason, and the words only if a maintainer asked."""
        if self._log_words:
            log.info("withheld a sentence: %s: %r", mask_private(reason), mask_private(text))
        else:
            log.info("withheld a sentence: %s", strip_quoted(reason))
        dropped = Dropped(text, reason)
        self.dropped.append(dropped)
        return dropped

    def may_quote(self, evidence: Evidence) -> bool:
        """Whether the books speak to the question, by the gate and, if it was asked, the model."""
        if self.refused:
            return stands_against(evidence)  # the search is sure of its passage
        return evidence.verdict == "enough"

    def repeats(self, text: str) -> bool:
        """Whether the same words were said already."""
        said = text.casefold().split()
        return any(sentence.text.casefold().split() == said for sentence in self.sentences)

    def tells(self, words: str) -> bool:
        """Whether one sentence says most of the words of each clause already."""
        clauses = [set(words_of(clause)) for clause in _CLAUSE.split(words)]
        wanted = [clause for clause in clauses if clause]
        told = (set(words_of(sentence.text)) for sentence in self.sentences)
        return any(
            all(len(clause & said) >= MOSTLY * len(clause) for clause in wanted) for said in told
        )

    def finish(self, question: str) -> Answer:
        """The whole answer, timed; its words go to the log only if a maintainer asked for them."""
        self._timings["total"] = round((perf_counter() - self._started) * 1000, 1)
        answer = Answer(
            status=self.status,
            sentences=tuple(self.sentences),
            citations=tuple(self._citations.values()),
            triage=self.triage,
            dropped=tuple(self.dropped),
            timings_ms=self._timings,
            nearest_sections=self.nearest,
            opening=self.opening,
        )
        if self._log_words:
            asked, said = mask_private(question), mask_private(answer.text)
            log.info("%s: asked %r, said %r", self.status, asked, said)
        return answer

    def _cite(self, hit: Hit, quote: str) -> Citation:
        number = self._numbers.setdefault(hit.passage.id, len(self._numbers) + 1)
        return self._citations.setdefault((hit.passage.id, quote), Citation(number, hit, quote))

    def _add(self, sentence: Sentence) -> None:
        if not self.sentences:
            self._timings["first_sentence"] = round((perf_counter() - self._started) * 1000, 1)
        self.sentences.append(sentence)
