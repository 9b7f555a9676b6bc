"""Bounds hold the exact value, are narrow, and say nothing that is not so at special inputs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import actcheck
from actcheck.reference.evaluation import mp
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind


@pytest.mark.parametrize("name", ["gelu", "softplus", "tanhshrink"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_bounds_hold_what_mpmath_says(name: str, dtype: str) -> None:
    spec = loading.find(name)
    bound = bind(spec, spec.default)
    x = np.random.default_rng(1).normal(0, 3, 200).astype(dtype)
    for quantity in ("forward", "gradient"):
        lower, upper = actcheck.enclosure(name, x, quantity)
        for at, low, high in zip(x.tolist(), lower.tolist(), upper.tolist(), strict=True):
            value = mp.to_fraction(bound.exact(quantity, Fraction(at)))
            assert Fraction(low) <= value <= Fraction(high)
            assert high - low <= 2.0**-44 * max(abs(high), 2.0**-126)


def test_an_exact_number_has_equal_bounds() -> None:
    lower, upper = actcheck.enclosure("relu", np.array([-3.0, 0.0, 2.5], np.float32))
    assert lower.tolist() == upper.tolist() == [0, 0, 2.5]


def test_a_kink_has_all_that_is_right() -> None:
    lower, upper = actcheck.enclosure("relu", np.zeros(1, np.float32), "gradient")
    assert (lower[0], upper[0]) == (0, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_and_infinities(dtype: Any) -> None:
    lower, upper = actcheck.enclosure("gelu", np.array([np.nan, np.inf, -np.inf], dtype))
    assert np.isnan([lower[0], upper[0]]).all()
    assert lower[1:].tolist() == upper[1:].tolist() == [np.inf, 0]


def test_bounds_of_a_product() -> None:
    x = np.array([3.0, -2.0, 0.25, 1.5], np.float32)
    lower, upper = actcheck.enclosure("glu", x)
    spec = loading.find("sigmoid")
    for at, (a, b) in enumerate([(3.0, 0.25), (-2.0, 1.5)]):
        value = mp.to_fraction(bind(spec, spec.default).exact("forward", Fraction(b))) * Fraction(a)
        assert Fraction(lower[at]) <= value <= Fraction(upper[at])


def test_the_largest_numbers_have_no_finite_bound_beyond_the_format() -> None:
    largest = FORMATS["float32"].largest
    lower, upper = actcheck.enclosure("elu", np.array([largest], np.float32))
    assert lower[0] <= largest <= upper[0]
