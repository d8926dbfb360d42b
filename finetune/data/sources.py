"""The public sets that the training road reads: their columns, licence, and how a record reads.

Training road: record (column → text) → **Row** → Fate. Knows no file format and no rule of cleaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from finetune.data.rows import Row
from finetune.errors import DataInvalid
from finetune.records import Dialogue, PlainText

Record = Mapping[str, str]  # column → text, "" where there is none


@dataclass(frozen=True, slots=True)
class Source:
    """A public set. `columns` maps what `read` asks for to the names that it goes by."""

    name: str
    title: str
    licence: str  # as its publisher states it; "" = none is known
    columns: Mapping[str, tuple[str, ...]]
    read: Callable[[Record, str], Row]  # record, id
    optional: Mapping[str, tuple[str, ...]]
    hub_id: str = ""  # where it is read from when no place is named
    is_web_page: bool = False  # answers are pages, with menus, links and headings
    has_notes: bool = False  # a clinical note stands beside the question, or is the text
    fewest_words: int = 5  # of an answer, or a text
    most_words: int = 400  # an answer above this runs over the 1,024 tokens of most recipes


_Q = re.compile(r"^\s*Q\s*[.:]\s*")


def _read_chat(record: Record, id: str) -> Row:
    context = _Q.sub("", record["Description"])
    return Row(Dialogue(id, "ai-medical-chatbot", record["Patient"], record["Doctor"], context))


def _read_medquad(record: Record, id: str) -> Row:
    return Row(Dialogue(id, "medquad", record["question"], record["answer"]), record["qtype"])


def _read_asclepius(record: Record, id: str) -> Row:
    question, answer, note = record["question"], record["answer"], record["note"]
    return Row(Dialogue(id, "asclepius", question, answer, note), record["task"])


def _read_mtsamples(record: Record, id: str) -> Row:
    return Row(PlainText(id, "mtsamples", record["transcription"]), record["medical_specialty"])


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


SOURCES = {
    source.name: source
    for source in (
        Source(
            name="ai-medical-chatbot",
            title="AI Medical Chatbot dialogues",
            licence="",  # the hub page states none
            columns=_same("Description", "Patient", "Doctor"),
            optional={},
            read=_read_chat,
            hub_id="ruslanmv/ai-medical-chatbot",
            fewest_words=8,
        ),
        Source(
            name="medquad",
            title="MedQuAD question-answer pairs from NIH sites",
            licence="CC BY 4.0",  # readme of github.com/abachaa/MedQuAD
            columns=_same("question", "answer"),
            optional={"id": ("id",), "qtype": ("qtype", "question_type")},
            read=_read_medquad,
            is_web_page=True,
        ),
        Source(
            name="asclepius",
            title="Asclepius synthetic clinical notes",
            licence="CC BY-NC-SA 4.0",  # its card on the hub
            columns={**_same("question", "answer", "task"), "note": ("note", "patient")},
            optional={},
            read=_read_asclepius,
            hub_id="starmpcc/Asclepius-Synthetic-Clinical-Notes",
            has_notes=True,
            fewest_words=1,
        ),
        Source(
            name="mtsamples",
            title="MTSamples medical transcriptions",
            licence="CC0 1.0",  # as stated where the CSV is published
            columns=_same("medical_specialty", "transcription"),
            optional={},
            read=_read_mtsamples,
            has_notes=True,
            fewest_words=40,
            most_words=4000,
        ),
    )
}


def find_source(name: str) -> Source:
    """The source of that name.

    Raises:
        DataInvalid: there is none.
    """
    if name not in SOURCES:
        raise DataInvalid(
            f"{name!r} is no source; expected one of {', '.join(SOURCES)} or grounded. "
            "Name one: python -m finetune prepare medquad --from FILE"
        )
    return SOURCES[name]


def detect_source(columns: Iterable[str], where: str) -> Source:
    """The source whose columns these are; the one that knows most of them.

    Raises:
        DataInvalid: they are no source's.
    """
    columns = set(columns)
    fitting = [s for s in SOURCES.values() if not missing_columns(s, columns)]
    if not fitting:
        known = "; ".join(f"{s.name}: {', '.join(s.columns)}" for s in SOURCES.values())
        raise DataInvalid(
            f"{where} has the columns {_listed(columns)}, which are no source's; expected those "
            f"of one: {known}. Rename the columns, or prepare the set first: "
            "python -m finetune prepare"
        )
    return max(fitting, key=lambda source: len(source.columns))


def missing_columns(source: Source, columns: Iterable[str]) -> list[str]:
    """What the source needs and the columns lack."""
    there = {column.strip().casefold() for column in columns}
    return [
        name
        for name, aliases in source.columns.items()
        if not any(alias.casefold() in there for alias in aliases)
    ]


def check_columns(source: Source, columns: Iterable[str], where: str) -> None:
    """Nothing, when the columns will do.

    Raises:
        DataInvalid: some are missing.
    """
    columns = list(columns)
    missing = missing_columns(source, columns)
    if missing:
        raise DataInvalid(
            f"{where} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; it has "
            f"{_listed(columns)}, expected of {source.name} are {', '.join(source.columns)}. "
            "Rename its columns so, or name another file with --from"
        )


def read_record(source: Source, record: Mapping[str, object], number: int) -> Row:
    """The row of a record, the `number`th (from 1) of its source."""
    folded = {key.strip().casefold(): value for key, value in record.items() if key}
    texts = {
        name: _first(folded, aliases)
        for name, aliases in {**source.columns, **source.optional}.items()
    }
    return source.read(texts, f"{source.name}-{texts.get('id') or number}")


def _first(record: Mapping[str, object], aliases: tuple[str, ...]) -> str:
    values = (record.get(alias.casefold()) for alias in aliases)
    return next((str(value) for value in values if value is not None), "")


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(sorted(columns)) or "none"
