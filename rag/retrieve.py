"""Question → hits and the verdict of the evidence gate; a LangChain `BaseRetriever`.

Book road: search question → **Hit** → messages. Owns the order of the steps; each step has a file:
`followup`, `vocabulary` (spelling), `synonyms`, `fusion` (scores), `passages` (choice), `gate`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, PrivateAttr

from corpus.index import Index, LiveIndex
from corpus.records import Hit
from models.embedder import Embedder
from rag.events import Turn
from rag.profile import Profile
from rag.reader import load_reader
from rag.search.features import measure_evidence
from rag.search.followup import search_question
from rag.search.fusion import Candidates, fuse
from rag.search.gate import NOTHING, Evidence, Gate, load_gate
from rag.search.passages import choose, join_neighbours
from rag.search.rerank import AnswerReader, read_best, reorder
from rag.search.synonyms import Rewording, Synonyms, load_synonyms
from rag.search.vocabulary import Vocabulary, content_words, words_of
from settings import Settings, load_settings

REGION_BONUS = 0.03  # cosine units: decides between passages that are about as good
NAMING_DEPTH = 24  # passages looked through for a name
NEAREST = 3  # section titles offered when the books do not answer


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found. `query` is what was searched; `earlier` what a follow-up leans on."""

    hits: tuple[Hit, ...]
    evidence: Evidence
    nearest_sections: tuple[str, ...] = ()
    query: str = ""
    earlier: str = ""


class Retriever(BaseRetriever):
    """Hybrid search over the newest index of a folder. One instance serves all threads."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    live: LiveIndex
    embedder: Embedder
    gate: Gate
    synonyms: Synonyms
    reader: AnswerReader | None = None  # reads the best passages; needs the gate fitted with it
    k: int = 5
    region: str = ""
    _vocabulary: tuple[str, Vocabulary] | None = PrivateAttr(default=None)

    def search(
        self,
        question: str,
        history: Sequence[Turn] = (),
        profile: Profile | None = None,
        k: int | None = None,
        region: str = "",
    ) -> SearchResult:
        """The best passages for a question, and whether they answer it."""
        asked = search_question(question, history)
        index = self.live.current()
        vocabulary = self._words_of(index)
        query = vocabulary.correct(asked.text)
        found, evidence = self._find(index, vocabulary, query)
        chosen = choose(found, k or self.k, self._favoured(index, region), REGION_BONUS)
        return SearchResult(
            hits=_hits(index, found, chosen),
            evidence=evidence,
            nearest_sections=_section_titles(index, found, chosen),
            query=query,
            earlier=asked.earlier,
        )

    def look_up(self, question: str, history: Sequence[Turn] = ()) -> tuple[str, Candidates]:
        """(what is searched, the candidates before any choice): for training."""
        index = self.live.current()
        vocabulary = self._words_of(index)
        query = vocabulary.correct(search_question(question, history).text)
        return query, self._fuse(index, self.synonyms.reword(query), query)[0]

    def weigh(self, question: str, hidden: Collection[int] = ()) -> Evidence:
        """The gate's verdict alone, as if the index had no `hidden` rows: for calibration."""
        index = self.live.current()
        vocabulary = self._words_of(index)
        return self._find(index, vocabulary, vocabulary.correct(question), hidden)[1]

    def find_naming(self, names: Sequence[str]) -> tuple[Hit, ...]:
        """Passages that hold the words of one of the names, best lexical match first."""
        index = self.live.current()
        words = list(dict.fromkeys(word for name in names for word in words_of(name)))
        rows = [row for row, _ in index.search_lexical(words, NAMING_DEPTH)]
        passages = [index.passage(row, boxes=True) for row in rows]
        return tuple(Hit(p, index.book(p.book_id), 0.0, {}) for p in passages)

    def _find(
        self, index: Index, vocabulary: Vocabulary, query: str, hidden: Collection[int] = ()
    ) -> tuple[Candidates, Evidence]:
        reworded = self.synonyms.reword(query)
        found, words = self._fuse(index, reworded, query, hidden)
        if not len(found):
            return found, NOTHING
        features = measure_evidence(vocabulary, query, reworded, words, found)
        if self.reader is not None:
            readings = read_best(self.reader, query, found)
            features["answers"] = float(readings.max())
            found = reorder(found, readings)
        return found, self.gate.judge(features)

    def _fuse(
        self, index: Index, reworded: Rewording, query: str, hidden: Collection[int] = ()
    ) -> tuple[Candidates, list[str]]:
        """The scored passages, and the words that the lexical search looked for."""
        words = _search_words(query, reworded)
        wordings = self.embedder.encode_questions([query, reworded.text])
        return fuse(index, wordings, words, hidden), words

    def _words_of(self, index: Index) -> Vocabulary:
        known = self._vocabulary
        if known is None or known[0] != index.version:
            known = (index.version, Vocabulary(index.passages(range(len(index)))))
            self._vocabulary = known
        return known[1]

    def _favoured(self, index: Index, region: str) -> frozenset[str]:
        wanted = (region or self.region).casefold()
        return frozenset(
            book.id for book in index.books if wanted and book.region.casefold() == wanted
        )

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return [_document(hit) for hit in self.search(query).hits]


def load_retriever(settings: Settings | None = None, embedder: Embedder | None = None) -> Retriever:
    """The retriever that `settings` describe, with the reader that belongs to them.

    Raises:
        CorpusError: there is no index, or not one made with this embedder.
    """
    from models.embedder import load_embedder

    settings = settings or load_settings()
    embedder = embedder or load_embedder(settings)
    reader = load_reader(settings)
    return Retriever(
        live=LiveIndex(settings.index_dir, embedder),
        embedder=embedder,
        gate=load_gate("read" if reader else "plain"),
        synonyms=load_synonyms(),
        reader=reader,
        k=settings.hits,
        region=settings.region,
    )


def _search_words(query: str, reworded: Rewording) -> list[str]:
    """What the lexical search looks for: the question's own words and their clinical wordings."""
    clinical = [word for wording in reworded.clinical for word in content_words(wording)]
    return list(dict.fromkeys([*(content_words(query) or words_of(query)), *clinical]))


def _hits(index: Index, found: Candidates, chosen: Sequence[int]) -> tuple[Hit, ...]:
    places = {int(found.rows[place]): place for place in chosen}
    hits = []
    for row, passage in join_neighbours(index, list(places)):
        place = places[row]
        score = float(found.score[place])
        hits.append(Hit(passage, index.book(passage.book_id), score, found.parts(place)))
    return tuple(hits)


def _section_titles(index: Index, found: Candidates, chosen: Sequence[int]) -> tuple[str, ...]:
    """Titles of the nearest sections, each with its book's title."""
    titles: dict[str, None] = {}
    for place in chosen:
        passage = found.passages[place]
        title = index.book(passage.book_id).title
        section = passage.section[-1].strip() if passage.section else f"p. {passage.page_label}"
        titles[f"{section} ({title})"] = None
    return tuple(titles)[:NEAREST]


def _document(hit: Hit) -> Document:
    passage = hit.passage
    return Document(
        page_content=passage.text,
        id=passage.id,
        metadata={
            "book": hit.book.file,
            "title": hit.book.title,
            "edition": hit.book.edition,
            "publisher": hit.book.publisher,
            "year": hit.book.year,
            "region": hit.book.region,
            "page": passage.first_page,
            "last_page": passage.last_page,
            "page_label": passage.page_label,
            "section": " › ".join(passage.section),
            "score": hit.score,
            **hit.parts,
        },
    )
