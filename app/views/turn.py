"""A reply as the data that its element shows. Pure: no Streamlit, so every state can be tested.

Stands between `Reply` and `app/assets/reply.js`.
"""

from __future__ import annotations

import re
from typing import Any

from app.reply import Reply
from corpus.records import Citation, Hit
from rag.events import Opening

WAITING = "Looking it up, and checking each sentence against its page …"
LOADING = "Opening the books, a moment …"

_HEADINGS = {
    "answered": ("From the books", "Each sentence was checked against the page it cites."),
    "quoted": ("In the books' own words", ""),
    "not_in_books": ("Not in my books", ""),
    "emergency": ("What the books say about this", ""),
    "out_of_scope": ("Not my subject", ""),
    "stopped": ("Stopped", "You stopped this answer; what stands here was checked."),
    "failed": ("I could not answer", ""),
}
_TITLES = {
    "emergency": "This can't wait. Get help now.",
    "urgent": "Please have this looked at today.",
}
# Signs whose banner must not shout: what hurts here is also fear (rag/triage.toml has the rules).
_GENTLE = {"suicide", "harm-baby", "psychosis", "violence", "assault", "low-mood", "anxiety"}
_GENTLE_TITLES = {
    "emergency": "You are not alone. There is help right now.",
    "urgent": "You are not alone, and this gets better with help.",
}
_WATCHED = {"violence", "assault"}
_WATCHED_TONES = {"violence", "under-age"}
_NUMBER = re.compile(r"[+\d][\d -]*")
_LEAVE = "If someone may be watching you: “Leave now”, at the top, closes this page at once."
_NOTES = {
    "emergency": "If you can't call, ask someone near you to call, or go to the nearest emergency "
    "department or maternity unit.",
    "urgent": "Call your midwife, doctor or maternity unit today. If it gets worse, or you are "
    "frightened, call the emergency number.",
}


def turn_data(
    reply: Reply, emergency_number: str, *, ready: bool, last: bool, thumb: str = ""
) -> dict[str, Any]:
    """Everything that the element needs; plain lists, texts and numbers."""
    status = _status(reply)
    return {
        "id": reply.id,
        "question": reply.question,
        "state": reply.state,
        "running": reply.running,
        "waiting": WAITING if ready else LOADING,
        "banner": _banner(reply, emergency_number),
        "opening": _opening(reply),
        "heading": _heading(reply, status),
        "sentences": _sentences(reply),
        "sources": [_source(reply, citation) for citation in reply.citations],
        "nearest": list(reply.answer.nearest_sections) if reply.answer else [],
        "copy": f"{reply.question}\n\n{_spoken(reply)}{_sources_as_text(reply)}",
        "last": last,
        "rateable": bool(reply.answer),
        "thumb": thumb,
    }


def name_place(hit: Hit) -> str:
    """Section path and printed page of a hit."""
    section = " › ".join(hit.passage.section)
    page = f"page {hit.passage.page_label or hit.passage.first_page}"
    return f"{section} · {page}" if section else page


def _status(reply: Reply) -> str:
    if reply.state in {"stopped", "failed"}:
        return reply.state
    return reply.answer.status if reply.answer else ""


def _heading(reply: Reply, status: str) -> dict[str, str] | None:
    if status not in _HEADINGS or (status == "emergency" and not reply.sentences):
        return None
    title, note = _HEADINGS[status]
    if status == "answered" and reply.withheld:
        note = f"Checked against the pages; {_count(reply.withheld)} did not hold and was left out."
    return {"kind": status, "title": title, "note": note}


def _count(withheld: int) -> str:
    return "one drafted sentence" if withheld == 1 else f"what {withheld} drafted sentences said"


def _banner(reply: Reply, emergency_number: str) -> dict[str, Any] | None:
    level = reply.triage.level
    if level == "none":
        return None
    call = {"label": f"Call {emergency_number}", "number": emergency_number}
    return {
        "level": level,
        "title": _title(reply),
        "advice": list(dict.fromkeys(reply.triage.advice)),
        "call": call if level == "emergency" else None,
        "lines": _lines_to_call(reply, emergency_number),
        "notes": _notes(reply),
        "sources": _rule_sources(reply),
    }


def _title(reply: Reply) -> str:
    return (_GENTLE_TITLES if _is_gentle(reply) else _TITLES)[reply.triage.level]


def _is_gentle(reply: Reply) -> bool:
    signs = reply.triage.signs
    return bool(signs) and signs[0] in _GENTLE


def _lines_to_call(reply: Reply, emergency_number: str) -> list[dict[str, str]]:
    """The help line that an emergency's advice names, as a second thing to press."""
    digits = _digits(reply.opening)
    if not _is_told(reply, digits) or digits == emergency_number:
        return []
    return [{"label": f"Call {digits}", "number": digits}]


def _digits(opening: Opening | None) -> str:
    """The number at the beginning of a help line."""
    number = _NUMBER.match(opening.line) if opening else None
    return number[0].strip() if number else ""


def _is_told(reply: Reply, digits: str) -> bool:
    return bool(digits) and any(digits in advice for advice in reply.triage.advice)


def _opening(reply: Reply) -> dict[str, Any] | None:
    """The gentle first words and the help line, less what a banner says already."""
    opening = reply.opening
    if opening is None:
        return None
    digits = _digits(opening)
    is_kind = _is_gentle(reply) or "young-and-pregnant" in reply.triage.signs
    text = "" if is_kind else opening.text  # the advice of these signs says as much
    line = "" if _is_told(reply, digits) else opening.line
    is_watched = opening.tone in _WATCHED_TONES and reply.triage.level != "emergency"
    if not (text or line or is_watched):
        return None
    return {
        "text": text,
        "lead_in": opening.lead_in if line else "",
        "number": digits if line else "",
        "line": line,
        "note": _LEAVE if is_watched else "",
    }


def _notes(reply: Reply) -> list[str]:
    level, signs = reply.triage.level, set(reply.triage.signs)
    if level == "emergency" and signs & _GENTLE:
        return [_LEAVE] if signs & _WATCHED else []
    return [_NOTES[level]]


def _rule_sources(reply: Reply) -> str:
    sources = list(dict.fromkeys(reply.triage.sources))
    return f"Source: {'; '.join(sources)}" if sources else ""


def _sentences(reply: Reply) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [
        {
            "text": sentence.text,
            "book": sentence.label,
            "quoted": sentence.quoted,
            "marks": [
                {"n": citation.n, "label": _label(citation), "at": [row, column]}
                for column, citation in enumerate(sentence.citations)
            ],
        }
        for row, sentence in enumerate(list(reply.sentences))
    ]
    if reply.problem:
        shown.append({"text": reply.problem, "book": "", "quoted": False, "marks": []})
    return shown


def _label(citation: Citation) -> str:
    return f"{citation.hit.book.full_title}, {name_place(citation.hit)}"


def _source(reply: Reply, citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "title": citation.hit.book.title,
        "about": citation.hit.book.imprint,
        "where": name_place(citation.hit),
        "at": _place_of(reply, citation),
    }


def _place_of(reply: Reply, wanted: Citation) -> list[int]:
    for row, sentence in enumerate(list(reply.sentences)):
        for column, citation in enumerate(sentence.citations):
            if citation is wanted:
                return [row, column]
    return [0, 0]


def _spoken(reply: Reply) -> str:
    advice = [line for line in reply.triage.advice if reply.triage.level != "none"]
    opening = [reply.opening.words] if reply.opening else []
    return "\n".join([*advice, *opening, reply.text or reply.problem])


def _sources_as_text(reply: Reply) -> str:
    lines = [f"[{citation.n}] {_label(citation)}" for citation in reply.citations]
    return "\n\n" + "\n".join(lines) if lines else ""
