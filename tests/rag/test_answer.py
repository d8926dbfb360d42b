"""The six steps of an answer, with a scripted model: only what a page supports is ever said."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from corpus.records import Book, Hit, Passage
from rag.answer import PATIENCE, Assistant
from rag.events import Answer, Dropped, Opening, Sentence, Triage, Turn
from rag.prompt import REFUSAL
from rag.reply.limits import ASK_PRESCRIBER, NOT_IN_BOOKS, say_out_of_scope
from rag.reply.record import Record
from rag.retrieve import SearchResult
from rag.search.gate import Evidence, Verdict
from rag.verify import Verifier
from settings import Settings
from tests.fakes import HashingEmbedder, ScriptedChatModel

BOOK = Book("b1", "eating.pdf", "/eating.pdf", "Eating in pregnancy")
IRON = "Pregnant women need 27 mg of iron a day. Take iron tablets with water or orange juice."
FOLIC = "Take 400 micrograms of folic acid every day until week 12 of pregnancy."


def hit(text: str, n: int) -> Hit:
    passage = Passage(f"p{n}", BOOK.id, n, n, str(n), ("Vitamins", "Supplements"), text, position=n)
    return Hit(passage, BOOK, 1.0 - n / 10)


class FixedRetriever:
    """Finds the same two passages for every question, with the verdict it was given."""

    def __init__(
        self, verdict: Verdict = "enough", score: float = 0.9, was_read: bool = False
    ) -> None:
        features = {"answers": 0.0} if was_read else {}
        self.evidence = Evidence(verdict, score, features)

    def search(
        self, question: str, history: Sequence[Turn] = (), profile: Any = None
    ) -> SearchResult:
        hits = (hit(IRON, 1), hit(FOLIC, 2))
        return SearchResult(hits, self.evidence, ("Iron (Eating)",), question)


def assistant(
    *replies: str,
    verdict: Verdict = "enough",
    score: float = 0.9,
    was_read: bool = False,
    **settings: Any,
) -> Assistant:
    embedder = HashingEmbedder()
    return Assistant(
        retriever=FixedRetriever(verdict, score, was_read),  # type: ignore[arg-type]
        model=ScriptedChatModel(replies=list(replies) or ["unused"]),
        embedder=embedder,
        verifier=Verifier(embedder),
        settings=Settings(**settings),
    )


def said(answer: Answer) -> list[str]:
    return [sentence.text for sentence in answer.sentences]


def test_a_supported_sentence_is_said_with_its_page() -> None:
    answer = assistant(
        "Take 400 micrograms of folic acid every day until week 12 of pregnancy [2]."
    ).answer("How much folic acid?")
    assert answer.status == "answered"
    assert [citation.n for citation in answer.citations] == [1]  # numbered by first use
    assert answer.citations[0].hit.passage.text == FOLIC
    assert answer.citations[0].quote in FOLIC


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ("Take 400 mg of folic acid every day until week 12 of pregnancy [2].", "400 mg"),
        ("Take 400 micrograms of folic acid every day [0].", "[0] of 2"),
        ("Take 400 micrograms of folic acid every day [9].", "[9] of 2"),
        ("Take 400 micrograms of folic acid every day.", "cites no passage"),
        ("Take any of these every day [2].", "leaves out"),
        ("The capital of France is Paris [1].", ""),
    ],
)
def test_an_unsupported_sentence_is_withheld_and_the_books_are_quoted(
    draft: str, reason: str
) -> None:
    answer = assistant(draft).answer("How much folic acid should I take every day?")
    assert answer.status == "quoted"
    assert reason in answer.dropped[0].reason
    assert all(text in IRON or text in FOLIC for text in said(answer))
    assert said(answer)


def test_a_good_sentence_survives_between_bad_ones() -> None:
    draft = "Eat 900 mg of iron a day [1]. Pregnant women need 27 mg of iron a day [1]. Trust me."
    answer = assistant(draft).answer("How much iron?")
    assert answer.status == "answered"
    assert said(answer) == ["Pregnant women need 27 mg of iron a day."]
    assert len(answer.dropped) == 2


def test_a_repeated_sentence_is_said_once() -> None:
    answer = assistant("Pregnant women need 27 mg of iron a day [1]. " * 3).answer("How much iron?")
    assert len(answer.sentences) == 1


def test_a_draft_that_only_invents_is_given_up_early() -> None:
    answer = assistant("Invented nonsense about iron and gold [1]. " * 50).answer("How much iron?")
    assert len(answer.dropped) <= PATIENCE


@pytest.mark.parametrize(
    ("verdict", "text"),
    [("not_in_books", NOT_IN_BOOKS), ("out_of_scope", say_out_of_scope("How do I file my taxes?"))],
)
def test_without_evidence_no_model_is_called(verdict: Verdict, text: str) -> None:
    helper = assistant("I would love to invent something [1].", verdict=verdict, score=0.05)
    asked = "How do I file my taxes?" if verdict == "out_of_scope" else "Does zinc stop cramps?"
    answer = helper.answer(asked)
    assert (answer.status, answer.text) == (verdict, text)
    assert isinstance(helper.model, ScriptedChatModel)
    assert helper.model.asked == []
    assert bool(answer.nearest_sections) == (verdict == "not_in_books")


def test_an_emergency_calls_no_model_and_comes_first() -> None:
    helper = assistant("It is nothing [1].")
    first, *_, last = helper.stream("i am 34 weeks and my baby has not moved since yesterday")
    assert isinstance(first, Triage)
    assert first.level == "emergency"
    assert isinstance(last, Answer)
    assert last.status == "emergency"
    assert isinstance(helper.model, ScriptedChatModel)
    assert helper.model.asked == []


def test_a_model_that_was_never_taught_does_not_draft_unless_told_to() -> None:
    draft = "Pregnant women need 27 mg of iron a day [1]."
    for setting, status in (("auto", "quoted"), ("always", "answered"), ("never", "quoted")):
        helper = assistant(draft, draft=setting)
        helper.model = ScriptedChatModel(replies=[draft], grounded=False)
        assert helper.answer("How much iron?").status == status


def test_events_come_in_order_and_closing_the_stream_stops_the_draft() -> None:
    helper = assistant("Pregnant women need 27 mg of iron a day [1]. " + "More words follow. " * 40)
    stream = helper.stream("How much iron?")
    assert isinstance(next(stream), Triage)
    assert isinstance(next(stream), Sentence)
    stream.close()  # type: ignore[attr-defined]
    assert isinstance(helper.model, ScriptedChatModel)
    assert helper.model.closed_early == 1


def test_what_was_withheld_is_told_as_it_happens() -> None:
    events = list(assistant("Nobody needs iron [1].").stream("How much iron?"))
    assert any(isinstance(event, Dropped) for event in events)
    assert isinstance(events[-1], Answer)
    assert {"triage", "search", "draft", "first_sentence", "total"} <= set(events[-1].timings_ms)


SUPPORTED = "Take 400 micrograms of folic acid every day until week 12 of pregnancy [2]."


@pytest.mark.parametrize(
    ("reply", "verdict", "score", "status"),
    [
        (REFUSAL, "enough", 0.9, "not_in_books"),  # the model read the passages: it is believed
        (REFUSAL, "enough", 0.99, "quoted"),  # unless the search is sure of its passage
        (SUPPORTED, "not_in_books", 0.3, "answered"),  # the gate was not sure, the model was
        (REFUSAL, "not_in_books", 0.3, "not_in_books"),
        (SUPPORTED, "not_in_books", 0.05, "not_in_books"),  # the model is not asked
        (SUPPORTED, "out_of_scope", 0.3, "out_of_scope"),
    ],
)
def test_gate_and_model_decide_together_whether_the_books_answer(
    reply: str, verdict: Verdict, score: float, status: str
) -> None:
    answer = assistant(reply, verdict=verdict, score=score).answer("How much folic acid?")
    assert answer.status == status


@pytest.mark.parametrize(("was_read", "asked"), [(False, True), (True, False)])
def test_a_gate_that_is_not_sure_asks_the_model_unless_the_passages_were_read(
    was_read: bool, asked: bool
) -> None:
    helper = assistant(verdict="not_in_books", score=0.3, was_read=was_read)
    helper.model = ScriptedChatModel(replies=[SUPPORTED])
    assert bool(helper.answer("How much folic acid?").sentences[0].citations) is asked
    assert bool(helper.model.asked) is asked


def test_a_model_that_does_not_choose_words_the_quotes_and_the_rest_of_them_follow() -> None:
    helper = assistant()
    helper.model = ScriptedChatModel(replies=[SUPPORTED.replace("[2]", "[1]")], chooses=False)
    answer = helper.answer("How much folic acid every day?")
    assert answer.status == "answered"
    assert not answer.sentences[0].quoted
    assert all(s.quoted for s in answer.sentences[1:])
    shown = str(helper.model.asked[0][-1].content)
    assert "400 micrograms" in shown
    told = [c.quote for s in answer.sentences for c in s.citations]
    assert len(set(told)) == len(told)  # no words twice


TWO_THINGS = "How much iron a day do pregnant women need, and do I take iron tablets with water?"


def test_a_model_that_does_not_choose_is_asked_again_with_less_when_nothing_of_its_draft_holds() -> (
    None
):
    helper = assistant()
    replies = [
        "Take 900 mg of iron [1].",
        "Pregnant women need 27 mg of iron a day [1].",
        "Unused.",
    ]
    helper.model = ScriptedChatModel(replies=replies, chooses=False)
    answer = helper.answer(TWO_THINGS)
    assert answer.status == "answered"
    assert len(answer.dropped) == 1
    first, second = (str(asked[-1].content) for asked in helper.model.asked)
    assert "27 mg" in first
    assert "water or" in first
    assert ("27 mg" in second) != ("water or" in second)


def test_a_model_that_refuses_is_not_asked_again() -> None:
    helper = assistant()
    helper.model = ScriptedChatModel(replies=[REFUSAL], chooses=False)
    helper.answer(TWO_THINGS)
    assert len(helper.model.asked) == 1


def test_the_log_holds_a_conversation_only_where_asked_for_and_then_masked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    question = "My name is Ada Byron, 07700 900123: how much iron?"
    for asked_for in (False, True):
        caplog.clear()
        with caplog.at_level(logging.INFO):
            assistant("Ada needs 900 mg [1].", log_conversations=asked_for).answer(question)
        assert "Byron" not in caplog.text
        assert "900123" not in caplog.text
        assert ("how much iron?" in caplog.text) is asked_for
        assert ("900 mg" in caplog.text) is asked_for


def test_a_heavy_subject_is_opened_gently_before_anything_is_said() -> None:
    events = list(
        assistant("Unused.", draft="never").stream("I lost my baby. Do I still need iron?")
    )
    assert isinstance(events[1], Opening)
    assert events[1].tone == "loss"
    assert isinstance(events[-1], Answer)
    assert events[-1].opening == events[1]


def test_a_question_for_a_dose_gets_the_pages_and_is_sent_to_the_prescriber() -> None:
    answer = assistant("Unused.", draft="never").answer(
        "How many mg of iron tablets should I take?"
    )
    assert answer.citations
    assert said(answer)[-1] == ASK_PRESCRIBER


def test_a_quote_of_which_one_clause_was_left_out_still_follows() -> None:
    record = Record(Settings(), lambda: True)
    record.keep(
        "Take a missed pill as soon as you remember it and go on as usual.", hit(FOLIC, 2), ""
    )
    whole = "Take a missed pill as soon as you remember it and go on as usual"
    assert record.tells(f"{whole}.")
    assert not record.tells(f"{whole}; no condom is needed.")
