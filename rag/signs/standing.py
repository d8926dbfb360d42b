# ruff: noqa: E501  (a pattern is read whole)
"""How a sign stands in a sentence: had now, or denied, over, long past, asked about, imagined, in a book.

After NegEx (Chapman 2001, J Biomed Inform 34:301) and ConText (Harkema 2009, 42:839): trigger words with a
scope that ends at other words. The lists are in wording.toml. Knows no rule and no level.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from rag.signs.wording import load_wording
from rag.text.patterns import compile_patterns

_PIECE = re.compile(r" (?:but|however|though|although|now|today|tonight|yet|except|whereas)(?= )")
_CLAUSE = re.compile(
    r" (?:,|but|however|though|although|because|so(?! (?:much|many|bad\w*|heav\w*|hard|sore|strong\w*|painful\w*|often|long|fast|far|little|very|swollen|weak|tired|dizzy|sick))|then|while|plus|also|except)(?= )"
    r"| and(?= (?:i|my|she|he|it|we|there|the|now|today|then|her|his|have|has|am|is|feel|feeling|having|got|just|can) )"
)
_STRESSED = re.compile(
    r"(?<!\S)(?:since|for|today|now|heav\w*|bad|badly|sever\w*|awful|terribl\w*|lots|loads|everywhere|"
    r"yesterday|tonight|started|worse|really|still|keeps?|wo?n't|will|again)(?!\S)"
)
_TURN = re.compile(
    r"(?<! if)(?<!that)(?<! whether)(?<! when)(?<! how)(?<! do)(?<! can)(?<! should)(?<! will)(?<! would)(?<! could)"
    r" (?:but (?:i|my|she|he|now|today|there|it)|i (?:am|have|keep|feel|felt|just|got|was)|she is|he is|since|because|and my|my (?:wife|partner|baby|daughter|sister))(?= )"
)
# Back from a story to herself: "watched a birth video and now I am bleeding".
_HER_NOW = re.compile(
    r" (?:and now|but now|today|tonight|this morning|since then|now)(?: (?:i|my|she|there|it|am))(?= )"
)
_NEW_MATTER = re.compile(
    r"(?<!\S)(?:but|however|then|until)(?! (?:it|its|that|this|they|now|all|has|have|had|is|was|stopped|went|gone|resolved|settled))(?!\S)"
)
_NOT_QUITE = re.compile(r"(?<!\S)(?:not|never|nearly|almost|hardly|nothing|no)(?!\S)")
_NO_REACH, _NOT_REACH, _AFTER_REACH = (
    4,
    8,
    10,
)  # words; beyond them a denial is about something else


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
    opens_with_verb: re.Pattern[str]
    asks: re.Pattern[str]
    personal: re.Pattern[str]
    supposed: re.Pattern[str]
    feared: re.Pattern[str]
    real: re.Pattern[str]
    elsewhere: re.Pattern[str]
    others_past: re.Pattern[str]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    raw = load_wording().lists
    leads, opens = "|".join(raw["asking"]["leads"]), "|".join(raw["asking"]["opens"])
    verbs = "|".join(raw["asking"]["opens_with_verb"])
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
        opens_with_verb=re.compile(rf"[ ,]*(?:(?:{leads})[ ,]+)*(?:{verbs}) "),
        asks=compile_patterns(p.replace("?", "[?]") for p in raw["asking"]["asks"]),
        personal=compile_patterns(raw["asking"]["personal"]),
        supposed=compile_patterns(raw["supposed"]["words"]),
        feared=compile_patterns(raw["supposed"]["feared"]),
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
            ("past", self._past), ("supposed", self._supposed),
            ("feared", self._feared), ("asked", self._asked),
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
        if self._lists.ends.search(self._unmasked, denial.end(), self._word_end(start)):
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
        reach = _NEW_MATTER.split(reach)[0]
        found = self._lists.over.search(f" {reach} ")
        if not found or _NOT_QUITE.search(reach[: found.start()][-14:]):
            return False
        return not self._lists.back.search(self._line, start)

    def _past(self, first: int, start: int, end: int, last: int) -> bool:
        cuts = [m.start() for m in _PIECE.finditer(self._line, first, last)]
        left = max((c for c in cuts if c < start), default=first)
        right = min((c for c in cuts if c >= end), default=last)
        near = f"{self._dated[slice(*self._clause(first, start, end, last))]} "
        if self._lists.present.search(near):
            return False
        if self._lists.others_past.search(self._line, first, last):
            return True
        if not self._lists.past.search(f"{self._dated[left:right]} "):
            return False
        return not self._lists.back.search(self._line, start)

    def _supposed(self, first: int, start: int, end: int, last: int) -> bool:
        return self._follows(self._lists.supposed, first, start, end)

    def _feared(self, first: int, start: int, end: int, last: int) -> bool:
        return self._follows(self._lists.feared, first, start, end)

    def _follows(self, triggers: re.Pattern[str], first: int, start: int, end: int) -> bool:
        found = [m for m in triggers.finditer(self._real, first, end) if m.start() < start]
        return bool(found) and not self._turns(found[-1].end(), start)

    def _asked(self, first: int, start: int, end: int, last: int) -> bool:
        left, right = self._clause(first, start, end, last)
        for found in self._lists.always.finditer(self._line, first, right):
            if found.start() < start and not self._turns(found.end(), start):
                return True
            if found.start() >= end:
                return True
        return self._opens_question(first, left, right, last) and not self._lists.personal.search(
            self._line, left, right
        )

    def _opens_question(self, first: int, left: int, right: int, last: int) -> bool:
        if self._lists.opens.match(self._line, left):
            return True
        if left != first or not self._lists.opens_with_verb.match(self._line, left):
            return False
        return bool(self._lists.asks.search(f"{self._line[left : last + 2]} "))

    def _elsewhere(self, first: int, start: int, end: int, last: int) -> bool:
        if not self._is_story:
            return False
        for found in self._lists.elsewhere.finditer(self._line, first, last):
            if found.start() >= start or not _HER_NOW.search(self._line[found.end() : start + 1]):
                return True
        left, right = self._clause(first, start, end, last)
        return not re.search(r"(?<!\S)(?:i|my|me)(?!\S)", self._line[left:right])

    def asserted(self, start: int = 0) -> str:
        """What the line says is so, from `start` on: without clauses that ask, imagine, recall or tell a story."""
        cuts = {m.start() for m in _CLAUSE.finditer(self._line, start)} | {
            e for e in self._ends if e > start
        }
        edges = [start, *sorted(cuts), len(self._line)]
        kept = [
            self._line[left:right]
            for left, right in itertools.pairwise(edges)
            if self._is_said(left, right)
        ]
        return " ".join("".join(kept).split())

    def _is_said(self, left: int, right: int) -> bool:
        words = self._line[left:right].rstrip(" .?,")
        if not words.strip():
            return False
        end = left + len(words)
        return self.why_not(self._line.rfind(" ", left, end) + 1, end) in (
            "",
            "denied",
            "over",
            "feared",
        )

    def same_clause(self, one: int, other: int) -> bool:
        """Whether no clause or sentence ends between two places."""
        low, high = sorted((one, other))
        return not _CLAUSE.search(self._line, low, high) and not re.search(
            r" [.?] ", self._line[low:high]
        )

    def _word_end(self, start: int) -> int:
        end = self._line.find(" ", start)
        return end if end >= 0 else len(self._line)

    def _turns(self, after: int, start: int) -> bool:
        """Whether she turns to herself between a trigger and the sign: "…? i am 8 weeks and bleeding"."""
        return bool(_TURN.search(self._line[after : start + 1]))


def _blank(pattern: re.Pattern[str], line: str) -> str:
    return pattern.sub(lambda m: re.sub(r"[^ ]", "~", m[0]), line)
