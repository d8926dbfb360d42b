"""Records → the JSON objects of the command line, and the plain text a person reads there.

The only owner of the field names that DESIGN's command lines promise.
"""

from __future__ import annotations

from typing import Any

from corpus.records import Book, Citation, Hit
from rag.events import Answer, Triage
from rag.retrieve import SearchResult


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """One ranked passage; pages are 1-based PDF page indexes."""
    passage = hit.passage
    return {
        **_book_as_json(hit.book),
        "page": passage.first_page,
        "last_page": passage.last_page,
        "page_label": passage.page_label,
        "section": " › ".join(passage.section),
        "text": passage.text,
        "score": round(hit.score, 4),
        **{name: round(part, 4) for name, part in hit.parts.items()},
    }


def search_as_json(result: SearchResult) -> dict[str, Any]:
    """The hits, and what the evidence gate made of them."""
    return {
        "hits": [hit_as_json(hit) for hit in result.hits],
        "verdict": result.evidence.verdict,
        "evidence": round(result.evidence.score, 4),
        "query": result.query,
    }


def search_as_text(found: dict[str, Any]) -> str:
    """Ranked passages, the best first, ready to read in a terminal."""
    lines = [f"{found['verdict']} (evidence {found['evidence']:.2f})"]
    for rank, hit in enumerate(found["hits"], start=1):
        lines.append(f"\n{rank}. {_name_page(hit)} · {hit['section']}")
        lines.append(f"   score {hit['score']}\n   {hit['text']}")
    return "\n".join(lines)


def triage_as_json(found: Triage) -> dict[str, Any]:
    """Level, rule ids, what to do, and where each rule comes from."""
    return {
        "level": found.level,
        "signs": list(found.signs),
        "advice": list(found.advice),
        "sources": list(found.sources),
    }


def triage_as_text(found: dict[str, Any]) -> str:
    """The level first; then what to do, a line a sign."""
    return "\n".join([found["level"], *(f"- {line}" for line in found["advice"])])


def citation_as_json(citation: Citation) -> dict[str, Any]:
    """Where the words of `[n]` stand."""
    passage, book = citation.hit.passage, citation.hit.book
    return {
        "n": citation.n,
        **_book_as_json(book),
        "page": citation.page,
        "last_page": passage.last_page,
        "page_label": passage.page_label,
        "section": " › ".join(passage.section),
        "quote": citation.quote,
    }


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The whole answer, with what was withheld and how long each step took."""
    advice = " ".join(answer.triage.advice) if answer.status == "emergency" else ""
    opening = answer.opening.words if answer.opening else ""
    return {
        "answer": " ".join(part for part in (advice, opening, answer.text) if part),
        "tone": answer.opening.tone if answer.opening else None,
        "status": answer.status,
        "citations": [citation_as_json(citation) for citation in answer.citations],
        "triage": triage_as_json(answer.triage),
        "dropped": [{"text": gone.text, "reason": gone.reason} for gone in answer.dropped],
        "nearest_sections": list(answer.nearest_sections),
        "timings_ms": answer.timings_ms,
    }


def answer_as_text(found: dict[str, Any]) -> str:
    """The answer, then its pages."""
    lines = [found["answer"], ""]
    for cited in found["citations"]:
        lines.append(f"[{cited['n']}] {_name_page(cited)}: “{cited['quote']}”")
    if found["nearest_sections"]:
        lines.append("Nearest in my books: " + "; ".join(found["nearest_sections"]))
    return "\n".join(lines).strip()


def verdict_as_text(found: dict[str, Any]) -> str:
    """Yes, or no with the reason."""
    return "supported" if found["supported"] else f"not supported: {found['reason']}"


def _book_as_json(book: Book) -> dict[str, Any]:
    return {
        "book": book.file,
        "title": book.title,
        "edition": book.edition,
        "publisher": book.publisher,
        "year": book.year,
        "region": book.region,
        "full_title": book.full_title,
    }


def _name_page(found: dict[str, Any]) -> str:
    return f"{found['full_title']}, p. {found['page_label']}"
