"""MedQuAD as its repository keeps it: one XML file a page, in a folder a site.

Training road: XML → **record** → Row. The ids are those of the JSONL: folder number, page, pair.
Some folders hold questions without answers (their publisher asked for it); cleaning counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from finetune.errors import DataInvalid


def read_medquad(place: Path) -> Iterator[dict[str, str]]:
    """The question-answer pairs of an XML file, or of every XML file below a folder, by name.

    Raises:
        DataInvalid: a file is no XML, or holds no pair although it is the only one.
    """
    paths = [place] if place.is_file() else sorted(place.rglob("*.xml"))
    for path in paths:
        yield from _read_page(path)


def _read_page(path: Path) -> Iterator[dict[str, str]]:
    try:
        page = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as failure:
        raise DataInvalid(
            f"{path.name} is no XML ({failure}); expected a page of the MedQuAD repository. "
            "Get it anew: git clone https://github.com/abachaa/MedQuAD"
        ) from failure
    folder = re.match(r"\d*", path.parent.name)
    number = folder.group() if folder else ""
    for place, pair in enumerate(page.iter("QAPair"), start=1):
        question = pair.find("Question")
        yield {
            "id": "-".join(filter(None, (number, path.stem, pair.get("pid") or str(place)))),
            "source": page.get("source", ""),
            "url": page.get("url", ""),
            "focus": _text(page.find("Focus")),
            "qtype": question.get("qtype", "") if question is not None else "",
            "question": _text(question),
            "answer": _text(pair.find("Answer")),
        }


def _text(element: ElementTree.Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""
