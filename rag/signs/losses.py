# ruff: noqa: E501  (a pattern is read whole)
"""A pregnancy that ended: told as past, at which week, how long ago.

"I lost my baby at 20 weeks" is no current pregnancy. Reads a normalised line (rag/signs/wording.py) and how it stands
(rag/signs/standing.py); knows no sign. Before rag/signs/gestation.py and rag/profile.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.signs.ages import DAYS
from rag.signs.standing import Standing

_CHILD = r"(?:baby|babies|pregnancy|pregnancies|twins?|triplets|son|daughter|child|children|boy|girl|angel|bub|fetus|bean)"
_WHOSE = r"(?:(?:my|our|the|a|an|another|her|his|their|this|that|last|first|second|third|previous|precious|sweet|beautiful|darling|little|unborn|rainbow|ivf|wanted|much|both|2|of|only|own|dear|poor|tiny|\d(?:st|nd|rd|th)) )+"
_END = r"(?:miscarriages?|miscarry|still ?births?|stillborn|termination|tfmr|mmc|abortion|ectopic(?: pregnancy)?|molar pregnancy|chemical pregnancy|blighted ovum|dnc|loss|pregnancy loss)"
_KIND = r"(?:(?:ivf|pregnancy|baby|a|an|my|our|the|her|another|missed|silent|late|early|medical|surgical|spontaneous|natural|complete|first|second|third|last|previous|recent|only|own|very|sudden|few|several|trimester|2|3|4) )*"
ENDED = re.compile(
    rf" (?:lost (?!(?:one|1|a) (?:twin|of) )(?:{_WHOSE})?{_CHILD}(?! (?:weight|fat|belly|bump|hormones?|clothes|kit|book|card|photos?|scan|brain|'s))|lost (?:her|him)(?= (?:$|at|in|around|about|when|last|this|yesterday|today|\d|[,.?]))|lost (?:it|them|one)(?= (?:at|around|about) \d)"
    rf"|miscarried|(?:after|since|following|from) losing {_WHOSE}{_CHILD}|(?:had|has had|have had|having had|suffered|went through|following|since|after|post|my|our|her) {_KIND}{_END}|{_KIND}{_END}(?= (?:at|in|last) (?:\d|january|february|march|april|may|june|july|august|september|october|november|december|week|month|year))"
    rf"|still ?born|born (?:still|sleeping|asleep|dead|silent)|{_CHILD} (?:who |that |has |had |have |sadly |then |also |just )*(?:died|passed(?= (?:away|at|in utero|last))|was lost|did not (?:make it|survive)|(?:'s )?heart (?:had |has )?stopped)"
    rf"|(?:she|he|they) (?:died|passed(?: away)?|did not make it|did not survive)(?= (?:at|when|in|around) )|(?:was|found|had|out|with) no heartbeat(?! (?:yet|at [4-7] ))"
    rf"|(?:terminated|aborted|ended) {_WHOSE}?(?:pregnancy|baby)|(?:terminated|aborted)(?= (?:at|last|in|because|for|on|this|yesterday|[,.?])))(?= )"
)
_BARE = re.compile(rf" {_KIND}{_END}")
# One of several: its week is no week of now, and the pregnancy goes on.
_PARTLY = re.compile(
    r" (?:lost (?:one|1|a) (?:of )?(?:the |my |our )*(?:twins?|triplets)|vanishing twin)(?= )"
)
_WHEN_WEEKS = re.compile(r"(?: (?:him|her|it))? when (?:i|she|we) (?:was|were)(?: \S+)? \d")
# Before a loss that is not known, and behind one that is still to come.
_UNSURE = re.compile(
    r" (?:has|have|did|if|whether|think|thinks|thought|scared|afraid|worried|terrified|fear|feels? like|maybe|might have|may have|could have|must have|sure)(?: that)?(?: (?:i|we|she|it|my|our|the))?(?: have| has)? $"
)
_TO_COME = re.compile(
    r"(?: (?:pills?|appointment|is|are|has been|was|will be))* (?:booked|scheduled|planned|arranged|tomorrow|next|coming up|appointment)(?= )"
)
# Said of the loss itself, not of one among others: it ends the pregnancy that she told of before.
_OF_THIS_ONE = re.compile(
    rf" (?:lost (?:my|our|the) (?:little |unborn |precious |sweet )*{_CHILD}|lost (?:her|him)|miscarried|still ?born|born (?:still|sleeping)|no heartbeat|terminated|(?:my|our|the) {_CHILD} (?:has |had )?(?:died|passed))(?= )"
)
_JUST = re.compile(
    r" (?:yesterday|today|tonight|just|recently|this (?:morning|week|afternoon|evening)|last (?:night|week)|(?:\d+|few|a|couple of) (?:hours?|days?|weeks?) (?:ago|back)|on (?:mon|tues|wednes|thurs|fri|satur|sun)day)(?= )"
)
_NOW_PREGNANT = re.compile(
    r" (?:(?:am|is|are|now|currently|still|fell|got|again)(?: (?!not|when|lost|was|,)\S+){0,3}? pregnant(?! when)|pregnant (?:again|now|at the moment)|(?:am|now|currently|is)(?: (?:about|nearly|almost|only|at|now))* \d{1,2} (?:weeks?|months?)(?! (?:since|after|ago|post|old|back|from)))(?= )"
)
_TURNS = re.compile(r" (?:now|am|is|are|currently|but|again|[.?]|and (?:i|my|now|today|have))(?= )")
_LONG_GAP, _SHORT_GAP = 9, 6  # words between the loss and its week
_AGO = re.compile(
    r"(?: (\d{1,3}(?:\.\d)?|a|1|few)) (hour|day|week|month|year)s? (?:ago|back|post|after|since)(?= )|"
    r" (yesterday|today|tonight|this morning|this week|last night|last week|last month|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?= )"
)
# days since; a weekday is about half a week ago
_WHEN = {"yesterday": 1.0, "today": 0.0, "tonight": 0.0, "this morning": 0.0, "last night": 1.0}
_WHEN |= {"last week": 7.0, "last month": 30.0}
_NAMED = re.compile(rf" (?:{_END}|abortions?|terminated|miscarr\w+|misoprostol|mifepristone)(?= )")
_NEAR_CHARS = 60  # within which "yesterday" is said of the loss
SAME_WEEKS = 5.0  # a loss told this near to her weeks is the loss of this pregnancy


def tells_loss(line: str, standing: Standing) -> bool:
    """Whether she had a loss: stated, or asked about as "my miscarriage"; none that is long past."""
    for found in _told(line):
        why = standing.why_not(found.start() + 1, found.end())
        is_hers = re.search(r" (?:my|our)(?= )", found[0])
        then = why == "past" and _WHEN_WEEKS.match(line, found.end())
        if not why or then or (why == "asked" and is_hers):
            return True
    return False


def blank_losses(line: str) -> str:
    """The line without the losses that it tells."""
    for found in reversed(list(_told(line))):
        line = f"{line[: found.start()]} {line[found.end() :]}"
    return line


def is_to_come(line: str, end: int) -> bool:
    """Whether what stands before `end` is still to come: "my abortion is booked for Friday"."""
    return bool(_TO_COME.match(line, end))


def is_week_of_loss(line: str, start: int, end: int, standing: Standing) -> bool:
    """Whether the weeks in [start, end) are those at which a pregnancy ended: "lost her at 20 weeks"."""
    number = start + (
        m.start() if (m := re.search(r"\d|first|second|third|full|term", line[start:end])) else 0
    )
    return any(
        _follows(line, found.end(), number) or _leads(line, number, end, found.start())
        for found in (*_told(line), *_PARTLY.finditer(line))
        if not _is_asked(found, standing)
    )


def read_loss_days(line: str) -> float | None:
    """Days since the loss that the line tells, None where it does not say."""
    for found in (*ENDED.finditer(line), *_NAMED.finditer(line)):
        after = _TURNS.split(line[found.end() : found.end() + _NEAR_CHARS] + " ")[0]
        before = _TURNS.split(line[max(0, found.start() - _NEAR_CHARS) : found.start() + 1])[-1]
        when = _AGO.search(f"{after} ") or _AGO.search(f"{before} ")
        if when:
            return _days(when)
    return None


def _days(when: re.Match[str]) -> float:
    if when[3]:
        return _WHEN.get(when[3], 3.0)
    return (float(when[1]) if when[1][0].isdigit() else 1.0) * DAYS[when[2]]


def ends_pregnancy(line: str, weeks_told: float | None, weeks_of_loss: float | None) -> bool:
    """Whether the loss told is that of the pregnancy which she told of before."""
    if weeks_told is None:
        return True
    if weeks_of_loss is not None:
        return abs(weeks_of_loss - weeks_told) <= SAME_WEEKS
    return bool(_OF_THIS_ONE.search(line) or _JUST.search(line))


def says_pregnant_now(line: str, standing: Standing) -> bool:
    """Whether the line says that she is pregnant now, whatever was lost before."""
    return any(
        not is_week_of_loss(line, *found.span(), standing) for found in _NOW_PREGNANT.finditer(line)
    )


def _told(line: str) -> Iterator[re.Match[str]]:
    """Losses that the line tells as known and past."""
    for found in ENDED.finditer(line):
        if not _UNSURE.search(line[: found.start() + 1]) and not is_to_come(line, found.end()):
            yield found


def _is_asked(found: re.Match[str], standing: Standing) -> bool:
    """Whether a loss is named only to ask about it: "can I have an abortion at 9 weeks"."""
    if not _BARE.fullmatch(found[0]):
        return False
    return standing.why_not(found.start() + 1, found.end()) in ("asked", "supposed", "feared")


def _follows(line: str, loss_end: int, number: int) -> bool:
    between = line[loss_end:number]
    if loss_end > number or len(between.split()) > _SHORT_GAP or _TURNS.search(f"{between} "):
        return False
    if re.search(r"\d (?:weeks?|months?)(?= )", f"{between} "):
        return False
    return "," not in between or bool(re.search(r" (?:at|when|aged|around)(?= )", f"{between} "))


def _leads(line: str, number: int, weeks_end: int, loss: int) -> bool:
    before = line[max(0, number - 24) : number]
    between = line[weeks_end:loss]
    if loss < weeks_end or re.search(r" [.?](?= )", f"{between} "):
        return False
    if re.search(r" (?:was|were)(?: (?:only|just|about|nearly|at|almost))* $", before):
        return len(between.split()) <= _LONG_GAP
    is_now = re.search(r" (?:am|is|now|are)(?: \S+)? (?:at|around) $", before)
    is_then = re.search(r" (?:at|around)(?: (?:only|just|about|nearly))* $", before)
    return bool(is_then) and not is_now and len(between.split()) <= _SHORT_GAP
