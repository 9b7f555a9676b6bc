"""Sums of products by binary64 are those of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.sums.products import summed

SCALES = {"ordinary": 1.0, "small": 2.0**-120, "large": 2.0**100, "tiny": 2.0**-1000}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("form", FORMATS)
def test_a_sum_is_the_exact_one_rounded_with_what_that_leaves(form: str, scale: str) -> None:
    random = np.random.default_rng([len(form), len(scale)])
    with np.errstate(over="ignore", under="ignore"):
        a, b = ((random.normal(size=400) * SCALES[scale]).astype(FORMATS[form].dtype) for _ in "ab")
    a[~np.isfinite(a.astype(np.float64))] = 1.0
    b[~np.isfinite(b.astype(np.float64))] = -1.0
    total, size = summed(a, b, FORMATS[form].precision)
    products = [Fraction(float(x)) * Fraction(float(y)) for x, y in zip(a, b, strict=True)]
    exact = sum(products, Fraction(0))
    main, rest = total if isinstance(total, tuple) else (float(total), float(total - Fraction(float(total))))
    assert main == float(exact)
    assert rest == float(exact - Fraction(main))
    assert size == float(sum(map(abs, products), Fraction(0)))


def test_what_cancels_is_exact() -> None:
    a: Any = np.array([2.0**60, 1.0, -(2.0**60)])
    b: Any = np.array([1 + 2.0**-52, 2.0**-40, 1 + 2.0**-52])
    assert summed(a, b, 53) == ((2.0**-40, 0.0), 2 * (2.0**60 + 2.0**8))
