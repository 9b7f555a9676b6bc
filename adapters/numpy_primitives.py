"""binary64 building blocks that keep their relative accuracy where the plain ones lose it."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter

import numpy as np

from actcheck.adapters.numpy_arrays import Doubles

#: exp of anything beyond this size over- or underflows, even after a product with any binary64 number.
FAR = 1500.0
#: Up to this size exp neither overflows nor loses bits to gradual underflow.
NEAR = 700.0
#: Factors for which Dekker's product neither over- nor underflows.
_SPLITTABLE = 2.0**900


def nearest(value: Fraction) -> float:
    """The nearest binary64 number; an infinity beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def floor(value: Fraction) -> float:
    """The largest binary64 number that is not above ``value``, so that x > floor(v) exactly if x > v."""
    number = nearest(value)
    return number if number == -inf or (number != inf and Fraction(number) <= value) else nextafter(number, -inf)


def product_error(a: Doubles, b: Doubles | float, product: Doubles) -> Doubles:
    """What rounding took from ``product = a*b``, exactly (T. J. Dekker, Numerische Mathematik 18, 1971)."""
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return np.asarray(((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)


def _halves(a: Doubles | float) -> tuple[Doubles | float, Doubles | float]:
    shifted = a * (2.0**27 + 1)
    high = shifted - (shifted - a)
    return high, a - high


def scaled(x: Doubles, rate: Fraction) -> tuple[Doubles, Doubles | float]:
    """``rate*x``, no larger than `FAR`, as a rounded product and what is missing from it.

    In the tails exp turns an absolute error of its argument into a relative error of the result: at
    -700 half an ULP of the argument is 350 ULP of the exponential. The missing part repairs it.
    """
    high = nearest(rate)
    if not 1 / _SPLITTABLE < abs(high) < _SPLITTABLE:
        return np.clip(x * high, -FAR, FAR), 0.0
    low = nearest(rate - Fraction(high))
    limit = FAR / abs(high)
    x = np.clip(x, -limit, limit)
    product = x * high
    if low == 0 and _is_power_of_two(rate):
        return product, 0.0
    return product, product_error(x, high, product) + x * low


def _is_power_of_two(value: Fraction) -> bool:
    n, d = abs(value.numerator), value.denominator
    return n & (n - 1) == 0 and d & (d - 1) == 0


def times_exp(factor: Doubles | float, t: Doubles, missing: Doubles | float = 0.0) -> Doubles:
    """``factor*exp(t + missing)``, also where exp(t) alone would over- or underflow.

    There it is (factor*exp(t/2))*exp(t/2), whose first product is a normal number.
    """
    result = np.asarray(factor * np.exp(t))
    far = np.abs(t) > NEAR
    if far.any():
        half = np.exp(0.5 * t[far])
        result[far] = np.broadcast_to(factor, t.shape)[far] * half * half
    return result if isinstance(missing, float) else result + result * missing


def times_gauss(factor: Doubles | float, x: Doubles) -> Doubles:
    """``factor*exp(-x*x/2)`` for abs(x) up to `FAR`, with the square taken exactly."""
    square = x * x
    return times_exp(factor, -0.5 * square, -0.5 * product_error(x, x, square))
