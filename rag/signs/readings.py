# ruff: noqa: E501  (a pattern is read whole)
"""Numbers that mean something at the bedside: temperature, blood pressure, sugar, oxygen, pulse.

Found in a normalised line (rag/signs/wording.py), with units brought to one scale. Knows no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# 1 mmol/L of glucose is 18.0 mg/dL (molar mass 180.16 g/mol).
MG_PER_MMOL = 18.0

_TEMPERATURE = re.compile(
    r" (\d{2,3}(?:\.\d+)?)(?: (?:°|degrees?|deg))?(?: (c|f|celsius|fahrenheit|centigrade))?(?= )"
)
_HOT_WORDS = re.compile(
    r" (?:temperature|fever\w*|thermometer|°|degrees?|feverish|celsius|fahrenheit|hot|burning)(?= )"
)
_OF_A_BODY = re.compile(
    r"^(?!.* (?:room|nursery|bedroom|outside|weather|bath|water|pool|bottle|milk|formula|oven|car|house)(?= )).* (?:temperature|thermometer)(?= )"
)
_PRESSURE = re.compile(r" (\d{2,3})/(\d{2,3})(?= )")
_SUGAR = re.compile(
    r" (?:bloodsugar|sugars?|glucose|fasting|bm|after (?:dinner|lunch|breakfast|meals?|eating))(?: \S+){0,5}? (\d{1,3}(?:\.\d)?)(?: (mmol|mg|mgdl))?(?= )"
    r"| (\d{1,3}(?:\.\d)?) (mmol|mgdl|mg(?= dl))(?= )"
)
_OXYGEN = re.compile(r" (?:oxygen|o2|sats?|spo2|saturation|oximeter)(?: \S+){0,4}? (\d{2})(?= )")
_PULSE = re.compile(
    r" (?:pulse|heart rate|heart(?: \S+){0,3}? (?:at|is)|bpm|hr)(?: \S+){0,3}? (\d{2,3})(?= )| (\d{2,3}) (?:bpm|beats)(?= )"
)
_NOT_MINE = re.compile(r" (?:baby|fetal|doppler|scan|his|pounds?|lbs?|kg|weigh\w*)(?= )")


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value and where it stands in the line; `second` is the diastolic pressure."""

    kind: (
        str  # "temperature" °C | "pressure" mmHg | "sugar" mmol/L | "oxygen" % | "pulse" per minute
    )
    value: float
    start: int
    end: int
    second: float = 0.0


def find_readings(line: str) -> list[Reading]:
    """Every reading of the line."""
    return [*_temperatures(line), *_pressures(line), *_others(line)]


def _temperatures(line: str) -> Iterator[Reading]:
    for found in _TEMPERATURE.finditer(line):
        number, unit = float(found[1]), found[2] or ""
        around = line[max(0, found.start() - 60) : found.end() + 40]
        lowest = (
            32 if _OF_A_BODY.search(f" {around} ") else 35
        )  # °C: colder is the weather or a bath
        if lowest <= number <= 43 and unit[:1] != "f":
            celsius = number
        elif round(lowest * 1.8 + 31) <= number <= 109 and unit[:1] != "c":
            celsius = (number - 32) / 1.8
        else:
            continue
        is_decimal = "." in found[1] and 37.5 <= number <= 42
        if unit or is_decimal or _HOT_WORDS.search(f" {around} "):
            if re.match(
                r" (?:weeks?|days?|months?|\+|hours?|years?|minutes?|kg|w)(?= )",
                line[found.end() :],
            ):
                continue
            yield Reading("temperature", round(celsius, 1), found.start() + 1, found.end())


def _pressures(line: str) -> Iterator[Reading]:
    for found in _PRESSURE.finditer(line):
        upper, lower = int(found[1]), int(found[2])
        if not (70 <= upper <= 260 and 35 <= lower <= 160 and upper > lower + 10):
            continue
        if re.search(
            r"(?:pounds?|lbs?|kg|weigh\w*|bmi)", line[max(0, found.start() - 25) : found.end() + 15]
        ):
            continue
        yield Reading("pressure", upper, found.start() + 1, found.end(), lower)


def _others(line: str) -> Iterator[Reading]:
    for found in _SUGAR.finditer(line):
        number, unit = float(found[1] or found[3]), found[2] or found[4] or ""
        mmol = number / MG_PER_MMOL if unit.startswith("mg") or number > 35 else number
        if 0.5 <= mmol <= 40 and not re.match(
            r" (?:weeks?|days?|tablets?|hours?)", line[found.end() :]
        ):
            yield Reading("sugar", round(mmol, 1), found.start() + 1, found.end())
    for found in _OXYGEN.finditer(line):
        if 50 <= int(found[1]) <= 100:
            yield Reading("oxygen", int(found[1]), found.start() + 1, found.end())
    for found in _PULSE.finditer(line):
        if not _NOT_MINE.search(f" {line[max(0, found.start() - 15) : found.end() + 20]} "):
            yield Reading("pulse", int(found[1] or found[2]), found.start() + 1, found.end())
