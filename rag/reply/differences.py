"""Where a book of another region, publisher or year puts another number on what the answer tells.

Two statements speak of the same thing when, its number exchanged for the other's, each would be carried
by the other: the verifier's own checks decide that. Knows no prompt and no page. Stands after the draft
and the quotes, before the Answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.records import Book, Citation, Hit
from rag.checking.amounts import Quantity
from rag.checking.bindings import check_bindings
from rag.checking.checks import check_names, check_opposites
from rag.checking.conditions import check_conditions, check_restrictions, check_subjects
from rag.checking.denials import check_polarity
from rag.checking.evidence import Alignment, align
from rag.checking.reading import Reading, read_sentence
from rag.checking.terms import key_of
from rag.checking.windows import Window, read_passage
from rag.reply.contradiction import contradict, is_age, state
from rag.reply.quote import Encoder, Quote, list_statements
from rag.search.fusion import is_list

LEAD = "Books differ here:"
MOST_BOOKS = 3  # side by side, the told one among them
_MOST_NUMBERS = 6  # a statement with more is a table in words
# Set on the tuning half of tests/gold/differences.jsonl:
_LEAST_COVERAGE = 0.8  # of the content, by weight, that each holds of the other; the mean of both
_LEAST_COVERAGE_SHARES = 0.9  # the same for "1 in 10": studies count many things
_LEAST_COSINE = 0.7

_SAME_THING = (
    check_names,
    check_opposites,
    check_polarity,
    check_conditions,
    check_subjects,
    check_restrictions,
    check_bindings,
)
# fmt: off
_NARROWING = frozenset(map(key_of, (  # left out on one side only, such a word makes it another thing
    "severe", "severely", "mild", "moderate", "first", "second", "third", "fourth", "booster", "again",
    "early", "late", "previous", "twin", "twins", "triplet", "preterm", "newborn", "higher", "risk",
    "breastfeeding", "after birth", "after the birth", "postpartum", "caesarean", "vaginal birth",
    "first trimester", "second trimester", "third trimester", "first baby", "first pregnancy",
    "next pregnancy", "high risk", "low risk", "pregnant", "pregnancy",
)))
_USUAL_HEADS = frozenset(map(key_of, ("pregnant", "pregnancy", "risk")))  # narrow no statement
_MATERNAL = frozenset(map(key_of, (
    "pregnancy", "pregnant", "antenatal", "trimester", "birth", "labour", "baby", "midwife", "womb",
)))
# fmt: on
_SPEAKERS = re.compile(
    r"\b(?:(?:the )?(?:NHS|NICE|WHO|CDC|ACOG|RCOG|FIGO|USPSTF|FDA|ADA|IOM|UNICEF)|"
    r"(?:in |of )?(?:the )?(?:United Kingdom|United States|England|Scotland|Wales|Australia|Canada|"
    r"Europe|UK|USA?))\b"
)  # whose advice it is: what differs by itself

_OF_PREGNANCY = re.compile(r"(?<=weeks)(?: of (?:pregnancy|gestation)| pregnant)\b")
_DAYS = re.compile(r"\b(\d{1,2}) weeks?,? and ([0-6]) days?\b")
_FROM_WEEK = re.compile(r"(?<!\+)\b(\d{1,2})(?: weeks)?(?=(?: to | and |-|–)\d{1,2}\+\d)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement read as evidence; `around` are all the numbers of its passage."""

    window: Window
    around: tuple[Quantity, ...]
    heading: Reading

    @property
    def reading(self) -> Reading:
        return self.window.reading


def read_statement(text: str, passage: str = "", section: str = "") -> Statement:
    """A statement as it stands in a passage under a heading, or alone."""
    whole = read_passage(_write_alike(passage or text), section)
    reading = read_sentence(_write_alike(text))
    maternal = any(_MATERNAL & token.keys for other in whole.readings for token in other.tokens)
    window = Window(0, reading, whole.subject, whole.topic, maternal, frozenset())
    around = [quantity for other in whole.readings for quantity in other.quantities]
    return Statement(window, tuple(around), read_sentence(section.split(" › ")[-1]))


def _write_alike(text: str) -> str:
    """The text without whose advice it is, its weeks and days as "20+6 weeks"."""
    text = _DAYS.sub(r"\1+\2 weeks", _SPEAKERS.sub("", text))
    return _OF_PREGNANCY.sub("", _FROM_WEEK.sub(r"\1+0", text))


def find_differences(
    told: Iterable[Citation], hits: Sequence[Hit], encoder: Encoder
) -> tuple[Quote, ...]:
    """The first told statement that other books contradict in a number, then theirs; else ().

    One statement a book, at most `MOST_BOOKS`, all of them exact words of their passages.
    """
    for quote in _list_told(told):
        one = _read(quote)
        others: dict[str, Quote] = {}
        for hit in hits:
            book = hit.book
            if book.id not in others and _differ_in_origin(quote.hit.book, book):
                found = _find_rival(one, hit)
                if found and _mean_alike(quote, found, encoder):
                    others[book.id] = found
        if others:
            return (quote, *others.values())[:MOST_BOOKS]
    return ()


def speak_of_the_same(one: Statement, two: Statement) -> bool:
    """Whether two statements put different numbers on the same thing, by their words alone."""
    if _heads_narrow(one, two) or _heads_narrow(two, one):
        return False
    return any(_weigh(one, a, two, b) >= _least(a) for a, b in list_contradictions(one, two))


def list_contradictions(one: Statement, two: Statement) -> list[tuple[Quantity, Quantity]]:
    """Pairs of numbers of one sort of which neither passage states the other's."""
    here, there = one.reading, two.reading
    if max(len(here.quantities), len(there.quantities)) > _MOST_NUMBERS:
        return []
    found = [
        (a, b)
        for a in here.quantities
        for b in there.quantities
        if contradict(a, here.text, b, there.text)
        and not any(state(other, a) for other in two.around)
        and not any(state(other, b) for other in one.around)
        and _list_settings(here, a) == _list_settings(there, b)
    ]
    sorts = {a.dimension for a, _ in found}
    return [] if len(sorts) > 1 and "[time]" in sorts else found  # "at 12 weeks 5 cm, at 14 8.5 cm"


def _list_told(told: Iterable[Citation]) -> Iterator[Quote]:
    """Every statement of a cited passage that the quoted words touch."""
    for citation in told:
        start = citation.hit.passage.text.find(citation.quote) if citation.quote else -1
        end = start + len(citation.quote)
        for quote in list_statements(citation.hit):
            if start >= 0 and quote.start < end and start < quote.start + len(quote.text):
                yield quote


def _differ_in_origin(one: Book, two: Book) -> bool:
    return (one.region, one.publisher, one.year) != (two.region, two.publisher, two.year)


def _find_rival(one: Statement, hit: Hit) -> Quote | None:
    """The first statement of a hit that puts another number on the same thing."""
    if not one.reading.quantities or is_list(hit.passage):
        return None
    for quote in list_statements(hit):
        if speak_of_the_same(one, _read(quote)):
            return quote
    return None


def _mean_alike(one: Quote, two: Quote, encoder: Encoder) -> bool:
    """Whether the statements, each under its heading, are about one thing to the embedder too."""
    texts = [" ".join((*quote.hit.passage.section[-1:], quote.text)) for quote in (one, two)]
    here, there = encoder.encode(texts)
    return float(here @ there) >= _LEAST_COSINE


def _read(quote: Quote) -> Statement:
    passage = quote.hit.passage
    return read_statement(quote.text, passage.text, " › ".join(passage.section))


def _weigh(one: Statement, here: Quantity, two: Statement, there: Quantity) -> float:
    """How far each says what the other says, but for the number: 0 … 1."""
    both = _lay_over(one, here, two, there), _lay_over(two, there, one, here)
    if any(_narrows(found) or any(check(found) for check in _SAME_THING) for found in both):
        return 0.0
    return sum(found.coverage for found in both) / len(both)


def _lay_over(one: Statement, here: Quantity, two: Statement, there: Quantity) -> Alignment:
    """The first statement, with the second's number for its own, laid over the second."""
    text = one.reading.text
    return align(read_sentence(text[: here.start] + there.text + text[here.end :]), two.window)


def _least(quantity: Quantity) -> float:
    return _LEAST_COVERAGE_SHARES if quantity.kind == "proportion" else _LEAST_COVERAGE


def _narrows(found: Alignment) -> bool:
    return any((token.keys | token.parts) & _NARROWING for token in found.missing)


def _heads_narrow(one: Statement, two: Statement) -> bool:
    """Whether the first stands under a heading such as "The first scan", and the second does not."""
    theirs = _keys_of(two.heading) | _keys_of(two.reading)
    return bool((_keys_of(one.heading) & _NARROWING) - theirs - _USUAL_HEADS)


def _keys_of(reading: Reading) -> set[str]:
    return {key for token in reading.tokens for key in token.keys | token.parts}


def _is_limit(quantity: Quantity) -> bool:
    """A year, or a count that says of whom: "a BMI over 30"."""
    return quantity.bare or (quantity.kind == "count" and quantity.direction != "none")


def _list_settings(reading: Reading, told: Quantity) -> set[tuple[float, float, str]]:
    """The years, and of whom it is said in numbers, apart from the number that is told."""
    return {
        (round(q.low), round(q.high), q.direction)
        for q in reading.quantities
        if q is not told and (_is_limit(q) or is_age(q, reading.text))
    }
