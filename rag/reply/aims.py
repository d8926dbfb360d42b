# ruff: noqa: E501  (a pattern is read whole)
"""What sort of sentence a question asks for: the one that lists the signs, names the causes, says what it is.

Plain patterns over question and statement. Knows no book and no model; rag/reply/quote.py adds the worth up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.search.vocabulary import content_words, stem, words_of

# Chosen on the tuning half of tests/gold/questions.jsonl, by the share of key facts told; cosine units.
_TOLD = 0.18  # what a statement of the sort asked for is worth
_LISTED = 0.06  # what it is worth besides when it lists some
_FEWEST_LISTED = 2  # commas, "and", "or", bullets
_DEFINED_EARLY = 6  # words before "is" in "Chlamydia is …"
_LONGEST_NAME = 3  # content words of "what is a membrane sweep"


@dataclass(frozen=True, slots=True)
class _Aim:
    asks: re.Pattern[str]
    tells: re.Pattern[str]


def _aim(asks: str, tells: str) -> _Aim:
    return _Aim(re.compile(asks, re.IGNORECASE), re.compile(tells, re.IGNORECASE))


_AIMS = (
    _aim(
        r"\bside ?-?effects?\b",
        r"\bside effects?\b|\bcan (?:cause|make|bring)\b|\bmay (?:cause|make|bring)\b|\b(?:has|have) (?:no|long|irregular)\b",
    ),
    _aim(
        r"\b(?:signs?|symptoms?|sypmtoms|symtoms)\b|\bhow (?:do|can|would|will|to) (?:i |you |we )?(?:know|tell|recogni[sz]e|spot)\b|\bwhat does .{2,40} (?:feel|look) like\b",
        r"\b(?:signs?|symptoms?)\b[^.]{0,40}\b(?:are|is|include)\b|\b(?:are|is)(?: the| a| an| common| early| usual| main)* signs?\b|\b(?:can|may) (?:cause|feel|look|bring)\b|\bfeels? like\b|\b(?:it|they) may (?:be|mean)\b|\bdiffer in\b",
    ),
    _aim(
        r"\bwhen (?:should|do|must|to|can|would) (?:i |you |we |she )?(?:call|ring|phone|worry|go (?:in|to)|see (?:a|the|my))\b",
        r"\b(?:call|phone|go|see)\b[^.]{0,60}\b(?:when|if|for)\b",
    ),
    _aim(
        r"\bcauses?\b|\bwhat brings\b|\breasons? (?:for|of|why)\b",
        r"(?<!not )(?<!never )\bcause[sd]?\b(?! (?:no|a miscarriage)\b)|\bcomes? from\b|\bhappens? (?:when|because)\b|\b(?:most|often|mostly) from\b|\bbecause\b|\breasons? (?:is|are)\b",
    ),
    _aim(
        r"\b(?:risks?|dangers?|complications?|downsides?) (?:of|with|from)\b|\bhow (?:risky|dangerous)\b",
        r"\b(?:risks?|complications?|dangers?) [^.]{0,30}\b(?:are|is|include)\b|\b(?:raises?|higher|small) (?:the )?(?:extra )?risk\b|\bcan (?:cause|harm|lead)\b",
    ),
)  # fmt: skip
_NAME_ASKED = re.compile(
    r"^\W*(?:(?:so|ok|hi|please)\W+)*(?:what(?:['’]?s| is| are| does)|wats|explain|define)\s+(?:an? |the |this )?(?P<name>.+?)(?: mean)?(?: and .*)?\W*$",
    re.IGNORECASE,
)
_NAME_ENDS = r"(?= (?:when|while|if|in|during|at|with|for|and|now|after|before|as)\b|\W*$)"
_THING_ALLOWED = re.compile(
    r"\b(?:can|could|may|should|must) (?:i|you|we|she) (?:still |just |really )*"
    rf"(?:have|eat|drink|take|use|get|try|put on)\s+(?P<taken>.+?){_NAME_ENDS}"
    r"|\b(?:is|are)(?: it)? (?:ok|okay|safe|fine|alright|allowed)(?: for me)? to (?:have|eat|drink|take|use|get)\s+"
    rf"(?P<done>.+?){_NAME_ENDS}"
    r"|\b(?:is|are) (?!it\b|there\b|this\b|that\b)(?P<thing>.{2,40}?) (?:ok|okay|safe|fine|alright|allowed)\b",
    re.IGNORECASE,
)
_IS = re.compile(
    r"\b(?:is|are)\b(?! (?:not|often|usually|also|more|less|offered|given|done|due|safe|treated|found|rare|"
    r"common|mild|likely|best)\b)|\bmeans?\b|, (?:in which|where|that is)\b"
)
_COUNTED = re.compile(r",|\band\b|\bor\b|^\s*[•▪◦‣–*-]\s", re.MULTILINE)


def weigh_aim(question: str, statement: str, heading: str = "") -> float:
    """How much more a statement is worth for being of the sort that the question asks for: 0 … 0.24.

    A list counts where its heading names the sort.
    """
    if _defines(question, statement) or _names_thing(question, statement):
        return _TOLD
    for aim in _AIMS:
        if aim.asks.search(question):
            headed = "\n" in statement and bool(aim.asks.search(heading))
            if headed or aim.tells.search(statement):
                return _TOLD + _LISTED * _lists(statement)
    return 0.0


def _lists(statement: str) -> bool:
    return len(_COUNTED.findall(statement)) >= _FEWEST_LISTED


def _names_thing(question: str, statement: str) -> bool:
    """Whether it names what the question asks leave for: "brie" in "can I have brie when pregnant"."""
    asked = _THING_ALLOWED.search(question)
    if asked is None:
        return False
    thing = asked["taken"] or asked["done"] or asked["thing"]
    name = {stem(word) for word in content_words(thing)}
    return 0 < len(name) <= _LONGEST_NAME and name <= {stem(word) for word in words_of(statement)}


def _defines(question: str, statement: str) -> bool:
    """Whether it begins "A membrane sweep is …" where the question is "what is a membrane sweep"."""
    asked = _NAME_ASKED.match(question)
    name = {stem(word) for word in content_words(asked["name"])} if asked else set()
    if not 1 <= len(name) <= _LONGEST_NAME:
        return False
    found = _IS.search(statement)
    before = words_of(statement[: found.start()]) if found else []
    return 0 < len(before) <= _DEFINED_EARLY and name <= {stem(word) for word in before}
