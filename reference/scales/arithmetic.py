"""Running errors of sums, products, quotients and powers (see `proof`)."""

from __future__ import annotations

import math
from fractions import Fraction

from actcheck.reference.expressions.tree import Node, text
from actcheck.reference.scales.known import LARGE, TINY, UNIT, Known, ScaleError, bounded, rounded, share


def number(node: Node, value: Fraction) -> Known:
    """A constant, rounded if need be."""
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    if abs(nearest) > LARGE or 0 < abs(value) < Fraction(2) ** -1022:
        raise ScaleError(f"{text(node)}: too large or too small a number")
    exact = Fraction(nearest) == value
    return Known(node, nearest, nearest) if exact else rounded(node, nearest, nearest, 0.0, 0.0)


def added(node: Node, a: Known, b: Known) -> Known:
    """The sum of terms that do not cancel, or are exact."""
    same = (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0)
    # Of exact terms the sum is rounded once, whether they cancel or not.
    if not (same or (a.exact and b.exact)):
        raise ScaleError(f"{text(node)}: rounded terms of either sign may cancel; add their sizes")
    # v = a + b of one sign: relative_a*a + relative_b*b <= max(relative)*v.
    relative = max(a.relative, b.relative)
    absolute = a.absolute + b.absolute
    return rounded(node, a.low + b.low, a.high + b.high, relative, absolute, a.overflows or b.overflows)


def multiplied(node: Node, a: Known, b: Known) -> Known:
    """The product."""
    for one, other in ((a, b), (b, a)):
        if one.exact and one.least == one.most >= 1 and math.frexp(one.most)[0] == 0.5:
            # A power of two of 1 or more rounds nothing.
            ends = sorted((other.low * one.low, other.high * one.low))
            large = other.overflows or max(map(abs, ends)) >= LARGE
            return Known(node, ends[0], ends[1], other.relative, other.absolute * one.most, large)
    if (a.overflows and b.least < 1) or (b.overflows and a.least < 1):
        raise ScaleError(f"{text(node)}: a factor may overflow though the product does not; bound it by min")
    ends = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    relative = a.relative + b.relative + a.relative * b.relative
    # abs(w_a*w_b - v_a*v_b) <= relative*v + absolute_a*abs(w_b) + absolute_b*abs(w_a), and underflow.
    cross = _times(a.absolute, 2 * b.most) + _times(b.absolute, 2 * a.most) + 1
    if a.absolute and b.absolute:
        cross += a.absolute * TINY * b.absolute
    return bounded(node, (min(ends), max(ends)), relative, cross + 1, a.overflows or b.overflows)


def divided(node: Node, a: Known, b: Known) -> Known:
    """The quotient by what is not 0."""
    if b.least <= 0:
        raise ScaleError(f"{text(node)}: the divisor may be 0; keep it away from there")
    if a.overflows and b.most > 1:
        raise ScaleError(
            f"{text(node)}: the dividend may overflow though the quotient does not; bound it by min"
        )
    ends = [_over(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    off = b.relative + share(b.absolute, b.least)
    relative = (a.relative + off) / (1 - off) if off < 1 else math.inf
    absolute = 2 * a.absolute / b.least + 1
    if b.overflows:
        # Where the divisor is infinite the quotient is 0, and was at most a.most/2^1022.
        absolute += a.most * 2.0**52
    return bounded(node, (min(ends), max(ends)), relative, absolute, a.overflows)


def powered(node: Node, a: Known, exponent: int) -> Known:
    """A whole power, by `numeric.power`."""
    if exponent < 0:
        return divided(node, Known(node, 1.0, 1.0), powered(node, a, -exponent))
    if a.low < 0 and not a.exact:
        raise a.refused("a power of what may be negative and is rounded; take abs() of it")
    largest = _raised(a.most, exponent)
    least = _raised(a.least, exponent) if a.low >= 0 or exponent % 2 == 0 else -largest
    # (1 + r)^n*(1 + u)^(n - 1) - 1, see `numeric.power`; the last rounding comes below.
    relative = (exponent * a.relative + max(exponent - 2, 0) * UNIT) * (1 + 2.0**-20)
    if relative > 2.0**-21:
        raise ScaleError(f"{text(node)}: the power of a rounded value is too far off")
    absolute = _times(exponent * a.absolute, _raised(2 * a.most, exponent - 1)) + exponent
    return bounded(node, (least, largest), relative, absolute, a.overflows)


def _times(a: float, b: float) -> float:
    """The product, with 0 times infinity 0."""
    return _zero(a, b) if a == 0 or b == 0 else a * b


def _over(a: float, b: float) -> float:
    return _zero(a, b) if a == 0 or math.isinf(b) else a / b


def _zero(a: float, b: float) -> float:
    """0 with the sign of a product or quotient."""
    return math.copysign(0.0, math.copysign(1.0, a) * math.copysign(1.0, b))


def _raised(a: float, exponent: int) -> float:
    try:
        return a**exponent
    except OverflowError:
        return math.inf
