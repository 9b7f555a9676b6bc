"""The correctly rounded answer at one input, whatever it is: what the loops over arrays leave open.

Where several answers are right one is given: the zero that the specification asks for, +0 where either sign
is right; at a kink of the derivative torch's convention, which the specification records.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from actcheck.reference.certificates.wide.signs import sign_between
from actcheck.reference.evaluation import balls, mp
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import Node, symbols
from actcheck.reference.formats import Format, power_of_two
from actcheck.reference.judging import enclosing, pointwise
from actcheck.reference.judging.enclosing import Enclosure, ReferenceDisagreementError
from actcheck.reference.specification.binding import ORDERS, Bound, case_of
from actcheck.reference.specification.model import Piece


def nearest(bound: Bound, quantity: str, form: Format, x: float, factor: float = 1.0) -> float:
    """The number of the format nearest to factor times the quantity at x, ties to even.

    NaN at a NaN, and where 0 is multiplied with infinity. Raises ReferenceDisagreementError where no
    precision decides it.
    """
    found: float = _by_bits(bound, quantity, form, struct.pack("2d", x, factor))
    return found


@lru_cache(maxsize=1 << 14)
def _by_bits(bound: Bound, quantity: str, form: Format, numbers: bytes) -> float:
    # By their bits: zeros of both signs are equal.
    x, factor = struct.unpack("2d", numbers)
    if math.isnan(x) or math.isnan(factor):
        return math.nan
    limit = bound.limit(quantity, 1 if x > 0 else -1) if math.isinf(x) else 0.0
    if math.isinf(limit):
        return float(limit * factor)
    if math.isinf(factor):
        side = sign(bound, quantity, x)
        return side * factor if side else math.nan
    found = _rounded(form, (value.times(Fraction(factor)) for value in _values(bound, quantity, x)))
    if found is None:
        raise ReferenceDisagreementError(
            f"{bound.spec.id} {bound.variant.label} {quantity} at x = {x.hex()}: no precision tells which "
            f"{form.name} is nearest; write the definition so that nothing cancels there"
        )
    return found if found else math.copysign(0.0, _zero_sign(bound, quantity, x) * math.copysign(1.0, factor))


def _zero_sign(bound: Bound, quantity: str, x: float) -> float:
    """1 or -1: the sign of a zero that stands for the quantity at x, 1 where either is right."""
    if x == 0 and quantity == "forward":
        return -1.0 if pointwise.is_wrong_zero(bound, x, 0.0) else 1.0
    return sign(bound, quantity, x) or 1.0


@lru_cache(maxsize=1 << 14)
def sign(bound: Bound, quantity: str, x: float) -> int:
    """1, -1, or 0 where the quantity is exactly 0, or its limit is."""
    if math.isinf(x):
        limit = bound.limit(quantity, 1 if x > 0 else -1)
        return (limit > 0) - (limit < 0)
    told = _convention(bound, quantity, x)
    if told is not None:
        return (told > 0) - (told < 0)
    node = derivative(balls.prepared(bound.pieces[_case(bound, quantity, x)].value), ORDERS[quantity])
    found = sign_between(node, (x, x))
    if found:
        return found
    for value in _values(bound, quantity, x):
        if value.low > 0 or value.high < 0 or value.low == value.high:
            return (value.low > 0) - (value.high < 0)
    return 0


def _values(bound: Bound, quantity: str, x: float) -> Iterable[Enclosure]:
    """Narrower and narrower enclosures of the value that is given at x."""
    if math.isinf(x):
        value = Fraction(bound.limit(quantity, 1 if x > 0 else -1))
        return (Enclosure(value, value),)
    told = _convention(bound, quantity, x)
    if told is not None:
        return (Enclosure(told, told),)
    return enclosing.at(bound, quantity, _case(bound, quantity, x), Fraction(x))


def _case(bound: Bound, quantity: str, x: float) -> int:
    """The case that holds at x; for derivatives one beside it, where x alone has a case of its own."""
    held, beside = bound.select(Fraction(x)), pointwise.cases(bound, quantity, Fraction(x))
    return held if held in beside else beside[0]


def _convention(bound: Bound, quantity: str, x: float) -> Fraction | None:
    """torch's derivative at x, if it is a kink; None where nothing jumps there, as with lambd = 0."""
    if quantity != "gradient":
        return None
    parameters, place = bound.variant.parameters, Fraction(x)
    for kink in bound.spec.kinks:
        at = case_of((Piece((), kink.at),), parameters)
        if "inf" not in symbols(at) and _number(at) == place:
            told = _number(case_of((Piece((), kink.torch),), parameters))
            right = pointwise.exact(bound, quantity, x)
            assert isinstance(right, tuple)  # it is no infinity
            return told if right[0] <= told <= right[1] else None
    return None


def _number(node: Node) -> Fraction:
    return mp.to_fraction(mp.evaluate(node, {}))


def _rounded(form: Format, values: Iterable[Enclosure]) -> float | None:
    """The number nearest to the value, by the first enclosure that tells it; 0.0 for either zero."""
    for value in values:
        ends = _end(form, value.low, value.open, 1), _end(form, value.high, value.open, -1)
        if ends[0] == ends[1]:
            return ends[0]
    return None


def _end(form: Format, end: Fraction, is_open: bool, inwards: int) -> float:
    """What the numbers at an end of an enclosure round to; at an open end those just inside of it.

    Only where the end lies in the middle between two numbers do those inside round otherwise.
    """
    unit = power_of_two(form.ulp_exponent(abs(end)))
    steps = end / unit
    if not is_open or steps.denominator != 2:
        return form.rounded(end)
    return form.rounded(unit * (math.floor(steps) + (inwards > 0)))
