# ruff: noqa: E501  (a pattern is read whole)
"""The statements that one sentence of a passage joins, each written out on its own.

"Ask after 12 months if you are under 35, and after 6 months if you are older" also says "Ask after 6 months
if you are older". Each part follows from its sentence; knows no passage and no meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.checking.claims import find_subject
from rag.checking.fronted import list_fronted
from rag.checking.parallels import list_parallels
from rag.checking.polarity import cut_clauses
from rag.checking.restate import restate
from rag.checking.terms import WORD

_FEWEST_WORDS = 4
_SEGMENT = re.compile(r";\s+(?:and\s+|but\s+)?")
_PRONOUN = re.compile(r"(?<![\w'’])(?:it|they|this|these)(?![\w'’])", re.IGNORECASE)
_COLON = re.compile(r":\s+(?=(?:you|it|they|the|a|an|this|these|your|most|some)\s)", re.IGNORECASE)
_LEADS_IN = re.compile(
    r"\b(?:if|when|for|following|these|with|of|as|either|signs?|symptoms?)\s*$", re.IGNORECASE
)
_REASON = re.compile(
    r"(?P<deed>\b(?:never|do not|don['’]t|avoid)\s+(?P<doing>[^,;:]+))(?::|,? (?:because|as|since))\s+(?:it|they|this|these)\s",
    re.IGNORECASE,
)
_SECOND_VERB = re.compile(
    r",?\s+and\s+(?=(?:is|are|can|may|must|should|will|has|have|does|do)\s)", re.IGNORECASE
)
_ALTERNATIVE = re.compile(
    r",\s+(?:or\s+)?|\s+or\s+(?!(?:more|less|over|older|above|below|younger|later|higher|lower)\b)"
)
_OWN_SUBJECT = re.compile(r"(?:if|you|your|it|they|there|the|a|an|he|she|this)\s", re.IGNORECASE)
_IF = re.compile(r"\bif\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A statement that follows from a sentence."""

    text: str
    told_from: int = 0  # what stands before is only what it is told of
    whole: str = ""  # where its other words belong to other parts


def list_parts(sentence: str) -> list[Part]:
    """What a sentence says in parts, besides the whole; empty for one that says one thing."""
    segments = _list_segments(sentence)
    parts = [Part(text) for text in segments]
    parts += [Part(found, whole=sentence) for found in list_fronted(sentence)]
    for text in segments or [sentence]:
        parts += [Part(found, whole=text) for found in list_parallels(text)]
        parts += [Part(found, whole=text) for found in _list_alternatives(text)]
        parts += [*_list_reasons(text), *(Part(found) for found in _list_verbs(text))]
    for text in dict.fromkeys((sentence, *(part.text for part in parts))):
        agreed = restate(text)
        parts += [Part(agreed)] if agreed else []
    return list(dict.fromkeys(parts))


def _list_segments(sentence: str) -> list[str]:
    """The statements between semicolons; a later one's "it" is the first one's subject."""
    pieces = [piece.strip() for piece in _SEGMENT.split(sentence)]
    if len(pieces) < 2 or ":" in sentence or "•" in sentence:
        return []
    subject = find_subject(pieces[0])
    subject = subject.rpartition(",")[2].strip()  # without "In a cycle of 28 days,"
    rest = [
        _PRONOUN.sub(lambda _: subject, piece, count=1) if subject else piece
        for piece in pieces[1:]
    ]
    return [piece for piece in (pieces[0], *rest) if len(piece.split()) >= _FEWEST_WORDS]


def _list_reasons(text: str) -> list[Part]:
    """ "Never sleep on a sofa: it raises the risk" also says "sleep on a sofa raises the risk"."""
    reason = _REASON.search(text)
    parts = []
    if reason:
        parts.append(Part(f"{reason['doing']} {text[reason.end() :]}", len(reason["doing"])))
    colon = _COLON.search(text)
    if colon and not (
        _sets_condition(text[: colon.start()]) or _LEADS_IN.search(text[: colon.start()])
    ):
        parts.append(Part(text[colon.end() :]))
    return parts


def _list_verbs(text: str) -> list[str]:
    """ "Energy drinks hold caffeine and are best avoided" also says "Energy drinks are best avoided"."""
    joints = list(_SECOND_VERB.finditer(text))
    if len(joints) != 1 or _sets_condition(text[: joints[0].start()]):
        return []
    subject = find_subject(text[: joints[0].start()])
    return [f"{subject} {text[joints[0].end() :]}"] if subject else []


def _list_alternatives(text: str) -> list[str]:
    """ "… if periods have not begun, stop or hurt": each of what may be the case, with the same subject."""
    opening = _IF.search(text)
    if opening is None or len(_IF.findall(text)) > 1 or ":" in text:
        return []
    head, listed = text[: opening.end()], text[opening.end() :].rstrip(" .")
    if not head.lower().removeprefix("if ").strip():
        return []
    items = [item.strip() for item in _ALTERNATIVE.split(listed) if item.strip()]
    subject = find_subject(items[0]) if len(items) > 1 else ""
    if not subject or " or " not in listed:
        return []
    lent = [item if _OWN_SUBJECT.match(item) else f"{subject} {item}" for item in items[1:]]
    return [f"{head}{item}" for item in (items[0], *lent)]


def _sets_condition(text: str) -> bool:
    return any(clause.condition for clause in cut_clauses(text, list(WORD.finditer(text))))
