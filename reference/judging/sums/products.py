"""Sums of products of two arrays, exactly: by binary64 where that holds each product, else by fractions.

A product of two numbers of p bits has 2p: up to p = 26 it is one binary64 number. That of two of 53 bits is
its rounding and what that lacks, which Dekker's splitting gives exactly (T. J. Dekker, A floating-point
technique for extending the available precision, Numerische Mathematik 18, 1971, section 5) where nothing
over- or underflows. `math.fsum` rounds the sum of such numbers once.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Doubles = NDArray[np.float64]
#: Where halves and their products neither over- nor underflow.
_FAR = 2.0**400
_SPLITTER = 2.0**27 + 1
_MOST = Fraction(2) ** 1023


def summed(a: Array, b: Array, precision: int) -> tuple[Fraction | tuple[float, float], float]:
    """The sum of a*b over two arrays of numbers of so many bits, and of abs(a*b), at most 2^1023.

    The sum is exact, or two binary64 numbers: itself rounded, and what that leaves, rounded.
    """
    x, y = (np.asarray(v, np.float64).ravel() for v in (a, b))
    parts = _parts(x, y, precision)
    if parts is None:
        products = [Fraction(p) * Fraction(q) for p, q in zip(x.tolist(), y.tolist(), strict=True)]
        size = min(sum(map(abs, products), Fraction(0)), _MOST)
        return sum(products, Fraction(0)), float(size)
    numbers = np.concatenate(parts).tolist()
    main = math.fsum(numbers)
    signs = np.sign(parts[0])
    return (main, math.fsum([*numbers, -main])), math.fsum(
        np.concatenate([signs * p for p in parts]).tolist()
    )


def _parts(x: Doubles, y: Doubles, precision: int) -> list[Doubles] | None:
    """Arrays that add up to the products, exactly; None where that is not sure."""
    if 2 * precision <= 53:
        return [x * y] if _is_near(x, y, 2.0**200) else None
    if not _is_near(x, y, _FAR):
        return None
    product = x * y
    (a, b), (c, d) = _halves(x), _halves(y)
    return [product, ((a * c - product) + a * d + b * c) + b * d]


def _is_near(x: Doubles, y: Doubles, far: float) -> bool:
    sizes = np.abs(np.concatenate([x[x != 0], y[y != 0]]))
    return not sizes.size or bool(sizes.max() <= far and sizes.min() >= 1 / far)


def _halves(x: Doubles) -> tuple[Doubles, Doubles]:
    scaled = _SPLITTER * x
    high = scaled - (scaled - x)
    return high, x - high
