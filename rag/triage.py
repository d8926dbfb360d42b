"""Danger signs in a message, found before any model runs: rules first, then likeness to example wordings.

Stands first on the book road. Rules are data (triage.toml); what a message says of a sign (denied, past,
asked about…) is rag/signs/standing.py; whose sign it can be is rag/profile.py. Deterministic; either stage may raise
the level, neither lowers the other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from scipy.sparse import csr_matrix

from rag.countries import find_country
from rag.events import Level, Triage, Turn
from rag.profile import Profile, profile_of
from rag.signs.audience import fits
from rag.signs.likeness import Encoder, Likeness, Target, load_likeness
from rag.signs.message import Message, load_speller
from rag.signs.rules import Rule, load_rules
from rag.signs.wording import normalise
from settings import load_settings

# Sum of two cosines (words, letters) from which new wording is given a rule's own advice.
LIKE_ENOUGH = 0.7
# Said of a sign of an earlier message while a harmless one is answered.
STILL = "You wrote of this earlier; if nobody has looked at it yet, please don't wait. {advice}"


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
    fired = [
        rule for rule in load_rules() if fits(rule, told, message.line) and message.shows(rule)
    ]
    if any(rule.level == "emergency" for rule in fired):
        return _as_triage(fired, told)
    fitted = load_likeness()
    level = level_by_likeness(fitted, message, embedder)
    is_old = level != "none" and _is_old(fitted, message, level, embedder)
    if (
        fitted is not None
        and not is_old
        and (level == "emergency" or (level == "urgent" and not fired))
    ):
        fired.append(_nearest_rule(fitted, message, told, level))
    standing = [] if level == "emergency" and not is_old else _standing(message, told)
    if is_old and level == "emergency" and not standing and not message.is_settled():
        standing = [rule for rule in load_rules() if rule.id == "unclear-emergency"]
    return _as_triage(fired, told, standing)


def level_by_likeness(fitted: Likeness | None, message: Message, embedder: Encoder | None) -> Level:
    """The level of the texts that the message is like enough to, whatever the rules say."""
    if fitted is None or not message.says_something() or message.only_sets_aside():
        return "none"
    knows = embedder is not None and embedder.name == fitted.embedder
    meaning = embedder.encode([message.plain])[0] if embedder is not None and knows else None
    touched = message.touched(fitted.groups)
    raised_by: tuple[tuple[Target, Level], ...] = (("emergency", "emergency"), ("any", "urgent"))
    for target, level in raised_by:
        if fitted.raises(target, message.plain, touched, meaning):
            return level
    return "none"


def _is_old(
    fitted: Likeness | None, message: Message, level: Level, embedder: Encoder | None
) -> bool:
    """Whether only earlier messages are alike, so that the newest adds nothing to the alarm."""
    if not message.newest_at:
        return False
    before = level_by_likeness(fitted, message.earlier(), embedder)
    newest = level_by_likeness(fitted, Message(message.text), embedder)
    return newest == "none" and before in (level, "emergency")


def _standing(message: Message, told: Profile) -> list[Rule]:
    """Emergencies of her earlier messages of which nothing says that they are over."""
    if not message.newest_at:
        return []
    return [
        rule
        for rule in load_rules()
        if rule.level == "emergency" and fits(rule, told, message.line) and message.showed(rule)
    ]


def _nearest_rule(fitted: Likeness, message: Message, told: Profile, level: str) -> Rule:
    """The rule of that level whose examples share most with the message; `unclear-…` when none does."""
    rule_ids, vectors = _example_vectors(fitted)
    shared = (vectors @ fitted.vectorise([message.plain]).T).toarray()[:, 0]
    best: dict[str, float] = {}
    for rule_id, likeness in zip(rule_ids, shared, strict=True):
        best[rule_id] = max(best.get(rule_id, 0.0), float(likeness))
    rules = [
        rule for rule in load_rules() if rule.level == level and fits(rule, told, message.line)
    ]
    near = max(rules, key=lambda rule: best.get(rule.id, 0.0))
    unclear = next(rule for rule in load_rules() if rule.id == f"unclear-{level}")
    return near if best.get(near.id, 0.0) >= LIKE_ENOUGH else unclear


@lru_cache(maxsize=1)
def _example_vectors(fitted: Likeness) -> tuple[list[str], csr_matrix]:
    pairs = [
        (rule.id, normalise(example, load_speller()).strip())
        for rule in load_rules()
        for example in rule.examples
    ]
    return [rule_id for rule_id, _ in pairs], fitted.vectorise([line for _, line in pairs])


def _as_triage(fired: Sequence[Rule], told: Profile, standing: Sequence[Rule] = ()) -> Triage:
    """The level of what fired; a sign that only stands from earlier is shown first, as urgent."""
    if not fired and not standing:
        return Triage()
    level: Level = "emergency" if any(rule.level == "emergency" for rule in fired) else "urgent"
    ordered = sorted(fired, key=lambda rule: rule.level != "emergency")
    telling = [*standing, *(rule for rule in ordered if rule.level == level)]
    country = find_country(told.country or load_settings().country)
    lead = [STILL.format(advice=rule.advice) for rule in standing]
    return Triage(
        level=level,
        signs=tuple(dict.fromkeys(rule.id for rule in [*standing, *ordered])),
        advice=tuple(
            country.fill(text) for text in [*lead, *(r.advice for r in telling[len(standing) :])]
        ),
        sources=tuple(dict.fromkeys(rule.source for rule in telling)),
    )
