"""Her newest message joined to her earlier ones, in plain words: which signs stand in it, and how.

Between the wording of a message (wording.py, standing.py) and the rules (rules.py). Knows no advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.events import Turn
from rag.signs.losses import blank_losses
from rag.signs.readings import Reading, find_readings
from rag.signs.rules import Part, Rule, Threshold, load_rules, rule_words
from rag.signs.standing import Standing
from rag.signs.wording import blank_other_meanings, load_wording, normalise, wording_words
from rag.text.patterns import compile_patterns
from rag.text.spelling import Speller

NEAR_WORDS = 12  # `+`: how far a word may stand from the sign it belongs to
BLOCK_WORDS = 7  # `-`: how near an excluding word must stand
EARLIER_TURNS = 6  # of her messages, read together with the newest
MOST_SPANS = 20  # of one word group, from either end, are looked at in a very long message
FEWEST_WORDS = 2  # a statement shorter than this is not compared with examples

# First words of a line that mean nothing alone.
_NO_SIGN_ALONE = frozenset("@pain @harm_urge @fluid @violence @one_side @nothing_felt".split())

Span = tuple[int, int]


class Message:
    """Her newest message joined to the earlier ones, in plain words, with every lookup cached."""

    def __init__(self, text: str, history: Sequence[Turn] = ()) -> None:
        self.text, self.history = text, tuple(history)
        speller = load_speller()
        said = [turn.content for turn in history if turn.role == "user"][-EARLIER_TURNS:]
        earlier = "".join(normalise(f"{turn} ", speller).rstrip(" .?") + " . " for turn in said)
        newest = normalise(text, speller)
        self.whole = f"{earlier.rstrip()}{newest}" if earlier else newest
        self.line = blank_other_meanings(self.whole)
        self.newest_at = len(self.whole) - len(newest)
        self.standing = Standing(self.line)
        self.plain = self.line.strip()
        self._readings: list[Reading] | None = None
        self._spans: dict[str, list[Span]] = {}
        self._why: dict[Span, str] = {}

    def shows(self, rule: Rule) -> bool:
        """Whether any line of the rule holds, with at least one of its words in the newest message."""
        return any(self._anchors(rule, self.newest_at))

    def showed(self, rule: Rule) -> bool:
        """Whether an earlier message shows the rule, and nothing since says that it is over or seen to."""
        signs = [start for start, _ in self._anchors(rule, 0) if start < self.newest_at]
        if not signs or rule.stays:
            return bool(signs)
        return not self.is_settled(max(signs))

    def is_settled(self, since: int = 0) -> bool:
        """Whether she says, from `since` on, that it is over or that she has been seen."""
        settled = settled_pattern().finditer(self.line, since)
        return any(self.why_not(found.span()) in ("", "over", "past") for found in settled)

    def earlier(self) -> Message:
        """The conversation before the newest message."""
        said = [turn for turn in self.history if turn.role == "user"]
        return Message(said[-1].content, said[:-1]) if said else Message("")

    def says_something(self) -> bool:
        """Whether the newest message states anything, beyond asking, imagining or recalling.

        Nothing is said either while the whole conversation holds only calm statements: who she is, how the baby lies.
        """
        if len(self.standing.asserted(self.newest_at).split()) < FEWEST_WORDS:
            return False
        return not is_calm(self.standing.asserted())

    def only_sets_aside(self) -> bool:
        """Whether signs are named only to deny them, recall them or ask about them; none is had."""
        named = [span for part in sign_parts() for span in self.spans(part)]
        return bool(named) and all(self.why_not(span) for span in named)

    def touched(self, groups: Sequence[str]) -> NDArray[np.float32]:
        """Which of the word groups the conversation touches: had now, and otherwise; two numbers a group.

        A group that the rules no longer use counts as untouched.
        """
        marks = np.zeros((len(groups), 2), dtype=np.float32)
        for row, name in enumerate(groups):
            part = group_parts().get(name)
            for span in self.spans(part) if part else ():
                marks[row, int(bool(self.why_not(span)))] = 1.0
        return marks.ravel()

    def spans(self, part: Part) -> list[Span]:
        """Where the part stands in the conversation."""
        if part.name not in self._spans:
            if part.threshold is not None:
                found = [(r.start, r.end) for r in self.readings() if reaches(r, part.threshold)]
            elif part.pattern is not None:
                found = [match.span() for match in part.pattern.finditer(self.line)]
            self._spans[part.name] = found[:MOST_SPANS] + found[MOST_SPANS:][-MOST_SPANS:]
        return self._spans[part.name]

    def readings(self) -> list[Reading]:
        """Measured values in the conversation, found once."""
        if self._readings is None:
            self._readings = find_readings(self.line)
        return self._readings

    def why_not(self, span: Span) -> str:
        """Why what stands there is not happening now; "" when it is."""
        if span not in self._why:
            self._why[span] = self.standing.why_not(*span)
        return self._why[span]

    def _anchors(self, rule: Rule, since: int) -> Iterator[Span]:
        """Where a line of the rule holds, with at least one of its words at `since` or after."""
        stands = rule.despite | {""}
        for line in rule.lines:
            for anchor in self.spans(line[0]):
                if self.why_not(anchor) in stands and self._holds_at(anchor, line[1:], since):
                    yield anchor

    def _holds_at(self, anchor: Span, parts: Iterable[Part], since: int) -> bool:
        used = [anchor]
        for part in parts:
            if part.bond == "-":
                if any(self._blocks(anchor, span) for span in self.spans(part)):
                    return False
                continue
            fitting = [span for span in self.spans(part) if self._fits(part, anchor, span)]
            if not fitting:
                return False
            if not part.is_context:
                used.append(max(fitting))
        return any(start >= since for start, _ in used)

    def _fits(self, part: Part, anchor: Span, span: Span) -> bool:
        if span == anchor:
            return False
        if part.bond == "+" and self.words_between(anchor, span) > NEAR_WORDS:
            return False
        if part.is_context:
            return True
        return self.why_not(span) in (("", "asked", "feared") if part.bond == "+" else ("",))

    def _blocks(self, anchor: Span, span: Span) -> bool:
        first, second = sorted((anchor, span))
        if first[1] < second[0] and not self.standing.same_clause(first[1], second[0]):
            return False
        return self.words_between(anchor, span) <= BLOCK_WORDS and self.why_not(span) != "denied"

    def words_between(self, one: Span, other: Span) -> int:
        """Words that stand between two spans; 0 when they overlap."""
        first, second = sorted((one, other))
        return self.line.count(" ", first[1], second[0]) if second[0] > first[1] else 0


def reaches(reading: Reading, threshold: Threshold) -> bool:
    """Whether a reading is over (or under) a rule's threshold."""
    if reading.kind != threshold.kind:
        return False
    if not threshold.at_least:
        return reading.value < threshold.value
    if threshold.second is not None and reading.second >= threshold.second:
        return True
    return reading.value >= threshold.value


@lru_cache(maxsize=1)
def load_speller() -> Speller:
    return Speller(set(rule_words()) | wording_words())


def is_calm(said: str) -> bool:
    """Whether nothing stands in what was said but calm statements and small words (wording.toml)."""
    calm, small = calm_pattern()
    left = calm.sub(" ", blank_losses(f" {said} "))
    return left.split() != said.split() and all(
        word in small or word[0] == "~" for word in left.split()
    )


@lru_cache(maxsize=1)
def calm_pattern() -> tuple[re.Pattern[str], frozenset[str]]:
    raw = load_wording().lists["calm"]
    return compile_patterns(raw["words"]), frozenset(raw["small"])


@lru_cache(maxsize=1)
def settled_pattern() -> re.Pattern[str]:
    return compile_patterns(load_wording().lists["settled"]["words"])


@lru_cache(maxsize=1)
def group_parts() -> dict[str, Part]:
    """Every word group and reading that the rules use, by name."""
    parts = {part.name: part for rule in load_rules() for line in rule.lines for part in line}
    return {name: part for name, part in sorted(parts.items()) if name[0] in "@#"}


@lru_cache(maxsize=1)
def sign_parts() -> tuple[Part, ...]:
    """The word groups that name an emergency by themselves: they stand first in a line of their own."""
    lines = (line for rule in load_rules() if rule.level == "emergency" for line in rule.lines)
    parts = {line[0].name: line[0] for line in lines if line[0].name not in _NO_SIGN_ALONE}
    return tuple(parts.values())
