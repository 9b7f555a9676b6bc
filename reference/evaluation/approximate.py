"""Numbers of mpmath with a bound of how far each is from the exact value it stands for.

Running error analysis: every operation adds what it rounds to what its operands were off, enlarged as the
operation enlarges it (N. Higham, Accuracy and Stability of Numerical Algorithms, 3.3). Bounds are kept to
30 bits, rounded away from zero.

Assumed of mpmath: + - * / and sqrt are correctly rounded (its documentation says so); integer powers, exp,
log, tanh, erf, erfc and pi are off by at most 2^4 units of the last place. Held to Arb they stay below one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import libmp

#: An upper bound as mpmath's raw number, never negative.
Bound = Any
ZERO: Bound = libmp.fzero
ONE: Bound = libmp.fone
_BITS = 30
#: What arithmetic and what functions may round away, as powers of two in units of the last place.
_ARITHMETIC, _FUNCTION = 0, 4


class UnsettledError(ArithmeticError):
    """This precision does not tell an operand from zero, or not on which side of zero it lies."""


@dataclass(frozen=True, slots=True)
class Approximate:
    """abs(value - exact) <= error."""

    value: Any
    error: Bound

    def __neg__(self) -> Approximate:
        return Approximate(-self.value, self.error)

    @property
    def bits(self) -> float:
        """The leading bits that are certain; infinitely many of an exact value."""
        if self.error == ZERO:
            return float("inf")
        return magnitude(self.value._mpf_) - 1 - magnitude(self.error) if self.value else -float("inf")

    @property
    def most(self) -> Bound:
        """No less than the exact value's magnitude."""
        return plus(libmp.mpf_abs(self.value._mpf_), self.error)

    @property
    def least(self) -> Bound:
        """No more than the exact value's magnitude; zero where it may be zero."""
        found = libmp.mpf_sub(libmp.mpf_abs(self.value._mpf_), self.error, _BITS, "d")
        return found if libmp.mpf_sign(found) > 0 else ZERO

    @property
    def sign(self) -> int:
        """The exact value's sign; 0 where it is not known, or the value is zero."""
        return int(libmp.mpf_sign(self.value._mpf_)) if self.least != ZERO else 0


def magnitude(number: Bound) -> int:
    """The least e with abs(number) < 2^e, for a number other than zero."""
    return int(number[2] + number[3])


def plus(a: Bound, b: Bound) -> Bound:
    """A bound of the sum of two bounds."""
    return libmp.mpf_add(a, b, _BITS, "u")


def times(a: Bound, b: Bound) -> Bound:
    """A bound of their product."""
    return libmp.mpf_mul(a, b, _BITS, "u")


def over(a: Bound, b: Bound) -> Bound:
    """A bound of their quotient, where b is a lower bound other than zero."""
    return libmp.mpf_div(a, b, _BITS, "u")


def rounded(value: Any, error: Bound = ZERO, units: int = _FUNCTION) -> Approximate:
    """What a function of mpmath returned, its operands' share of the error given."""
    raw = value._mpf_
    if not raw[1] and raw != ZERO:
        raise OverflowError("a value is not finite")
    if raw == ZERO:
        return Approximate(value, error)
    own = libmp.mpf_shift(ONE, magnitude(raw) - mpmath.mp.prec + units)
    return Approximate(value, plus(error, own))


def of_fraction(value: Fraction) -> Approximate:
    """A rational number, without an error where it fits the working precision."""
    precision = mpmath.mp.prec
    raw = libmp.from_rational(value.numerator, value.denominator, precision, "n")
    nearest = mpmath.mp.make_mpf(raw)
    d = value.denominator
    if d & (d - 1) == 0 and abs(value.numerator).bit_length() <= precision:
        return Approximate(nearest, ZERO)
    return rounded(nearest, units=_ARITHMETIC)


def add(a: Approximate, b: Approximate) -> Approximate:
    """The sum."""
    return rounded(a.value + b.value, plus(a.error, b.error), _ARITHMETIC)


def multiply(a: Approximate, b: Approximate) -> Approximate:
    """The product: ab - AB = A(b - B) + b(a - A) for approximations A and B."""
    error = plus(times(libmp.mpf_abs(a.value._mpf_), b.error), times(b.most, a.error))
    return rounded(a.value * b.value, error, _ARITHMETIC)


def divide(a: Approximate, b: Approximate) -> Approximate:
    """The quotient: a/b - A/B = ((a - A) + A/B (B - b))/b.

    Raises ZeroDivisionError for an exact zero, UnsettledError where the denominator may be zero.
    """
    if b.least == ZERO:
        raise ZeroDivisionError("division by zero") if b.error == ZERO else UnsettledError
    quotient = a.value / b.value
    # abs(A/B) is at most the rounded quotient and one unit; twice that is more.
    size = libmp.mpf_shift(libmp.mpf_abs(quotient._mpf_), 1)
    return rounded(quotient, over(plus(a.error, times(size, b.error)), b.least), _ARITHMETIC)


def power(base: Approximate, exponent: int) -> Approximate:
    """An integer power that is not negative: abs(a^n - A^n) <= n abs(a - A) max(abs(a), abs(A))^(n-1)."""
    if exponent == 0:
        return Approximate(mpmath.mpf(1), ZERO)
    most = libmp.mpf_pow_int(base.most, exponent - 1, _BITS, "u")
    # One unit in 2^30 more than the power rounded up, whatever its algorithm rounds on the way.
    most = times(most, libmp.from_float(1 + 2.0**-20))
    error = times(libmp.from_int(exponent), times(base.error, most))
    return rounded(base.value**exponent, error)


def larger(a: Approximate, b: Approximate) -> Approximate:
    """The maximum, which is never further off than the worse of the two."""
    error = a.error if libmp.mpf_ge(a.error, b.error) else b.error
    return Approximate(max(a.value, b.value), error)
