"""Powers of two and exponents in any Array API namespace, exactly."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

Array = Any  # of an Array API namespace
#: numpy as such a namespace: before version 2 it lacks functions of the standard.
NUMPY: Any = np if hasattr(np, "astype") else import_module("array_api_compat.numpy")
#: Powers of two from 2^-1100 (as 0) to 2^1023, and where 2^0 stands.
POWERS = np.ldexp(1.0, np.arange(-1100, 1024))
_ORIGIN = 1100


def power(xp: Any, powers: Array, exponent: Array) -> Array:
    """2^exponent for integers between -1100 and 1023; ``powers`` holds `POWERS`."""
    return xp.take(powers, exponent + _ORIGIN)


def exponents(
    xp: Any, powers: Array, size: Array, least: int, most: int, times: Array | float = 1.0
) -> Array:
    """The largest integer k with times * 2^k <= size, kept between two limits.

    ``times`` is 1, or integers of at most 20 bits. The logarithm is off by one at most, which comparisons of
    exact products put right.
    """
    guess = xp.floor(xp.log2(xp.clip(size / times, 2.0**least, None)))
    found = xp.clip(xp.astype(guess, xp.int64), least, most)
    low = times * power(xp, powers, found)
    found = found - xp.astype(low > size, xp.int64) + xp.astype(2 * low <= size, xp.int64)
    return xp.clip(found, least, most)
