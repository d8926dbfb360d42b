"""The gold questions still point at pages of the shipped booklets that hold their anchors."""

from __future__ import annotations

import json
import re
from functools import cache

import pypdf
import pypdfium2 as pdfium
import pytest

from settings import ROOT

GOLD = ROOT / "tests" / "gold"
BOOKS = ROOT / "corpus" / "books"
ROWS = [
    json.loads(line)
    for path in sorted(GOLD.glob("questions*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip().lower()


@cache
def pages_of(book: str) -> tuple[str, ...]:
    document = pdfium.PdfDocument(BOOKS / book)
    try:
        return tuple(
            plain(re.sub("[\u00ad\ufffe]", "", page.get_textpage().get_text_range()))
            for page in document
        )
    finally:
        document.close()


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_every_anchor_stands_on_a_page_that_is_named(row: dict[str, object]) -> None:
    """When booklets are set anew and this fails: python scripts/gold_pages.py"""
    for answer in row["answers"]:  # type: ignore[attr-defined]
        texts = pages_of(answer["book"])
        for anchor in answer["anchors"]:
            assert any(plain(anchor) in texts[page - 1] for page in answer["pages"]), anchor


def test_no_gold_question_is_among_those_that_the_booklets_carry() -> None:
    carried = set()
    for path in sorted(BOOKS.glob("*.pdf")):
        for content in pypdf.PdfReader(path).attachments["asked_as.json"]:
            carried |= {plain(q) for entry in json.loads(content) for q in entry["questions"]}
    assert len(carried) > 100
    assert not carried & {plain(row["question"]) for row in ROWS}
