"""A book's lines → its sections, without what answers no question.

Lists of references, tables of contents, indexes and imprints repeat every term of a book and
explain none: they are left out of what is searched. Knows no PDF and no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.records import Line, Page
from ingest.book import Heading, ReadBook

MAX_TITLE_CHARS = 120
_BACK_MATTER = re.compile(
    r"^(?:[\dA-Z.]{0,6}\s+)?(?:list of )?"
    r"(?:(?:selected |key |web annex.? )?references?(?: list| cited)?|"
    r"bibliography|works cited|literature cited|literatur|bibliograf[ií]a|bibliographie|"
    r"(?:table of )?contents|index|figures|tables|figures and tables|tables and figures|"
    r"acknowledge?ments?|copyright(?: page)?|imprint|colophon|about the authors?|"
    r"contributors|inhaltsverzeichnis|sommaire|table des matières|índice)$",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}|(?:\.\s){3,}")
_ENDS_IN_PAGE = re.compile(r"\S\s+(?:\d{1,4}|[ivxlc]{1,6})$")
_INDEX_ENTRY = re.compile(r"^\D{3,60},? \d{1,4}(?:[fnt]|[,;–-] ?\d{1,4}|\s)*[,;]?$")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_CITED = re.compile(
    r"\bdoi\b|10\.\d{4,}/|https?://|\bet al\b|;\s?\d+\s?(?:\(\d+\))?:|\b\d+\(\d+\)|\bpp?\.?\s?\d|"
    r"\baccessed\b|\bGeneva: World|\bPress\b|\bPubMed\b|\b(?:Lancet|JAMA|BMJ|Cochrane|Am J|Br J|"
    r"Int J|N Engl J|Obstet|Reprod|WHO/)",
    re.IGNORECASE,
)
_REFERENCE_START = re.compile(
    r"^(?:\[?\d{1,3}[.\])]?\s|[A-Z][\w'’-]+,?\s+(?:[A-Z]\.?\s?){1,3}[,.&])"
)
_IMPRINT = re.compile(
    r"\bISBN\b|all rights reserved|creative commons|\bCC BY|cataloguing-in-publication|"
    r"suggested citation|©",
    re.IGNORECASE,
)
_REFERENCES = re.compile(r"^(?:references?|bibliography)[.:]?$", re.IGNORECASE)
MIN_REFERENCES = 4  # entries in a row that make a list of references
MIN_LISTED = 0.5  # share of a page's lines that makes it a table of contents or an index


@dataclass(slots=True)
class Section:
    """Lines under one heading, in reading order, each with its 1-based page."""

    path: tuple[str, ...]
    lines: list[tuple[int, Line]] = field(default_factory=list)
    first_page: int = 0


def read_sections(book: ReadBook) -> list[Section]:
    """The book's sections in reading order, without back matter."""
    sections = list(_sections(book))
    return [section for section in sections if section.lines and not is_back_matter(section.path)]


def is_back_matter(path: Sequence[str]) -> bool:
    """Whether the heading names references, contents, an index or the like.

    Some outlines hang the whole book under an entry "Contents", so only the last title counts,
    but for what stands below references.
    """
    titles = [title.strip(" .:") for title in path]
    below = any(_REFERENCES.match(title) for title in titles[:-1])
    return below or bool(titles and _BACK_MATTER.match(titles[-1]))


def _sections(book: ReadBook) -> Iterator[Section]:
    """Cut the lines at the headings; a heading's own lines stand in the path alone."""
    by_page: dict[int, list[Heading]] = {}
    for heading in book.outline:
        by_page.setdefault(heading.page, []).append(heading)
    section = Section(())
    for page in book.pages:
        headings = sorted(by_page.get(page.number, []), key=lambda heading: heading.line)
        skipped = unsearchable_lines(page, len(book.pages))
        starts = {heading.line: heading for heading in headings}
        titles = {h.line + step for h in headings for step in range(h.lines)}
        for index in range(len(page.lines) + 1):
            if index in starts:
                yield section
                section = Section(tidy_path(starts[index].path), [], page.number)
            if index < len(page.lines) and index not in titles and index not in skipped:
                section.lines.append((page.number, page.lines[index]))
    yield section


def tidy_path(path: Sequence[str]) -> tuple[str, ...]:
    """Titles short enough to be embedded with every passage."""
    tidy: list[str] = []
    for title in path:
        title = title.strip()
        if len(title) > MAX_TITLE_CHARS:
            title = title[:MAX_TITLE_CHARS].rsplit(" ", 1)[0] + "…"
        outer = len(tidy) + 1 < len(path) and _BACK_MATTER.match(title.strip(" .:"))
        if title and not outer and (not tidy or tidy[-1] != title):
            tidy.append(title)
    return tuple(tidy)


def unsearchable_lines(page: Page, page_count: int) -> set[int]:
    """Indexes of lines that list where things stand: contents, index, references, imprint."""
    texts = [line.text for line in page.lines]
    return (
        _contents_lines(texts, page, page_count)
        | _reference_lines(page.lines, texts)
        | _imprint_lines(texts, page)
    )


def _contents_lines(texts: Sequence[str], page: Page, page_count: int) -> set[int]:
    leaders = {index for index, text in enumerate(texts) if _LEADER.search(text)}
    numbered = {index for index, text in enumerate(texts) if _ENDS_IN_PAGE.search(text)}
    entries = {index for index, text in enumerate(texts) if _INDEX_ENTRY.match(text)}
    early = page.number <= max(6, 0.1 * page_count)
    late = page.number >= 0.85 * page_count
    share = MIN_LISTED * len(texts)
    ascending = _ascends([int(text.split()[-1]) for text in texts if text.split()[-1].isdigit()])
    if len(leaders) >= 4 and len(leaders) >= 0.3 * len(texts):
        return set(range(len(texts)))
    if early and len(numbered) >= max(5, share) and ascending:
        return set(range(len(texts)))
    if late and len(entries) >= max(12, share):
        return set(range(len(texts)))
    return leaders & numbered


def _ascends(numbers: Sequence[int]) -> bool:
    steps = [b >= a for a, b in pairwise(numbers)]
    return len(steps) >= 4 and sum(steps) >= 0.8 * len(steps)


def _reference_lines(lines: Sequence[Line], texts: Sequence[str]) -> set[int]:
    """Runs of entries that open like a reference and cite like one."""
    entries: list[list[int]] = []
    for index, line in enumerate(lines):
        opens = line.opens or line.kind == "item" or bool(_REFERENCE_START.match(texts[index]))
        if opens or not entries:
            entries.append([])
        entries[-1].append(index)
    whole = [" ".join(texts[index] for index in entry) for entry in entries]
    marked = [_is_reference(text) for text in whole]
    gone: set[int] = set()
    for index, text in enumerate(whole):  # a heading of its own, however few stand below it
        if _REFERENCES.match(text):
            below = index + 1
            while below < len(entries) and (marked[below] or _YEAR.search(whole[below])):
                gone.update(entries[below])
                below += 1
            gone.update(entries[index] if below > index + 1 else ())
    start = 0
    while start < len(entries):
        stop, hits, misses = start, 0, 0
        while stop < len(entries) and misses <= 1:
            hits += marked[stop]
            misses = 0 if marked[stop] else misses + 1
            stop += 1
        if marked[start] and hits >= MIN_REFERENCES:
            last = max(index for index in range(start, stop) if marked[index])
            gone.update(index for entry in entries[start : last + 1] for index in entry)
        start = stop if marked[start] else start + 1
    return gone


def _is_reference(text: str) -> bool:
    if not _REFERENCE_START.match(text) or len(text) > 700:
        return False
    return bool(_YEAR.search(text)) and bool(_CITED.search(text))


def _imprint_lines(texts: Sequence[str], page: Page) -> set[int]:
    """A page of rights and publishing data near either cover."""
    marks = sum(bool(_IMPRINT.search(text)) for text in texts)
    return set(range(len(texts))) if marks >= 3 and page.number <= 6 else set()
