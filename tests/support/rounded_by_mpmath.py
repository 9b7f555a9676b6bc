"""mpmath's value in a format: what `actcheck.exact` is held against."""

from __future__ import annotations

from fractions import Fraction

import mpmath

from actcheck.reference.evaluation import balls, mp
from actcheck.reference.evaluation.approximate import UnsettledError
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.formats import Format
from actcheck.reference.specification.binding import ORDERS, Bound

#: Below every format: mpmath's exponents may be too large for a fraction.
_NOTHING = mpmath.mpf(2) ** -1200
#: Leading bits that are certain: a value beside a tie differs from it by as little as the square of the
#: smallest float64.
_GUARDS = (mp.GUARD, 2600)


def roundings(bound: Bound, quantity: str, form: Format, x: float) -> set[float]:
    """mpmath's value, rounded, from as many bits as decide it; both neighbours where none do.

    x - tanh(x) at 3348 is above a tie of float16 by 2^-9660.
    """
    ends: set[float] = set()
    for guard in _GUARDS:
        found, blur = value(bound, quantity, Fraction(x), guard)
        ends = {form.rounded(found - blur), form.rounded(found + blur)}
        if len(ends) == 1:
            break
    return ends


def rounded(bound: Bound, quantity: str, form: Format, x: float) -> float:
    """mpmath's value, rounded. Raises ValueError where it is too close to a tie to tell."""
    (found,) = roundings(bound, quantity, form, x)
    return found


def value(bound: Bound, quantity: str, x: Fraction, guard: int = mp.GUARD) -> tuple[Fraction, Fraction]:
    """mpmath's value and how far it may be off, read in another form where the definition's own cancels
    without an end."""
    case, order = bound.select(x), ORDERS[quantity]
    try:
        found = mp.evaluate(bound.differentiated[order][case].value, {"x": x}, guard)
    except UnsettledError:
        read = balls.prepared(bound.pieces[case].value)
        found = mp.evaluate(derivative(read, order), {"x": x}, guard)
    if isinstance(found, Fraction):
        return found, Fraction(0)
    if abs(found) < _NOTHING:
        return Fraction(0), Fraction(0)
    plain = mp.to_fraction(found)
    return plain, abs(plain) / (1 << guard)
