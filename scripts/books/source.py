"""Reads a booklet's Markdown into chapters, sections and blocks, each with its line number.

Knows the format of `docs/writing-books.md` and nothing of layout. First stop of the road.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.container import container_plugin

BOX_TITLES = {"call-now": "Call now", "warning": "Take care", "tip": "Good to know"}
FRONT_MATTER_KEYS = {
    "number", "title", "subtitle", "edition", "date", "region", "licence", "authors", "colour",
}  # fmt: skip
MARKS = re.compile(r"\s*\[@([^\]]+)\]")


class SourceError(Exception):
    """The sources cannot become books; the text names file, line and remedy, one problem a line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`[@key locator]`: what carries a statement; the key "none" says that nothing need."""

    key: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style, or (with `marks`) the reference marks that stand there."""

    text: str
    strong: bool = False
    emphasis: bool = False
    marks: tuple[Mark, ...] = ()


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a section; `kind` says which of the other fields are filled."""

    kind: str  # "paragraph", "list", "table", "box", "figure"
    line: int  # 1-based line of the source
    spans: Spans = ()  # paragraph text, or the caption of a table or figure
    items: tuple[Spans, ...] = ()  # list
    ordered: bool = False  # list
    rows: tuple[tuple[Spans, ...], ...] = ()  # table, the head first
    box: str = ""  # "call-now", "warning", "tip"
    title: str = ""  # box
    blocks: tuple[Block, ...] = ()  # box
    name: str = ""  # figure: a file of style/diagrams

    def walk_spans(self) -> Iterator[Span]:
        """Every span of the block, in reading order."""
        yield from self.spans
        for item in self.items:
            yield from item
        for row in self.rows:
            for cell in row:
                yield from cell
        for block in self.blocks:
            yield from block.walk_spans()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Every reference mark of the block."""
        return tuple(mark for span in self.walk_spans() for mark in span.marks)


@dataclass(slots=True)
class Section:
    """A `##` heading with what stands under it and the questions that it answers."""

    title: str
    line: int
    asked_as: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    """A `#` heading with its sections."""

    title: str
    line: int
    sections: list[Section] = field(default_factory=list)


@dataclass(slots=True)
class Booklet:
    """One source file, read."""

    path: Path
    number: int
    title: str
    subtitle: str
    edition: str
    date: date
    region: str
    licence: str
    authors: str
    colour: str  # of the cover and headings, "#rrggbb"
    chapters: list[Chapter] = field(default_factory=list)

    @property
    def sections(self) -> Iterator[tuple[Chapter, Section]]:
        """Every section with its chapter, in order."""
        for chapter in self.chapters:
            for section in chapter.sections:
                yield chapter, section


def read_booklet(path: Path) -> Booklet:
    """The booklet in `path`.

    Raises:
        SourceError: the file does not follow docs/writing-books.md; names the line.
    """
    text = path.read_text(encoding="utf-8")
    front_matter, body = _split_front_matter(path, text)
    booklet = Booklet(path=path, **front_matter)
    for node in SyntaxTreeNode(_parser().parse(body)).children:
        _Builder(path, booklet).add(node)
    return booklet


def _split_front_matter(path: Path, text: str) -> tuple[dict[str, Any], str]:
    """The TOML between the two `+++` lines, and the text with those lines blanked."""
    match = re.match(r"\+\+\+\n(.*?)\n\+\+\+\n", text, re.DOTALL)
    if not match:
        raise SourceError(f"{path}:1: no front matter; expected TOML between two `+++` lines")
    try:
        values = tomllib.loads(match.group(1))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{path}:1: the front matter is not TOML: {error}") from error
    if values.keys() != FRONT_MATTER_KEYS:
        odd = ", ".join(sorted(values.keys() ^ FRONT_MATTER_KEYS))
        wanted = ", ".join(sorted(FRONT_MATTER_KEYS))
        raise SourceError(f"{path}:1: missing or unknown front matter: {odd}; expected {wanted}")
    if not isinstance(values["date"], date):
        raise SourceError(f"{path}:1: date = {values['date']!r}; expected a date like 2026-11-20")
    return values, "\n" * match.group(0).count("\n") + text[match.end() :]


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"typographer": True}).enable(["table", "smartquotes"])
    for name in BOX_TITLES:
        parser.use(container_plugin, name)
    return parser


@dataclass(slots=True)
class _Builder:
    """Hangs the nodes of the Markdown tree, in order, into a booklet."""

    path: Path
    booklet: Booklet

    def add(self, node: SyntaxTreeNode) -> None:
        if node.type == "heading":
            self._add_heading(node)
        elif node.type == "fence":
            self._add_questions(node)
        else:
            self._add_block(node)

    def _add_heading(self, node: SyntaxTreeNode) -> None:
        title = _plain(self._spans(node.children[0]))
        if node.tag == "h1":
            self.booklet.chapters.append(Chapter(title, _line(node)))
        elif node.tag == "h2" and self.booklet.chapters:
            self.booklet.chapters[-1].sections.append(Section(title, _line(node)))
        else:
            self._fail(node, f"heading '{title}': expected `#` chapters with `##` sections in them")

    def _section(self, node: SyntaxTreeNode) -> Section:
        if not self.booklet.chapters or not self.booklet.chapters[-1].sections:
            self._fail(node, "text outside a section; every text stands under a `##` heading")
        return self.booklet.chapters[-1].sections[-1]

    def _add_questions(self, node: SyntaxTreeNode) -> None:
        if node.info.strip() != "asked_as":
            self._fail(node, f"fenced block '{node.info}'; the only fenced block is `asked_as`")
        questions = [line.strip() for line in node.content.splitlines() if line.strip()]
        self._section(node).asked_as.extend(questions)

    def _add_block(self, node: SyntaxTreeNode) -> None:
        blocks = self._section(node).blocks
        block = self._read_block(node)
        caption = block.spans[0].text if block.kind == "paragraph" and block.spans else ""
        if caption.startswith("Table: "):
            if not blocks or blocks[-1].kind != "table":
                self._fail(node, "a `Table:` caption that follows no table")
            table = blocks[-1]
            spans = (Span(caption.removeprefix("Table: ")), *block.spans[1:])
            blocks[-1] = Block("table", table.line, spans=spans, rows=table.rows)
        else:
            blocks.append(block)

    def _read_block(self, node: SyntaxTreeNode) -> Block:
        line = _line(node)
        match node.type:
            case "paragraph":
                return self._read_paragraph(node)
            case "bullet_list" | "ordered_list":
                items = tuple(self._list_item(item) for item in node.children)
                return Block("list", line, items=items, ordered=node.type == "ordered_list")
            case "table":
                rows = tuple(
                    tuple(self._spans(cell.children[0]) for cell in row.children)
                    for part in node.children
                    for row in part.children
                )
                return Block("table", line, rows=rows)
            case _ if node.type.startswith("container_"):
                name = node.type.removeprefix("container_")
                title = node.info.strip().removeprefix(name).strip() or BOX_TITLES[name]
                inner = tuple(self._read_block(child) for child in node.children)
                return Block("box", line, box=name, title=title, blocks=inner)
        return self._fail(node, f"'{node.type}' is not part of the format")

    def _read_paragraph(self, node: SyntaxTreeNode) -> Block:
        inline = node.children[0]
        first = inline.children[0]
        if first.type != "image":
            return Block("paragraph", _line(node), spans=self._spans(inline))
        address = str(first.attrs["src"])
        if not address.startswith("diagram:"):
            self._fail(node, f"picture '{address}'; expected `diagram:NAME`")
        caption = (Span(first.content), *self._spans(inline, skip=1))
        return Block("figure", _line(node), spans=caption, name=address.removeprefix("diagram:"))

    def _list_item(self, node: SyntaxTreeNode) -> Spans:
        if [child.type for child in node.children] != ["paragraph"]:
            self._fail(node, "a list item holds one paragraph, no lists within lists")
        return self._spans(node.children[0].children[0])

    def _spans(self, inline: SyntaxTreeNode, skip: int = 0) -> Spans:
        spans: list[Span] = []
        for child in inline.children[skip:]:
            self._add_spans(child, spans, strong=False, emphasis=False)
        return tuple(spans)

    def _add_spans(
        self, node: SyntaxTreeNode, spans: list[Span], *, strong: bool, emphasis: bool
    ) -> None:
        match node.type:
            case "text":
                spans.extend(_cut_marks(node.content, strong=strong, emphasis=emphasis))
            case "softbreak":
                spans.append(Span(" ", strong, emphasis))
            case "strong" | "em":
                strong, emphasis = strong or node.type == "strong", emphasis or node.type == "em"
                for child in node.children:
                    self._add_spans(child, spans, strong=strong, emphasis=emphasis)
            case _:
                self._fail(node, f"'{node.type}' in a text; only **bold** and *italic* are known")

    def _fail(self, node: SyntaxTreeNode, what: str) -> Block:
        while not node.map and node.parent:
            node = node.parent
        raise SourceError(f"{self.path}:{_line(node)}: {what} (see docs/writing-books.md)")


def _cut_marks(text: str, *, strong: bool, emphasis: bool) -> Iterator[Span]:
    """The text as spans, with each `[@…]` a span of its own."""
    start = 0
    for match in MARKS.finditer(text):
        if match.start() > start:
            yield Span(text[start : match.start()], strong, emphasis)
        yield Span("", marks=tuple(_read_mark(part) for part in match.group(1).split(";")))
        start = match.end()
    if start < len(text):
        yield Span(text[start:], strong, emphasis)


def _read_mark(text: str) -> Mark:
    key, _, locator = text.strip().removeprefix("@").partition(" ")
    return Mark(key, locator.strip())


def _plain(spans: Spans) -> str:
    return "".join(span.text for span in spans)


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1
