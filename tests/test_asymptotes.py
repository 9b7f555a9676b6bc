"""Rests below any precision decide ties: tanhshrink at 2^24 and beyond."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.reference import loading
from actcheck.reference.asymptotes import split
from actcheck.reference.balls import ball
from actcheck.reference.binding import bind
from actcheck.reference.judging import judge
from actcheck.reference.sweeping import Sweep, block

SPEC = loading.find("tanhshrink")
BOUND = bind(SPEC, SPEC.default)


@pytest.mark.parametrize(("x", "constant", "sign"), [(2.0**24, -1, 1), (-(2.0**25), 1, -1), (40.0, -1, 1)])
def test_tanh_lacks_a_little_of_one(x: float, constant: int, sign: int) -> None:
    found = split(BOUND.pieces[0].value, ball(x))
    assert found is not None
    assert (found.constant, found.slope, found.sign) == (constant, 1, sign)


def test_near_zero_there_is_no_line() -> None:
    assert split(BOUND.pieces[0].value, ball(0.25)) is None


@pytest.mark.parametrize("positive", [True, False])
def test_a_tie_goes_to_the_side_of_the_rest(positive: bool) -> None:
    start = 0x4B800000  # 2^24: from here on x - 1 lies between two floats
    x = block(start + 1, 512, positive)
    for y, wrong in ((x, 0), ((x.astype(np.float64) - 2 * np.sign(x)).astype(np.float32), len(x))):
        sweep = Sweep(BOUND, "forward")
        sweep.judge(start + 1, x, y)
        assert sweep.verdict().not_correctly_rounded == wrong
        assert judge(SPEC, SPEC.default, "forward", x[:40], y[:40]).not_correctly_rounded == min(wrong, 40)
