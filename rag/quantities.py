"""Find the numbers of a text with their units and comparisons, and tell whether two say the same.

"400 µg", "0.4 mg", "≥140/90 mmHg", "37+6 weeks", "1 in 200", "half an hour", "twice a day", "no more
than 4 g". Knows no meaning of the words around a number beyond its comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from rag.comparisons import Direction, read_direction
from rag.numbers import NUMBER, UNIT, read_number
from rag.units import find_worth

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
    rf"\b(?:a|an)\s+(?P<unit>{_TIME}|lit(?:re|er)|kilo|pint|quarter|third|half)\b(?! (?:and a half|late)\b)",
    re.IGNORECASE,
)
_BEFORE_DURATION = re.compile(
    r"(?:\b(?:for|in|within|after|before|about|around|over|under|least|most|than|to|of|by|until|last|lasts|only|just|"
    r"nearly|almost|half|once|take|takes|or)|^)\s*$",
    re.IGNORECASE,
)
_PROPORTION = re.compile(
    rf"(?P<a>{NUMBER})(?:{_TO}(?P<b>{NUMBER}))?\s+(?:in|out of|of)\s+(?:every |the )?(?P<c>{NUMBER})(?!\s*(?:{UNIT})\b)(?!\s+{_TIME})"
    r"|\b(?P<half>(?:one |a )?half|(?:a|one|two)[ -]thirds?|(?:a|one|three)[ -]quarters?)\s+(?:of|the)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?<![\d/.])(?P<a>\d{2,3})\s?/\s?(?P<b>\d{2,3})(?![\d/])(?:\s?mm\s?Hg)?")
_GESTATION = re.compile(
    rf"{_BETWEEN}(?<!\d)(?P<w>\d{{1,2}})\s?\+\s?(?P<d>[0-6])(?!\d)(?:\s*weeks?)?(?:{_UP_TO}(?P<w2>\d{{1,2}})\s?\+\s?(?P<d2>[0-6])(?!\d))?(?:\s*(?:weeks?|wks?)\b)?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?P<label>type|stage|grade|phase|class|step|table|figure|category)\s+(?P<a>\d+|I{1,3}V?|[A-D])\b(?!\s*%)"
)
_AMOUNT = re.compile(
    rf"{_BETWEEN}(?:\b(?P<before>weeks?|days?|months?|ages?(?: of)?|aged)\s+)?(?P<a>{NUMBER})(?:\s?(?P<unit_a>{UNIT})(?![A-Za-z]))?"
    rf"(?:{_UP_TO}(?P<b>{NUMBER}))?(?:(?:\s(?:completed|consecutive|full|whole|further|more|additional|extra|other))?[\s-]?(?P<unit>{UNIT})(?![A-Za-z0-9]))?(?P<half> and a half(?:\s+(?P<unit_h>{UNIT})\b)?)?",
    re.IGNORECASE,
)
_BEATS = re.compile(
    rf"(?P<a>{NUMBER})(?:{_TO}(?P<b>{NUMBER}))?\s*(?:(?:beats|breaths)\s+(?:per|a|each|every)\s+minute|(?:beats|breaths)/min|bpm)\b",
    re.IGNORECASE,
)
_DAY_S = 86400.0
_FRACTIONS = {"half": 0.5, "third": 1 / 3, "thirds": 2 / 3, "quarter": 0.25, "quarters": 0.75}
_TOLERANCE = 0.0015  # relative: 98.6 °F = 37 °C exactly, 100.4 °F = 38 °C
_TOLERANCE_ROUNDED = 0.015  # pounds, ounces, inches and months are printed rounded


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


def find_quantities(text: str) -> list[Quantity]:
    """Every number of a text, in order, none twice."""
    return list(_find_quantities(text))


@lru_cache(maxsize=4096)
def _find_quantities(text: str) -> tuple[Quantity, ...]:
    taken = [False] * (len(text) + 1)
    found: list[Quantity] = []
    for pattern, build in _READERS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            quantity = build(match, text)
            if quantity is not None:
                found.append(quantity)
                taken[start:end] = [True] * (end - start)
    found.sort(key=lambda quantity: quantity.start)
    return tuple(_lend_directions(_lend_units(found, text), text))


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
    return _make("rate", low / hours, high / hours, "rate", match, text)


def _build_a_period(match: re.Match[str], text: str) -> Quantity | None:
    unit = match["unit"].lower()
    if unit in _FRACTIONS:
        return None
    if unit in _PERIOD_H and not _BEFORE_DURATION.search(text[: match.start()]):
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
    low = (int(match["w"]) * 7 + int(match["d"])) * _DAY_S
    high = (int(match["w2"]) * 7 + int(match["d2"])) * _DAY_S if match["w2"] else low
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


def _lend_units(found: list[Quantity], text: str) -> list[Quantity]:
    """A bare number takes the unit of the next: "28 and 34 weeks", "16, 20 or 24 mg"."""
    for i in range(len(found) - 2, -1, -1):
        first, second = found[i], found[i + 1]
        between = text[first.end : second.start]
        if first.kind != "count" or second.kind not in ("amount", "proportion"):
            continue
        if not re.fullmatch(
            r"\s*(?:,|,?\s*(?:and|or|to|and again at|and at|or at|but not|than|or above)|–|-)\s*",
            between,
        ):
            continue
        factor = _lent_factor(second)
        if factor is not None:
            found[i] = Quantity(
                second.kind, first.low * factor, first.high * factor, second.dimension, first.direction,
                first.start, first.end, first.text,
            )  # fmt: skip
    return found


def _lend_directions(found: list[Quantity], text: str) -> list[Quantity]:
    """A bound holds for both sides of an "or": "limited to two steaks or four cans"."""
    for i in range(1, len(found)):
        first, second = found[i - 1], found[i]
        between = text[first.end : second.start]
        if second.direction == "none" != first.direction and re.fullmatch(
            r"(?:\s+\w+){0,3}\s+or\s+", between
        ):
            found[i] = replace(second, direction=first.direction)
    return found


def _lent_factor(quantity: Quantity) -> float | None:
    unit = re.search(rf"({UNIT})$", quantity.text, re.IGNORECASE)
    worth = find_worth(unit.group(1)) if unit else None
    if worth is None or worth.offset:
        return None
    return (
        worth.factor / 100 if quantity.kind == "proportion" and worth.factor == 1 else worth.factor
    )


def same_value(wanted: Quantity, given: Quantity) -> bool:
    """Whether two quantities are the same value of the same thing, whatever their units."""
    if {wanted.kind, given.kind} == {"rate", "amount"}:  # "a day" and "in 24 hours"
        rate, amount = (wanted, given) if wanted.kind == "rate" else (given, wanted)
        day = (
            amount.dimension == "[time]"
            and _close(amount.low, _DAY_S)
            and amount.low == amount.high
        )
        return day and _close(rate.low, 1 / 24) and rate.low == rate.high
    if wanted.kind == "count" and wanted.bare and given.kind in ("amount", "count", "pair"):
        return _first_number(wanted.text) == _first_number(given.text) and (
            wanted.low == wanted.high
        ) == (given.low == given.high or given.kind == "pair")
    ages = [
        q
        for q in (wanted, given)
        if q.dimension == "[time]" and re.match(r"age|between the age|between age", q.text)
    ]
    if ages and "count" in (wanted.kind, given.kind):
        return _first_number(wanted.text) == _first_number(given.text)
    if wanted.dimension != given.dimension or wanted.kind != given.kind:
        return False
    loose = wanted.dimension in ("[mass]", "[length]") and _is_rounded(wanted) != _is_rounded(given)
    return _close(wanted.low, given.low, loose) and _close(wanted.high, given.high, loose)


def _first_number(text: str) -> float | None:
    found = re.search(NUMBER, text, re.IGNORECASE)
    return read_number(found.group()) if found else None


def _is_rounded(quantity: Quantity) -> bool:
    return bool(
        re.search(
            r"(?:lbs?|pounds?|oz|ounces?|stone|inch(?:es)?|ft|feet|foot|miles?)$", quantity.text
        )
    )


def _close(a: float, b: float, loose: bool = False) -> bool:
    tolerance = _TOLERANCE_ROUNDED if loose else _TOLERANCE
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


_READERS = (
    (_BEATS, _build_beats),
    (_LABEL, _build_label),
    (_GESTATION, _build_gestation),
    (_PAIR, _build_pair),
    (_RATE, _build_rate),
    (_PROPORTION, _build_proportion),
    (_AMOUNT, _build_amount),
    (_A_PERIOD, _build_a_period),
)
