"""Numbers are found with their units and comparisons, and two say the same whatever their units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checking.quantities import find_quantities, same_value


def _say_the_same(one: str, other: str) -> bool:
    """Whether two phrases hold as many numbers, each the same and bounded alike."""
    here, there = find_quantities(one), find_quantities(other)
    return len(here) == len(there) > 0 and all(
        same_value(a, b) and a.direction == b.direction for a, b in zip(here, there, strict=True)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("400 µg", "400 micrograms"),
        ("400 mcg", "0.4 mg"),
        ("400–800 µg", "0.4 to 0.8 mg"),
        ("1 g", "1000 mg"),
        ("1.5 litres", "1500 ml"),
        ("≥140/90 mmHg", "at least 140/90"),
        ("140/90 mmHg or higher", "140/90 mmHg or more"),
        ("37+6 weeks", "37 + 6 weeks"),
        ("between 24+0 and 34+0 weeks", "24+0 to 34+0 weeks"),
        ("28 days", "four weeks"),
        ("half an hour", "30 minutes"),
        ("two and a half hours", "150 minutes"),
        ("1 in 200", "0.5%"),
        ("8 in 10 women", "80 per cent of women"),
        ("half of women", "50% of women"),
        ("twice a day", "two times daily"),
        ("once weekly", "every week"),
        ("three times a day", "every 8 hours"),
        ("38 °C", "100.4 °F"),
        ("no more than 4 g", "at most 4 g"),
        ("do not take more than 4 g", "up to 4 g"),
        ("fewer than 5 in 100", "less than 5%"),
        ("2,500 metres", "2.5 km"),
        ("150 x 10^9/L", "150 × 10^9/L"),
        ("110 beats per minute", "110 beats a minute"),
        ("37 completed weeks", "37 weeks"),
        ("a litre or more", "at least 1000 ml"),
        ("until week 12", "until 12 weeks"),
        ("aged 25 to 49", "between the ages of 25 and 49"),
        ("500 IU", "500 units"),
    ],
)
def test_the_same_amount_in_other_words(one: str, other: str) -> None:
    assert _say_the_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("400 µg", "400 mg"),
        ("400 µg", "500 µg"),
        ("at least 30 minutes", "at most 30 minutes"),
        ("above 30 kg/m2", "below 30 kg/m2"),
        ("before 12 weeks", "after 12 weeks"),
        ("within 72 hours", "within 72 days"),
        ("once a day", "once a week"),
        ("140/90 mmHg", "140/100 mmHg"),
        ("24 to 28 weeks", "24 to 38 weeks"),
        ("1 in 10", "1 in 100"),
        ("38 °C", "38 °F"),
        ("5.6 mmol/L", "5.6 mg/dL"),
        ("more than 8 hours", "less than 8 hours"),
        ("type 1 diabetes", "type 2 diabetes"),
        ("six weeks", "six months"),
    ],
)
def test_a_changed_number_unit_or_comparison_is_another(one: str, other: str) -> None:
    assert not _say_the_same(one, other)


@pytest.mark.parametrize(
    "text", ["COVID-19", "vitamin B12", "omega-3", "one of them", "no one", "H1N1"]
)
def test_names_and_pronouns_are_no_numbers(text: str) -> None:
    assert find_quantities(text) == []


def test_a_bare_number_takes_the_unit_of_the_next() -> None:
    first, second = find_quantities("at 28 and 34 weeks")
    assert first.dimension == second.dimension == "[time]"


@given(st.integers(1, 9999))
def test_milligrams_and_micrograms_agree_for_any_number(n: int) -> None:
    assert _say_the_same(f"{n} mg", f"{n * 1000} micrograms")
    assert not _say_the_same(f"{n} mg", f"{n + 1} mg")


@given(st.text(alphabet="0123456789 .,-–+/%≥<µgmlwekstoadyinhalf½", max_size=40))
def test_any_text_is_read_without_failing_and_spans_lie_inside(text: str) -> None:
    for quantity in find_quantities(text):
        assert 0 <= quantity.start < quantity.end <= len(text)
        assert quantity.kind == "pair" or quantity.low == quantity.low  # not NaN
