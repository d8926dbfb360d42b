"""Find the pages of the gold questions anew, after booklets were set again.

    python scripts/gold_pages.py

Each answer in tests/gold/questions*.jsonl names anchors: short words of the booklet that carry the
fact. The pages become those on which an anchor stands; an anchor that stands nowhere is reported
and the exit code is 1.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path

import pypdfium2 as pdfium

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "tests" / "gold"
CONTENTS = re.compile(r"\bcontents\b.{0,40}\b1\b")  # a table of contents names headings too


def plain(text: str) -> str:
    """Small letters, single spaces, straight apostrophes, no soft hyphens."""
    text = re.sub("[\u00ad\ufffe]", "", text.replace("’", "'"))
    return re.sub(r"\s+", " ", text).strip().lower()


@cache
def pages_of(book: str) -> tuple[str, ...]:
    """The text of each page; empty for a table of contents."""
    document = pdfium.PdfDocument(ROOT / "corpus" / "books" / book)
    texts = (plain(page.get_textpage().get_text_range()) for page in document)
    return tuple("" if CONTENTS.search(t[:200]) or t.count(" . .") > 3 else t for t in texts)


def main() -> int:
    """Rewrite the gold files; the number of anchors not found decides the exit code."""
    lost = sum(mend_file(path) for path in sorted(GOLD.glob("questions*.jsonl")))
    return 1 if lost else 0


def mend_file(path: Path) -> int:
    """Find the pages of one file's anchors; how many stand nowhere."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lost = 0
    for row in rows:
        for answer in row["answers"]:
            pages: set[int] = set()
            for anchor in answer["anchors"]:
                here = find_pages(answer["book"], anchor)
                if not here:
                    lost += 1
                    said = f"{row['id']}: {anchor!r} stands nowhere in {answer['book']}"
                    print(said, file=sys.stderr)
                pages |= here
            answer["pages"] = sorted(pages) or answer["pages"]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return lost


def find_pages(book: str, anchor: str) -> set[int]:
    """The pages (from 1) on which the anchor stands."""
    return {n for n, text in enumerate(pages_of(book), start=1) if plain(anchor) in text}


if __name__ == "__main__":
    sys.exit(main())
