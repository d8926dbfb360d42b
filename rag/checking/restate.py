# ruff: noqa: E501  (a pattern is read whole)
"""The same statement in one agreed form, so that two wordings of one thing can be laid over each other.

"Wait until A before B", "A must be done before B" and "do not B before A" all become "Do not B until A"; "not A
unless B" becomes "A only if B"; "failed" becomes "not worked". A form says no more than its statement. Knows one
statement alone: rag/checking/windows.py asks for the passage's, rag/verify.py for the sentence's.
"""

from __future__ import annotations

import re

from rag.checking.polarity import has_denial

_NOT = r"(?:do not|don['’]t|does not|doesn['’]t|never|should not|shouldn['’]t|must not|mustn['’]t|cannot|can['’]t|are not|is not)"
_WAIT = re.compile(
    r"^(?P<lead>.*?)\b(?:wait|hold off) until (?P<first>[^,;:]+?) before (?P<then>[^,;:]+)$",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    rf"^(?P<lead>.*?\b){_NOT} (?P<then>[^,;:]+?) (?:before|until) (?P<first>(?!\d)[^,;:]+)$",
    re.IGNORECASE,
)
_MUST_BEFORE = re.compile(
    r"^(?P<first>[^,;:]*\b(?:must|has to|have to|needs? to)\b[^,;:]*?) before (?P<then>[^,;:]+)$",
    re.IGNORECASE,
)
_ASK_BEFORE = re.compile(
    r"^(?P<first>(?:always )?(?:ask|speak to|talk to|tell|see|check with|contact|consult)\b[^,;:]*?) before (?P<then>[^,;:]+)$",
    re.IGNORECASE,
)
_ASK_FIRST = re.compile(
    rf"^(?P<lead>.*?\b){_NOT} (?P<then>[^,;:]+?)(?: suddenly| abruptly)?[;,:]? (?:and |but )?(?P<first>(?:ask|speak to|talk to|tell|see|"
    r"check with|contact|consult)\b[^,;:]*?) first$",
    re.IGNORECASE,
)
_UNLESS = re.compile(
    rf"^(?P<lead>[^,;:]*?)\b(?:{_NOT}|(?P<avoid>avoid)) (?P<deed>[^,;:]+?),? unless (?P<condition>[^;:]+)$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"^(?P<head>[^,;:]*?) only (?P<deed>(?!if\b|when\b)[^,;:]+?) (?P<if>if|when) (?P<condition>[^;:]+)$",
    re.IGNORECASE,
)
_OTHER_CLAUSE = re.compile(r"\b(?:who|which|that|whose|if|when|because)\b", re.IGNORECASE)
_OTHER_VERB = re.compile(r"\b(?:should|must|may|might|will|needs?|has to|have to)\b", re.IGNORECASE)
# a denial before or inside such a clause may be its own: "women who are not immune should …"
_MEANS = re.compile(r"^(?P<cause>[^,;:]+?) means (?:that )?(?P<outcome>[^,;:]+)$", re.IGNORECASE)
_RATHER = re.compile(r",? (?:rather than|instead of)\b", re.IGNORECASE)
_NOT_BUT = re.compile(
    r"\bnot (?P<wrong>(?:on|in|with|at|by|to) [^,;:]+?),? but (?P<right>[^,;:]+)$", re.IGNORECASE
)
_COMMA_NOT = re.compile(r", not (?=(?:on|in|with|at|by|to|the|a|an|your)\b)", re.IGNORECASE)
_PLAIN_WORDS = (
    (re.compile(r"\b(?:has|have|had) failed\b", re.IGNORECASE), "has not worked"),
    (re.compile(r"\bfails?\b(?! to)", re.IGNORECASE), "does not work"),
    (re.compile(r"\bnon-(?P<what>[a-z]+) (?P<who>women|people|mothers|girls|babies)\b", re.IGNORECASE), r"\g<who> who are not \g<what>"),
    (re.compile(r"\b(?P<what>hormone|drug|alcohol|caffeine|fat|sugar)-free (?P<thing>[a-z]+)", re.IGNORECASE), r"\g<thing> without \g<what>"),
    (re.compile(r"(?<=\b(?:is|re|be) )(?:un|in|im)(?=(?:able to|available|safe|likely|suitable|effective|necessary|possible)\b)", re.IGNORECASE), "not "),
)  # fmt: skip


def restate(statement: str) -> str | None:
    """The agreed form of a statement without semicolons; None where it has none but its own."""
    plain = statement.strip().rstrip(".")
    for pattern, word in _PLAIN_WORDS:
        plain = pattern.sub(word, plain)
    plain = _COMMA_NOT.sub(" and not ", _RATHER.sub(" and not", plain))
    plain = _NOT_BUT.sub(r"\g<right> and not \g<wrong>", plain)
    for form in (_put_until, _put_only_if, _put_if):
        plain = form(plain) or plain
    return plain if plain != statement.strip().rstrip(".") else None


def _put_until(text: str) -> str | None:
    """ "Do not <then> until <first>"."""
    for pattern in (_ASK_FIRST, _WAIT, _NOT_BEFORE, _MUST_BEFORE, _ASK_BEFORE):
        found = pattern.match(text)
        if found is None:
            continue
        parts = found.groupdict()
        lead = (parts.get("lead") or "").strip()
        said = parts["first"] + parts["then"] + (lead if pattern is not _ASK_BEFORE else "")
        clause = f"{lead} {parts['then']}"
        if has_denial(said) or _OTHER_CLAUSE.search(clause) or _OTHER_VERB.search(clause):
            return None
        return f"{lead} do not {parts['then']} until {parts['first']}".strip()
    return None


def _put_only_if(text: str) -> str | None:
    """ "<deed> only if <condition>"."""
    found = _UNLESS.match(text)
    own = found and not _OTHER_CLAUSE.search(f"{found['lead']} {found['deed']}")
    if found and own and not has_denial(found["lead"] + found["deed"] + found["condition"]):
        safe = " is safe" if found["avoid"] else ""
        return f"{found['lead']}{found['deed']}{safe} only if {found['condition']}"
    only = _ONLY.match(text)
    if only and not has_denial(text) and not _OTHER_CLAUSE.search(only["head"]):
        return f"{only['head']} {only['deed']} only {only['if']} {only['condition']}"
    return None


def _put_if(text: str) -> str | None:
    """ "<outcome> if <cause>"."""
    found = _MEANS.match(text)
    return f"{found['outcome']} if {found['cause']}" if found else None
