"""Our own road on the same books and questions: ingest, search, and answers as they are watched."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.build import IngestOptions, ingest
from models.embedder import load_embedder
from rag.answer import load_assistant
from rag.events import Answer, Sentence
from rag.measure.evaluate import GoldQuestion, pages_of
from rag.retrieve import load_retriever
from scripts.bench.measures import K, Pages, Side, cpu_seconds, measure_search
from settings import Settings


def measure_ours(
    books: Sequence[Path], questions: Sequence[GoldQuestion], settings: Settings
) -> Side:
    """Ingest into `settings.index_dir` from nothing, then search it."""
    embedder = load_embedder(settings)
    embedder.encode(["warm"])
    options = IngestOptions(
        index_dir=settings.index_dir,
        ocr=settings.ocr,
        passage_words=settings.passage_words,
        windows=settings.window_vectors,
        rebuild=True,
    )
    start, cpu = time.perf_counter(), cpu_seconds()
    report = ingest(books, options, embedder)
    total, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    retriever = load_retriever(settings, embedder)

    def search(question: str) -> list[Pages]:
        return [pages_of(hit) for hit in retriever.search(question, k=K).hits]

    milliseconds, recall = measure_search(search, questions)
    seconds = {stage: round(spent, 2) for stage, spent in report.seconds.items()}
    return Side(
        name="Llama, MD",
        pages=sum(book.pages for book in report.books),
        passages=sum(book.passages for book in report.books),
        seconds={**seconds, "total": round(total, 2)},
        cpu_s=round(cpu, 1),
        search_ms=milliseconds,
        recall_at_5=recall,
    )


def measure_answers(questions: Sequence[GoldQuestion], settings: Settings) -> dict[str, Any]:
    """Median seconds to the first verified sentence and to the whole answer."""
    assistant = load_assistant(settings)
    assistant.answer("How much folic acid is advised in early pregnancy?")  # warms everything
    first, whole, statuses = [], [], dict[str, int]()
    for question in questions:
        start = time.perf_counter()
        for event in assistant.stream(question.question):
            spent = time.perf_counter() - start
            if isinstance(event, Sentence) and len(first) == len(whole):
                first.append(spent)
            if isinstance(event, Answer):
                first += [spent] * (len(whole) + 1 - len(first))
                whole.append(spent)
                statuses[event.status] = statuses.get(event.status, 0) + 1
    return {
        "questions": len(whole),
        "first_sentence_s": round(statistics.median(first), 2),
        "whole_answer_s": round(statistics.median(whole), 2),
        "statuses": statuses,
        "model": settings.model_url or settings.model,
    }
