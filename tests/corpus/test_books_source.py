"""The Markdown of a booklet: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.books.source import Block, Mark, SourceError, Span, read_booklet

FRONT_MATTER = """+++
number = 1
title = "A booklet"
subtitle = "For a test"
edition = "1st edition"
date = 2026-11-20
region = "international"
licence = "CC-BY-4.0"
authors = "Llama, MD project"
colour = "#336699"
+++
"""
HEAD_LINES = FRONT_MATTER.count("\n")


def write(folder: Path, body: str) -> Path:
    path = folder / "01-a-booklet.md"
    path.write_text(FRONT_MATTER + body, encoding="utf-8")
    return path


def read_blocks(folder: Path, body: str) -> list[Block]:
    booklet = read_booklet(write(folder, f"# Chapter\n\n## Section\n\n{body}"))
    return list(booklet.chapters[0].sections[0].blocks)


def test_chapters_sections_and_questions_are_read_in_order(tmp_path: Path) -> None:
    questions = "```asked_as\nwhat is it\n\n is it bad \n```\n"
    body = f"# One\n\n## First\n\n{questions}\nText.\n\n# Two\n\n## Last\n"
    booklet = read_booklet(write(tmp_path, body))
    assert [(c.title, s.title) for c, s in booklet.sections] == [("One", "First"), ("Two", "Last")]
    assert booklet.chapters[0].sections[0].asked_as == ["what is it", "is it bad"]


def test_marks_are_cut_out_of_the_text_with_their_places(tmp_path: Path) -> None:
    (block,) = read_blocks(tmp_path, "Take **400 µg** a day. [@who-2016 §A.2; @cdc p. 4]")
    assert block.spans == (
        Span("Take "),
        Span("400 µg", strong=True),
        Span(" a day."),
        Span("", marks=(Mark("who-2016", "§A.2"), Mark("cdc", "p. 4"))),
    )


@pytest.mark.parametrize("text", ["0.5-1 mg", "400–800 µg", "≥140/90 mmHg", "<5", "37+6 weeks"])
def test_clinical_strings_come_through_unchanged(tmp_path: Path, text: str) -> None:
    (block,) = read_blocks(tmp_path, f"Value {text} here.")
    assert "".join(span.text for span in block.walk_spans()) == f"Value {text} here."


def test_a_table_takes_the_caption_below_it(tmp_path: Path) -> None:
    (table,) = read_blocks(tmp_path, "| a | b |\n|---|---|\n| 1 | 2 |\n\nTable: Of numbers. [@x]\n")
    assert [[cell[0].text for cell in row] for row in table.rows] == [["a", "b"], ["1", "2"]]
    assert table.spans[0].text == "Of numbers."
    assert table.marks == (Mark("x"),)


def test_a_box_has_its_kind_title_and_blocks(tmp_path: Path) -> None:
    (box,) = read_blocks(tmp_path, "::: call-now Ring now\nText. [@x]\n\n- item\n:::\n")
    assert (box.box, box.title) == ("call-now", "Ring now")
    assert [inner.kind for inner in box.blocks] == ["paragraph", "list"]


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ("Lost text.\n", 1, "outside a section"),
        ("## Section first\n", 1, "expected `#` chapters"),
        ("# C\n\n## S\n\n### Too deep\n", 5, "Too deep"),
        ("# C\n\n## S\n\n```python\nx\n```\n", 5, "python"),
        ("# C\n\n## S\n\n![x](photo.png)\n", 5, "photo.png"),
        ("# C\n\n## S\n\nText [link](https://x.org).\n", 5, "link"),
        ("# C\n\n## S\n\nTable: of nothing\n", 5, "follows no table"),
        ("# C\n\n## S\n\n- a\n  - b\n", 5, "no lists within lists"),
    ],
)
def test_what_is_not_in_the_format_is_refused_with_its_line(
    tmp_path: Path, body: str, line: int, what: str
) -> None:
    with pytest.raises(SourceError) as error:
        read_booklet(write(tmp_path, body))
    assert f"01-a-booklet.md:{HEAD_LINES + line}: " in str(error.value)
    assert what in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("+++\nnumber", "number", "no front matter"),
        ("number = 1", "number = ", "not TOML"),
        ("number = 1", "nummer = 1", "nummer"),
        ("date = 2026-11-20", 'date = "soon"', "soon"),
    ],
)
def test_wrong_front_matter_is_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    path = write(tmp_path, "")
    path.write_text(FRONT_MATTER.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceError, match=what):
        read_booklet(path)
