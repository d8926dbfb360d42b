"""A medicine named in a question → the statements of the books on it in pregnancy and in breastfeeding.

Book road, beside retrieve: whatever else an answer says, these pages belong to it. Names come from
rag/checking/terms.toml; knows hits and sentences, no index and no model.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from corpus.records import Hit
from rag.checking.terms import TERMS_FILE
from rag.reply.quote import Quote, list_statements

Aspect = Literal["pregnancy", "breastfeeding"]
ASPECTS: tuple[Aspect, ...] = ("pregnancy", "breastfeeding")
MOST_MEDICINES = 2  # of one question that get their pages

# Names that rag/checking/terms.toml keeps apart and that are no medicine in a question: food and its
# supplements, contraceptives, hormones of the body, what is given at birth, vaccines, substances.
_NO_MEDICINES = frozenset(
    """
    calcium|zinc|iodine|selenium|folic acid|iron|vitamin A|vitamin C|vitamin D|vitamin E|vitamin K
    |vitamin B6|vitamin B12|vitamin B1|omega-3|choline|progesterone|progestogen|oestrogen
    |oestradiol|testosterone|combined pill|progestogen-only pill|copper coil|hormonal coil
    |contraceptive implant|contraceptive injection|vaginal ring|HRT|entonox|epidural|anti-D
    |prostaglandin|oxytocin|flu vaccine|whooping cough vaccine|RSV vaccine|MMR|varicella vaccine
    |BCG|HPV vaccine|COVID-19 vaccine|hepatitis B vaccine|hepatitis B immunoglobulin
    |yellow fever vaccine|tetanus vaccine|caffeine|nicotine|cannabis|cocaine|tocolytic
    """.replace("\n", "").replace("    ", "").split("|")
)  # fmt: skip
# What people call a medicine by its kind, and a few names that the table of terms does not hold.
_KINDS = (
    ("antibiotic",), ("antidepressant",), ("antihistamine",), ("painkiller", "pain killer"),
    ("antacid",), ("laxative",), ("decongestant",), ("loperamide", "imodium"),
    ("semaglutide", "ozempic", "wegovy"), ("tirzepatide", "mounjaro"), ("liraglutide", "saxenda"),
    ("carbimazole",), ("hydroxychloroquine",), ("pseudoephedrine", "sudafed"), ("acitretin",),
    ("ramipril",), ("lisinopril",), ("losartan",), ("alginate", "gaviscon"),
)  # fmt: skip
# Where the books do not name the medicine itself, what they say of its kind counts.
_KIND_OF = {
    "antidepressant": "sertraline fluoxetine paroxetine citalopram escitalopram venlafaxine SSRI",
    "ACE inhibitor": "enalapril ramipril lisinopril",
    "NSAID": "naproxen diclofenac indometacin ibuprofen",
}
_BREASTFEEDING = re.compile(r"\bbreast ?-?fe\w+|\bnursing\b|\blactat\w+|\bmilk\b", re.IGNORECASE)
_PREGNANCY = re.compile(
    r"\bpregnan\w+|\btrimester|\bunborn\b|\bbirth defect|\bweeks? (?:of|\d)|\bwomb\b|\bbaby\b",
    re.IGNORECASE,
)
_ABOUT_PREGNANCY = re.compile(r"\b(?:in|during) pregnancy\b", re.IGNORECASE)  # a book's title
_SAYS_WHETHER = re.compile(
    r"\b(?:safe\w*|avoid\w*|recommended|choice|chosen|harm\w*|defects?|lists"
    r"|(?:can|may|should|must|do not|don't|never)(?: \w+){0,4}? (?:take|taken|use|used|stop))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine under all its names, the usual one first."""

    names: tuple[str, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is one of, as far as we know."""
        return tuple(kind for kind, members in _KIND_OF.items() if self.names[0] in members.split())

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any of its names as whole words; short ones only in capitals."""
        return _as_pattern(self.names)


def find_medicines(question: str) -> tuple[Medicine, ...]:
    """The medicines that a question names, in its order, at most `MOST_MEDICINES`."""
    found = [(match.start(), m) for m in _known() if (match := m.pattern.search(question))]
    found.sort(key=lambda pair: pair[0])
    return tuple(medicine for _, medicine in found[:MOST_MEDICINES])


def choose_statements(
    medicine: Medicine, hits: Iterable[Hit], told: Sequence[tuple[str, Hit]] = ()
) -> list[Quote]:
    """The best statement on the medicine for each aspect that the books have and `told` has not."""
    said = {
        aspect_of(text, hit)
        for text, hit in told
        if medicine.pattern.search(text) and _SAYS_WHETHER.search(text)
    }
    quotes = [
        (rank, quote)
        for rank, hit in enumerate(hits)
        for quote in list_statements(hit)
        if _as_pattern(medicine.names + medicine.kinds).search(quote.text)
    ]
    chosen = []
    for aspect in ASPECTS:
        fitting = [(r, q) for r, q in quotes if aspect_of(q.text, q.hit) == aspect]
        itself = [(r, q) for r, q in fitting if medicine.pattern.search(q.text)] or fitting
        if itself and aspect not in said:
            chosen.append(min(itself, key=lambda pair: _order(aspect, *pair))[1])
    return chosen


def aspect_of(text: str, hit: Hit) -> Aspect | None:
    """Whether a statement is on pregnancy or on breastfeeding; None for neither."""
    section = " ".join(hit.passage.section)
    if _BREASTFEEDING.search(text) or _BREASTFEEDING.search(section):
        return "breastfeeding"
    in_title = _ABOUT_PREGNANCY.search(hit.book.title)
    return "pregnancy" if in_title or _PREGNANCY.search(f"{section} {text}") else None


def _order(aspect: Aspect, rank: int, quote: Quote) -> tuple[int, int, int]:
    """Best first: it names the aspect itself, says whether to take it, stands high and early."""
    words = _BREASTFEEDING if aspect == "breastfeeding" else _PREGNANCY
    worth = 2 * bool(words.search(quote.text)) + bool(_SAYS_WHETHER.search(quote.text))
    return -worth, rank, quote.start


@lru_cache(maxsize=1)
def _known() -> tuple[Medicine, ...]:
    drugs = tomllib.loads(TERMS_FILE.read_text(encoding="utf-8"))["drugs"]
    named = [tuple(names) for names in drugs if names[0] not in _NO_MEDICINES]
    return tuple(Medicine(names) for names in [*named, *_KINDS])


@lru_cache(maxsize=512)
def _as_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    long = "|".join(re.escape(name) for name in names if len(name) > 3 or not name.isupper())
    short = "|".join(re.escape(name) for name in names if len(name) <= 3 and name.isupper())
    parts = [rf"(?i:{long})s?" if long else "", short]
    return re.compile(rf"\b(?:{'|'.join(part for part in parts if part)})\b")
