"""One row cleaned and judged: what is taken out of it, and whether it is worth learning.

Training road: Row → **Fate** → split. Knows one row at a time; duplicates are `finetune.data.near`'s.
What it takes out it takes out whole and names; no other character of a text is touched, because
`0.5-1 mg` must stay `0.5-1 mg`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

from finetune.data import residue
from finetune.data.contacts import count_masks, mask_contacts
from finetune.data.courtesy import is_only_referral, strip_courtesies
from finetune.data.minors import is_about_minor, is_minors_note
from finetune.data.rows import Change, Fate, Field, Row, RowExample
from finetune.data.sources import Source
from finetune.records import Dialogue, PlainText

# Why a row is dropped, in the order in which it is asked.
REASONS = {
    "duplicate": "word for word another row",
    "minor": "about a child or a person under 18",
    "empty": "no question, or no answer, to begin with",
    "leans-on-attachment": "the answer reads an attachment that is not there",
    "nothing-left": "nothing is left without courtesies, stubs and the remains of tables",
    "only-refers-on": "the answer only sends on, asks back or lists contacts",
    "repeats-itself": "the answer says its own words again",
    "too-short": "fewer words than a source's answers need",
    "too-long": "more words than training reads",
    "off-topic": "not of the topic that the filter keeps",
    "near-duplicate": "nearly another row, question and answer",
}
FEWEST_QUESTION_WORDS = 3
MOST_CONTACTS = 2  # masked in an answer; above it is a list of addresses
MOST_REPEATED = 0.1  # share of an answer's six-word runs that it has said before
_RUN = 6
_RESOURCES = "These resources address the diagnosis or management"  # GHR's lists of links

Edit = Callable[[str], tuple[str, list[str]]]
_ANSWER_EDITS: tuple[tuple[str, Edit], ...] = (
    ("markup", residue.strip_markup),
    ("stub", residue.strip_stubs),
    ("attachment", residue.strip_placeholders),
    ("link", residue.strip_links),
    ("reference", residue.strip_references),
    ("courtesy", strip_courtesies),
    ("heading", residue.strip_dangling),
)
_PAGE_EDITS: tuple[tuple[str, Edit], ...] = (
    ("navigation", residue.strip_navigation),
    ("echo", residue.strip_echo),
    ("table", residue.strip_table),
    ("told-twice", residue.strip_list_echo),
)
_QUESTION_EDITS: tuple[tuple[str, Edit], ...] = (
    ("markup", residue.strip_markup),
    ("attachment", residue.strip_placeholders),
)
_TEXT_EDITS: tuple[tuple[str, Edit], ...] = (
    ("markup", residue.strip_markup),
    ("lines", residue.mend_lines),
)


def clean_row(row: Row, source: Source) -> Fate:
    """The row cleaned, and why it is dropped if it is."""
    example = row.example
    if _is_minors(example, row.label, source):
        return Fate(example, "minor", label=row.label)
    changes: list[Change] = []
    if isinstance(example, PlainText):
        text = _edit(example.text, "text", _TEXT_EDITS, changes)
        cleaned: RowExample = dataclasses.replace(example, text=text)
        return Fate(cleaned, _judge_text(text, source), tuple(changes), row.label)
    cleaned = _clean_dialogue(example, source, changes)
    return Fate(cleaned, _judge_dialogue(example, cleaned, source), tuple(changes), row.label)


def _is_minors(example: RowExample, label: str, source: Source) -> bool:
    if isinstance(example, PlainText):
        return label.casefold().startswith("pediatric") or is_minors_note(example.text)
    if source.has_notes:
        return is_minors_note(example.context) or is_about_minor(example.question)
    return is_about_minor(f"{example.context}\n{example.question}")


def _clean_dialogue(example: Dialogue, source: Source, changes: list[Change]) -> Dialogue:
    pages = _PAGE_EDITS if source.is_web_page else ()
    answer_edits = (*_ANSWER_EDITS[:1], *pages, *_ANSWER_EDITS[1:])
    question = example.question
    if source.is_web_page:
        question = _mend_template(question, changes)
    return dataclasses.replace(
        example,
        question=_edit(question, "question", _QUESTION_EDITS, changes),
        answer=_edit(example.answer, "answer", answer_edits, changes),
        context=_edit(example.context, "context", _QUESTION_EDITS, changes),
    )


def _mend_template(question: str, changes: list[Change]) -> str:
    """MedQuAD asks "What is (are) Anemia ?", where a person asks "What is Anemia?"."""
    mended = question.replace("What is (are) ", "What is ").rstrip(" ?")
    mended += "?" * question.rstrip().endswith("?")
    if mended != question:
        changes.append(Change("template", "question", question))
    return mended


def _edit(
    text: str, field: Field, edits: tuple[tuple[str, Edit], ...], changes: list[Change]
) -> str:
    for what, edit in edits:
        text, removed = edit(text)
        changes += [Change(what, field, piece) for piece in removed]
    text, masked = mask_contacts(text)
    changes += [Change(what, field, piece) for what, pieces in masked.items() for piece in pieces]
    return text


def _judge_dialogue(raw: Dialogue, cleaned: Dialogue, source: Source) -> str:
    if not raw.question.strip() or not raw.answer.strip():
        return "empty"
    answer = cleaned.answer
    if not source.is_web_page and (
        residue.leans_on_attachment(raw.answer) or residue.begins_in_reading(answer)
    ):
        return "leans-on-attachment"
    if not answer:
        return "nothing-left"
    if raw.answer.startswith(_RESOURCES) or _only_sends_on(answer):
        return "only-refers-on"
    if _share_repeated(answer) > MOST_REPEATED:
        return "repeats-itself"
    if len(cleaned.question.split()) < FEWEST_QUESTION_WORDS:
        return "too-short"
    return _judge_length(answer, source)


def _only_sends_on(answer: str) -> bool:
    return count_masks(answer) > MOST_CONTACTS or is_only_referral(answer)


def _judge_text(text: str, source: Source) -> str:
    return _judge_length(text, source) if text.strip() else "empty"


def _judge_length(text: str, source: Source) -> str:
    words = len(text.split())
    if words < source.fewest_words:
        return "too-short"
    return "too-long" if words > source.most_words else ""


def _share_repeated(text: str) -> float:
    """The share of six-word runs that came before in the text."""
    words = [word.strip(".,;:-").casefold() for word in text.split()]
    words = [word for word in words if word]
    runs = Counter(tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1))
    total = sum(runs.values())
    return (total - len(runs)) / total if total else 0.0
