"""How a sign stands in a sentence: had now, or denied, over, long past, asked about, imagined, in a book.

After NegEx (Chapman 2001, J Biomed Inform 34:301) and ConText (Harkema 2009, 42:839): trigger words with a
scope that ends at other words. The lists are in wording.toml. Knows no rule and no level.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.patterns import compile_patterns
from rag.wording import load_wording

_PIECE = re.compile(r" (?:but|however|though|although|now|today|tonight|yet|except|whereas)(?= )")
_CLAUSE = re.compile(
    r" (?:,|but|however|though|although|because|so|then|while|plus|also|except)(?= )"
    r"| and(?= (?:i|my|she|he|it|we|there|the|now|today|then|her|his|have|has|am|is|feel|feeling|having|got|just|can) )"
)
_STRESSED = re.compile(
    r"(?<!\S)(?:since|for|today|now|heav\w*|bad|badly|sever\w*|awful|terribl\w*|lots|loads|everywhere|"
    r"yesterday|tonight|started|worse|really|still|keeps?|wo?n't|will|again)(?!\S)"
)
_TURN = re.compile(
    r"(?<! if)(?<!that)(?<! whether)(?<! when)(?<! how)(?<! do)(?<! can)(?<! should)(?<! will)(?<! would)(?<! could)"
    r" (?:i (?:am|have|keep|feel|felt|just|got|was)|she is|he is|since|because|and my|my (?:wife|partner|baby|daughter|sister))(?= )"
)
_NO_REACH, _NOT_REACH, _AFTER_REACH = 4, 8, 10  # words; beyond them a denial is about something else


@dataclass(frozen=True, slots=True)
class _Lists:
    denial: re.Pattern[str]
    not_a_denial: re.Pattern[str]
    ends: re.Pattern[str]
    over: re.Pattern[str]
    back: re.Pattern[str]
    births: re.Pattern[str]
    past: re.Pattern[str]
    present: re.Pattern[str]
    always: re.Pattern[str]
    opens: re.Pattern[str]
    personal: re.Pattern[str]
    supposed: re.Pattern[str]
    real: re.Pattern[str]
    elsewhere: re.Pattern[str]
    others_past: re.Pattern[str]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    raw = load_wording().lists
    leads, opens = "|".join(raw["asking"]["leads"]), "|".join(raw["asking"]["opens"])
    return _Lists(
        denial=compile_patterns(raw["negation"]["before"]),
        not_a_denial=compile_patterns(raw["negation"]["not_a_denial"]),
        ends=compile_patterns(raw["negation"]["ends"]),
        over=compile_patterns(raw["negation"]["after"]),
        back=compile_patterns(raw["negation"]["back_again"]),
        births=compile_patterns(raw["past"]["births"]),
        past=compile_patterns(raw["past"]["words"]),
        present=compile_patterns(raw["past"]["present"]),
        always=compile_patterns(raw["asking"]["always"]),
        opens=re.compile(rf"[ ,]*(?:(?:{leads})[ ,]+)*(?:{opens}) "),
        personal=compile_patterns(raw["asking"]["personal"]),
        supposed=compile_patterns(raw["supposed"]["words"]),
        real=compile_patterns(raw["supposed"]["real"]),
        elsewhere=compile_patterns(raw["elsewhere"]["words"]),
        others_past=compile_patterns([raw["elsewhere"]["others_past"]]),
    )


class Standing:
    """Answers, for any stretch of one normalised line, whether it is something that is happening."""

    def __init__(self, line: str) -> None:
        self._lists = _lists()
        self._line = line
        self._unmasked = _blank(self._lists.not_a_denial, line)
        self._real = _blank(self._lists.real, line)
        self._dated = _blank(self._lists.births, line)
        self._ends = [m.start() for m in re.finditer(r" [.?](?= )", line)]
        self._is_story = bool(self._lists.elsewhere.search(line))

    def why_not(self, start: int, end: int) -> str:
        """Why the sign at [start, end) is not happening now; "" when it is."""
        first, last = self._sentence(start)
        checks = (
            ("elsewhere", self._elsewhere), ("denied", self._denied), ("over", self._over),
            ("past", self._past), ("supposed", self._supposed), ("asked", self._asked),
        )  # fmt: skip
        for name, check in checks:
            if check(first, start, end, last):
                return name
        return ""

    def _sentence(self, at: int) -> tuple[int, int]:
        first = max((e + 2 for e in self._ends if e < at), default=0)
        last = min((e for e in self._ends if e >= at), default=len(self._line))
        return first, last

    def _clause(self, first: int, start: int, end: int, last: int) -> tuple[int, int]:
        cuts = [m.start() for m in _CLAUSE.finditer(self._line, first, last)]
        left = max((c for c in cuts if c < start), default=first)
        right = min((c for c in cuts if c >= end), default=last)
        return left, right

    def _denied(self, first: int, start: int, end: int, last: int) -> bool:
        denials = list(self._lists.denial.finditer(self._unmasked, first, start))
        if not denials:
            return False
        denial = denials[-1]
        between = self._unmasked[denial.end() : start]
        if self._lists.ends.search(between):
            return False
        is_list = re.search(r" (?:,|or|and|nor) ", f"{between} ")
        words = between.replace(",", " ").split()
        reach = _NO_REACH if denial[0] in ("no", "without", "nil", "zero") else _NOT_REACH
        if len(words) > (reach * 4 if is_list else reach):
            return False
        _, right = self._clause(first, start, end, last)
        stressed = bool(words) and _STRESSED.search(self._line[end : min(right, end + 40)])
        is_joined = re.search(r" (?:or|nor|and) ", f"{between} ")
        return not (stressed and not is_joined)

    def _over(self, first: int, start: int, end: int, last: int) -> bool:
        after = self._line[end:last]
        reach = " ".join(after.split()[:_AFTER_REACH])
        reach = re.split(r"(?<!\S)(?:but|however|then|until)(?!\S)", reach)[0]
        return bool(self._lists.over.search(f" {reach} ")) and not self._lists.back.search(self._line, end)

    def _past(self, first: int, start: int, end: int, last: int) -> bool:
        cuts = [m.start() for m in _PIECE.finditer(self._line, first, last)]
        left = max((c for c in cuts if c < start), default=first)
        right = min((c for c in cuts if c >= end), default=last)
        piece = f"{self._dated[left:right]} "
        if self._lists.others_past.search(self._line, first, last) and not self._lists.present.search(piece):
            return True
        if not self._lists.past.search(piece) or self._lists.present.search(piece):
            return False
        return not self._lists.back.search(self._line, end)

    def _supposed(self, first: int, start: int, end: int, last: int) -> bool:
        found = list(self._lists.supposed.finditer(self._real, first, start))
        return bool(found) and not self._turns(found[-1].end(), start)

    def _asked(self, first: int, start: int, end: int, last: int) -> bool:
        left, right = self._clause(first, start, end, last)
        for found in self._lists.always.finditer(self._line, first, right):
            if found.start() < start and not self._turns(found.end(), start):
                return True
            if found.start() >= end:
                return True
        if not self._lists.opens.match(self._line, left):
            return False
        return not self._lists.personal.search(self._line, left, right)

    def _elsewhere(self, first: int, start: int, end: int, last: int) -> bool:
        if not self._is_story:
            return False
        if self._lists.elsewhere.search(self._line, first, last):
            return True
        left, right = self._clause(first, start, end, last)
        return not re.search(r"(?<!\S)(?:i|my|me)(?!\S)", self._line[left:right])

    def _turns(self, after: int, start: int) -> bool:
        """Whether she turns to herself between a trigger and the sign: "…? i am 8 weeks and bleeding"."""
        return bool(_TURN.search(self._line[after : start + 1]))


def _blank(pattern: re.Pattern[str], line: str) -> str:
    return pattern.sub(lambda m: re.sub(r"[^ ]", "~", m[0]), line)
