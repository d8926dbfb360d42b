"""Cut a sentence into clauses and tell of each whether it denies, hedges, generalises or sets a condition.

Knows function words only; what a clause is about is rag/checking/reading.py's and rag/checking/evidence.py's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rag.checking.words import load_words

_STARTERS = load_words("starters")
_AFTER_AND = load_words("after_and")
_ALWAYS_CUT = load_words("always_cut")
_CONDITION_WORDS = load_words("condition_openers")
_LEADING = frozenset(("and", "or", "only", "even", "but", "especially"))
_CONDITION = re.compile(
    r"^\W*(?:and |or |but |even |only |especially |particularly )*"
    r"(?:if|unless|only if|provided|as long as|except|in case|where|until|when|once|in the event)\b"
    r"|\b(?:for|in|to) (?:(?:pregnant |some |those )?(?:women|people|babies|mothers|patients|those|"
    r"infants|newborns|anyone|users|smokers))"
    r" (?:who|with|whose|in whom|for whom|undergoing|at|aged|over|under|taking|on)\b|\bprovided\b|\bas long as\b",
    re.IGNORECASE,
)
_STRONG_CONDITION = re.compile(
    r"\b(?:unless|only (?:if|when|where|after)|provided|as long as|except|if|where|whom|undergoing)\b",
    re.IGNORECASE,
)
_CONCESSION = re.compile(
    r"\W*(?:and |or |but )?(?:even if|even when|whether or not)\b", re.IGNORECASE
)
_DENYING = re.compile(
    r"\b(?:not|no|never|none|cannot|neither|nor|nothing|nobody)\b|n['’]t\b"
    r"|\b(?:do|does|did|is|are|was|were|has|have|had|would|could|should|ca|wo)nt\b",  # lost its mark
    re.IGNORECASE,
)
_NEGATOR = re.compile(
    r"\b(?:without|unable|unsafe|unnecessary|unlikely|unavailable|absent|absence of|unsuitable|"
    r"avoid(?:s|ed|ing)?|contraindicated|"
    r"forbidden|prohibited|banned|refrain(?:s|ed|ing)?|ineffective|stay(?:s|ing)? away|steer(?:s|"
    r"ing)? clear|keep(?:s|ing)? away|rather than|instead of|"
    r"(?:advis|recommend|warn|counsel|decid)\w*\s+(?:\w+\s+)?against|"
    r"against (?=taking|using|the use|having|giving|routine|it\b)|lack(?:s|ing)?|forg(?:et|ot|ets|"
    r"otten) to|free of|fails? to|"
    r"(?:reason|cause) (?:to|for) (?:delay|stop|postpone|put off|refuse|wait)(?:ing)?)\b",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"\bnot only\b|\bwhether or not\b|\bno matter\b|\bno doubt\b|\bnot just\b|"
    r"\bnot necessarily\b(?=x)|\bwhy not\b|\bif not\b|\bor not\b|\bnot yet\b(?=x)"
    r"|\b(?:no|not) (?:more|less|fewer|later|longer|earlier|higher|lower|greater|older|warmer|hotter|"
    r"heavier|larger|bigger|closer|sooner) than\b|\bno later than\b"
    r"|(?:\bnot|n['’]t|\bnever)\b(?=(?:\W+(?!for\b|in\b)[\w’']+){0,4}?\W+(?:(?:more|less|longer|"
    r"greater|higher) than|exceed))"
    r"|\balmost never\b|\bno sooner\b",
    re.IGNORECASE,
)
_RARE = re.compile(
    r"\b(?:rarely|seldom|hardly ever|hardly any|scarcely|uncommonly|almost never|infrequently|"
    r"very few|only a few|few(?= \w+ (?:need|have|get|will))|"
    r"in rare cases|it is rare|rare(?= for| that))\b",
    re.IGNORECASE,
)
_SOME = re.compile(
    r"\b(?:some(?! (?:time|point|stage|other|more))|sometimes|occasional(?:ly)?|may|might|"
    r"(?<!as you )(?<!\ba )can(?!['’]t|not| of)|could|(?<!as )(?<!if )(?<!where )possible(?! after)|"
    r"possibly|perhaps|maybe|a few|consider(?:ed)?|"
    r"certain|potentially|now and then|at times|free to)\b",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"\b(?:(?<!the )(?<!at )most(?! (?:often|commonly|of the (?:day|time|night)|effective|common|"
    r"serious|important|likely))|mostly|usually|normally|generally|typically|mainly|majority|"
    r"nearly all|almost all|"
    r"tends? to|as a rule|commonly|(?<!, )(?<!most )(?<!more )(?<!less )often|"
    r"(?<!more )(?<!less )frequently|many|lots of|probably|in general|largely)\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:all|every(?! (?:\d+|other|few|two|three|four|five|six|eight)? ?(?:minute|hour|day|night|"
    r"week|month|year|time))|everyone|everybody|everywhere|always|invariably|definitely|certainly|"
    r"guaranteed?|whatever|however you|in any case|without exception|"
    r"mandatory|compulsory)\b|\b(?:by|to|for|in|at|of) any(?:one|body)?\b(?! (?:of|other|time|kind))|"
    r"^\W*(?:any|no|both|each)\b(?! (?:more|later|longer))",
    re.IGNORECASE,
)
_OWN_MANNER = re.compile(
    r"\b(?:not|no|never|none|without|unless|except|if|when|who|which|but|is|are|was|were|can|may|some|"
    r"usually|only|says?|see)\b|n['’]t\b",
    re.IGNORECASE,
)
_CONTINUING = re.compile(r"(?:and|or) (?:is|are|was|were|has|have|had|do|does)\b", re.IGNORECASE)
RARE, SOME, MOST, PLAIN = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence, `[start, end)`, and its manner."""

    start: int
    end: int
    negative: bool
    manner: int  # RARE, SOME, MOST or PLAIN: the weakest hedge in it
    universal: bool  # "all", "always", "every"
    condition: bool  # restricts when or for whom the rest holds
    strong_condition: bool
    opening: str  # its first word after "and", "or", "but", "only", small letters
    segment: int  # number of the stretch between strong marks (; : .) that it stands in
    alternative: bool  # begins with "or"
    continues: bool  # begins with "and" or "or" and a verb: it keeps the subject of the one before


def cut_clauses(text: str, words: list[re.Match[str]]) -> tuple[Clause, ...]:
    """The clauses of a sentence, in order, covering all of it."""
    edges = [0]
    conditional = bool(words) and words[0].group().lower() in _CONDITION_WORDS
    comma = 0  # index of the word after the last comma
    listing = False  # inside a condition that may be a list: "if you smoke, have migraine or …"
    open_text = _open_brackets(text)
    for i in range(1, len(words)):
        between = open_text[words[i - 1].end() : words[i].start()]
        following = [word.group().lower() for word in words[i : i + 2]]
        listed = "," in between and comma > 0 and i - comma <= 3
        ends_condition = conditional and following[0] not in ("or", "and")
        if _cuts(between, following, listed) or (
            "," in between and (ends_condition or (listing and not listed))
        ):
            led = words[i - 1].group().lower() in _LEADING and not between.strip()
            if led and words[i - 1].start() in edges[-1:]:
                edges.pop()
            edges.append(words[i - led].start())
            listing = (listing and "," in between) or following[0] in ("if", "unless")
            conditional = bool(re.search(r"[;:.!?]", between)) and following[0] in _CONDITION_WORDS
        if "," in between:
            comma = i
    edges.append(len(text))
    pairs = [(a, b) for a, b in pairwise(edges) if b > a]
    return tuple(_judge(text, a, b) for a, b in pairs) or (_judge(text, 0, len(text)),)


def _open_brackets(text: str) -> str:
    """A text without the brackets that only name or number things: what is denied is denied of those too."""

    def blank(match: re.Match[str]) -> str:
        return match.group() if _OWN_MANNER.search(match.group()) else f" {match.group()[1:-1]} "

    return re.sub(r"\([^()]*\)", blank, text)


def _cuts(between: str, following: list[str], listed: bool) -> bool:
    """Whether a clause begins with `following`, given what stands before it."""
    word = following[0]
    after = following[1] if len(following) > 1 else ""
    if re.search(r"[;:.!?|()•]|\s[-–—]\s|—", between):
        return True
    if word in ("while", "when", "until") and after.endswith("ing"):
        return False
    if word in _ALWAYS_CUT:
        return True
    if word == "with" and after == "no":
        return True
    if word in ("rather", "instead") and after in ("than", "of"):
        return True
    if word in ("and", "or") and (
        after in _AFTER_AND or ("," in between and not listed and word == "and")
    ):
        return True
    return "," in between and word in _STARTERS and word not in ("and", "or")


def _judge(text: str, start: int, end: int) -> Clause:
    piece = text[start:end]
    plain = _NO_NEGATION.sub(" ", piece)
    negatives = len(_NEGATOR.findall(plain)) + bool(_DENYING.search(plain))
    return Clause(
        start,
        end,
        negatives % 2 == 1,
        _read_manner(piece),
        bool(_ALL.search(piece))
        and not re.search(r"\b(?:not|nearly|almost|at|after) all\b", piece, re.IGNORECASE),
        bool(_CONDITION.search(piece)),
        bool(
            _CONDITION.search(piece)
            and _STRONG_CONDITION.search(piece)
            and not _CONCESSION.match(piece)
        ),
        next((word for word in re.findall(r"[a-z']+", piece.lower()) if word not in _LEADING), ""),
        len(re.findall(r"[;:.!?•|](?=\s)", text[:start])),
        re.match(r"\W*or\b", piece, re.IGNORECASE) is not None,
        _CONTINUING.match(piece) is not None,
    )


def list_bound(clauses: tuple[Clause, ...]) -> set[Clause]:
    """The clauses of conditions: "if you smoke", and after it "and are 35 or older"."""
    bound = {clause for clause in clauses if clause.strong_condition}
    for before, clause in pairwise(clauses):
        joined = clause.segment == before.segment and clause.continues
        if joined and before in bound and before is not clauses[0]:
            bound.add(clause)
    return bound


def has_denial(text: str) -> bool:
    """Whether anything in a text is denied, even twice: "without complaints you need no treatment"."""
    plain = _NO_NEGATION.sub(" ", text)
    return bool(_DENYING.search(plain) or _NEGATOR.search(plain))


def find_hedges(piece: str) -> list[tuple[int, int]]:
    """Each hedge of a stretch of text: its place and its manner (RARE, SOME or MOST)."""
    return [
        (match.start(), manner)
        for manner, pattern in ((RARE, _RARE), (SOME, _SOME), (MOST, _MOST))
        for match in pattern.finditer(piece)
    ]


def _read_manner(piece: str) -> int:
    for manner, pattern in ((RARE, _RARE), (SOME, _SOME), (MOST, _MOST)):
        if pattern.search(piece):
            return manner
    return PLAIN
