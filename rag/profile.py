# ruff: noqa: E501  (a pattern is read whole)
"""What she has told us about herself: the small card that she can see, correct and clear.

Read from messages by plain patterns, kept in memory only. Steers triage thresholds and retrieval. Knows no
sign and no rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.events import Turn
from rag.signs.ages import DAYS, read_baby_days
from rag.signs.births import read_birth_days, tells_birth
from rag.signs.gestation import read_gestation, read_loss_weeks
from rag.signs.losses import (
    ends_pregnancy,
    is_to_come,
    read_loss_days,
    says_pregnant_now,
    tells_loss,
)
from rag.signs.standing import Standing
from rag.signs.wording import normalise

_PREGNANT = re.compile(
    r" (?:(?<!not )(?<!be )(?<!get )(?<!getting )(?<!becoming )pregnan(?:t|cy)|positive (?:pregnancy )?test|test (?:and )?(?:it )?(?:is|was|came back|says|shows?|showed|came) positive|(?:stick|test) (?:shows?|showed|has|had|with) (?:2|both) lines|(?:got|had|have|get) a (?:faint )?positive|bfp|trimester|in labour|due date|"
    r"(?:my|the|her|our) (?:bump|midwife)|gestation\w*|antenatal|expecting (?:a baby|our|my|twins)|up the duff|with child|carrying (?:a|twins|my))(?= )"
)
_NOT_PREGNANT = re.compile(
    r" (?:(?:am |is |i )?not (?:even )?pregnant|no chance of pregnancy|(?:on|during|with) (?:my|a|her) period|my periods? (?:is|are|last|flood|have)|on the pill|between (?:my )?periods|"
    r"postmenopaus\w*|(?:after|through|since|past) (?:the |my )?menopause|menopausal|no periods for|hysterectomy)(?= )"
)
_NURSING = re.compile(
    r" (?:breast ?feed\w*|nursing|latch\w*|pumping|express\w* milk|lactat\w*)(?= )"
)
_TWINS = re.compile(r" (?:twins?|triplets|multiples)(?= )")
_LOSS = re.compile(
    r" (?:miscarr\w+|still ?birth|stillborn|abortion\w*|termination|terminated|dnc|ectopic (?:surgery|operation|removed)|molar|misoprostol|mifepristone)(?= )"
)
# Before a loss that is spoken of at large: "pineapple causes miscarriage", "articles about abortion".
_AT_LARGE = re.compile(
    r" (?:cause[sd]?|causing|leads? to|led to|about|against|myth|anti|pro|risks?|rates? of|for|threatened|prevents?)(?: (?:a|an|the|early|late|another))? $"
)
_AGE = re.compile(
    r" (?:i am|am|aged?|(?<! son)(?<! he)(?<! boy)(?<! husband)(?<! partner)(?<! boyfriend)(?<! brother)(?<! stepson)(?<! nephew) is) (\d{2})(?: (?:years?|yrs?|yo|y)(?: old)?)?(?= (?:and|,|\.|\?|years|yrs|yo|girl|with|still))(?! \S+ (?:weeks|months|days))"
)
_ALLERGY = re.compile(r" allerg(?:ic to|y to) ((?:\w+)(?:(?: and|,| or) \w+)?)(?= )")
YEAR_DAYS = 366.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What she has said; None or False where she has not."""

    pregnant: bool | None = None
    weeks: float | None = None  # completed weeks of pregnancy, days as a fraction
    days_after_birth: float | None = None  # also days after a loss when `after_loss`
    baby_days: float | None = None  # age of the baby
    after_loss: bool = False  # miscarriage, stillbirth or abortion
    loss_weeks: float | None = None  # week of pregnancy at which it was
    breastfeeding: bool = False
    twins: bool = False
    age: int | None = None
    allergies: tuple[str, ...] = ()
    country: str = ""  # ISO 3166 alpha-2, when she chose another than the setting

    def describe(self) -> tuple[str, ...]:
        """The lines of the card, in plain words."""
        lines = []
        if self.pregnant and self.weeks is not None:
            lines.append(f"{int(self.weeks)} weeks pregnant")
        elif self.pregnant:
            lines.append("pregnant")
        if self.days_after_birth is not None and not self.after_loss:
            lines.append(f"gave birth {_say_days(self.days_after_birth)} ago")
        if self.after_loss:
            lines.append("has had a pregnancy loss or abortion")
        if self.twins:
            lines.append("twins or more")
        if self.breastfeeding:
            lines.append("breastfeeding")
        lines.extend(f"allergic to {allergy}" for allergy in self.allergies)
        if self.age is not None and self.age < 18:
            lines.append(f"{self.age} years old")
        return tuple(lines)

    def query_hints(self) -> str:
        """Words that steer retrieval to her situation: "third trimester", "after birth", "breastfeeding"."""
        hints = []
        if self.pregnant and self.weeks is not None:
            hints.append(
                ("first", "second", "third")[(self.weeks >= 14) + (self.weeks >= 28)] + " trimester"
            )
        elif self.days_after_birth is not None and not self.after_loss:
            hints.append("after birth")
        if self.twins:
            hints.append("twins")
        if self.breastfeeding:
            hints.append("breastfeeding")
        return " ".join(hints)


def update_profile(profile: Profile, text: str) -> Profile:
    """The profile with what this message adds or changes; the newest word counts."""
    line = normalise(text)
    standing = Standing(line)
    told = _read_pregnancy(profile, line, standing)
    told = _read_loss(profile, told, line, standing)
    told = _read_birth(told, line, standing)
    nursing = _said(_NURSING, line, standing)
    age = _AGE.search(line)
    allergy = _ALLERGY.search(line)
    found = tuple(re.split(r" (?:and|or|,) ", allergy[1])) if allergy else ()
    return replace(
        told,
        breastfeeding=told.breastfeeding or nursing,
        twins=told.twins or _said(_TWINS, line, standing),
        age=int(age[1]) if age and 10 <= int(age[1]) <= 70 else told.age,
        allergies=tuple(dict.fromkeys([*told.allergies, *found])),
    )


def profile_of(text: str, history: Sequence[Turn] = (), profile: Profile | None = None) -> Profile:
    """What the card, the earlier messages and this one say together."""
    told = profile or Profile()
    for turn in history:
        if turn.role == "user":
            told = update_profile(told, turn.content)
    return update_profile(told, text)


def _read_pregnancy(profile: Profile, line: str, standing: Standing) -> Profile:
    weeks = read_gestation(line, standing)
    if weeks is not None:
        return replace(
            profile,
            pregnant=True,
            weeks=weeks,
            days_after_birth=None,
            after_loss=False,
            loss_weeks=None,
        )
    if _NOT_PREGNANT.search(line):
        return replace(profile, pregnant=False, weeks=None)
    if _said(_PREGNANT, line, standing):
        return replace(profile, pregnant=True)
    return profile


def _read_loss(before: Profile, told: Profile, line: str, standing: Standing) -> Profile:
    """A loss ends the pregnancy that she told of `before`, unless she says that she is pregnant now."""
    if not _tells_loss(line, standing):
        return told
    if read_gestation(line, standing) is not None or says_pregnant_now(line, standing):
        return told
    at = read_loss_weeks(line, standing)
    if not ends_pregnancy(line, before.weeks, at):
        return before
    return replace(
        told, after_loss=True, pregnant=None, weeks=None, loss_weeks=at or before.weeks or told.loss_weeks,
        days_after_birth=read_loss_days(line), baby_days=None,
    )  # fmt: skip


def _read_birth(told: Profile, line: str, standing: Standing) -> Profile:
    baby = read_baby_days(line)
    if told.weeks is not None and told.pregnant and read_gestation(line, standing) is not None:
        is_other = baby is not None and baby != told.weeks * DAYS["week"]
        return replace(told, baby_days=baby if is_other else told.baby_days)
    is_pregnant = bool(told.pregnant)
    since = read_birth_days(line, standing, is_pregnant)
    is_told = tells_birth(line, standing, is_pregnant)
    if since is not None and since > YEAR_DAYS:  # "had my daughter 6 years ago"
        since, is_told = None, False
    if baby is not None and baby > YEAR_DAYS:  # an older child says nothing of a birth
        told = replace(told, baby_days=None if " newborn" in line else told.baby_days or baby)
        baby = None
        if since is None and not is_told:
            return told
    if since is None and baby is None and not is_told:
        return told
    if told.after_loss and baby is None and (since is None or _tells_loss(line, standing)):
        return told
    return _after_birth(told, since, baby)


def _after_birth(told: Profile, since: float | None, baby: float | None) -> Profile:
    """The profile after a birth `since` days ago, with a baby of `baby` days; None where not told."""
    days = since if since is not None else baby
    keep = told.days_after_birth if days is None else days
    return replace(
        told, pregnant=False, weeks=None, days_after_birth=keep if keep is not None else 14.0,
        baby_days=baby if baby is not None else (told.baby_days or since), after_loss=False,
    )  # fmt: skip


def _tells_loss(line: str, standing: Standing) -> bool:
    """A loss that she has had: told, or named by its word alone ("abortion on Friday", "my miscarriage")."""
    if tells_loss(line, standing):
        return True
    for found in _LOSS.finditer(line):
        if _AT_LARGE.search(line[: found.start() + 1]) or is_to_come(line, found.end()):
            continue
        why = standing.why_not(found.start() + 1, found.end())
        if not why or (why == "asked" and line[: found.start()].endswith((" my", " our"))):
            return True
    return False


def _said(pattern: re.Pattern[str], line: str, standing: Standing) -> bool:
    """Whether the line says so of her now: not of the past, of someone in a book, or as an "if"."""
    return any(
        standing.why_not(found.start() + 1, found.end()) in ("", "asked")
        for found in pattern.finditer(line)
    )


def _say_days(days: float) -> str:
    if days < 14:
        number, unit = max(round(days), 0), "day"
    elif days < 61:
        number, unit = round(days / 7), "week"
    else:
        number, unit = round(days / 30.4), "month"
    return f"{number} {unit}" + ("" if number == 1 else "s")
