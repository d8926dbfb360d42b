# ruff: noqa: E501  (a pattern is read whole)
"""How old a baby or child is: "my 5 day old", "he is 14 weeks", "born 5 weeks ago", and at which week it was born.

Tells a baby in the arms from one in the womb, so that "14 weeks" is an age here and a week of pregnancy there. Reads a
normalised line (rag/signs/wording.py); knows no sign and nothing else about her. Before rag/signs/gestation.py and rag/profile.py.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4, "year": 365.0}
# A baby whose age is told without "old" is taken to be in the arms up to here; later weeks are said of pregnancies.
OLDEST_BARE_DAYS = 17 * 7.0
ADULT_DAYS = 18 * 365.0

_N = r"(\d{1,3}(?:\.\d)?)"
_OLD = re.compile(
    rf" (?:baby|she|he|son|daughter|newborn|infant|boy|girl|child|twins|hes|bub)(?: \S+){{0,3}}? (?:is |of |are |now |only |just |about |born )+{_N} (hour|day|week|month|year)s?(?= (?:old|now|[,.?]|today))"
    rf"| {_N} (hour|day|week|month|year)s? old(?= )|(?:my|our|a|the) {_N} (hour|day|week|month)s?(?= (?:old|baby|newborn|infant|has|have|is|keeps|looks|will|vomits|had|wont|not|,))"
    rf"| {_N} (day|week|month)s? (?:baby|newborn|infant)(?= )|(?:baby|newborn|(?<!with )child|son|infant|boy) (?:is |of )?{_N} (day|week|month)s?(?! (?:ago|pregnant|gone|from))(?= )"
)
# "he is 14 weeks": a boy carries no child; a baby, girl or "she" may be in the womb or be the mother.
_BARE = re.compile(
    rf" (son|he|boy|infant|newborn|baby|daughter|girl|she|child|twins|they|bub) (?:is |are |was |just |turned |now |only |about |nearly |almost |around |already )+{_N} (day|week|month)s?(?= )(?! (?:pregnan\w*|gone|along|in|of|ago|from|left|to go|ahead|behind|early|premature|late|overdue|gestation|post|after|preg|with|until|till|before|from|today with))"
)
# "my baby won't feed, 3 weeks": weeks behind what a baby does, in a message that speaks of nobody else.
_TRAILING = re.compile(rf"[,.] {_N} (day|week|month)s?(?= (?:[,.?]|$))")
_A_BABY = re.compile(
    r" (?:baby|newborn|son|he|infant|boy|girl|daughter|bub|she) (?:has|is|will|went|turned|looks|feels|was|does|keeps|can|sleeps|cries|vomits)(?= )| newborn(?= )"
)
_UNWELL = re.compile(
    r" (?:floppy|limp|blue|yellow|jaundice\w*|grey|fever\w*|temperature|vomit\w*|rash\w*|breathing|cough\w*|sleep\w*|newborn)(?= )"
)
_OF_BABIES = re.compile(
    rf" (?:babies|newborns?|infants?|a baby|baby|son|he)(?: \S+){{0,6}}? (?:at|from|by|around|about) {_N} (week|month)s?(?= )"
)
_BOYS = frozenset(["son", "he", "boy", "infant", "newborn"])
_INSIDE = re.compile(
    r" (?:kick\w*|mov(?:e|es|ed|ing|ement|ements)|womb|inside|in there|scans?|ultrasound|bump|heart ?beat|doppler|due|pregnan\w*|trimester|gestation\w*|fetus|measur\w*|in utero|uterus|cervix|contract\w*|waters|engaged|breech|head down|amnio\w*|placenta|wriggl\w*|flutter\w*)(?= )"
)
_HERS = re.compile(
    r" (?:wife|sister|partner|girlfriend|friend|bleed\w*|blood|bled|cramp\w*|pains?|spotting|nause\w*|faint\w*|headaches?|vision|periods?|swollen|midwife|husband|boyfriend|labour)(?= )"
)
_CARED_FOR = re.compile(
    r" (?:feeds?|feeding|fed|bottle\w*|formula|latch\w*|breast ?fe\w*|nursing|solids|wean\w*|teeth\w*|naps?|jabs?|vaccin\w*|immuni\w*|nappy|drool\w*|sneez\w*|poos?|pooing|cry|pooed|wind|windy|burp\w*|colic\w*|cry|cries|crying|reflux|spit\w*|cradle cap|baby acne|acne|eczema|dummy|pacifier|smil\w*|laugh\w*|roll\w*|crawl\w*|calpol|cot|crib|pram|circumcis\w*|grunt\w*|floppy|limp|possets?|umbilical stump|stump|cluster\w*|tummy time|swaddl\w*|reflux\w*|gaining)(?= )"
)
_OF_ANY_BABY = re.compile(
    r" (?:sleep\w*|wakes?|waking|rash\w*|temperature|fever\w*|hot|cough\w*|cold|snuff\w*|congest\w*|blue|grey|yellow|jaundice\w*|weigh\w*|born|vomit\w*|sick|bath\w*|tablets?|drops?|doctor|holiday|nursery|38\.?\d?|39\.?\d?)(?= )"
)
_BORN_AT = re.compile(
    r" (?<!be )(?<!being )(?:born|delivered|delivery|gave birth|arrived|induced|premature|preemie|had (?:him|her|them|(?:my|our|a|the) (?:son|daughter|baby|twins|caesarean|first|second|girl|boy|little \w+)))(?: (?!now|am|and|i|is|,)\S+){0,3}? (?:at|around|about)(?: only| just| about| around)?(?= \d)"
)
_AT_BORN = re.compile(
    r" (?:weeks?|months?)(?: and \d days?)? (?:i |we |she )(?:had (?:him|her|them|my|our|a caesarean)|delivered|gave birth)(?= )"
)
_NEXT = re.compile(
    r" (?:will|going to|planned?|booked|scheduled|want\w*|hop\w*|if|due|can|could|might|may|to be)(?= )"
)


def read_baby_days(line: str) -> float | None:
    """The age of her (youngest) baby or child in days, as the line tells it."""
    ages = [_days(found) for found in _OLD.finditer(line) if _is_age(found, line)]
    ages += [_days(found) for found in (*_bare_ages(line), *_trailing_ages(line))]
    return min(ages, default=None)


def _is_age(found: re.Match[str], line: str) -> bool:
    """Not "breech baby 37 weeks": without "old" behind them, late weeks, or weeks in the womb, are no age."""
    if _days(found) > ADULT_DAYS:
        return False
    if re.search(r" old |(?:baby|newborn|infant)$", found[0] + line[found.end() : found.end() + 5]):
        return True
    return not _is_late(found) and not _INSIDE.search(line)


def age_spans(line: str) -> list[Span]:
    """Where weeks or months are a baby's age, or the week at which one was born: no week of pregnancy."""
    spans = [found.span() for found in (*_bare_ages(line), *_trailing_ages(line))]
    spans += [
        m.span() for m in _OLD.finditer(line) if m[0].split()[0] in _BOYS and _is_age(m, line)
    ]
    if _CARED_FOR.search(line) and not _is_of_womb(line):
        spans += [found.span() for found in _OF_BABIES.finditer(line)]
    for found in _BORN_AT.finditer(line):
        before = line[max(0, found.start() - 30) : found.start() + 1]
        if not _NEXT.search(before):
            spans.append((found.end(), found.end() + 20))
    spans += [(found.start() - 12, found.end()) for found in _AT_BORN.finditer(line)]
    return spans


def _bare_ages(line: str) -> list[re.Match[str]]:
    """ "he is 14 weeks" where nothing speaks of a womb; of a girl or "baby" only where a baby is cared for."""
    if _INSIDE.search(line):
        return []
    return [found for found in _BARE.finditer(line) if _is_in_arms(found, line)]


def _trailing_ages(line: str) -> list[re.Match[str]]:
    if _is_of_womb(line) or not _A_BABY.search(line):
        return []
    if not (_CARED_FOR.search(line) or _UNWELL.search(line)):
        return []
    return [found for found in _TRAILING.finditer(line) if not _is_late(found)]


def _is_of_womb(line: str) -> bool:
    """Whether the line speaks of a womb, of the mother, or of the writer herself."""
    return bool(_INSIDE.search(line) or _HERS.search(line) or re.search(r" (?:i|we|me)(?= )", line))


def _is_late(found: re.Match[str]) -> bool:
    """Weeks that are said of pregnancies rather than of babies, unless "old" stands behind them."""
    return " week" in found[0] and _days(found) > OLDEST_BARE_DAYS


def _is_in_arms(found: re.Match[str], line: str) -> bool:
    if _is_late(found):
        return False
    if found[1] in _BOYS:
        return True
    if _HERS.search(line):
        return False
    is_cared_for = bool(_CARED_FOR.search(line))
    return is_cared_for or (found[1] != "she" and bool(_OF_ANY_BABY.search(line)))


def _days(found: re.Match[str]) -> float:
    said = [group for group in found.groups() if group]
    unit = next(group for group in said if group in DAYS)
    return float(next(group for group in said if group[0].isdigit())) * DAYS[unit]
