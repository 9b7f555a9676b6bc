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


def rounded(bound: Bound, quantity: str, form: Format, x: float) -> float:
    """mpmath's value, rounded."""
    return form.rounded(value(bound, quantity, x))


def value(bound: Bound, quantity: str, x: float) -> Fraction:
    """mpmath's value, read in another form where the definition's own cancels without an end."""
    try:
        found = bound.exact(quantity, Fraction(x))
    except UnsettledError:
        read = balls.prepared(bound.pieces[bound.select(Fraction(x))].value)
        found = mp.evaluate(derivative(read, ORDERS[quantity]), {"x": Fraction(x)})
    tiny = not isinstance(found, Fraction) and abs(found) < _NOTHING
    return Fraction(0) if tiny else mp.to_fraction(found)
