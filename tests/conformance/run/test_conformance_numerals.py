"""Numbers in messages."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcheck.conformance import numerals
from actcheck.conformance.report import page_numbers
from actcheck.conformance.run import summary
from actcheck.reference.formats import FORMATS

LARGEST = sys.float_info.max


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.75, "0x1.8p-1 (0.75)"),
        (-0.0, "-0x0p+0 (-0)"),
        (1 / 3, "0x1.5555555555555p-2 (0.333333333)"),
        (2.0**-1074, "0x0.0000000000001p-1022 (4.94065646e-324)"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_both(value: float, text: str) -> None:
    assert numerals.both(value) == text
    if math.isfinite(value):
        assert float.fromhex(text.split(maxsplit=1)[0]) == value


def test_ulp() -> None:
    assert [numerals.ulp(e) for e in (0.5, 3.14159, 742.4, 12345.0, 8e15)] == [
        "0.5",
        "3.15",
        "743",
        "1.3e+04",
        "8.0e+15",
    ]


@pytest.mark.parametrize(
    ("value", "told", "interval", "short", "longer"),
    [
        (9 / 7, "1.29", "between 1.28571428 and 1.28571429", "1.29", "1.29"),
        (0.5, "0.5", "between 0.5 and 0.5", "0.50", "0.50"),
        (1 / 3, "0.334", "between 0.333333333 and 0.333333334", "0.34", "0.34"),
        (3.5155, "3.52", "between 3.51549999 and 3.5155", "3.52", "3.52"),
        (math.inf, "inf", "between inf and inf", "inf", "∞"),
        (0.0, "0", "between 0 and 0", "0.00", "0"),
        (0.9999, "1", "between 0.9999 and 0.999900001", "1.00", "0.99+"),
        (9.991, "10", "between 9.99099999 and 9.991", "10.0", "10.00"),
        (99.91, "100", "between 99.9099999 and 99.91", "100", "100.0"),
        (742.4, "743", "between 742.399999 and 742.4", "743", "743"),
        (9991.0, "1.0e+04", "between 9991 and 9991", "9991", "9,991"),
        (123456.0, "1.3e+05", "between 123456 and 123456", "2e5", "1.3e5"),
        (2.0**1000, "1.1e+301", "between 1.0715086e+301 and 1.07150861e+301", "2e301", "1.1e301"),
        (LARGEST, "1.8e+308", "between 1.79769313e+308 and 1.79769314e+308", "2e308", "1.8e308"),
    ],
)
def test_what_stands_for_a_maximum_is_rounded_outwards(
    value: float, told: str, interval: str, short: str, longer: str
) -> None:
    assert numerals.ulp(value) == told
    assert numerals.enclosure(value, value) == interval
    assert summary.short(value) == short
    assert page_numbers.ulp(value) == page_numbers.interval((value, value)) == longer


@given(st.floats(min_value=0, allow_infinity=False), st.integers(1, 15))
def test_decimals_enclose_what_they_stand_for(value: float, digits: int) -> None:
    low, high = Fraction(numerals.below(value, digits)), numerals.above(value, digits)
    assert low <= value
    assert Fraction(high) >= value
    assert (numerals.below(value, digits) == high) == (Fraction(f"{value:.{digits}g}") == value)


@given(st.tuples(st.floats(0.005, LARGEST), st.floats(0.005, LARGEST)).map(sorted))
def test_intervals_of_the_page_enclose_what_they_stand_for(ends: list[float]) -> None:
    words = page_numbers.interval((ends[0], ends[1])).replace(",", "").replace("0.99+", "1").split(" to ")
    assert Fraction(words[-1]) >= ends[1]
    assert len(words) == 1 or Fraction(words[0]) <= ends[0]


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([(1.0, 1.0)], "1"),
        ([(-0.0, 0.0)], "[-0, 0]"),
        ([(-math.inf, -6.5), (3.0, 4.0)], "[-inf, -6.5], [3, 4]"),
        ([(math.nan, math.nan)], "nan"),
        ([(float(i), float(i)) for i in range(5)], "0, 1, 2 and 2 ranges more"),
    ],
)
def test_ranges(pairs: list[tuple[float, float]], text: str) -> None:
    assert numerals.ranges(pairs) == text


def test_runs_of_keys_part_numbers_from_nan() -> None:
    form = FORMATS["float16"]
    below, above = -form.infinity_key - 5, form.infinity_key + 9
    assert numerals.spans(form, [(form.key(-1.0), form.key(2.0))]) == ((-1.0, 2.0),)
    (numbers, nan) = numerals.spans(form, [(below, form.key(-6.0))])
    assert numbers == (-math.inf, -6.0)
    assert math.isnan(nan[0])
    (nan,) = numerals.spans(form, [(form.infinity_key + 1, above)])
    assert math.isnan(nan[0])


def test_count() -> None:
    assert (numerals.count(1, "input"), numerals.count(65536, "input")) == ("1 input", "65,536 inputs")
