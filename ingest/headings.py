"""Where sections begin: the file's outline found on its pages, or headings told by their print.

Outline entries are matched to the printed line they name, so that a section can begin in the
middle of a page or column. Knows no PDF.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ingest.book import Heading
from ingest.layout import PrintedLine

LARGER = 1.12  # a heading's print, relative to the body's
MAX_HEADING_WORDS = 16
MAX_HEADING_LINES = 4
MAX_DEPTH = 4
SPARSE = 6.0  # pages for each outline entry; beyond it print tells the finer sections
_JUNK = re.compile(
    r"^(?:(?:slide|page|folie|seite|diapositiva?)(?: number| no\.?)?|untitled|blank page|"
    r"_goback|_toc\d+|_hlk\d+)\W*\d*$",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S")
_CHAPTER = re.compile(r"^(?:chapter|part|section|annex|appendix)\s+[\divxlcA-Z]+\b", re.IGNORECASE)
_NOT_A_TITLE = re.compile(
    r"[.;,]$|\.{4,}|^(?:table|figure|fig\.|box|source|note)s?\b", re.IGNORECASE
)
_PLAIN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """An outline entry in displayed coordinates; `y` None when the file names only the page."""

    path: tuple[str, ...]
    page: int
    x: float | None
    y: float | None


@dataclass(slots=True)
class PageLines:
    """A page's lines as the headings are sought in them."""

    number: int
    lines: list[PrintedLine]


def find_headings(pages: Sequence[PageLines], marks: Sequence[PlacedMark]) -> list[Heading]:
    """All headings in reading order, each with its path from the outermost."""
    by_number = {page.number: page for page in pages}
    useful = [mark for mark in marks if not _JUNK.match(mark.path[-1])]
    found = [heading for mark in useful if (heading := _place(mark, by_number)) is not None]
    found.sort(key=lambda heading: (heading.page, heading.line))
    if len(found) * SPARSE >= len(pages) and len(found) > 1:
        return found
    printed = _printed_headings(pages)
    return _graft(found, printed) if found else printed


def _place(mark: PlacedMark, pages: dict[int, PageLines]) -> Heading | None:
    page = pages.get(mark.page)
    if page is None:
        return None
    match = _match_title(mark, page)
    if match is not None:
        index, count = match
        y = page.lines[index].base - page.lines[index].size
        return Heading(mark.path, mark.page, y, index, count)
    if mark.y is None or not page.lines:
        return Heading(mark.path, mark.page, 0.0, 0, 0)
    below = [
        index
        for index, line in enumerate(page.lines)
        if line.base >= mark.y and (mark.x is None or line.x1 >= mark.x)
    ]
    line = min(below, key=lambda index: page.lines[index].base, default=len(page.lines))
    return Heading(mark.path, mark.page, mark.y, line, 0)


def plain(text: str) -> str:
    """Letters and digits only, for comparing titles."""
    return _PLAIN.sub("", text).casefold()


def _match_title(mark: PlacedMark, page: PageLines) -> tuple[int, int] | None:
    """The lines on the page that print the title: index of the first, and how many."""
    title = plain(mark.path[-1])
    bare = plain(re.sub(r"^[\dA-Z][\d.]*\s+", "", mark.path[-1]))
    best: tuple[float, int, int] | None = None
    for index, line in enumerate(page.lines):
        length = _printed_length(title, bare, page.lines, index)
        if length:
            distance = abs(line.base - mark.y) if mark.y is not None else float(index)
            if best is None or distance < best[0]:
                best = (distance, index, length)
    return (best[1], best[2]) if best else None


def _printed_length(title: str, bare: str, lines: Sequence[PrintedLine], index: int) -> int:
    """How many lines from `index` on print the title; 0 when they do not."""
    if not title:
        return 0
    start = plain(lines[index].text)
    if not start or not (title.startswith(start[:12]) or bare.startswith(start[:12])):
        return 0
    joined = ""
    for count in range(1, MAX_HEADING_LINES + 1):
        if index + count > len(lines):
            break
        joined += plain(lines[index + count - 1].text)
        if joined in (title, bare):
            return count
        if len(joined) > len(title) + 8:
            break
        near = abs(len(joined) - len(title)) <= max(2, len(title) // 10)
        if near and SequenceMatcher(None, joined, title, autojunk=False).ratio() > 0.9:
            return count
    return 0


def _printed_headings(pages: Sequence[PageLines]) -> list[Heading]:
    """Headings told by print alone: larger or bold, short, on their own, or numbered."""
    lines = [line for page in pages for line in page.lines]
    body = body_size(lines)
    styles = _heading_styles(lines, body, _cover_styles(pages))
    path: list[tuple[int, str]] = []
    headings: list[Heading] = []
    for page in pages:
        index = 0
        while index < len(page.lines):
            line = page.lines[index]
            if not _looks_like_heading(page.lines, index, body, styles):
                index += 1
                continue
            count = _heading_length(page.lines, index, body)
            text = " ".join(other.text for other in page.lines[index : index + count])
            level = _level(text, line, styles)
            path = [entry for entry in path if entry[0] < level][: MAX_DEPTH - 1]
            path.append((level, text))
            headings.append(
                Heading(
                    tuple(title for _, title in path),
                    page.number,
                    line.base - line.size,
                    index,
                    count,
                )
            )
            index += count
    return headings


def body_size(lines: Sequence[PrintedLine]) -> float:
    """The size most of the text is printed in."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[round(line.size * 2) / 2] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _style(line: PrintedLine) -> tuple[float, bool]:
    return round(line.size), line.bold


def _cover_styles(pages: Sequence[PageLines]) -> set[tuple[float, bool]]:
    """Styles of a book's first two pages that no later page uses: its cover and title page."""
    early = {_style(line) for page in pages if page.number <= 2 for line in page.lines}
    later = {_style(line) for page in pages if page.number > 2 for line in page.lines}
    return early - later if len(pages) >= 10 else set()


def _heading_styles(
    lines: Sequence[PrintedLine], body: float, cover: set[tuple[float, bool]]
) -> dict[tuple[float, bool], int]:
    """Styles that headings are set in, with their level: larger first, bold before regular.

    Bold print of the body's size counts only in a book that has no larger print to go by.
    """
    counts: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        if _stands_out(line, body):
            counts[_style(line)] += 1
    counts = Counter({s: n for s, n in counts.items() if s not in cover}) or counts
    larger = [style for style in counts if style[0] >= LARGER * body - 0.5]
    if sum(counts[style] for style in larger) >= 2:
        counts = Counter({style: counts[style] for style in larger})
    ranked = sorted(counts, key=lambda style: (-style[0], not style[1]))
    return {style: min(level, MAX_DEPTH - 1) for level, style in enumerate(ranked)}


def _stands_out(line: PrintedLine, body: float) -> bool:
    if line.kind == "row":
        return False
    return line.size >= LARGER * body or (line.bold and line.size >= 0.97 * body)


def _looks_like_heading(
    lines: Sequence[PrintedLine], index: int, body: float, styles: dict[tuple[float, bool], int]
) -> bool:
    line = lines[index]
    if not line.opens or not _stands_out(line, body) or _style(line) not in styles:
        return False
    text = line.text
    if len(line.tokens) > MAX_HEADING_WORDS or _NOT_A_TITLE.search(text):
        return False
    if sum(letter.isalpha() for letter in text) < 3 or text[:1].islower():
        return False
    count = _heading_length(lines, index, body)
    words = sum(len(other.tokens) for other in lines[index : index + count])
    if words > MAX_HEADING_WORDS or _NOT_A_TITLE.search(lines[index + count - 1].text):
        return False
    after = index + count
    return after >= len(lines) or lines[after].opens or _style(lines[after]) != _style(line)


def _heading_length(lines: Sequence[PrintedLine], index: int, body: float) -> int:
    """Lines that the heading beginning here takes: the same print going on."""
    first = lines[index]
    count = 1
    while index + count < len(lines) and count < MAX_HEADING_LINES:
        line = lines[index + count]
        close = 0 < line.base - lines[index + count - 1].base < 1.7 * first.size
        same = _style(line) == _style(first) and abs(line.x0 - first.x0) < 20 * first.size
        if not (close and same) or (line.opens and line.kind == "item"):
            break
        count += 1
    return count


def _level(text: str, line: PrintedLine, styles: dict[tuple[float, bool], int]) -> int:
    numbering = _NUMBERING.match(text)
    if numbering and "." in numbering.group(1):
        return min(numbering.group(1).count("."), MAX_DEPTH - 1)
    if _CHAPTER.match(text):
        return 0
    return styles[_style(line)]


def _graft(marks: list[Heading], printed: list[Heading]) -> list[Heading]:
    """A sparse outline with the printed headings below its entries."""
    places = {(heading.page, heading.line) for heading in marks}
    merged = sorted(
        [*marks, *(h for h in printed if (h.page, h.line) not in places)],
        key=lambda heading: (heading.page, heading.line),
    )
    current: tuple[str, ...] = ()
    result = []
    for heading in merged:
        if (heading.page, heading.line) in places:
            current = heading.path
            result.append(heading)
        else:
            path = (*current, heading.path[-1])[: MAX_DEPTH + 1]
            result.append(Heading(path, heading.page, heading.y, heading.line, heading.lines))
    return result
