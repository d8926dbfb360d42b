# ruff: noqa: E501  (a pattern is read whole)
"""Which gentle tone a message asks for, and the help line that belongs to it. Knows no rule and no model.

A tone is no alarm: "how is an abortion done?" has one and is no danger sign.
"""

from __future__ import annotations

from typing import Literal

from rag.countries import Country
from rag.patterns import compile_patterns
from rag.profile import Profile
from rag.wording import blank_other_meanings, normalise

Tone = Literal["self-harm", "violence", "under-age", "loss", "abortion"]
ADULT_YEARS = 18

# Most pressing first; the first that is touched decides.
_TOPICS: tuple[tuple[Tone, tuple[str, ...]], ...] = (
    ("self-harm", ("suicid*", "self ?harm*", "(kill|hurt|harm|cut*) (my|her)self", "(want|wish) .. (to die|dead)", "end (it all|my life)")),
    ("violence", ("domestic (violence|abuse)", "abusive", "violent (husband|partner|boyfriend|ex)", "rape*", "(sexual* )?assault*", "(he|husband|partner|boyfriend) .. (hit*|beat*|chok*|hurt*) (me|her)")),
    ("loss", ("miscarr*", "still ?birth*", "still ?born", "ectopic", "molar pregnancy", "(lost|losing) (my|our|the|her|a) (baby|babies|pregnancy|twin*|son|daughter)", "no heartbeat", "baby (died|passed away|has died)", "pregnancy loss")),
    ("abortion", ("abortion*", "terminat* .. pregnancy", "termination", "(do|does) not want .. (pregnancy|be pregnant|this baby|the baby|keep)", "end (this|the|my|a) pregnancy", "misoprostol", "mifepristone")),
)  # fmt: skip
_PATTERNS = tuple((tone, compile_patterns(patterns)) for tone, patterns in _TOPICS)
_UNDER_AGE = compile_patterns(
    (
        "i am 1[0-7](?= )(?! (weeks?|days?|months?|hours?))",
        "(my|our) (daughter|sister|friend) is 1[0-7]",
    )
)

OPENINGS: dict[Tone, str] = {
    "self-harm": "I'm really glad that you wrote this. You matter, and you don't have to carry it alone.",
    "violence": "What happened is not your fault, and you deserve to be safe.",
    "under-age": "It's good that you ask. You are not in trouble here, and a nurse, doctor or youth clinic will keep it confidential as far as the law allows.",
    "loss": "I'm so sorry. What you feel is allowed, and nothing in these pages means that it was your fault.",
    "abortion": "This is your decision, and I'm here with facts, without judging.",
}
_LINE_OF: dict[Tone, str] = {"self-harm": "crisis", "violence": "violence", "loss": "maternal"}


def topic_tone(text: str, profile: Profile | None = None) -> Tone | None:
    """The tone that a message asks for, or None for the ordinary one."""
    line = blank_other_meanings(normalise(text))
    touched = [tone for tone, pattern in _PATTERNS if pattern.search(line)]
    if touched and touched[0] in ("self-harm", "violence"):
        return touched[0]
    is_young = profile is not None and profile.age is not None and profile.age < ADULT_YEARS
    if is_young or _UNDER_AGE.search(line):
        return "under-age"
    return touched[0] if touched else None


def help_line(tone: Tone, country: Country) -> str:
    """The line to call for that tone, or "" where none is known for sure."""
    return country.lines().get(_LINE_OF.get(tone, ""), "")
