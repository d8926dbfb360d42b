"""Questions beside passages that answer them or do not: what the reranker learns from.

A row's passage with the anchor answers; the same passage without the sentences that hold it does
not, nor do the other passages that a search brings up, nor anything for a question that no booklet
answers. Training road: row → **Pair** → reranker. Needs an index of the starter library.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from corpus.records import Passage
from finetune.errors import DataInvalid
from finetune.grounded import ROWS_DIR, Claim, GroundedRow, near_gold, read_rows
from rag.events import Turn
from rag.retrieve import Retriever
from rag.search.rerank import READ, write_out
from rag.search.vocabulary import content_words, stem, words_of
from rag.text.sentences import Span, split_sentences

HELD = 0.2  # share of the rows that the reranker never sees: the gate is fitted on them
SEARCHED = 8
WRONG = 3  # passages without the anchor beside one with it
NEAR_MISS = 4  # passages of a question that no booklet answers
TOLD = 0.75  # share of an answer's words from which a passage may answer too: it is left out
ASKED_FROM = 15  # nearest passages among which a carried question's are sought
SPARED = 3  # nearest ones that are never its wrong ones: another section may answer too
THINNED = 0.3  # share of the right passages that lose a sentence without the answer

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a text; `spans` are the characters of the text that hold the answer."""

    id: str  # of the row, whose pairs share it
    source: str
    question: str
    text: str
    answers: bool
    spans: Spans = ()
    held: bool = False  # kept from training


def is_held(question: str) -> bool:
    """Whether a question is kept from the reranker, by a hash of its words."""
    digest = hashlib.sha256(question.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 < HELD


def build_grounded_pairs(retriever: Retriever, folder: Path = ROWS_DIR) -> Iterator[Pair]:
    """Pairs of every row that comes near no gold question; the held ones as serving would read them."""
    rows = list(read_rows(folder))
    near = near_gold([row.question for row in rows], retriever.embedder)
    for row in (row for row, is_near in zip(rows, near, strict=True) if not is_near):
        history = [Turn("user", row.earlier)] if row.earlier else []
        query, found = retriever.look_up(row.question, history)
        passages = found.passages[:SEARCHED]
        if is_held(row.question):
            yield from _as_served(row, query, passages)
        elif row.answer:
            carriers = list(_find_carriers(row, retriever, passages))
            yield from _answered(row, query, carriers, passages)
        else:
            for passage in passages[:NEAR_MISS]:
                yield Pair(row.id, row.kind or "near_miss", query, write_out(passage), False)


def build_asked_pairs(retriever: Retriever) -> Iterator[Pair]:
    """Pairs of the questions that a section says it answers, by closeness of vectors alone."""
    index = retriever.live.current()
    passages = index.passages(range(len(index)))
    asked = list(dict.fromkeys(question for p in passages for question in p.asked_as))
    questions = retriever.embedder.encode(asked)
    closeness = questions @ retriever.embedder.encode([p.embedded_text for p in passages]).T
    for question, close in zip(asked, closeness, strict=True):
        ranked = [passages[place] for place in (-close).argsort()[:ASKED_FROM]]
        own = next((p for p in ranked if question in p.asked_as), None)
        others = [p for p in ranked[SPARED:] if question not in p.asked_as]
        if own is None:
            continue
        yield Pair(f"asked: {question}", "asked", question, write_out(own), True)
        for passage in random.Random(question).sample(others, min(2, len(others))):
            yield Pair(f"asked: {question}", "asked", question, write_out(passage), False)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> int:
    """One JSON object a line; how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(pair), ensure_ascii=False) for pair in pairs]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def read_pairs_file(path: Path) -> list[Pair]:
    """The pairs of a file.

    Raises:
        DataInvalid: it is not there, or a line is no pair.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        spans = [tuple((int(start), int(end)) for start, end in row.pop("spans")) for row in rows]
        return [Pair(**row, spans=of) for row, of in zip(rows, spans, strict=True)]
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise DataInvalid(
            f"{path} holds no pairs ({failure!r}); expected what this writes: "
            "python -m finetune rerank --prepare"
        ) from failure


def _answered(
    row: GroundedRow, query: str, carriers: Sequence[Passage], found: Sequence[Passage]
) -> Iterator[Pair]:
    """The passages with the anchors, the same ones without, and others that do not answer."""
    chance = random.Random(row.id)
    for passage in carriers:
        told = [span for span in split_sentences(passage.text) if _tells(row.answer, span.text)]
        rest = _cut(passage.text, told)
        if told and len(split_sentences(rest)) > 1:
            shortened = write_out(replace(passage, text=rest))
            yield Pair(row.id, "without", query, shortened, False)
        yield _right(row, query, passage, chance)
    others = [p for p in found if p not in carriers and not _may_answer(row.answer, p)]
    for passage in others[:WRONG]:
        yield Pair(row.id, "wrong", query, write_out(passage), False)


def _as_served(row: GroundedRow, query: str, found: Sequence[Passage]) -> Iterator[Pair]:
    """What serving would read for a row: its first candidates."""
    for passage in found[:READ]:
        answers = any(_holds(claim, passage.text) for claim in row.answer)
        kind = "answered" if row.answer else row.kind or "near_miss"
        yield Pair(row.id, kind, query, write_out(passage), answers, held=True)


def _right(row: GroundedRow, query: str, passage: Passage, chance: random.Random) -> Pair:
    """A right passage, its answer marked; some lose another sentence, so that a gap tells nothing."""
    if chance.random() < THINNED:
        spans = split_sentences(passage.text)
        spare = [span for span in spans if not _tells(row.answer, span.text)]
        if spare and len(spans) > 2:
            passage = replace(passage, text=_cut(passage.text, [chance.choice(spare)]))
    text = write_out(passage)
    spans = [span for span in split_sentences(text) if _tells(row.answer, span.text)]
    return Pair(row.id, "right", query, text, True, tuple((s.start, s.end) for s in spans))


def _find_carriers(
    row: GroundedRow, retriever: Retriever, found: Sequence[Passage]
) -> Iterator[Passage]:
    """A passage for each anchor, once each: of those found if there is one, else of the book."""
    index = retriever.live.current()
    book = next((book for book in index.books if book.file == row.book), None)
    places = [*found, *index.passages(index.rows_of_book(book.id) if book else [])]
    given: set[str] = set()
    for claim in row.answer:
        passage = next((p for p in places if _holds(claim, p.text)), None)
        if passage is not None and passage.id not in given:
            given.add(passage.id)
            yield passage


def _holds(claim: Claim, text: str) -> bool:
    return _plain(claim.anchor) in _plain(text)


def _tells(claims: Sequence[Claim], sentence: str) -> bool:
    """Whether a sentence is (part of) an anchor, or says most of what an answer says."""
    plain = _plain(sentence)
    for claim in claims:
        anchor = _plain(claim.anchor)
        if anchor in plain or plain in anchor or _share(claim.text, sentence) >= TOLD:
            return True
        if _share(claim.anchor, sentence) >= TOLD:
            return True
    return False


def _may_answer(claims: Sequence[Claim], passage: Passage) -> bool:
    return any(_share(claim.text, passage.text) >= TOLD for claim in claims)


def _share(said: str, text: str) -> float:
    """Share of the content words of `said` that stand in the text."""
    stems = {stem(word) for word in words_of(text)}
    words = content_words(said)
    return sum(stem(word) in stems for word in words) / max(1, len(words))


def _cut(text: str, spans: Sequence[Span]) -> str:
    for span in sorted(spans, key=lambda span: -span.start):
        text = f"{text[: span.start].rstrip(' ')} {text[span.end :].lstrip(' ')}"
    return text.strip()


def _plain(text: str) -> str:
    return " ".join(text.split())
