"""Numbers that one statement gives side by side, each written out with what it belongs to.

"450 mg of choline in pregnancy and 550 mg while breastfeeding" says "550 mg of choline while breastfeeding"; "instant
coffee holds 100 mg and tea 75 mg" says "tea holds 75 mg". So a number can't be read with its neighbour's owner. Knows
one statement without semicolons; rag/checking/parts.py asks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rag.checking.amounts import Quantity
from rag.checking.polarity import has_denial
from rag.checking.quantities import find_quantities
from rag.checking.words import load_words

_BOUND = (
    r"(?:(?:at(?: least| most)?|within|after|before|by|until|from|for|below|above|under|over|up to|about|around|"
    r"no (?:more|less|later|fewer) than|(?:fewer|less|more) than|once|another)\s+)*"
)
_JOINT = r"(?:\s*,\s*(?:and|or)\s+|\s+(?:and|or)\s+|\s*,\s+)"
_BESIDE = re.compile(rf"(?P<joint>{_JOINT})(?P<bound>{_BOUND})$", re.IGNORECASE)
_GAPPED = re.compile(
    rf"(?P<joint>{_JOINT})(?P<owner>(?!(?:and|or)\b)[a-z][^,;:()]*?)\s+(?P<bound>{_BOUND})$",
    re.IGNORECASE,
)
_OPENING_BOUND = re.compile(rf"(?<!\w){_BOUND}$", re.IGNORECASE)
_MARKER = re.compile(
    r"\b(?:in|from|while|for|when|if|with|without|during|after|before|on|among|once|where|as|at)\s(?!a\s+(?:day|week)\b)",
    re.IGNORECASE,
)
_LATE_CONDITION = re.compile(
    r"\b(?:if|unless|provided|only|except|as long as|for|when|among)\b", re.IGNORECASE
)
_CONTENT = re.compile(
    r"\b(?!(?:a|an|the|day|daily|week|or|more|less|below|above|each)\b)[a-z]{2,}", re.IGNORECASE
)
_NOT = re.compile(
    r"\b(?:not|no|never|rather than|instead of|but)\b(?! (?:more|less|later|fewer) than)|n['’]t\b",
    re.IGNORECASE,
)
_LEADING_NUMBER = re.compile(r"^\D*[\d.,]+(?:\s*[-–]\s*[\d.,]+)?")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|can(?! of)|may|must|should|need(?:s|ed)?|contains?|holds?|lasts?|starts?|works?|"
    r"takes?|gives?|gets?|recommends?|advises?|says?)\b",
    re.IGNORECASE,
)
_NO_OWNER = re.compile(
    r"^(?:\w+ly|often|also|then|not|in|for|with|at|on|after|before|below|above|over|under|then|more|less|up|by|from|if|when)\b"
    r"|\b(?:no|of|from|to|over|under|above|below|about|than)$",
    re.IGNORECASE,
)
_SILENT = load_words("silent")
_LONGEST_SAYING = 4  # words from the verb to the first number
_TOGETHER = ("and", "or", "to", "–")
_AND_ALSO = re.compile(r",\s+(?:and|but|or)\s")
_IF_SO = re.compile(r"(?P<so>if (?:it|you|they) (?:is|are|was|were)) (?!not\b)", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|they)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"^(?:in|for|with|of)\s+(?P<name>.+?)\s+(?:that|who|which|whose)\b", re.IGNORECASE
)


_ORDINAL = r"(?:first|second|third|fourth)"
_NOUN = r"(?P<noun>trimester|week|month|year|stage|dose|baby|pregnancy|visit)"
_ORDINALS = re.compile(
    rf"\b(?P<one>{_ORDINAL})(?P<joint> (?:and|or) )(?P<two>{_ORDINAL}) {_NOUN}s?\b", re.IGNORECASE
)
_TYPES = re.compile(
    r"\b(?P<one>type 1)(?P<joint> (?:or|and) )(?:type )?(?P<two>2) diabetes\b", re.IGNORECASE
)
_ORDINAL_NOUN = re.compile(rf"\b{_ORDINAL} {_NOUN}\b", re.IGNORECASE)
_BARE_PAIR = re.compile(
    rf"\b(?<=in the )(?P<one>{_ORDINAL})(?P<joint> (?:and|or) )(?P<two>{_ORDINAL})(?=\W*$|[,;.])"
)
_BARE_ORDINAL = re.compile(rf"\b(?<=in the )(?P<one>{_ORDINAL})(?=\W*$|[,;.])")


@dataclass(frozen=True, slots=True)
class _Member:
    """One number with its bound, what follows it, and from where on it says to what it belongs."""

    value: str  # "below 105 g/L"
    middle: str  # " of choline a day is recommended"
    marker: str  # "in pregnancy"
    value_end: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where one of several numbers stands with its owner: `[start, end)`, the number before `value_end`."""

    start: int
    end: int
    value_end: int


_Found = tuple[list[Stretch], list[str]]  # stretches, and what each says


def name_ordinals(text: str) -> str:
    """ "in the first and third trimesters … in the second" with the noun after each number."""
    text = _TYPES.sub(r"\g<one> diabetes\g<joint>type \g<two> diabetes", text)
    named = _ORDINALS.sub(
        lambda m: f"{m['one']} {m['noun']}{m['joint']}{m['two']} {m['noun']}", text
    )
    noun = _ORDINAL_NOUN.search(named)
    if noun is None:
        return named
    lend = rf"\g<one> {noun['noun']}\g<joint>\g<two> {noun['noun']}"
    named = _BARE_PAIR.sub(lend, named)
    return _BARE_ORDINAL.sub(rf"\g<one> {noun['noun']}", named)


def list_parallels(statement: str) -> list[str]:
    """Each of a statement's parallel numbers as a statement of its own; empty where there are none."""
    return _find_parallels(statement)[1]


def find_members(text: str) -> tuple[Stretch, ...]:
    """The stretches of a text that give numbers side by side, each with its owner."""
    found: list[Stretch] = []
    offset = 0
    for statement in text.split("; "):
        found += [
            Stretch(offset + m.start, offset + m.end, offset + m.value_end)
            for m in _find_parallels(statement)[0]
        ]
        offset += len(statement) + len("; ")
    return tuple(found)


@lru_cache(maxsize=4096)
def _find_parallels(statement: str) -> _Found:
    for group in _group_numbers(statement) if ";" not in statement else ():
        found = _write_beside(statement, group) or _write_gapped(statement, group)
        if found:
            return found
    return [], []


def _group_numbers(text: str) -> list[list[Quantity]]:
    """The numbers outside brackets by dimension: "400 IU (10 micrograms)" has two, a bare "450" any."""
    numbers = find_quantities(text)
    outer = [q for q in numbers if not _in_brackets(text, q.start)]
    sorts = [{(q.kind, q.dimension)} for q in outer]
    for q, own in zip(outer, sorts, strict=True):
        own |= {(n.kind, n.dimension) for n in numbers if text[q.end : n.start].strip() == "("}
    return [
        [
            q
            for q, own in zip(outer, sorts, strict=True)
            if sort in own or (q.bare and q.kind == "count")
        ]
        for sort in dict.fromkeys(sort for own in sorts for sort in own)
    ]


def _write_beside(text: str, group: list[Quantity]) -> _Found | None:
    """ "<head> 450 mg … in A and 550 mg … in B": the head with each member."""
    opening = _OPENING_BOUND.search(text[: group[0].start])
    cuts = [(opening.start() if opening else group[0].start, 0)]
    ends: list[int] = []
    for number in range(1, len(group)):
        start, first = cuts[-1]
        joint = _BESIDE.search(text, group[number - 1].end, group[number].start)
        if joint and _is_owned(text, group[first], group[number], joint, start):
            if not ends:
                cuts[0] = _find_run(text, group[:number], joint.start())
            ends.append(joint.start())
            cuts.append((joint.start("bound"), number))
    ends.append(len(text))
    spans = [(start, end) for (start, _), end in zip(cuts, ends, strict=True)]
    if len(spans) < 2 or any(_NOT.search(text[a:b]) for a, b in spans):
        return None
    members = [_read_member(text, a, b, group) for a, b in spans]
    head = text[: spans[0][0]]
    if not all(member.marker for member in members[1:]):
        return None
    parts = [_join(head, members[0], member) for member in members]
    contrast = _IF_SO.match(members[1].marker)
    if contrast and not members[0].marker:
        otherwise = f"{contrast['so']} not {members[1].marker[contrast.end() :]}"
        parts.append(_join(head, members[0], replace(members[0], marker=otherwise)))
    if _narrows_all(members):
        return [], parts[-1:]
    return [Stretch(a, b, m.value_end) for (a, b), m in zip(spans, members, strict=True)], parts


def _find_run(text: str, before: list[Quantity], end: int) -> tuple[int, int]:
    """Where the numbers begin that the first owner has: not "2025" in "In 2025, … at 300 ml if … and at 500 ml"."""
    ends = [*(number.start for number in before[1:]), end + 1]
    owned = [i for i, q in enumerate(before) if _MARKER.search(text, q.end, max(q.end, ends[i]))]
    first = owned[-1] if owned else len(before) - 1
    while first and text[before[first - 1].end : before[first].start].strip() in _TOGETHER:
        first -= 1
    opening = _OPENING_BOUND.search(text[: before[first].start])
    return (opening.start() if opening else before[first].start), first


def _is_owned(
    text: str, before: Quantity, number: Quantity, joint: re.Match[str], start: int
) -> bool:
    """Whether the number before a joint has its own marker, or the bound is said again for the next."""
    if number.bare and before.kind != "count" and not _MARKER.match(text, number.end + 1):
        return False
    if _MARKER.search(text, before.end, joint.start() + 1):
        return True
    bound = joint["bound"].strip().lower()
    same = bool(bound) and text[start : before.start].strip().lower() == bound
    return same and "," in joint["joint"] and bool(_MARKER.search(text, number.end))


def _read_member(text: str, start: int, end: int, group: list[Quantity]) -> _Member:
    inside = [q for q in group if start <= q.start < end]
    marker = _MARKER.search(text, inside[0].end, end)
    cut = marker.start() if marker else end
    last = max(q.end for q in inside if q.start < cut)
    unit = _LEADING_NUMBER.sub("", group[0].text) if inside[0].bare else ""
    return _Member(text[start:last] + unit, text[last:cut], text[cut:end].rstrip(" ."), last)


def _join(head: str, first: _Member, member: _Member) -> str:
    """The head with one member; what the first says between number and marker holds for all."""
    middle = member.middle if _CONTENT.search(member.middle) else first.middle
    named = _NAMED.match(first.marker)
    marker = _PRONOUN.sub(named["name"], member.marker, count=1) if named else member.marker
    return f"{head}{member.value}{middle}{'' if middle.endswith(' ') else ' '}{marker}".strip()


def _narrows_all(members: list[_Member]) -> bool:
    """Whether what follows the last owner may narrow them all: "… and 450 in the third for women who …"."""
    late = _LATE_CONDITION.search(members[-1].marker, len("if "))
    alone = late and any(_LATE_CONDITION.search(member.marker) for member in members[:-1])
    told = late is None or alone or _AND_ALSO.search(members[-1].marker, 0, late.start())
    return not told


def _write_gapped(text: str, group: list[Quantity]) -> _Found | None:
    """ "A holds 100 mg, B 75 mg and C 40 mg": each owner with the first one's verb."""
    verb = _VERB.search(text)
    if len(group) < 2 or verb is None or has_denial(text) or _LATE_CONDITION.search(text):
        return None
    said = text[verb.start() : group[0].start]
    if not text[: verb.start()].strip() or not 0 < len(said.split()) <= _LONGEST_SAYING:
        return None
    if _VERB.search(text, group[-1].end) or _MARKER.search(text, group[-1].end):
        return None
    parts: list[str] = []
    spans: list[Stretch] = []
    end = len(text)
    for before, number in reversed(list(pairwise(group))):
        gap = _GAPPED.search(text, before.end, number.start)
        if gap is None or _VERB.search(gap["owner"]) or _NO_OWNER.search(gap["owner"]):
            return None
        if all(word in _SILENT for word in gap["owner"].lower().split()):
            return None
        parts.insert(0, f"{gap['owner']} {said}{text[number.start : end]}".strip())
        spans.insert(0, Stretch(gap.start(), end, end))
        end = gap.start()
    return [Stretch(0, end, end), *spans], [text[:end], *parts]


def _in_brackets(text: str, offset: int) -> bool:
    return text.count("(", 0, offset) > text.count(")", 0, offset)
