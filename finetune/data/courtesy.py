"""Sentences that say nothing: greetings, "I have gone through your query", and sending on.

Training road: Row → **cleaning** → Fate. A sentence counts as empty only when every one of its
words stands in the lists here, so that a drug, a sign, a number or a unit always saves it.
"""

from __future__ import annotations

import re
from typing import Literal

from rag.text.sentences import Span, split_sentences

FEWEST_ANSWERING = 1 / 3  # share of an answer's sentences
Kind = Literal["courtesy", "referral", "question", "content"]

# One of these makes a sentence of such words a courtesy.
_CORES = frozenset(
    """hello hi hey greetings welcome query queries question questions concern concerns help helps
    helped helpful regards wishes thank thanks thankful doubt doubts clarified clarify assist
    feedback revert reverting hesitate diligence luck clarification clarifications assistance
    guide service gone went read reviewed checked hope hoping reply respond""".split()
)
_COURTESIES = _CORES | frozenset(
    """i we you your yours me my us our it this that these those the a an and or but so as of to in
    on at for with by from about regarding above below all any some more most other others is am are
    was were be been being have has had having do does did will would shall should can could may
    might let know like just also please kindly sir madam mam dear friend user there again back here
    now well very much really good great best nice kind happy glad pleased sure hope hoping hopefully
    wish feel free write writing ask asking answer answers answered get getting come contact reach
    respond reply go gone went going through read reading reviewed review look looked seen saw see
    noted note understood understand understanding appreciate carefully thoroughly completely
    properly patiently fully detail details detailed information info history post posted message
    case problem problems issue issues situation description described provided mentioned posting
    complaint complaints symptoms condition regard sharing shared submitting submitted consulting
    contacting using choosing trusting website site doctor doctors team panel online platform app
    further additional if when need needed require required anytime time always ever keen interest
    interesting first next new old based view given follows following opinion advice suggestion
    suggestions are tell trouble worry worries crisis plight anguish useful valuable satisfied
    solved resolved cleared clear addressed hope opportunity today day evening morning health
    healthy wellness soon recovery speedy yourself feeling enough want wanted assure support might
    rating rate positive checked check reports report images image pictures picture photos photo photograph
    photographs attached attachment attachments uploaded sent medical file files investigation
    investigations documents couple things thing opine upon try best able am follow-up followup
    discussion discuss close say""".split()
)
_REFERRALS = _COURTESIES | frozenset(
    """consult consultation consultations visit physician specialist specialists hospital clinic
    surgeon nearby nearest local near treating family general senior qualified experienced follow
    up send share upload attach mention provide give test tests result results scan lab laboratory
    evaluation evaluate evaluated examination examine examined examining treatment treated advise
    suggest suggested recommend diagnosis diagnose proper clinical clinically physical physically
    better clearer possible early earliest immediately personally person direct directly before
    after then until once done week weeks month months days times management correct exact accurate
    comment make take see seek second thorough accordingly guidance care expert appropriate eye skin
    heart bone child women dental ent emergency department dentist dentists therapist counselor
    counsellor psychologist physiotherapist paediatrician pediatrician obstetrician internal
    medicine video call phone chat must who he she they him her what which where this yet
    no affected area areas assess assessed parts part without cannot not too
    sorry difficult hard anything something""".split()
)
# fmt: off
_PHRASES = re.compile(
    r"(?:how are you(?: doing)?(?: today)?|(?:please )?take care(?: of yourself)?|all the best"
    r"|wish(?:ing)? you (?:all the best|good health|a (?:speedy|quick) recovery)|best of luck"
    r"|get well soon|stay (?:healthy|safe|well)|god bless(?: you)?|have a (?:nice|good|great) day"
    r"|good (?:day|morning|evening|afternoon)(?: to you)?|namaste|greetings of the day)",
    re.I,
)
# fmt: on
# The site of the dialogues is spelt in many ways: icliniq, ilciniq, iclinic, iclinq, icliiq, …
_SITE = re.compile(r"i[clniq]{4,7}(?:\.com)?|(?:health ?care ?magic|healthtap)(?:\.com)?", re.I)
_SPECIALIST = re.compile(r"[a-z]+(?:ologists?|iatrists?|icians?|opaths?|urgeons?|ontists?)")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_NOT_PLAIN = re.compile(r"[^\W_]*\d|[%°µ≥≤<>±=/*+]")
_GREETING = re.compile(
    r"(?:hello|hi|hey|dear)(?: (?:there|sir|madam|dear|friend|again|doctor|user))*"
    r"(?:\s*[,!.:;-]+\s*|\s+(?=[A-Z]))",
    re.I,
)
_ALL_LOWER = re.compile(r"[a-z]+\b(?![\d-])")


def judge_sentence(sentence: str) -> Kind:
    """What a sentence does: courtesy and referral hold no word that is not in their lists."""
    plain = _SITE.sub(" ", sentence).strip(" .,!?:;-–—()\"'\n")
    if not plain:
        return "courtesy"
    if _NOT_PLAIN.search(plain):
        return "question" if sentence.rstrip().endswith("?") else "content"
    if _PHRASES.fullmatch(plain):
        return "courtesy"
    words = {word.lower().replace("’", "'") for word in _WORD.findall(plain)}
    words = {word.removesuffix("'s").removesuffix("'ve").removesuffix("'m") for word in words}
    if words & _CORES and words <= _COURTESIES:
        return "courtesy"
    if all(word in _REFERRALS or _SPECIALIST.fullmatch(word) for word in words):
        return "referral"
    return "question" if sentence.rstrip().endswith("?") else "content"


def strip_courtesies(text: str) -> tuple[str, list[str]]:
    """The text without the courtesies that open and close it, and what was taken out."""
    removed: list[str] = []
    text = _strip_greeting(text.strip(), removed)
    spans = split_sentences(text)
    first, last = 0, len(spans)
    while first < last and judge_sentence(spans[first].text) == "courtesy":
        first += 1
    while last > first and judge_sentence(spans[last - 1].text) == "courtesy":
        last -= 1
    if (first, last) == (0, len(spans)):
        return text, removed
    start = _start_of(text, spans, first)
    end = spans[last - 1].end if last > first else start
    removed += [piece for piece in (text[:start].strip(), text[end:].strip()) if piece]
    return _strip_greeting(text[start:end].strip(), removed), removed


def _start_of(text: str, spans: list[Span], first: int) -> int:
    """Where the text goes on after its opening: a bullet before a sentence stays with it."""
    if first == 0:
        return 0
    return spans[first - 1].end


def _strip_greeting(text: str, removed: list[str]) -> str:
    """Without "Hello," in front; what follows begins with a capital if it is a plain word."""
    match = _GREETING.match(text)
    if not match or match.end() == len(text):
        return text
    removed.append(match.group().strip())
    rest = text[match.end() :]
    return rest[:1].upper() + rest[1:] if _ALL_LOWER.match(rest) else rest


def is_only_referral(text: str) -> bool:
    """Whether the answer sends on, asks back or is polite: under a third of its sentences answer."""
    kinds = [judge_sentence(span.text) for span in split_sentences(text)]
    return kinds.count("content") < len(kinds) * FEWEST_ANSWERING
