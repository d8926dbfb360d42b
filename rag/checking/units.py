"""Units as books print them, and what each is worth; pint does the algebra.

Knows numbers' units only: no sentence, no passage. Temperatures become °C, everything else the base unit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import pint

# Printed form → pint expression. One line a dimension; longer forms first is not needed, the
# grammar sorts them. "unit" covers IU, insulin units and units of alcohol: books write all three so.
_PRINTED = {
    "mg": "mg milligram milligrams milligramme milligrammes",
    "microgram": "µg μg ug mcg microgram micrograms microgramme microgrammes",
    "ng": "ng nanogram nanograms",
    "gram": "g gram grams gramme grammes gm",
    "kg": "kg kilo kilos kilogram kilograms kgs",
    "pound": "lb lbs pound pounds",
    "ounce": "oz ounce ounces",
    "stone": "stone",
    "ml": "ml mL millilitre millilitres milliliter milliliters cc",
    "dl": "dl dL decilitre decilitres",
    "liter": "l L litre litres liter liters",
    "pint": "pint pints",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "meter": "m metre metres meter meters",
    "km": "km kilometre kilometres kilometer kilometers",
    "inch": "inch inches",
    "foot": "ft foot feet",
    "mile": "mile miles",
    "second": "sec secs seconds",
    "minute": "min mins minute minutes",
    "hour": "h hr hrs hour hours",
    "day": "day days",
    "week": "wk wks week weeks",
    "month": "month months mth mths",
    "year": "yr yrs year years",
    "fortnight": "fortnight fortnights",
    "mmHg": "mmHg mm_Hg",
    "degC": "°C ºC degrees_Celsius degrees_C deg_C celsius",
    "degF": "°F ºF degrees_Fahrenheit degrees_F deg_F fahrenheit",
    "kcal": "kcal calories kilocalories Calories",
    "kJ": "kJ kilojoules",
    "IU": "IU iu units unit U international_units",
    "mmol/liter": "mmol/l mmol/L mmol/litre mmol/liter millimol/L",
    "micromol/liter": "µmol/L μmol/L umol/L micromol/L micromol/l micromol/litre",
    "mg/dl": "mg/dl mg/dL",
    "gram/liter": "g/L g/l g/litre",
    "gram/dl": "g/dl g/dL",
    "mg/liter": "mg/L mg/l",
    "mg/ml": "mg/ml mg/mL",
    "microgram/liter": "µg/L μg/L mcg/L micrograms/L",
    "ng/ml": "ng/ml ng/mL",
    "IU/liter": "IU/L iu/l U/L units/L",
    "IU/ml": "IU/ml IU/mL",
    "kg/meter**2": "kg/m2 kg/m² kg/m^2",
    "mg/kg": "mg/kg",
    "ml/kg": "ml/kg mL/kg",
    "ml/hour": "ml/h ml/hour",
    "1e9/liter": "x_10^9/L ×_10^9/L ×10^9/L x10^9/L 10^9/L × 10⁹/L ×10⁹/L",
    "1/minute": "bpm beats_per_minute beats_a_minute beats/min breaths_per_minute breaths_a_minute breaths/min",
    "percent": "% percent per_cent per_cents",
    "mmol/mol": "mmol/mol",
}
_EXPRESSIONS = {
    form.replace("_", " "): expression
    for expression, forms in _PRINTED.items()
    for form in forms.split()
}
_SMALL_LETTERS = {form.lower(): expression for form, expression in _EXPRESSIONS.items()}
PRINTED_UNITS = tuple(sorted(_EXPRESSIONS, key=len, reverse=True))


class Worth(NamedTuple):
    """What one printed unit is worth: `value * factor + offset` in the base unit of `dimension`."""

    dimension: str
    factor: float
    offset: float = 0.0


@lru_cache(maxsize=1)
def _load_registry() -> pint.UnitRegistry[float]:
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=None)
    registry.define("IU = [biological_activity]")
    return registry


@lru_cache(maxsize=256)
def find_worth(printed: str) -> Worth | None:
    """The worth of a unit as printed; None for a word that is no unit."""
    if printed in ("degree", "degrees", "°"):
        return Worth("[temperature]", 1.0)
    text = " ".join(printed.split())
    expression = _EXPRESSIONS.get(text) or _SMALL_LETTERS.get(text.lower())
    if expression is None:
        return None
    if expression == "degC":
        return Worth("[temperature]", 1.0)
    if expression == "degF":  # °C = (°F − 32) · 5/9
        return Worth("[temperature]", 5 / 9, -160 / 9)
    base: Any = _load_registry().Quantity(expression).to_base_units()
    return Worth(str(base.dimensionality), float(base.magnitude))
