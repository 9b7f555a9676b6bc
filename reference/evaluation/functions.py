"""The functions of the language over numbers with error bounds.

The mean value theorem: f(u) is off by what u is off times the largest slope of f between u and its
approximation. Each function states the bound of its slope.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import libmp

from actcheck.reference.evaluation.approximate import (
    ONE,
    ZERO,
    Approximate,
    Bound,
    UnsettledError,
    add,
    divide,
    magnitude,
    of_fraction,
    over,
    plus,
    rounded,
    times,
)

#: exp(-t) for larger t is bounded by that of this one: far below every format, and quick.
_FAR: Bound = libmp.mpf_shift(ONE, 64)
#: Arguments of exp beyond 2^_HUGE have more bits before the point than any definition needs. mpmath's tanh
#: and erfc spend as many bits on an argument as its exponent says.
_HUGE = 1 << 13
#: More than what exp of 40 bits is off.
_SLACK = libmp.from_float(1 + 2.0**-20)
_TWO, _FOUR = libmp.from_int(2), libmp.from_int(4)


def _falling(least: Bound) -> Bound:
    """A bound of exp(-t) for all t >= least >= 0."""
    nearest = _FAR if libmp.mpf_gt(least, _FAR) else least
    return times(libmp.mpf_exp(libmp.mpf_neg(nearest), 40), _SLACK)


def _square(least: Bound) -> Bound:
    return libmp.mpf_mul(least, least, 30, "d")


def _is_huge(u: Approximate) -> bool:
    """Whether abs(u) lies beyond 2^4095. Raises UnsettledError where only its approximation does."""
    huge = bool(u.value) and magnitude(u.value._mpf_) > _HUGE // 2
    if huge and not libmp.mpf_gt(_square(u.least), _FAR):
        raise UnsettledError
    return huge


def exp(u: Approximate) -> Approximate:
    """exp: off by a factor exp(e) - 1 <= 2e where u is off by e <= 1; else only its size is bounded.

    Raises OverflowError for arguments beyond 2^8192, UnsettledError for what may be one.
    """
    large = u.value and magnitude(u.value._mpf_) > _HUGE
    if libmp.mpf_le(u.error, ONE) and not large:
        value = mpmath.exp(u.value)
        return rounded(value, times(libmp.mpf_shift(libmp.mpf_abs(value._mpf_), 1), u.error))
    if u.sign < 0:
        return Approximate(mpmath.mpf(0), _falling(u.least))
    if large:
        raise OverflowError("the exponential of a number beyond 2^8192")
    if magnitude(u.most) > _HUGE:
        raise UnsettledError
    return Approximate(mpmath.mpf(0), times(libmp.mpf_exp(u.most, 40), _SLACK))


def log(u: Approximate) -> Approximate:
    """log: its slope is at most 1/least.

    Raises ValueError for a number that is not positive, UnsettledError where that is not known.
    """
    if u.sign < 0 or (u.sign == 0 and u.error == ZERO):
        raise ValueError("log of a number that is not positive")
    if u.sign == 0:
        raise UnsettledError
    return rounded(mpmath.log(u.value), over(u.error, u.least))


def sqrt(u: Approximate) -> Approximate:
    """sqrt: its slope is at most 1/(2 sqrt(least)); of what may be zero it is at most sqrt(most).

    Raises ValueError for a negative number.
    """
    if u.sign < 0:
        raise ValueError("sqrt of a negative number")
    if u.sign == 0:
        return Approximate(mpmath.mpf(0), libmp.mpf_sqrt(u.most, 30, "u"))
    root = libmp.mpf_sqrt(u.least, 30, "d")
    return rounded(mpmath.sqrt(u.value), over(u.error, root))


def tanh(u: Approximate) -> Approximate:
    """tanh: its slope 1/cosh(u)^2 is at most 1 and 4 exp(-2 abs(u)).

    Raises UnsettledError where a number beyond 2^4096 may be none.
    """
    if _is_huge(u):
        # 1 - tanh(abs(u)) <= 2 exp(-2 abs(u))
        return Approximate(mpmath.mpf(u.sign), times(_TWO, _falling(u.least)))
    slope = times(_FOUR, _falling(libmp.mpf_shift(u.least, 1)))
    return rounded(mpmath.tanh(u.value), times(u.error, ONE if libmp.mpf_gt(slope, ONE) else slope))


def erf(u: Approximate) -> Approximate:
    """erf: its slope 2/sqrt(pi) exp(-u^2) is at most 2 exp(-u^2).

    Raises UnsettledError where a number beyond 2^4096 may be none.
    """
    if _is_huge(u):
        # erfc(abs(u)) <= exp(-u^2)
        return Approximate(mpmath.mpf(u.sign), _falling(_FAR))
    return rounded(mpmath.erf(u.value), times(times(_TWO, u.error), _falling(_square(u.least))))


def erfc(u: Approximate) -> Approximate:
    """erfc: as erf; relative to erfc(u) itself an error of u counts u^2 times for large u.

    Raises UnsettledError where a number beyond 2^4096 may be none.
    """
    if _is_huge(u):
        return Approximate(mpmath.mpf(1 - u.sign), _falling(_FAR))
    return rounded(mpmath.erfc(u.value), times(times(_TWO, u.error), _falling(_square(u.least))))


def sigmoid(u: Approximate) -> Approximate:
    """sigmoid: its slope is at most exp(-abs(u)). Written with the exponential that does not overflow."""
    small = exp(Approximate(-abs(u.value), ZERO))
    whole = add(of_fraction(Fraction(1)), small)
    result = divide(of_fraction(Fraction(1)) if u.value > 0 else small, whole)
    return Approximate(result.value, plus(result.error, times(u.error, _falling(u.least))))


def normal(u: Approximate) -> Approximate:
    """Phi, the distribution function of the standard normal distribution: erfc(-u/sqrt(2))/2."""
    root = sqrt(of_fraction(Fraction(2)))
    found = erfc(divide(-u, root))
    return Approximate(found.value / 2, libmp.mpf_shift(found.error, -1))


FUNCTIONS: dict[str, Callable[[Approximate], Approximate]] = {
    "exp": exp,
    "log": log,
    "tanh": tanh,
    "erf": erf,
    "erfc": erfc,
    "sqrt": sqrt,
    "sigmoid": sigmoid,
    "Phi": normal,
}


def pi() -> Approximate:
    """The constant."""
    value: Any = +mpmath.pi
    return rounded(value)
