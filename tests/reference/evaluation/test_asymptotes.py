"""Rests below any precision decide ties: tanhshrink at 2^24 and beyond."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.reference.evaluation.asymptotes import split
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.pointwise import judge_point
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS, bind
from actcheck.reference.sweeping.host import Sweep, block

SPEC = loading.find("tanhshrink")
BOUND = bind(SPEC, SPEC.default)


@pytest.mark.parametrize(("x", "constant", "sign"), [(2.0**24, -1, 1), (-(2.0**25), 1, -1), (40.0, -1, 1)])
def test_tanh_lacks_a_little_of_one(x: float, constant: int, sign: int) -> None:
    found = split(BOUND.pieces[0].value, x, x)
    assert found is not None
    assert (found.constant, found.slope, found.sign) == (constant, 1, sign)


@pytest.mark.parametrize("name", ["elu", "gelu", "silu", "mish", "softplus", "logsigmoid", "sigmoid", "tanh"])
@pytest.mark.parametrize("quantity", ["forward", "gradient"])
def test_the_sign_of_a_tail_is_known_at_the_ends_of_the_line(name: str, quantity: str) -> None:
    """The smallest number lies less than a unit from a value of its sign, more than one from one of the
    other."""
    spec = loading.find(name)
    for x in (-3e38, -1e30, -1e5, 1e5, 1e30, 3e38):
        errors = [
            judge_point(bind(spec, spec.default), quantity, FORMATS["float32"], x, y).error[0]
            for y in (2.0**-149, -(2.0**-149))
        ]
        assert max(errors) >= 1.0


def test_near_zero_nothing_but_the_rest_is_left() -> None:
    found = split(BOUND.pieces[0].value, -(2.0**-40), -(2.0**-60))
    assert found is None or not found.size < 2.0**-100


@pytest.mark.parametrize("positive", [True, False])
def test_a_tie_goes_to_the_side_of_the_rest(positive: bool) -> None:
    start = 0x4B800000  # 2^24: from here on x - 1 lies between two floats
    x = block(start + 1, 512, positive)
    for y, wrong in ((x, 0), ((x.astype(np.float64) - 2 * np.sign(x)).astype(np.float32), len(x))):
        sweep = Sweep(BOUND, "forward")
        sweep.judge(start + 1, x, y)
        assert sweep.verdict().not_correctly_rounded == wrong
        points = Points.of(BOUND, "forward", FORMATS["float32"], x[:40], y[:40])
        assert points.verdict().not_correctly_rounded == min(wrong, 40)


@pytest.mark.parametrize("activation", [spec.id for spec in loading.load_all().values() if spec.elementwise])
def test_the_largest_numbers_are_judged(activation: str) -> None:
    # gelu's approximation has x^3 in an exponential: 3,072 bits before the point.
    spec, form = loading.find(activation), FORMATS["float64"]
    for variant in spec.variants:
        bound = bind(spec, variant)
        for quantity in ORDERS:
            for x in (sign * size for sign in (1.0, -1.0) for size in (form.largest, 1e200, 1e103)):
                assert judge_point(bound, quantity, form, x, 0.5).error[1] >= 0
