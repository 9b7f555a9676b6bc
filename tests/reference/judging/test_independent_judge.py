"""The second judge is itself right: its values and its counts, against numbers worked out apart."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from actcheck.reference.evaluation import mp
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.verdict import EDGES
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.independent.judging import judge
from tests.support.independent.planting import planted
from tests.support.independent.questions import exactly
from tests.support.independent.runs import PLACES, SIZE, elementwise
from tests.support.spec_formulas import formula

FORM = FORMATS["float32"]
#: Enough for x - tanh(x) at 2^-149 and for exp(-1000): beyond, the values are checked for their side alone.
BITS = 4000


def some_inputs(seed: int, count: int) -> np.ndarray:
    """Floats of every size and sign, moderate ones more often."""
    chance = random.Random(seed)
    patterns = [
        chance.choice([chance.randrange(0x7F800000), chance.randrange(0x3B000000, 0x44800000)])
        for _ in range(count)
    ]
    x = np.array(patterns, np.int32).view(np.float32).astype(np.float64)
    return x * np.array([chance.choice([-1.0, 1.0]) for _ in range(count)])


@pytest.mark.parametrize("spec", elementwise(), ids=lambda spec: spec.id)
def test_its_values_are_those_of_formulas_written_by_hand(spec: loading.Spec) -> None:
    for number, variant in enumerate(spec.variants):
        x = np.append(some_inputs(number, 60), [0.0, 2.0**-149, -(2.0**-149)])
        values = exactly(bind(spec, variant), "forward", x).values
        with mpmath.workprec(BITS):
            f = formula(spec.id, variant.parameters)
            for k, point in enumerate(x.tolist()):
                if abs(point) > 1000:
                    continue
                exact, main = f(mpmath.mpf(point)), float(values.main[k])
                if abs(exact) > 2.0**200:
                    assert abs(main) == 2.0**200
                    continue
                rest = exact - main
                blur = mpmath.ldexp(max(abs(exact), 1), 64 - BITS)
                assert values.low[k] - blur <= rest <= values.high[k] + blur or abs(rest) < 2.0**-1000
                if abs(rest) > blur:
                    assert mpmath.sign(rest) == np.sign(values.low[k]) == np.sign(values.high[k])


@pytest.mark.parametrize("quantity", ["gradient", "second_derivative"])
@pytest.mark.parametrize("spec", elementwise(), ids=lambda spec: spec.id)
def test_its_derivatives_are_those_by_rules_on_the_tree(spec: loading.Spec, quantity: str) -> None:
    for number, variant in enumerate(spec.variants):
        bound, x = bind(spec, variant), some_inputs(number + 100, 25)
        exact = exactly(bound, quantity, x)
        for k, point in enumerate(x.tolist()):
            if k in exact.kinks:
                continue
            value = mp.to_fraction(bound.exact(quantity, Fraction(point)))
            if abs(value) < 2.0**-280 or abs(value) > 2.0**200:
                assert abs(exact.values.main[k]) in (0, 2.0**200) or abs(exact.values.main[k]) < 2.0**-279
                continue
            apart = abs(value - Fraction(float(exact.values.main[k])))
            assert apart <= abs(value) * Fraction(1, 2**52), (variant.label, point)


def judged_by_fractions(value: Fraction, y: float) -> tuple[bool, bool, int]:
    """Correctly rounded, faithful, and the bin of the error, in plain rationals."""
    error = abs(Fraction(y) - value) / Fraction(2) ** FORM.ulp_exponent(abs(value))
    return y == FORM.rounded(value), error < 1, sum(error > edge for edge in EDGES)


@pytest.mark.parametrize(
    "plant", ["correct", "one up", "one down", "a few off", "the other way", "beside a power of two"]
)
@pytest.mark.parametrize(
    ("name", "quantity"), [("hardswish", "forward"), ("softsign", "gradient"), ("hardsigmoid", "forward")]
)
def test_its_counts_are_those_of_plain_rationals(name: str, quantity: str, plant: str) -> None:
    spec = loading.find(name)
    bound = bind(spec, spec.default)
    x = np.unique(np.clip(some_inputs(7, 300), -1e30, 1e30)).astype(np.float32)
    exact = exactly(bound, quantity, x.astype(np.float64))
    y = planted(plant, exact, FORM, 1)
    found = judge(exact, FORM, x, y)
    for k in range(len(x)):
        value = bound.exact(quantity, Fraction(float(x[k])))
        assert isinstance(value, Fraction)
        wanted = judged_by_fractions(value, float(y[k]))
        assert (found.correct[k], found.faithful[k], found.bins[k]) == wanted, (x[k], y[k])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "name", ["tanh", "gelu", "silu", "mish", "elu", "logsigmoid", "softplus", "tanhshrink"]
)
def test_what_it_takes_for_rounded_is_rounded(name: str, place: str) -> None:
    """Planting and judging round in different ways, which agree; the other neighbours are never right."""
    spec = loading.find(name)
    start = PLACES[place] + (SIZE // 2 if place not in ("zero", "largest") else 0)
    x = np.arange(start, start + 64, dtype=np.int32).view(np.float32)
    for signed, quantity in ((x, "forward"), (-x, "forward"), (x, "gradient"), (-x, "second_derivative")):
        exact = exactly(bind(spec, spec.default), quantity, signed.astype(np.float64))
        assert judge(exact, FORM, signed, planted("correct", exact, FORM, 0)).correct.all()
        for plant in ("one up", "one down"):
            y = planted(plant, exact, FORM, 0)
            right = judge(exact, FORM, signed, y).correct
            # One pattern from -0 is +0, which is as right; at a kink much is.
            plain = np.array([k not in exact.kinks for k in range(len(x))])
            assert not right[plain & (np.asarray(y) != 0)].any()
