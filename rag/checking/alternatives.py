"""Advice of one case is not advice of the other: "or Y if you are pregnant", "otherwise", "do not … if".

Knows two readings, the sentence and the passage's whole sentence that was found to carry it: its parts
(rag/checking/parts.py) leave out the other case.
"""

from __future__ import annotations

import re

from rag.checking.amounts import Quantity
from rag.checking.evidence import are_alike
from rag.checking.quantities import same_value
from rag.checking.reading import Reading, Token
from rag.checking.terms import load_terms

_OR_IF = re.compile(
    r",\s*or\s+(?P<other>[^,;.()]{3,60}?)\s+(?:if|when)\s+(?P<case>[^,;.()]{3,60})", re.IGNORECASE
)
_OTHERWISE = re.compile(
    r"\b(?:if|when)\s+(?P<case>[^,;.]{3,90})[,;](?P<held>.{3,120}?)[;,.]\s*otherwise\b(?P<other>.+)",
    re.IGNORECASE,
)
_NOT_IF = re.compile(
    r"\b(?:do not|don['’]t|never|must not|should not|cannot|can['’]t|avoid)\b[^.;:]{0,60}?\b"
    r"(?:if|when)\s+(?P<case>[^.;:]{3,90})",
    re.IGNORECASE,
)
_ONLY_IF = re.compile(
    r"\bonly\s+(?:if|when)\s+(?P<case>.{3,60}?)(?=\s+(?:is|are|does|do|can|should|will)\b|[,;.]|$)",
    re.IGNORECASE,
)
_BARE = re.compile(  # a limit, and not of what
    r"\W*(?:in [^,]{2,30}, )?(?:the |its |their )?(?:\w+ ){0,3}"
    r"(?:advice|limit|dose|amount|rule|guide|maximum|minimum)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bonly\b", re.IGNORECASE)
_WHATEVER = re.compile(
    r"\b(?:even (?:if|when)|whether or not|without|(?:if|when)\b[^,;.]{0,40}\b(?:not|no)\b)",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"\b(?P<who>women|men|girls|boys|babies|mothers|fathers|partners|couples|newborns|twins|adults|children|"
    r"teenagers)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not|no|never|avoid\w*|unless|without|otherwise|except|neither|nor|cannot|unsafe|instead)\b|n['’]t\b",
    re.IGNORECASE,
)
_IF = re.compile(r"\b(?:if|when|with|while|for|in|who|during)\b", re.IGNORECASE)
_SHARES = (
    (
        "most",
        re.compile(
            r"\b(?:most(?! (?:often|common|commonly|likely))|majority|nearly all|almost all|usually)\b",
            re.IGNORECASE,
        ),
    ),
    ("few", re.compile(r"\b(?:few|small number|minority|rarely|seldom|small share)\b", re.IGNORECASE)),
    ("some", re.compile(r"\b(?:some|several|sometimes)\b", re.IGNORECASE)),
)  # fmt: skip
_BESIDE = 6  # words before "or" that it parts from what follows
_PEOPLE = re.compile(rf"\W*(?:of\s+)?(?:the\s+|all\s+)?{_WHO.pattern}", re.IGNORECASE)
_OF_PREGNANCY = re.compile(r"\s*(?:of\s+(?:the\s+|your\s+)?pregnancy|pregnant)\b", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*(?:after|before)\s+(?!(?:the\s+|your\s+|you\s+)?(?:last\s+period|conception|conceive))",
    re.IGNORECASE,
)


def refuse_other_case(sentence: Reading, given: Reading) -> str | None:
    """Why what the passage says of one case is not said of the sentence's; None when it is."""
    return (
        _check_head(sentence, given) or _check_or_if(sentence, given) or _check_otherwise(sentence, given)
        or _check_forbidden(sentence, given) or _check_only_if(sentence, given)
        or _check_shares(sentence, given) or _check_whose(sentence, given)
        or _check_numbers(sentence, given)
    )  # fmt: skip


def _check_head(sentence: Reading, given: Reading) -> str | None:
    """Of "Albacore holds more mercury: the limit is one serving" the limit is albacore's alone."""
    colon = given.text.find(": ")
    if colon < 0 or not _BARE.match(sentence.text):
        return None
    head = _tokens(given, 0, colon)
    named = any(are_alike(token, own) for token in head for own in sentence.content)
    if head and not named:
        return f"the passage says this of “{head[0].text}”"
    return None


def _check_or_if(sentence: Reading, given: Reading) -> str | None:
    """In "doxycycline, or azithromycin if you are pregnant" doxycycline is not for the pregnant."""
    for told in _OR_IF.finditer(given.text):
        case = _tokens(given, *told.span("case"))
        other = _tokens(given, *told.span("other"))
        before = _tokens(given, 0, told.start())[-_BESIDE:]
        if _names(sentence, case) and _names(sentence, before) and not _names(sentence, other):
            return f"the passage says “{told['other']}” of that case"
    return None


def _check_otherwise(sentence: Reading, given: Reading) -> str | None:
    """What holds "otherwise" does not hold if."""
    told = _OTHERWISE.search(given.text)
    if told is None or _DENIES.search(sentence.text):
        return None
    case, held, other = (_tokens(given, *told.span(name)) for name in ("case", "held", "other"))
    start = told.start("other")
    same = any(
        same_value(q, there)
        for q in sentence.quantities
        for there in given.quantities
        if there.start >= start
    )
    if _names(sentence, case) and (same or _names(sentence, other)) and not _names(sentence, held):
        return "the passage says this otherwise, not of that case"
    return None


def _check_forbidden(sentence: Reading, given: Reading) -> str | None:
    """ "Do not take it if you have an ulcer" lets nobody with an ulcer take it."""
    if _DENIES.search(sentence.text) or not _IF.search(sentence.text):
        return None
    for told in _NOT_IF.finditer(given.text):
        if _names(sentence, _tokens(given, *told.span("case"))):
            return "the passage says not to, in that case"
    return None


def _check_only_if(sentence: Reading, given: Reading) -> str | None:
    """What is done only if is not done even if not."""
    told = _ONLY_IF.search(given.text)
    if told is None or not _WHATEVER.search(sentence.text) or _ONLY.search(sentence.text):
        return None
    if _names(sentence, _tokens(given, *told.span("case"))):
        return "the passage says this only in that case"
    return None


def _check_whose(sentence: Reading, given: Reading) -> str | None:
    """In "women should drink none; men no more than 14 units" each part is its own people's."""
    theirs = _parts_by_people(given)
    for who, words, numbers in _parts_by_people(sentence):
        shared = {
            whose: sum(any(are_alike(a, b) for b in their_words) for a in words)
            + sum(any(same_value(a, b) for b in their_numbers) for a in numbers)
            for whose, their_words, their_numbers in theirs
        }
        if len(shared) > 1 and who in shared and shared[who] < max(shared.values()):
            return f"the passage says this of other people than “{who}”"
    return None


def _parts_by_people(reading: Reading) -> list[tuple[str, list[Token], list[Quantity]]]:
    """Each people named, with the words and numbers that follow up to the next."""
    found = list(_WHO.finditer(reading.text))
    ends = [*(match.start() for match in found[1:]), len(reading.text)][: len(found)]
    return [
        (
            match[0].lower(),
            [t for t in reading.content if match.end() <= t.start < end and not _WHO.match(t.text)],
            [q for q in reading.quantities if match.end() <= q.start < end],
        )
        for match, end in zip(found, ends, strict=True)
    ]


def _check_shares(sentence: Reading, given: Reading) -> str | None:
    """Of "most are well, but a small number become ill" each keeps its share."""
    shares = [_share_of(given.text[c.start : c.end]) for c in given.clauses]
    for number, clause in enumerate(sentence.clauses):
        share = _share_of(sentence.text[clause.start : clause.end])
        told = [t for t in sentence.content if t.clause == number and t.kind != "relation"]
        there = {o.clause for o in given.content if told and are_alike(told[-1], o)}
        if share in shares and share and len(there) == 1:
            other = shares[there.pop()]
            if other not in ("", share):
                return "the passage says this of another share"
    return None


def _check_numbers(sentence: Reading, given: Reading) -> str | None:
    """ "7 in 10 women" is not "7 in 10 men", nor "12 weeks after the birth" "12 weeks of pregnancy"."""
    for wanted in sentence.quantities:
        same = [q for q in given.quantities if same_value(wanted, q)]
        if len(same) != 1:
            continue
        ours = _PEOPLE.match(sentence.text, wanted.end)
        theirs = _PEOPLE.match(given.text, same[0].end)
        if ours and theirs and ours["who"].lower() != theirs["who"].lower():
            return f"the passage says “{theirs['who']}”, not “{ours['who']}”"
        pregnant, after = _OF_PREGNANCY, _AFTER
        for one, other in ((pregnant, after), (after, pregnant)):
            if one.match(sentence.text, wanted.end) and other.match(given.text, same[0].end):
                return f"“{wanted.text}” is counted from something else in the passage"
    return None


def _share_of(text: str) -> str:
    return next((name for name, words in _SHARES if words.search(text)), "")


def _tokens(reading: Reading, start: int, end: int) -> list[Token]:
    """The words of a stretch that carry a claim, or say of whom it holds."""
    roles = load_terms().roles
    return [
        token
        for token in reading.content
        if start <= token.start < end
        and (token.kind in ("plain", "name") or any(token.keys & role for role in roles))
    ]


def _names(sentence: Reading, tokens: list[Token]) -> bool:
    """Whether the sentence names half of these words, or whom they are about."""
    roles = load_terms().roles
    named = [token for token in tokens if any(are_alike(token, own) for own in sentence.content)]
    whom = any(token.keys & role for token in named for role in roles)
    return bool(named) and (whom or 2 * len(named) >= len(tokens))
