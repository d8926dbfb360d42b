"""The forms in which books print numbers, and how each becomes a Quantity.

Rates, "a week", "1 in 200", blood-pressure pairs, "37+6 weeks", "type 2", plain amounts. Knows no
other number of the text: rag/checking/quantities.py puts them together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.checking.comparisons import Direction, read_direction
from rag.checking.numbers import NUMBER, UNIT, read_number
from rag.checking.units import find_worth

Kind = Literal["amount", "count", "proportion", "pair", "rate", "label"]
_TIME = r"(?:minute|hour|day|week|month|year|fortnight|night)"
_PERIOD_H = {
    "minute": 1 / 60, "hour": 1.0, "day": 24.0, "night": 24.0, "week": 168.0,
    "fortnight": 336.0, "month": 730.5, "year": 8766.0,
}  # fmt: skip
_ADVERBS = {
    "hourly": 1.0, "daily": 24.0, "nightly": 24.0, "weekly": 168.0, "fortnightly": 336.0,
    "monthly": 730.5, "yearly": 8766.0, "annually": 8766.0,
}  # fmt: skip
_TO = r"\s*(?:-|–|—|to|until|through)\s*"
_BETWEEN = r"(?P<between>\bbetween\s+(?:about |the )?(?:weeks? |days? |ages? (?:of )?)?)?"
_UP_TO = rf"(?(between)(?:{_TO}|\s+and\s+(?:weeks? )?)|{_TO})"
_RATE = re.compile(
    rf"(?:\b(?P<once>once|twice|thrice)|(?P<n>{NUMBER})(?:{_TO}(?P<m>{NUMBER}))?[ -]times)(?:,? ?(?:or more )?"
    rf"(?P<adverb>daily|weekly|monthly|yearly|hourly)\b|\s+(?:a|an|per|each|every|in|in every|in an?y?)\s+"
    rf"(?:(?P<p>{NUMBER})[ -])?(?P<period>{_TIME})s?\b)"
    rf"|\bevery (?:(?P<other>other )|(?P<e>{NUMBER})(?:{_TO}(?P<f>{NUMBER}))?[ -])?(?P<each>{_TIME})s?\b"
    rf"|\b(?P<q>{NUMBER})[- ]hourly\b|\b(?P<alone>{'|'.join(_ADVERBS)})\b"
    rf"|(?:\b(?:per|each)|/)\s*(?P<per>{_TIME})\b",
    re.IGNORECASE,
)
_A_PERIOD = re.compile(
    rf"\b(?:a|an)\s+(?P<unit>{_TIME}|lit(?:re|er)|kilo|pint|quarter|third|half)\b(?! (?:and a half|late)\b)"
    r"(?P<lone>(?=\s+(?:after|before|later|ago|earlier|or (?:more|longer|less))\b))?",
    re.IGNORECASE,
)
_BEFORE_DURATION = re.compile(
    r"(?:\b(?:for|in|within|after|before|about|around|over|under|least|most|than|to|of|by|until|last|lasts|only|just|"
    r"nearly|almost|half|once|take|takes|or)|^)\s*$",
    re.IGNORECASE,
)
_PROPORTION = re.compile(
    rf"(?P<a>{NUMBER})(?:{_TO}(?P<b>{NUMBER}))?\s+(?:in|out of|of)\s+(?:every |"
    rf"the )?(?P<c>{NUMBER})(?!\s*(?:{UNIT})\b)(?!\s+{_TIME})"
    r"|\b(?P<half>(?:one |a )?half|(?:a|one|two)[ -]thirds?|(?:a|one|three)[ -]quarters?)\s+(?:of|the)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?<![\d/.])(?P<a>\d{2,3})\s?/\s?(?P<b>\d{2,3})(?![\d/])(?:\s?mm\s?Hg)?")
_GESTATION = re.compile(
    rf"{_BETWEEN}(?<!\d)(?P<w>\d{{1,2}})\s?\+\s?(?P<d>[0-6])(?!\d)(?:\s*weeks?)?(?:{_UP_TO}(?P<w2>\d{{1,2}})\s?\+\s?(?P<d2>[0-6])(?!\d))?(?:\s*(?:weeks?|"
    rf"wks?)\b)?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?P<label>type|stage|grade|phase|class|step|table|figure|category)\s+(?P<a>\d+|I{1,3}V?|[A-D])\b(?!\s*%)"
)
_AMOUNT = re.compile(
    rf"{_BETWEEN}(?:\b(?P<before>weeks?|days?|months?|ages?(?: of)?|"
    rf"aged)\s+)?(?P<a>{NUMBER})(?:\s?(?P<unit_a>{UNIT})(?![A-Za-z]))?"
    rf"(?:{_UP_TO}(?P<b>{NUMBER}))?(?:(?:\s(?:completed|consecutive|full|whole|further|more|additional|"
    rf"extra|"
    rf"other))?[\s-]?(?P<unit>{UNIT})(?![A-Za-z0-9]))?(?P<half> and a half(?:\s+(?P<unit_h>{UNIT})\b)?)?",
    re.IGNORECASE,
)
_BEATS = re.compile(
    rf"(?P<a>{NUMBER})(?:{_TO}(?P<b>{NUMBER}))?(?:\s+or (?:more|less|fewer|above|"
    rf"below))?\s*(?:(?:beats|breaths)\s+(?:per|a|each|every)\s+minute|(?:beats|breaths)/min|bpm)\b",
    re.IGNORECASE,
)
DAY_S = 86400.0
_FRACTIONS = {"half": 0.5, "third": 1 / 3, "thirds": 2 / 3, "quarter": 0.25, "quarters": 0.75}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text: `[start, end)` of it, in base units (hours⁻¹ for a rate)."""

    kind: Kind
    low: float
    high: float
    dimension: str
    direction: Direction
    start: int
    end: int
    text: str
    bare: bool = False  # a count with no unit or noun after it


def _make(
    kind: Kind, low: float, high: float, dimension: str, match: re.Match[str], text: str
) -> Quantity:
    start, end = match.span()
    direction = (
        "none"
        if high != low
        else read_direction(text[:start], text[end:], in_time=dimension in ("[time]", ""))
    )
    return Quantity(kind, low, high, dimension, direction, start, end, match.group().strip())


def _build_rate(match: re.Match[str], text: str) -> Quantity | None:
    part = match.groupdict()
    low = high = 1.0
    period = part["period"] or part["each"] or part["per"]
    hours = _PERIOD_H[period.lower()] if period else 24.0
    if part["once"]:
        low = high = {"once": 1.0, "twice": 2.0, "thrice": 3.0}[part["once"].lower()]
    elif part["n"]:
        low = read_number(part["n"])
        high = read_number(part["m"]) if part["m"] else low
    adverb = part["adverb"] or part["alone"]
    if adverb:
        hours = _ADVERBS[adverb.lower()]
    stretch = part["p"] or part["e"]
    if stretch:
        hours *= read_number(stretch)
    if part["other"]:
        hours *= 2
    if part["q"]:
        hours = read_number(part["q"])
    longest = hours * read_number(part["f"]) / read_number(part["e"]) if part["f"] else hours
    return _make("rate", low / longest, high / hours, "rate", match, text)


def _build_a_period(match: re.Match[str], text: str) -> Quantity | None:
    unit = match["unit"].lower()
    if unit in _FRACTIONS:
        return None
    if (
        unit in _PERIOD_H
        and match["lone"] is None
        and not _BEFORE_DURATION.search(text[: match.start()])
    ):
        return _make("rate", 1 / _PERIOD_H[unit], 1 / _PERIOD_H[unit], "rate", match, text)
    worth = find_worth("day" if unit == "night" else unit)
    if worth is None:
        return None
    return _make("amount", worth.factor, worth.factor, worth.dimension, match, text)


def _build_proportion(match: re.Match[str], text: str) -> Quantity | None:
    if match["half"]:
        words = re.split(r"[ -]", match["half"].lower())
        value = _FRACTIONS[words[-1]]
        return _make("proportion", value, value, "proportion", match, text)
    whole = read_number(match["c"])
    low = read_number(match["a"])
    high = read_number(match["b"]) if match["b"] else low
    if whole <= 0 or high > whole:
        return None
    return _make("proportion", low / whole, high / whole, "proportion", match, text)


def _build_pair(match: re.Match[str], text: str) -> Quantity | None:
    upper, lower = float(match["a"]), float(match["b"])
    if upper <= lower or lower < 20:
        return None
    quantity = _make("pair", upper, upper, "pressure pair", match, text)
    return Quantity(
        "pair", upper, lower, "pressure pair", quantity.direction, *match.span(), match.group()
    )


def _build_gestation(match: re.Match[str], text: str) -> Quantity | None:
    low = (int(match["w"]) * 7 + int(match["d"])) * DAY_S
    high = (int(match["w2"]) * 7 + int(match["d2"])) * DAY_S if match["w2"] else low
    return _make("amount", low, high, "[time]", match, text)


def _build_beats(match: re.Match[str], text: str) -> Quantity | None:
    low = read_number(match["a"])
    return _make(
        "amount", low, read_number(match["b"]) if match["b"] else low, "a minute", match, text
    )


def _build_label(match: re.Match[str], text: str) -> Quantity | None:
    letters = sum(ord(c) * 100**i for i, c in enumerate(match["a"]))
    return _make("label", letters, letters, match["label"].lower(), match, text)


def _build_amount(match: re.Match[str], text: str) -> Quantity | None:
    before, after = text[: match.start("a")], text[match.end() :]
    if re.search(r"[A-Za-z]-?$", before) and not re.search(r"\b(?:under|over|aged|x)-?$", before):
        return None  # COVID-19, B12
    if (
        match["a"].lower() in ("one", "a")
        and not (match["unit"] or match["unit_a"] or match["b"])
        and _is_pronoun(before, after)
    ):
        return None
    low = read_number(match["a"])
    high = read_number(match["b"]) if match["b"] else low
    if match["half"]:
        low, high = low + 0.5, high + 0.5
    printed = match["unit"] or match["unit_h"] or match["unit_a"]
    if not printed and match["before"]:
        name = match["before"].lower().split()[0]
        printed = {"age": "year", "ages": "year", "aged": "year"}.get(name, name)
    worth = find_worth(printed) if printed else None
    if worth is None:
        bare = not re.match(r"[\s-]*[A-Za-z]", after) or bool(
            re.match(r"\s*(?:or|and|to|at|in|is|are|on|for|with|but|if)\b", after)
        )
        quantity = _make("count", low, high, "", match, text)
        return Quantity(
            quantity.kind, low, high, "", quantity.direction, *match.span(), quantity.text, bare
        )
    if worth.dimension == "dimensionless" and printed.lower().startswith(("%", "per")):
        return _make("proportion", low / 100, high / 100, "proportion", match, text)
    first = find_worth(match["unit_a"]) if match["unit_a"] else worth
    low_base = low * (first or worth).factor + (first or worth).offset
    return _make(
        "amount", low_base, high * worth.factor + worth.offset, worth.dimension, match, text
    )


def _is_pronoun(before: str, after: str) -> bool:
    """ "one" that counts nothing: "one of them", "no one", "the last one"."""
    if re.search(
        r"\b(?:no|each|any|every|the|this|that|which|last|another|some)\s$", before, re.IGNORECASE
    ):
        return True
    return not re.match(r"[ -][a-z]{3,}", after) or bool(
        re.match(r"\s+(?:of|another|that|who|can|may|should|has|with)\b", after)
    )


# In this order: a form that holds another comes first.
READERS = (
    (_BEATS, _build_beats),
    (_LABEL, _build_label),
    (_GESTATION, _build_gestation),
    (_PAIR, _build_pair),
    (_RATE, _build_rate),
    (_PROPORTION, _build_proportion),
    (_AMOUNT, _build_amount),
    (_A_PERIOD, _build_a_period),
)
