"""Question → verified answer, on one screen: triage, search, prompt, draft, verify, else quote.

Knows no browser and no file; the pieces are handed in. Emits the events of `rag.events` in order.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from langchain_core.language_models import BaseChatModel

from corpus.records import Hit, Passage
from models.embedder import Embedder, load_embedder
from models.language import (
    count_message_tokens,
    load_chat_model,
    prompt_budget_tokens,
)
from rag.countries import find_country
from rag.events import Answer, Dropped, Event, Opening, Turn
from rag.profile import Profile, profile_of
from rag.prompt import REFUSAL, fit_passages, render_messages
from rag.reader import load_proofreader, load_reader
from rag.reply.compress import compress_hits, cut_to, list_prompts
from rag.reply.differences import LEAD, find_differences
from rag.reply.limits import (
    NOT_IN_BOOKS,
    ONLY_THE_PAGES,
    closing_notes,
    is_other_subject,
    say_out_of_scope,
)
from rag.reply.medicines import Medicine, choose_statements, find_medicines
from rag.reply.opposition import DISAGREE, find_opposition
from rag.reply.quote import Quote, best_sentences
from rag.reply.record import Record
from rag.reply.refusal import is_worth_asking
from rag.reply.tone import open_gently
from rag.retrieve import Retriever, SearchResult, load_retriever
from rag.search.gate import NOTHING
from rag.text.orders import gives_orders
from rag.text.readable import foreign_characters, strip_unreadable
from rag.text.sentences import read_citations, stream_sentences
from rag.triage import triage
from rag.verify import Verifier, load_verifier
from settings import Settings

log = logging.getLogger(__name__)

WHERE_HELP_IS = (
    "Where is help for thoughts of suicide?"  # asked of the books, for who asks how to die
)

_POINTS_ON = re.compile(r"\b(?:(?:any|one|some|all|each|most) of these|the following)\b|:\s*$")
PATIENCE = 3  # withheld sentences in a row after which a draft is given up


@dataclass
class Assistant:
    """Everything an answer needs, loaded once and shared by all sessions; holds no conversation."""

    retriever: Retriever
    model: BaseChatModel
    embedder: Embedder
    verifier: Verifier
    settings: Settings

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        profile: Profile | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Iterator[Event]:
        """Triage first, then sentences as they are verified, the whole Answer last.

        `is_wanted` is asked at every piece of the draft; once it says no, the model stops writing.
        """
        draft = Record(self.settings, is_wanted)
        draft.triage = triage(question, history, profile, self.embedder)
        draft.lap("triage")
        yield draft.triage
        draft.opening = self._open(question, history, profile)
        if draft.opening:
            yield draft.opening

        asks_how_to_die = (
            "suicide-means" in draft.triage.signs
        )  # then no page on what she asked for
        searched, earlier = (WHERE_HELP_IS, ()) if asks_how_to_die else (question, history)
        found = _without_orders(self.retriever.search(searched, earlier, profile))
        draft.lap("search")
        if draft.triage.level == "emergency":
            draft.status = "emergency"
            if found.evidence.verdict == "enough":
                yield from self._quote(self._find_quotes(searched, found), draft)
        else:
            yield from self._reply(question, found, draft)
        yield draft.finish(question)

    def _reply(self, question: str, found: SearchResult, draft: Record) -> Iterator[Event]:
        """What is said where nothing is urgent: answer or limits, the medicine's pages, notes."""
        medicines = find_medicines(found.query or question)
        verdict = found.evidence.verdict
        may_draft = self.drafts and is_worth_asking(found.evidence)
        may_quote = may_draft or draft.may_quote(found.evidence)
        quotes = self._find_quotes(question, found) if may_quote else []
        if may_draft:
            yield from self._draft(question, found, quotes, draft)
        if not draft.sentences and draft.may_quote(found.evidence):
            draft.status = "quoted"
            yield from self._quote(quotes, draft)
        elif draft.sentences and not self._chooses:
            yield from self._quote(quotes, draft)
        pages = self._find_pages(medicines, draft)
        elsewhere = verdict == "out_of_scope" or is_other_subject(found.query or question)
        if not draft.sentences and elsewhere and not pages:
            draft.status = "out_of_scope"
            yield from draft.say(say_out_of_scope(question))
        elif not draft.sentences:
            draft.status, draft.nearest = "not_in_books", tuple(found.nearest_sections)
            names = " and ".join(medicine.names[0] for medicine in medicines)
            yield from draft.say(ONLY_THE_PAGES.format(names=names) if pages else NOT_IN_BOOKS)
        for quote in pages:
            yield draft.quote(quote.text, quote.hit)
        yield from self._tell_differences(found, draft)
        if draft.status != "out_of_scope":
            for note in closing_notes(question, medicines):
                yield from draft.say(note)

    def _find_pages(self, medicines: Sequence[Medicine], draft: Record) -> list[Quote]:
        """What the books say of each medicine in pregnancy and breastfeeding, if not said yet."""
        told = [(s.text, s.citations[0].hit) for s in draft.sentences if s.citations]
        pages = []
        for medicine in medicines:
            named = self.retriever.find_naming(medicine.names + medicine.kinds)
            hits = [hit for hit in named if not gives_orders(hit.passage.text)]
            pages += choose_statements(medicine, hits, told)
        draft.lap("medicines")
        once = {page.text: page for page in pages if not draft.repeats(page.text)}
        return list(once.values())

    def _tell_differences(self, found: SearchResult, draft: Record) -> Iterator[Event]:
        """What was told beside what books of another region or year say, where numbers differ."""
        told = [citation for sentence in draft.sentences for citation in sentence.citations]
        hits = found.hits[: self.settings.hits]
        for place, quote in enumerate(find_differences(told, hits, self.embedder)):
            if place == 0:
                yield from draft.say(LEAD)
            yield draft.quote(quote.text, quote.hit, quote.hit.book.full_title)
        for quote in find_opposition(told, hits, self.verifier):
            if not draft.repeats(quote.text):
                yield from draft.say(DISAGREE)
                yield draft.quote(quote.text, quote.hit, quote.hit.book.full_title)
        draft.lap("differences")

    def _open(
        self, question: str, history: Sequence[Turn], profile: Profile | None
    ) -> Opening | None:
        """The gentle opening of a heavy subject, with the help line of her country."""
        told = profile_of(question, history, profile)
        return open_gently(
            question, history, told, find_country(told.country or self.settings.country)
        )

    @property
    def drafts(self) -> bool:
        """Whether the chat model writes. One that was never taught to answer only costs time."""
        wanted = self.settings.draft
        return wanted == "always" or (wanted == "auto" and getattr(self.model, "grounded", True))

    @property
    def _chooses(self) -> bool:
        """Whether the model finds the right sentences itself; else the books' best follow its own."""
        return bool(getattr(self.model, "chooses", True))

    def answer(
        self, question: str, history: Sequence[Turn] = (), profile: Profile | None = None
    ) -> Answer:
        """The finished answer, for who does not want to watch it come."""
        *_, last = self.stream(question, history, profile)
        if not isinstance(last, Answer):
            raise TypeError(f"the stream ended with {type(last).__name__}, expected Answer")
        return last

    def _draft(
        self, question: str, found: SearchResult, quotes: Sequence[Quote], reply: Record
    ) -> Iterator[Event]:
        """Draft until something holds: from what the prompt may show, then from less of it."""
        for shown in self._list_excerpts(question, found, quotes):
            yield from self._write(question, found, shown, reply)
            if reply.sentences or reply.refused or not reply.is_wanted():
                break
        reply.lap("draft")

    def _write(
        self,
        question: str,
        found: SearchResult,
        shown: Sequence[tuple[Hit, Passage]],
        reply: Record,
    ) -> Iterator[Event]:
        """Stream the model's draft; pass on only the sentences that their passage supports."""
        passages = fit_passages(
            question,
            [passage for _, passage in shown],
            lambda messages: count_message_tokens(self.model, messages),
            prompt_budget_tokens(self.model, self.settings),
            found.earlier,
        )
        hits = [hit for hit, _ in shown[: len(passages)]]
        messages = render_messages(question, passages, found.earlier)
        settled = found.evidence.was_read and getattr(self.model, "reads_openings", False)
        never: dict[str, Any] = {"never_open": REFUSAL} if settled else {}
        in_a_row = 0
        with closing(_text_of(self.model.stream(messages, **never), reply.is_wanted)) as pieces:
            for sentence in stream_sentences(pieces):
                if sentence.startswith(REFUSAL.rstrip(".")):
                    reply.refused = True
                    break
                event = self._check(sentence, hits, reply)
                in_a_row = in_a_row + 1 if isinstance(event, Dropped) else 0
                yield event
                if in_a_row == PATIENCE:
                    break

    def _list_excerpts(
        self, question: str, found: SearchResult, quotes: Sequence[Quote]
    ) -> Iterator[list[tuple[Hit, Passage]]]:
        """What the prompt shows: to a model that does not choose well the quotes alone, then less of them."""
        asked, likely = found.query or question, found.hits[: self.settings.hits]
        prompts = [] if self._chooses else list_prompts(asked, quotes, self.embedder)
        if prompts:
            yield from (cut_to(pieces, likely) for pieces in prompts)
        else:
            yield compress_hits(asked, likely, self.embedder)

    def _check(self, drafted: str, hits: Sequence[Hit], reply: Record) -> Event:
        """A drafted sentence becomes a Sentence with its citation, or Dropped with the reason."""
        cited = read_citations(strip_unreadable(drafted), len(hits))
        if cited.unknown:
            return reply.drop(cited.text, f"cites [{cited.unknown[0]}] of {len(hits)} passages")
        if not cited.numbers:
            return reply.drop(cited.text, "cites no passage")
        if reply.repeats(cited.text):
            return reply.drop(cited.text, "repeats an earlier sentence")
        if _POINTS_ON.search(cited.text):
            return reply.drop(cited.text, "points at a list that it leaves out")
        reasons = []
        for number in cited.numbers:
            hit = hits[number - 1]
            if foreign := foreign_characters(cited.text, hit.passage.text):
                reasons.append(f"holds “{foreign}”, which can't be checked")
                continue
            section = " › ".join(hit.passage.section)
            verdict = self.verifier.verify(cited.text, hit.passage.text, section)
            if verdict.supported:
                return reply.keep(cited.text, hit, verdict.quote)
            reasons.append(verdict.reason)
        return reply.drop(cited.text, "; ".join(reasons))

    def _find_quotes(self, question: str, found: SearchResult) -> list[Quote]:
        """The books' best sentences for the question."""
        hits = found.hits[: self.settings.hits]
        return best_sentences(found.query or question, hits, self.embedder)

    def _quote(self, quotes: Sequence[Quote], reply: Record) -> Iterator[Event]:
        """Let the books speak: each sentence with its page, if it is not told already.

        After a draft they follow it: a model that does not choose has worded only some of them.
        """
        for quote in quotes:
            if not reply.tells(quote.text):
                yield reply.quote(quote.text, quote.hit)
        reply.lap("quote")


def _without_orders(found: SearchResult) -> SearchResult:
    """The hits less those whose text speaks to the machine that reads it: such a page is planted."""
    kept = tuple(hit for hit in found.hits if not gives_orders(hit.passage.text))
    if len(kept) == len(found.hits):
        return found
    log.warning("left out %d passages that give orders to a machine", len(found.hits) - len(kept))
    return replace(found, hits=kept, evidence=found.evidence if kept else NOTHING)


def _text_of(chunks: Iterator[Any], is_wanted: Callable[[], bool]) -> Generator[str]:
    """The text pieces of a LangChain message stream; closing it closes the generation."""
    for chunk in chunks:
        if not is_wanted():
            break
        yield str(chunk.content)


@lru_cache(maxsize=2)
def load_assistant(settings: Settings) -> Assistant:
    """The assistant that `settings` describe; models are loaded once a process."""
    embedder = load_embedder(settings)
    for reads in (load_reader(settings), load_proofreader(settings)):
        if reads is not None:
            reads.warm_up()
    return Assistant(
        retriever=load_retriever(settings, embedder),
        model=load_chat_model(settings),
        embedder=embedder,
        verifier=load_verifier(settings, embedder),
        settings=settings,
    )
