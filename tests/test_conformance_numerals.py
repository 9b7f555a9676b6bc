"""Numbers in messages."""

from __future__ import annotations

import math

import pytest

from actcheck.conformance import numerals
from actcheck.reference.formats import FORMATS


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
        "3.14",
        "742",
        "1.2e+04",
        "8.0e+15",
    ]


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
