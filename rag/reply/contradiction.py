"""Whether two numbers are of one sort and can't both hold: "200 mg" and "300 mg", "at 12" and "by 10 weeks".

Knows the words right beside a number, no statement. Used by rag/reply/differences.py.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf

from rag.checking.amounts import DAY_S, Quantity
from rag.checking.quantities import same_value

_YEAR_S = 365.25 * DAY_S
# Set on the tuning half of tests/gold/differences.jsonl:
_NEAR = 0.02  # relative: values this close are one value, rounded
_NEAR_DEGREES = 0.15  # °C: 100.4 °F and 38 °C
_NEAR_DAYS = 3  # "11 weeks" and "11+2 weeks"
_FARTHEST = 4.0  # times: numbers further apart are of different things
_OTHER_UNIT = 1.25  # times: "12 weeks" and "3 months" are one value

_AGE = re.compile(r"\b(?:age[ds]?|old|older|younger)\b", re.IGNORECASE)
_AGE_REACH = 12  # characters before and after a number in which "age" makes it one
_TIMES = ("second", "minute", "hour", "day", "week", "month", "year")
_TIME = re.compile(rf"({'|'.join(_TIMES)})s?\b", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"\b(?:about|around|approximately|roughly|usually|some|nearly|almost)\s*$", re.IGNORECASE
)
_ROUGH = 0.1  # relative: what "about" lets pass
_ROUGH_REACH = 20  # characters before a number
_START = re.compile(r"\b(?:from|starting at)(?: the| week| age)*\s*$", re.IGNORECASE)


def contradict(one: Quantity, here: str, two: Quantity, there: str) -> bool:
    """Whether `one` of text `here` and `two` of text `there` are of one sort and not both true."""
    first, second = _as_said(one, here), _as_said(two, there)
    if not _are_of_a_sort(first, second) or state(one, two):
        return False
    rough = _is_rough(one, here) or _is_rough(two, there)
    return not _agree(first, second, _ROUGH if rough else _NEAR)


def state(one: Quantity, two: Quantity) -> bool:
    """Whether the two name the same value, whatever their bounds."""
    return same_value(one, two) or (
        (one.kind, one.dimension) == (two.kind, two.dimension)
        and _close(one.low, two.low, one, two, _NEAR)
        and _close(one.high, two.high, one, two, _NEAR)
    )


def is_age(quantity: Quantity, text: str) -> bool:
    """Whether a number of the text is somebody's age."""
    start, end = max(0, quantity.start - _AGE_REACH), quantity.end + _AGE_REACH
    return _is_time(quantity) and bool(_AGE.search(text[start:end]))


def _as_said(quantity: Quantity, text: str) -> Quantity:
    """An age as years, whatever it was read as; what begins at a time begins there."""
    if quantity.dimension == "" and _AGE.search(quantity.text):
        low, high = quantity.low * _YEAR_S, quantity.high * _YEAR_S
        quantity = replace(quantity, kind="amount", dimension="[time]", low=low, high=high)
    if is_age(quantity, text):
        quantity = replace(quantity, dimension="age")
    if _is_time(quantity) and _START.search(text[: quantity.start]):
        return replace(quantity, direction="none", text=f"from {quantity.text}")
    return quantity


def _is_time(quantity: Quantity) -> bool:
    return quantity.dimension in ("[time]", "age") or bool(_AGE.search(quantity.text))


def _is_rough(quantity: Quantity, text: str) -> bool:
    return bool(_ROUGHLY.search(text[max(0, quantity.start - _ROUGH_REACH) : quantity.start]))


def _are_of_a_sort(one: Quantity, two: Quantity) -> bool:
    if one.kind != two.kind or one.dimension != two.dimension or one.kind == "label":
        return False
    if one.kind == "count" and (one.bare or two.bare):
        return False
    low, high = sorted((_middle(one), _middle(two)))
    if low <= 0 or high / low > _FARTHEST:
        return False
    return one.dimension != "[time]" or _units_allow(one, two, high / low)


def _units_allow(one: Quantity, two: Quantity, ratio: float) -> bool:
    """Weeks beside weeks; beside months or days only when they are clearly apart."""
    units = [_TIMES.index(m[-1].lower()) for q in (one, two) if (m := _TIME.findall(q.text))]
    if len(units) < 2 or units[0] == units[1]:
        return True
    return abs(units[0] - units[1]) == 1 and ratio > _OTHER_UNIT


def _agree(one: Quantity, two: Quantity, near: float) -> bool:
    """Whether both can hold: the same bound, or a number inside the other's."""
    if one.kind == "pair":
        return False  # `state` has seen them equal
    bounds = {one.direction, two.direction} - {"none"}
    if len(bounds) == 2:
        return True  # "at least 1 g" and "no more than 2 g" are not about the same limit
    if one.direction == two.direction != "none":
        return _close(one.low, two.low, one, two, near)
    if one.dimension == "age" and _are_bands(one, two):
        return True
    inner, outer = (two, one) if one.direction != "none" or _is_range(one) else (one, two)
    if _is_range(inner):  # a range beside a range, a bound or a beginning
        ends = {"up": (True, False), "down": (False, True)}.get(outer.direction, (True, True))
        return (not ends[0] or _close(one.low, two.low, one, two, near)) and (
            not ends[1] or _close(one.high, two.high, one, two, near)
        )
    if outer.text.startswith("from ") or inner.text.startswith("from "):
        return _close(one.low, two.low, one, two, near)
    air = near * abs(_middle(outer))
    low = -inf if outer.direction == "down" else outer.low - air
    high = inf if outer.direction == "up" else outer.high + air
    return low <= inner.low <= high


def _are_bands(one: Quantity, two: Quantity) -> bool:
    """Two ranges of ages without an age in common: two groups of people."""
    return _is_range(one) and _is_range(two) and (one.high <= two.low or two.high <= one.low)


def _is_range(quantity: Quantity) -> bool:
    return quantity.high > quantity.low


def _close(a: float, b: float, one: Quantity, two: Quantity, near: float) -> bool:
    """Whether the ends `a` of one quantity and `b` of the other are the same, but for rounding."""
    if one.dimension == "[temperature]":
        return abs(a - b) <= _NEAR_DEGREES
    if one.dimension == "[time]" and ("+" in one.text) != ("+" in two.text):
        return abs(a - b) <= _NEAR_DAYS * DAY_S  # one of them is told to the day
    return abs(a - b) <= near * max(abs(a), abs(b))


def _middle(quantity: Quantity) -> float:
    return (quantity.low + quantity.high) / 2
