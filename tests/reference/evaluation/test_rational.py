"""Values that are rational, though functions make them, are known to be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from actcheck.reference.answers.nearest import nearest
from actcheck.reference.evaluation.balls import prepared
from actcheck.reference.evaluation.rational import rational
from actcheck.reference.expressions.parsing import parse
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.pointwise import exact, judge_point
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind

X = frozenset({"x"})
#: Where a slope is a fraction whose denominator is no power of two.
FRACTIONS = [
    ("mish", "gradient", 0.0, Fraction(3, 5)),
    ("mish", "second_derivative", 0.0, Fraction(16, 25)),
    ("squareplus", "gradient", 1.5, Fraction(4, 5)),
    ("squareplus", "second_derivative", -1.5, Fraction(16, 125)),
]


@pytest.mark.parametrize(
    ("source", "x", "value"),
    [
        ("x/3 + 1", "2", "5/3"),
        ("sqrt(x**2 + 4)", "3/2", "5/2"),
        ("tanh(log(1 + exp(x)))", "0", "3/5"),
        ("tanh(-log(2)/2)", "0", "-1/3"),
        ("tanh(log(3/4) - log(3) + x)", "0", "-15/17"),
        ("exp(log(x)*2/3)", "27/8", "9/4"),
        ("sigmoid(log(x) + log(x))", "2", "4/5"),
        ("exp(2*log(x) - 2*log(9))*x", "3", "1/3"),
        ("x*exp(1)", "0", "0"),
        ("sqrt(x)", "2", None),
        ("exp(x)", "1", None),
        ("exp(log(2)/3)", "1", None),
        ("exp(log(2)*1e6)", "1", None),
        ("log(x)", "2", None),
        ("log(x)", "-1", None),
        ("1/x", "0", None),
    ],
)
def test_rational_values_are_known(source: str, x: str, value: str | None) -> None:
    found = rational(prepared(parse(source, X)), Fraction(x))
    assert found == (None if value is None else Fraction(value))


@pytest.mark.parametrize(("name", "quantity", "x", "value"), FRACTIONS)
def test_fractions_are_those_of_the_definitions(name: str, quantity: str, x: float, value: Fraction) -> None:
    spec = loading.find(name)
    ends = exact(bind(spec, spec.default), quantity, x)
    assert isinstance(ends, tuple)
    assert ends[0] <= value <= ends[1]


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize(("name", "quantity", "x", "value"), FRACTIONS)
def test_a_result_whole_units_off_a_fraction_is_judged(
    name: str, quantity: str, x: float, value: Fraction, dtype: str
) -> None:
    """Times a factor that makes the product a number of the format, whose neighbours are one unit off."""
    form, spec = FORMATS[dtype], loading.find(name)
    bound, upstream = bind(spec, spec.default), float(value.denominator)
    right = float(value.numerator)
    assert nearest(bound, quantity, form, x, upstream) == right
    for steps in range(-2, 3):
        y = float(form.values(form.keys(np.array([right], form.dtype)) + steps)[0])
        point = judge_point(bound, quantity, form, x, y, upstream)
        off = float(abs(Fraction(y) - Fraction(right)) / Fraction(2) ** form.ulp_exponent(Fraction(right)))
        assert point.error == pytest.approx((off, off), rel=1e-15)
        assert point.error[0] <= off <= point.error[1]
        assert point.faithful == (off < 1)
        assert point.correctly_rounded == (steps == 0)
