"""Find the numbers of a text with their units and comparisons, and tell whether two say the same.

"400 µg", "0.4 mg", "≥140/90 mmHg", "37+6 weeks", "1 in 200", "half an hour", "twice a day", "no more
than 4 g". Knows no meaning of the words around a number beyond its comparison.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from rag.checking.amounts import DAY_S, READERS, Quantity
from rag.checking.numbers import NUMBER, UNIT, read_number
from rag.checking.units import find_worth

_EXACT = 1e-6  # relative: conversions inside the metric system lose nothing
_SHARE = 0.011  # a third is 33%, two thirds 67%
_PRINTED_ROUNDED = 0.015  # relative: pounds, ounces and inches are printed rounded
_DEGREES = 0.06  # 101 °F is printed as 38.3 °C
_FAHRENHEIT = re.compile(r"F$|[Ff]ahrenheit$")
_IMPERIAL = re.compile(r"(?:lbs?|pounds?|oz|ounces?|stone|inch(?:es)?|ft|feet|foot|miles?)$")


def find_quantities(text: str) -> list[Quantity]:
    """Every number of a text, in order, none twice."""
    return list(_find_quantities(text))


@lru_cache(maxsize=4096)
def _find_quantities(text: str) -> tuple[Quantity, ...]:
    taken = [False] * (len(text) + 1)
    found: list[Quantity] = []
    for pattern, build in READERS:
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
    if quantity.dimension == "a minute":
        return 1.0
    unit = re.search(rf"({UNIT})$", quantity.text, re.IGNORECASE)
    worth = find_worth(unit.group(1)) if unit else None
    if worth is None or worth.offset:
        return None
    return (
        worth.factor / 100 if quantity.kind == "proportion" and worth.factor == 1 else worth.factor
    )


def same_value(wanted: Quantity, given: Quantity) -> bool:
    """Whether two quantities are the same value of the same thing, whatever their units."""
    if {wanted.kind, given.kind} == {"rate", "amount"}:
        return _is_daily(wanted) and _is_daily(given)
    if wanted.kind == "count" and wanted.bare and given.kind in ("amount", "count", "pair"):
        single = given.low == given.high or given.kind == "pair"
        return (
            _first_number(wanted) == _first_number(given) and (wanted.low == wanted.high) == single
        )
    if "count" in (wanted.kind, given.kind) and (_is_age(wanted) or _is_age(given)):
        return _first_number(wanted) == _first_number(given)
    if wanted.dimension != given.dimension or wanted.kind != given.kind:
        return False
    return _close(wanted, given, wanted.low, given.low) and _close(
        wanted, given, wanted.high, given.high
    )


def _is_daily(quantity: Quantity) -> bool:
    """ "a day" and "in 24 hours"."""
    if quantity.low != quantity.high:
        return False
    if quantity.kind == "rate":
        return abs(quantity.low * 24 - 1) < _EXACT
    return quantity.dimension == "[time]" and abs(quantity.low / DAY_S - 1) < _EXACT


def _is_age(quantity: Quantity) -> bool:
    return quantity.dimension == "[time]" and bool(
        re.match(r"age|between (?:the )?age", quantity.text)
    )


def _first_number(quantity: Quantity) -> float | None:
    found = re.search(NUMBER, quantity.text, re.IGNORECASE)
    return read_number(found.group()) if found else None


def _close(one: Quantity, other: Quantity, a: float, b: float) -> bool:
    """Equal, but for the rounding with which books print a conversion between two systems."""
    if one.dimension == "[temperature]":
        mixed = bool(_FAHRENHEIT.search(one.text)) != bool(_FAHRENHEIT.search(other.text))
        return abs(a - b) <= (_DEGREES if mixed else _EXACT * 100)
    if one.kind == "proportion" and any("third" in q.text for q in (one, other)):
        return abs(a - b) <= _SHARE
    imperial = bool(_IMPERIAL.search(one.text)) != bool(_IMPERIAL.search(other.text))
    return abs(a - b) <= (_PRINTED_ROUNDED if imperial else _EXACT) * max(abs(a), abs(b))
