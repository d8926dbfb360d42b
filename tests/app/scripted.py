"""A small real library (a PDF drawn here, a real index) and an assistant that reads a script.

Stands in for the models in the tests of the page; run as a module it serves the page with them:
`python -m tests.app.scripted FOLDER` prints {"url": …}.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app.resources import Desk
from corpus.index import Index
from corpus.manifest import BookEntry, EmbedderId
from corpus.records import Book, Box, Citation, Hit, Passage, TextBox
from corpus.vectors import BookVectors
from corpus.writer import IndexWriter, writing_lock
from rag.events import Answer, Dropped, Event, Opening, Sentence, Triage, Turn
from rag.profile import Profile
from rag.retrieve import SearchResult
from rag.search.gate import Evidence
from settings import Settings

HOSTILE = (
    '<img src="http://evil.invalid/i.png" onerror="window.hacked=1"> '
    "![x](http://evil.invalid/m.png) "
    "<script>window.hacked=1</script> [link](javascript:window.hacked=1) "
    '<a href="http://evil.invalid/a">go</a> '
    "<style>body{background:url(http://evil.invalid/c)}</style>"
)
PARAGRAPHS = (
    "Folic acid lowers the chance of a neural tube defect. Take 400 micrograms every day from "
    "before you conceive until the end of week 12. Some people are told to take a higher amount.",
    "Call your maternity unit when your waters break. Tell them the colour of the water and "
    "whether your baby is moving as usual. Green or brown water needs to be seen at once.",
    f"A hostile book says {HOSTILE} and expects to be obeyed.",
)
SECTIONS = (("Before you conceive", "Folic acid"), ("Labour", "Waters breaking"), ("Hostile page",))
_LEFT, _TOP, _SIZE, _LEADING = 50.0, 120.0, 12.0, 19.0


def make_library(folder: Path) -> Index:
    """A three-page book, one passage a page, and its index under `folder`/index."""
    path = folder / "starter.pdf"
    boxes = _draw_book(path)
    book = Book(
        id=hashlib.sha256(path.read_bytes()).hexdigest(),
        file=path.name,
        path=str(path.absolute()),
        title="Before and after the birth",
        edition="2nd edition",
        publisher="Test Press",
        year=2026,
        region="international",
        licence="CC BY 4.0",
    )
    passages = [_passage(book, number, boxes[number]) for number in range(len(PARAGRAPHS))]
    vectors = BookVectors.of(np.eye(3, 8, dtype=np.float32), [0, 1, 2], ["passage"] * 3)
    entry = BookEntry(book=book, pages=3, ocr_pages=1, warnings=("page 3: read by OCR",))
    index = folder / "index"
    with (
        writing_lock(index),
        IndexWriter(index, EmbedderId(name="t", revision="", dimension=8)) as w,
    ):
        w.add_book(entry, passages, vectors)
        w.publish()
    return Index.open(index)


class ScriptedAssistant:
    """Speaks from the test library, a sentence every `pause_s`, and writes down how much it said.

    `diary` gets one letter a sentence, so that a test in another process sees when it falls silent.
    """

    def __init__(self, index: Index, pause_s: float = 0.25, diary: Path | None = None) -> None:
        self.index = index
        self.pause_s = pause_s
        self.diary = diary
        self.retriever = ScriptedRetriever(index)
        self.heard: list[tuple[str, tuple[Turn, ...], Profile | None]] = []

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        profile: Profile | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Iterator[Event]:
        self.heard.append((question, tuple(history), profile))
        triage = _triage(question)
        yield triage
        if opening := _opening(question):
            yield opening
        sentences: list[Sentence] = []
        for sentence in self._script(question, triage):
            time.sleep(self.pause_s)
            self._write_down()
            sentences.append(sentence)
            yield sentence
        dropped = Dropped("Take 4 mg.", "the passage says 400 micrograms")
        yield dropped
        yield _finish(question, triage, sentences, dropped)

    def _write_down(self) -> None:
        if self.diary:
            with self.diary.open("a") as diary:
                diary.write(".")

    def _script(self, question: str, triage: Triage) -> Iterator[Sentence]:
        asked = question.lower()
        if "capital" in asked:
            yield Sentence("My books do not answer this.")
        elif "echo" in asked:
            yield self._cite(question, 3, 1, question)
        elif "hostile" in asked:
            yield self._cite(HOSTILE, 3, 1, HOSTILE)
        elif "long" in asked:
            for number in range(1, 200):
                yield self._cite(f"This is sentence {number} of a long answer.", 1, 1, "Folic acid")
        elif triage.level == "emergency":
            yield self._cite(
                "Green or brown water needs to be seen at once.", 2, 1, _sentence(1, 2)
            )
        else:
            yield self._cite(
                "Folic acid lowers the chance of a neural tube defect.", 1, 1, _sentence(0, 0)
            )
            yield self._cite(
                "Take 400 micrograms a day from before you conceive until week 12.",
                1,
                1,
                _sentence(0, 1),
            )
            yield self._cite(
                "Call your maternity unit when your waters break.", 2, 2, _sentence(1, 0)
            )

    def _cite(self, text: str, page: int, n: int, quote: str) -> Sentence:
        passage = self.index.passage(page - 1)
        hit = Hit(passage, self.index.book(passage.book_id), 0.9, {"dense": 0.8, "lexical": 0.1})
        return Sentence(text, (Citation(n, hit, quote),))


class ScriptedRetriever:
    """Finds every passage of the test library, in the order of the pages."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def search(self, question: str, /, *, k: int) -> SearchResult:
        passages = self.index.passages([0, 1, 2])
        parts = {"dense": 0.81, "lexical": 0.22, "question": 0.4}
        hits = [
            Hit(passage, self.index.book(passage.book_id), 0.9 - rank / 10, parts)
            for rank, passage in enumerate(passages)
        ]
        evidence = Evidence("enough", 0.97, {"cosine": 0.81})
        return SearchResult(tuple(hits[:k]), evidence, query=question)


def make_desk(folder: Path, pause_s: float = 0.25) -> Desk:
    """A desk with the test library and the scripted assistant."""
    folder.mkdir(parents=True, exist_ok=True)
    index = make_library(folder)
    settings = Settings(index_dir=folder / "index", books_dir=folder)
    assistant = ScriptedAssistant(index, pause_s, folder / "diary")
    return Desk(settings, lambda _settings: assistant, folder / "ratings.sqlite")


def _draw_book(path: Path) -> list[list[TextBox]]:
    """Draw one paragraph a page; gives the box of every word."""
    canvas = Canvas(str(path), pagesize=A5, invariant=1)
    canvas.setTitle("Before and after the birth")
    boxes = []
    for section, text in zip(SECTIONS, PARAGRAPHS, strict=True):
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(_LEFT, A5[1] - 80, section[-1])
        boxes.append(_draw_words(canvas, text, len(boxes) + 1))
        canvas.showPage()
    canvas.save()
    return boxes


def _draw_words(canvas: Canvas, text: str, page: int) -> list[TextBox]:
    canvas.setFont("Helvetica", _SIZE)
    boxes, x, y, start = [], _LEFT, _TOP, 0
    for word in text.split():
        width = stringWidth(word, "Helvetica", _SIZE)
        if x + width > A5[0] - _LEFT:
            x, y = _LEFT, y + _LEADING
        canvas.drawString(x, A5[1] - y, word)
        start = text.index(word, start)
        box = Box(page, x, y - _SIZE, x + width, y + 3)
        boxes.append(TextBox(start, start + len(word), box))
        start += len(word)
        x += width + stringWidth(" ", "Helvetica", _SIZE)
    return boxes


def _passage(book: Book, number: int, boxes: list[TextBox]) -> Passage:
    text, page = PARAGRAPHS[number], number + 1
    return Passage(
        id=Passage.make_id(book.id, page, page, text),
        book_id=book.id,
        first_page=page,
        last_page=page,
        page_label=str(page),
        section=SECTIONS[number],
        text=text,
        boxes=tuple(boxes),
        position=number,
    )


def _sentence(paragraph: int, number: int) -> str:
    return PARAGRAPHS[paragraph].split(". ")[number].rstrip(".") + "."


def _triage(question: str) -> Triage:
    asked = question.lower()
    if "bleeding" in asked:
        advice = "Heavy bleeding in pregnancy needs help now. Call, and lie on your side."
        return Triage(
            "emergency", ("bleeding",), (advice,), ("CDC, Urgent Maternal Warning Signs",)
        )
    if "itch" in asked:
        advice = "Itching of the palms can come from the liver. Have your blood tested today."
        return Triage("urgent", ("itching",), (advice,), ("NHS, Itching and cholestasis",))
    return Triage()


def _opening(question: str) -> Opening | None:
    if "lost my baby" in question.lower():
        return Opening("loss", "I'm so sorry.", "Someone to talk to:", "0808 164 3332 (Sands)")
    return None


def _finish(question: str, triage: Triage, sentences: list[Sentence], dropped: Dropped) -> Answer:
    missing = "capital" in question.lower()
    status = (
        "not_in_books" if missing else "emergency" if triage.level == "emergency" else "answered"
    )
    return Answer(
        status=status,  # type: ignore[arg-type]
        sentences=tuple(sentences),
        citations=tuple(mark for sentence in sentences for mark in sentence.citations),
        triage=triage,
        dropped=(dropped,),
        nearest_sections=("Before you conceive › Folic acid",) if missing else (),
    )


def main() -> None:
    """Serve the page around the scripted assistant until the process is ended."""
    from app.server import bind, serve

    listening = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    pause_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    desk = make_desk(Path(sys.argv[1]), pause_s)
    serve(desk, listening, lambda: print(json.dumps({"url": url}), flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
