"""binary64 building blocks that keep their relative accuracy where the plain ones lose it."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import fsum, inf, nextafter

import numpy as np

from actcheck.adapters.numpy_backend.arrays import Doubles

#: Beyond this size exp over- or underflows even when it multiplies the largest or smallest number.
FAR = 1500.0
#: Up to this size exp neither overflows nor loses bits to gradual underflow.
NEAR = 700.0


def nearest(value: Fraction) -> float:
    """The nearest binary64 number; an infinity beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def floor(value: Fraction) -> float:
    """The largest binary64 number c that is not above ``value``: a number exceeds value if it exceeds c."""
    number = nearest(value)
    if number == inf or (number != -inf and Fraction(number) > value):
        return nextafter(number, -inf)
    return number


def product_error(a: Doubles, b: Doubles | float, product: Doubles) -> Doubles:
    """What rounding took from ``product = a*b``, exactly (T. J. Dekker, Numerische Mathematik 18, 1971).

    Factors must be below 2^996 in size.
    """
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return np.asarray(((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)


def _halves(a: Doubles | float) -> tuple[Doubles | float, Doubles | float]:
    shifted = a * (2.0**27 + 1)
    high = shifted - (shifted - a)
    return high, a - high


def sum_error(a: Doubles | float, b: Doubles, total: Doubles) -> Doubles:
    """What rounding took from ``total = a + b``, exactly (D. E. Knuth, The Art of Computer Programming 2)."""
    b_there = total - a
    return np.asarray((a - (total - b_there)) + (b - b_there))


class Exponential:
    """exp of an argument, kept with it, so that a product can go where exp alone cannot.

    ``missing`` is what rounding took from the argument. At -700 half an ULP of the argument is 350 ULP
    of its exponential, so that in the tails it must be given back.
    """

    def __init__(self, argument: Doubles, missing: Doubles | None = None) -> None:
        self.argument = argument
        self.missing = missing

    @cached_property
    def value(self) -> Doubles:
        """exp(argument + missing)."""
        return self._repaired(np.exp(self.argument))

    def times(self, factor: Doubles | float) -> Doubles:
        """``factor`` times the value, also where the value alone over- or underflows.

        There it is (factor*exp(t/2))*exp(t/2), whose first product is a normal number.
        """
        result = np.asarray(factor * self.value)
        far = np.abs(self.argument) > NEAR
        if far.any():
            half = np.exp(0.5 * self.argument[far])
            product = np.broadcast_to(factor, far.shape)[far] * half * half
            result[far] = product if self.missing is None else product + product * self.missing[far]
        return result

    def less_one_times(self, factor: float) -> Doubles:
        """``factor`` times the value less one, by expm1 and a product that is rounded once."""
        grown = np.expm1(self.argument)
        product = np.asarray(factor * grown)
        if self.missing is None:
            return product
        return product + (product_error(grown, factor, product) + factor * ((grown + 1) * self.missing))

    def decay(self) -> Exponential:
        """The exponential of minus the size of the argument, at most 1."""
        missing = None if self.missing is None else -np.sign(self.argument) * self.missing
        return Exponential(-np.abs(self.argument), missing)

    def _repaired(self, value: Doubles) -> Doubles:
        return value if self.missing is None else value + value * self.missing


def scaled_exponential(x: Doubles, rate: Fraction) -> Exponential:
    """exp(rate*x) for an exact rate, with rate*x held within `FAR`."""
    high = nearest(rate)
    if not 2.0**-900 < abs(high) < 2.0**900:
        return Exponential(np.clip(x * high, -FAR, FAR))
    low = nearest(rate - Fraction(high))
    limit = FAR / abs(high)
    x = np.clip(x, -limit, limit)
    product = x * high
    if _is_power_of_two(rate):
        return Exponential(product)
    return Exponential(product, product_error(x, high, product) + x * low)


def _is_power_of_two(value: Fraction) -> bool:
    parts = abs(value.numerator), value.denominator
    return all(n & (n - 1) == 0 for n in parts)


def gauss(x: Doubles) -> Exponential:
    """exp(-x*x/2) for abs(x) up to `FAR`, with the square taken exactly."""
    square = x * x
    return Exponential(-0.5 * square, -0.5 * product_error(x, x, square))


def exact_sum(a: Doubles, b: Doubles) -> float:
    """The sum of a*b over all elements, as if added exactly and rounded once (math.fsum).

    Each product goes in with what its rounding took. Where a product is infinite, or the parts of a
    finite sum overflow on the way, it is numpy's sum in the widest format there is.
    """
    with np.errstate(all="ignore"):
        products = a * b
        rest = product_error(a, b, products)
        try:
            return fsum([*products.tolist(), *rest[np.isfinite(rest)].tolist()])
        except (OverflowError, ValueError):
            return float(np.sum(a.astype(np.longdouble) * b))
