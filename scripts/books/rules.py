"""What a booklet must keep: sources for facts, questions for sections, names that exist.

Knows the format, not the layout. Each rule yields problems as text "file:line: what".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.books.references import Reference
from scripts.books.source import Block, Booklet, Section

MIN_QUESTIONS, MAX_QUESTIONS = 3, 6


def find_problems(
    booklets: Iterable[Booklet], references: dict[str, Reference], diagrams: Path
) -> list[str]:
    """Every breach of the rules in the booklets, in order of file and line."""
    booklets = list(booklets)
    problems: list[str] = []
    for booklet in booklets:
        problems += _check_titles(booklet)
        for _, section in booklet.sections:
            problems += _check_questions(booklet, section)
            problems += _check_sources(booklet, section)
            for block in _walk(section.blocks):
                problems += _check_names(booklet, block, references, diagrams)
    return problems + list(_check_repeated_questions(booklets))


def find_unused(booklets: Iterable[Booklet], references: dict[str, Reference]) -> list[str]:
    """Keys of references that no booklet marks."""
    used = {
        mark.key
        for booklet in booklets
        for _, section in booklet.sections
        for block in section.blocks
        for mark in block.marks
    }
    return sorted(set(references) - used)


def _check_titles(booklet: Booklet) -> Iterator[str]:
    """Two sections of one chapter with one title cannot be told apart in a citation."""
    seen: set[tuple[str, str]] = set()
    for chapter, section in booklet.sections:
        path = (chapter.title, section.title)
        if path in seen:
            yield f"{booklet.path}:{section.line}: section '{section.title}' stands twice"
        seen.add(path)


def _check_questions(booklet: Booklet, section: Section) -> Iterator[str]:
    count = len(section.asked_as)
    if not MIN_QUESTIONS <= count <= MAX_QUESTIONS:
        yield (
            f"{booklet.path}:{section.line}: section '{section.title}' has {count} asked_as "
            f"questions; expected {MIN_QUESTIONS} to {MAX_QUESTIONS} in an `asked_as` block"
        )


def _check_sources(booklet: Booklet, section: Section) -> Iterator[str]:
    """Every block carries a reference; a paragraph that ends in ":" leans on the next block."""
    for block in section.blocks:
        leads = block.kind == "paragraph" and _text(block).rstrip().endswith(":")
        if not block.marks and not leads:
            yield (
                f"{booklet.path}:{block.line}: this {block.kind} states no source; end it with "
                "`[@key §…]`, or with `[@none]` if it states no fact"
            )


def _check_names(
    booklet: Booklet, block: Block, references: dict[str, Reference], diagrams: Path
) -> Iterator[str]:
    own_spans = [*block.spans, *(s for item in block.items for s in item)]
    own_spans += [s for row in block.rows for cell in row for s in cell]
    for mark in (mark for span in own_spans for mark in span.marks):
        if mark.key != "none" and mark.key not in references:
            yield f"{booklet.path}:{block.line}: '{mark.key}' is not in references.toml"
    if block.kind == "figure" and not (diagrams / f"{block.name}.typ").is_file():
        known = ", ".join(sorted(path.stem for path in diagrams.glob("*.typ")))
        yield f"{booklet.path}:{block.line}: no diagram '{block.name}'; there are: {known}"


def _check_repeated_questions(booklets: list[Booklet]) -> Iterator[str]:
    first_place: dict[str, str] = {}
    for booklet in booklets:
        for _, section in booklet.sections:
            place = f"{booklet.path}:{section.line}"
            for question in section.asked_as:
                key = " ".join(re.findall(r"\w+", question.lower()))
                if key in first_place:
                    yield f"{place}: '{question}' is asked at {first_place[key]} too"
                first_place.setdefault(key, place)


def _walk(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from _walk(block.blocks)


def _text(block: Block) -> str:
    return "".join(span.text for span in block.walk_spans())
