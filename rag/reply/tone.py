# ruff: noqa: E501  (a pattern is read whole)
"""Which gentle opening a message asks for, and the help line that belongs to it. Knows no rule and no model.

A tone is no alarm: "how is an abortion done?" has one and is no danger sign. rag/answer.py tells the opening
after triage, so the page and the command line show it above whatever the books say.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.countries import Country
from rag.events import Opening, Tone, Turn
from rag.profile import Profile
from rag.signs.wording import blank_other_meanings, normalise
from rag.text.patterns import compile_patterns

ADULT_YEARS = 18

# Most pressing first; the first that is touched decides.
_TOPICS: tuple[tuple[Tone, tuple[str, ...]], ...] = (
    ("self-harm", ("suicid*", "self ?harm*", "(kill*|harm*) (my|her)self", "(hurt*|cut*) (my|her)self (to|on purpose|again|so|because|when|at night|every|and want)", "(want*|wish|going|urge*|thinking|thought*|think|feel like|plan*|keep) .. (hurt*|cut*) (my|her)self", "cutting (my|her)self", "(want|wish|better off) .. (to die|dead)(?! (skin|ends))", "end (it all|my life)", "(not|no longer) want to (live|be alive|be here|wake up|exist)", "no reason to live", "better off without me")),
    ("violence", ("domestic (violence|abuse)", "abusive", "(physical*|sexual*|emotional*|coercive) (abuse*|control)", "violent (husband|partner|boyfriend|girlfriend|ex|wife|home|relationship)", "rape*", "(sexual* )?assault*", "(he|husband|partner|boyfriend|girlfriend|father|dad|ex) .. (hit*|beat*|chok*|strangl*|slap*|punch*|hurt*|threaten*|forc*) (me|her)(?! (in|on|under) (the|my|her) (rib*|bladder|cervix))", "(afraid|scared|frightened|terrified) of (my|her) (husband|partner|boyfriend|ex|father|dad)", "(hit*|beat*|chok*|slap*|punch*|hurt|hurts|hurting) (me|her) .. by (my|her) (husband|partner|boyfriend|ex)", "(he|husband|partner|boyfriend) .. (not let|lets) me (see|leave|go|talk|use|have)", "(forced|made) me (to )?have sex", "(forced|honour|honor) marriage", "fgm")),
    ("loss", ("miscarr*", "still ?birth*", "still ?born", "ectopic", "molar pregnancy", "(lost|losing|loss of) (my|our|the|her|his|a|another) (unborn )?(baby|babies|pregnancy|twin*|son|daughter|little (one|girl|boy)|child)", "no (heart ?beat|heart beat)", "(baby|twin|son|daughter) (has |had )?(died|passed away|not make it|not survive)", "(pregnancy|baby) loss", "(blighted ovum|chemical pregnancy|neonatal death|cot death|rainbow baby)")),
    ("abortion", ("abortion*", "terminat* .. pregnancy", "termination(s)?", "not want (to (have|keep) )?(this|the|my|another) (baby|pregnancy)(?! to)", "not want to (keep (it|the (baby|pregnancy)))", "(end|ending|get rid of) (this|the|my|a) (pregnancy|baby)", "misoprostol", "mifepristone", "(keep or|whether to keep) .. (baby|pregnancy|it)", "unwanted pregnancy")),
)  # fmt: skip
_PATTERNS = tuple((tone, compile_patterns(patterns)) for tone, patterns in _TOPICS)
# It happened to her, beyond a question about it.
_OWN_LOSS = compile_patterns(
    ("(my|our|her) (last |first |second |third |recent |own |own |previous )?(miscarriage*|still ?birth*|stillborn|ectopic|loss|molar)", "(i|we|she|wife|have|just|had|having) (just |had |have |have had |recently |sadly |already )*(a |an |another |two |three |2 |3 |several |recurrent |my )?(missed |silent |early |late |second |third )?(miscarr*|still ?birth*|ectopic|molar pregnancy|chemical pregnancy|blighted ovum)", "(after|since) (a|an|my|our|the) (miscarriage|still ?birth|loss|ectopic)", "(lost|losing) (my|our|the|her|a|another) .. (baby|babies|pregnancy|twin*|son|daughter|child|one|girl|boy)", "no heart ?beat", "(my|our|the) (baby|twin|son|daughter) (has |had )?(died|passed away|not make it|not survive)", "rainbow baby", "i am miscarrying", "miscarrying (now|right now|at home)")
)  # fmt: skip
_UNDER_AGE = compile_patterns(
    ("i am (only |just |still )?1[0-7](?= (and|,|\\.|\\?|years?|yrs?|yo|y|old|girl|with|still|but|so|now|pregnant|my|is|in (school|year|grade)))(?! (, )?\\S* ?(weeks?|days?|months?|hours?|cm|dpo))", "(a|an|as) (1[0-7]) year* old (girl|teen*)", "(without|before) my (parents|mum|mom|mother|dad|family) .. (know*|find*|told|hear*)", "(do|does|will|would|can|must|have to) .. my (parents|mum|mom|mother|dad) (have to |need to )?(know|find out|be told)", "(tell*|hide) .. (my )?(parents|mum|mom|dad) (that )?(i am|am) pregnant", "(parents|mum|mom|dad|mother|father) .. (kill me|throw me out|kick me out|find out|disown me)", "i am (still )?(in|at) (high |secondary |middle )?school", "i am in (year|grade) (6|7|8|9|10|11|12)", "(am|be) i too young", "underage", "under age", "teen* pregnan*", "i am a (teen*|minor|schoolgirl)")
)  # fmt: skip

OPENINGS: dict[Tone, str] = {
    "self-harm": "I'm really glad that you wrote this. You matter, and you don't have to carry it alone.",
    "violence": "If this is happening to you, it is not your fault, and you deserve to be safe.",
    "under-age": "It's good that you ask. You are not in trouble here, and a nurse, doctor or youth clinic will keep it confidential as far as the law allows.",
    "loss": "I'm so sorry. What you feel is allowed, and nothing in these pages means that it was your fault.",
    "abortion": "This is your decision, and I'm here with facts, without judging.",
}
_LOSS_ASKED = "This is hard to ask about. If it is about you, I'm so sorry; it is not your fault."
# Which line of rag/countries.toml belongs to a tone; the first that a country has.
_LINES_OF: dict[Tone, tuple[str, ...]] = {
    "self-harm": ("crisis", "emergency"),
    "violence": ("violence", "emergency"),
    "under-age": ("youth",),
    "loss": ("loss", "maternal"),
    "abortion": ("abortion",),
}
LEAD_INS: dict[Tone, str] = {
    "self-harm": "Someone to talk to, now:",
    "violence": "Someone to talk to, in confidence:",
    "under-age": "Someone to talk to, in confidence:",
    "loss": "Someone to talk to:",
    "abortion": "Someone to talk it over with:",
}


def open_gently(
    text: str, history: Sequence[Turn], profile: Profile | None, country: Country
) -> Opening | None:
    """The opening that a message asks for; said once, while the line stays in sight."""
    tone = topic_tone(text, profile)
    if tone is None:
        return None
    earlier = {topic_tone(turn.content, profile) for turn in history if turn.role == "user"}
    repeated = tone in earlier and tone not in ("self-harm", "violence")
    line = help_line(tone, country)
    if repeated and not line:
        return None
    words = "" if repeated else _opening(tone, text)
    return Opening(tone, words, LEAD_INS[tone] if line else "", line)


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
    known = country.lines()
    return next((known[kind] for kind in _LINES_OF[tone] if kind in known), "")


def _opening(tone: Tone, text: str) -> str:
    if tone == "loss" and not _OWN_LOSS.search(blank_other_meanings(normalise(text))):
        return _LOSS_ASKED
    return OPENINGS[tone]
