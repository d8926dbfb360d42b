"""Whom a rule is about: pregnant and from which week, after birth, after a loss, a newborn, anyone.

Between what she has told (rag/profile.py) and a rule's `who`. Knows no sign.
"""

from __future__ import annotations

from collections.abc import Callable

from rag.profile import Profile
from rag.signs.rules import Rule

BABY_DAYS = 120.0  # "newborn" rules reach to four months unless a rule says otherwise
DAYS_AFTER = 366.0  # "in the year after pregnancy" (CDC Hear Her) unless a rule is narrower
AGAIN_DAYS = (
    42.0  # after a loss longer ago than this, or at a time not told, she may be pregnant again
)
BIRTH_WEEKS = (
    20.0  # a loss from here on is a birth to her body: its danger signs are those after a birth
)
CHILD_DAYS = 700.0  # an older child is not the "baby" of another message


def fits(rule: Rule, told: Profile, line: str) -> bool:
    """Whether the rule is about her: pregnant and from which week, after birth, a newborn, anyone."""
    return any(_AUDIENCE[who](rule, told, line) for who in rule.who)


def _is_pregnant(rule: Rule, told: Profile, line: str) -> bool:
    if told.after_loss and not told.pregnant:
        days = told.days_after_birth
        return (days is None or days > AGAIN_DAYS) and _in_weeks(rule, told)
    if told.pregnant is False or told.days_after_birth is not None:
        return False
    return _in_weeks(rule, told)


def _told_pregnant(rule: Rule, told: Profile, line: str) -> bool:
    return bool(told.pregnant) and _in_weeks(rule, told)


def _in_weeks(rule: Rule, told: Profile) -> bool:
    if rule.weeks is None:
        return True
    if told.weeks is None:
        return not rule.weeks_told
    return rule.weeks[0] <= told.weeks < rule.weeks[1]


def _after_birth(rule: Rule, told: Profile, line: str) -> bool:
    if told.after_loss:
        return (told.loss_weeks or 0.0) >= BIRTH_WEEKS and _after_loss(rule, told, line)
    return told.days_after_birth is not None and told.days_after_birth <= (rule.days or DAYS_AFTER)


def _after_loss(rule: Rule, told: Profile, line: str) -> bool:
    return told.after_loss and (
        told.days_after_birth is None or told.days_after_birth <= (rule.days or DAYS_AFTER)
    )


def _newborn(rule: Rule, told: Profile, line: str) -> bool:
    if told.baby_days is not None and told.baby_days <= CHILD_DAYS:
        return told.baby_days <= (rule.days or BABY_DAYS)
    if told.pregnant or (told.after_loss and (told.days_after_birth or AGAIN_DAYS) < AGAIN_DAYS):
        return " newborn" in line
    return any(
        word in line
        for word in (
            " newborn",
            " baby ",
            " infant",
            " nappy",
            " stump",
            " changing table",
            " cot ",
            " jaundice",
            " feeds and ",
            " for feeds",
        )
    )


_AUDIENCE: dict[str, Callable[[Rule, Profile, str], bool]] = {
    "anyone": lambda rule, told, line: True,
    "pregnant": _is_pregnant,
    "told pregnant": _told_pregnant,
    "not pregnant": lambda rule, told, line: not told.pregnant,
    "after birth": _after_birth,
    "after loss": _after_loss,
    "newborn": _newborn,
}
