"""Danger signs in a message, found before any model runs: rules first, then likeness to example wordings.

Stands first on the book road. Rules are data (triage.toml); what a message says of a sign (denied, past,
asked about…) is rag/standing.py; whose sign it can be is rag/profile.py. Deterministic; either stage may raise
the level, neither lowers the other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from rag.countries import find_country
from rag.events import Level, Triage, Turn
from rag.likeness import Encoder, Likeness, Target, load_likeness
from rag.profile import Profile, profile_of
from rag.readings import Reading, find_readings
from rag.rules import Part, Rule, Threshold, load_rules, rule_words
from rag.spelling import Speller
from rag.standing import Standing
from rag.wording import blank_other_meanings, normalise, wording_words
from settings import load_settings

NEAR_WORDS = 12  # `+`: how far a word may stand from the sign it belongs to
BLOCK_WORDS = 7  # `-`: how near an excluding word must stand
EARLIER_TURNS = 6  # of her messages, read together with the newest
FEWEST_WORDS = 2  # a statement shorter than this is not compared with examples
LIKE_ENOUGH = (
    0.25  # cosine of n-gram vectors from which a raised message is given a rule's own advice
)
BABY_DAYS = 120.0  # "newborn" rules reach to four months unless a rule says otherwise

Span = tuple[int, int]


def triage(
    text: str,
    history: Sequence[Turn] = (),
    profile: Profile | None = None,
    embedder: Encoder | None = None,
) -> Triage:
    """What the message means: `emergency` (act now), `urgent` (same day) or `none`, with the signs found.

    Without an `embedder` only the rules read it. Never raises on any text.
    """
    told = profile_of(text, history, profile)
    message = Message(text, history)
    fired = [rule for rule in load_rules() if fits(rule, told, message) and message.shows(rule)]
    if not any(rule.level == "emergency" for rule in fired):
        fired += raise_by_likeness(message, told, bool(fired), embedder)
    return _as_triage(fired, told)


def raise_by_likeness(
    message: Message, told: Profile, is_urgent: bool, embedder: Encoder | None
) -> list[Rule]:
    """The sign that new wording is most like, when it is like enough to raise the level; else nothing."""
    fitted = load_likeness()
    if fitted is None or not message.says_something():
        return []
    knows = embedder is not None and embedder.name == fitted.embedder
    meaning = embedder.encode([message.plain])[0] if embedder is not None and knows else None
    touched = message.touched()
    raised_by: tuple[tuple[Target, Level], ...] = (("emergency", "emergency"), ("any", "urgent"))
    for target, level in raised_by:
        if level == "urgent" and is_urgent:
            return []
        if fitted.raises(target, message.plain, touched, meaning):
            near = _nearest_rule(fitted, message, told, level)
            return [] if message.sets_aside(near) else [near]
    return []


def _nearest_rule(fitted: Likeness, message: Message, told: Profile, level: str) -> Rule:
    """The rule of that level whose examples share most with the message; `unclear-…` when none does."""
    rule_ids, vectors = _example_vectors(fitted)
    shared = (vectors @ fitted.vectorise([message.plain]).T).toarray()[:, 0]
    best: dict[str, float] = {}
    for rule_id, likeness in zip(rule_ids, shared, strict=True):
        best[rule_id] = max(best.get(rule_id, 0.0), float(likeness))
    rules = [rule for rule in load_rules() if rule.level == level and fits(rule, told, message)]
    near = max(rules, key=lambda rule: best.get(rule.id, 0.0))
    unclear = next(rule for rule in load_rules() if rule.id == f"unclear-{level}")
    return near if best.get(near.id, 0.0) >= LIKE_ENOUGH else unclear


@lru_cache(maxsize=1)
def _example_vectors(fitted: Likeness) -> tuple[list[str], csr_matrix]:
    pairs = [
        (rule.id, normalise(example, _speller()).strip())
        for rule in load_rules()
        for example in rule.examples
    ]
    return [rule_id for rule_id, _ in pairs], fitted.vectorise([line for _, line in pairs])


@lru_cache(maxsize=1)
def group_parts() -> tuple[Part, ...]:
    """Every word group and reading that the rules use, once each, by name."""
    parts = {part.name: part for rule in load_rules() for line in rule.lines for part in line}
    return tuple(part for name, part in sorted(parts.items()) if name[0] in "@#")


def group_names() -> tuple[str, ...]:
    """Their names, in the order of `Message.touched`."""
    return tuple(part.name for part in group_parts())


class Message:
    """Her newest message joined to the earlier ones, in plain words, with every lookup cached."""

    def __init__(self, text: str, history: Sequence[Turn] = ()) -> None:
        speller = _speller()
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
        return any(self._holds(line, rule.despite) for line in rule.lines)

    def says_something(self) -> bool:
        """Whether the newest message states anything, beyond asking, imagining or recalling."""
        return len(self.standing.asserted(self.newest_at).split()) >= FEWEST_WORDS

    def sets_aside(self, rule: Rule) -> bool:
        """Whether she names the rule's sign only to deny it, recall it or ask about it."""
        anchors = [span for line in rule.lines for span in self.spans(line[0])]
        return bool(anchors) and all(self.why_not(span) for span in anchors)

    def touched(self) -> NDArray[np.float32]:
        """Which word groups the conversation touches: had now, and otherwise; two numbers a group."""
        marks = np.zeros((len(group_parts()), 2), dtype=np.float32)
        for row, part in enumerate(group_parts()):
            for span in self.spans(part):
                marks[row, int(bool(self.why_not(span)))] = 1.0
        return marks.ravel()

    def spans(self, part: Part) -> list[Span]:
        """Where the part stands in the conversation."""
        if part.name not in self._spans:
            if part.threshold is not None:
                found = [(r.start, r.end) for r in self.readings() if reaches(r, part.threshold)]
            elif part.pattern is not None:
                found = [match.span() for match in part.pattern.finditer(self.line)]
            self._spans[part.name] = found
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

    def _holds(self, line: tuple[Part, ...], despite: frozenset[str]) -> bool:
        stands = despite | {""}
        anchors = [span for span in self.spans(line[0]) if self.why_not(span) in stands]
        return any(self._holds_at(anchor, line[1:]) for anchor in anchors)

    def _holds_at(self, anchor: Span, parts: Iterable[Part]) -> bool:
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
        return any(start >= self.newest_at for start, _ in used)

    def _fits(self, part: Part, anchor: Span, span: Span) -> bool:
        if span == anchor:
            return False
        if part.bond == "+":
            return self.words_between(anchor, span) <= NEAR_WORDS and self.why_not(span) in (
                "",
                "asked",
                "feared",
            )
        return part.is_context or not self.why_not(span)

    def _blocks(self, anchor: Span, span: Span) -> bool:
        first, second = sorted((anchor, span))
        if first[1] < second[0] and not self.standing.same_clause(first[1], second[0]):
            return False
        return self.words_between(anchor, span) <= BLOCK_WORDS and self.why_not(span) != "denied"

    def words_between(self, one: Span, other: Span) -> int:
        """Words that stand between two spans; 0 when they overlap."""
        first, second = sorted((one, other))
        return self.line.count(" ", first[1], second[0]) if second[0] > first[1] else 0


def fits(rule: Rule, told: Profile, message: Message) -> bool:
    """Whether the rule is about her: pregnant and from which week, after birth, a newborn, anyone."""
    return any(_AUDIENCE[who](rule, told, message) for who in rule.who)


def _is_pregnant(rule: Rule, told: Profile, message: Message) -> bool:
    if (
        told.pregnant is False
        or told.days_after_birth is not None
        or (told.after_loss and not told.pregnant)
    ):
        return False
    return _in_weeks(rule, told)


def _told_pregnant(rule: Rule, told: Profile, message: Message) -> bool:
    return bool(told.pregnant) and _in_weeks(rule, told)


def _in_weeks(rule: Rule, told: Profile) -> bool:
    if rule.weeks is None:
        return True
    if told.weeks is None:
        return not rule.weeks_told
    return rule.weeks[0] <= told.weeks < rule.weeks[1]


def _after_birth(rule: Rule, told: Profile, message: Message) -> bool:
    # "in the year after pregnancy" (CDC Hear Her) unless the rule is narrower
    return (
        told.days_after_birth is not None
        and not told.after_loss
        and told.days_after_birth <= (rule.days or 366)
    )


def _after_loss(rule: Rule, told: Profile, message: Message) -> bool:
    return told.after_loss and (
        told.days_after_birth is None or told.days_after_birth <= (rule.days or 366)
    )


def _newborn(rule: Rule, told: Profile, message: Message) -> bool:
    if told.baby_days is not None:
        return told.baby_days <= (rule.days or BABY_DAYS)
    if told.pregnant:
        return " newborn" in message.line
    return any(
        word in message.line
        for word in (
            " newborn",
            " baby ",
            " infant",
            " nappy",
            " stump",
            " changing table",
            " cot ",
            " jaundice",
        )
    )


_AUDIENCE: dict[str, Callable[[Rule, Profile, Message], bool]] = {
    "anyone": lambda rule, told, message: True,
    "pregnant": _is_pregnant,
    "told pregnant": _told_pregnant,
    "not pregnant": lambda rule, told, message: not told.pregnant,
    "after birth": _after_birth,
    "after loss": _after_loss,
    "newborn": _newborn,
}


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
def _speller() -> Speller:
    return Speller(set(rule_words()) | wording_words())


def _as_triage(fired: Sequence[Rule], told: Profile) -> Triage:
    if not fired:
        return Triage()
    level: Level = "emergency" if any(rule.level == "emergency" for rule in fired) else "urgent"
    ordered = sorted(fired, key=lambda rule: rule.level != "emergency")
    telling = [rule for rule in ordered if rule.level == level]
    country = find_country(told.country or load_settings().country)
    return Triage(
        level=level,
        signs=tuple(rule.id for rule in ordered),
        advice=tuple(country.fill(rule.advice) for rule in telling),
        sources=tuple(dict.fromkeys(rule.source for rule in telling)),
    )
