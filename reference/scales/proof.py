"""Proof that a scale is evaluated in binary64 to a relative error of `numeric.SLACK`, for every x.

A running error analysis of the tree (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
chapter 3), over all finite x at once. Of each node it knows the range of the exact value v, and that the
computed value w obeys abs(w - v) <= relative*abs(v) + absolute, unless both lie beyond 2^1022. It refuses
what would break that: sums that may cancel after a rounding, exponentials that over- or underflow, quotients
by what may be 0, factors that overflow where the product does not.

What is assumed of the namespace: IEEE 754 arithmetic and square roots with gradual underflow, and `_FUNCTION`
for exp and tanh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from actcheck.reference.expression import Binary, Call, Negate, Node, Number, Power, Symbol, text
from actcheck.reference.numeric import LEAST, SLACK

#: Unit roundoff of binary64, and its smallest number: more than gradual underflow takes.
_U, _TINY = 2.0**-53, 2.0**-1074
#: The relative error granted to one call of exp or tanh: 8 ULP. Those in use stay below 2.
_FUNCTION = 16 * _U
#: exp of an argument between these is a normal number.
_LOWEST, _HIGHEST = -708.25, 709.0
_LARGE = 2.0**1022
#: What the sums and products of bounds below may lose to their own rounding, many times over.
_OUTWARDS = 1 + 2.0**-40
#: What is left to the sums and products of `numeric.bounds`.
_MOST_RELATIVE, _MOST_ABSOLUTE = SLACK * 0.75, LEAST / 2 / _TINY


class ScaleError(ValueError):
    """A scale that cannot be evaluated to within `numeric.SLACK`; the text says why and what to do."""


@dataclass(frozen=True)
class _Known:
    """What is known of a node, see the module."""

    node: Node
    low: float
    high: float
    relative: float = 0.0
    #: In units of `_TINY`, so that it does not itself underflow.
    absolute: float = 0.0
    #: Whether the computed value may be infinite.
    overflows: bool = False

    @property
    def exact(self) -> bool:
        return self.relative == 0 and self.absolute == 0 and not self.overflows

    @property
    def most(self) -> float:
        return max(abs(self.low), abs(self.high))

    @property
    def least(self) -> float:
        return 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))

    def refused(self, why: str) -> ScaleError:
        return ScaleError(f"{text(self.node)}: {why}")


def prove(node: Node) -> None:
    """Raise ScaleError unless `numeric.evaluate` is as exact as it says, for this tree over x alone.

    Then the computed s' obeys abs(s' - s) <= 3/4*SLACK*s + LEAST/2 for every finite x where s <= 2^1022;
    beyond, s' is at least 2^1021, and may be infinite.
    """
    known = _known(node)
    if known.low < 0:
        raise known.refused("a scale is nowhere negative; take abs() of what may be")
    if known.relative > _MOST_RELATIVE or known.absolute > _MOST_ABSOLUTE:
        told = f"{known.relative / _U:.0f} times 2^-53 of it and {known.absolute * _TINY:.1g}"
        raise known.refused(f"its rounding errors may reach {told}; multiply by what is smaller")


def _known(node: Node) -> _Known:
    match node:
        case Number(value):
            return _number(node, value)
        case Symbol("x"):
            return _Known(node, -math.inf, math.inf)
        case Symbol("pi"):
            return _Known(node, math.pi, math.nextafter(math.pi, 4.0), _U)
        case Negate(operand):
            a = _known(operand)
            return replace(a, node=node, low=-a.high, high=-a.low)
        case Power(base, exponent):
            return _power(node, _known(base), exponent)
        case Binary(operator, left, right):
            a, b = _known(left), _known(right)
            match operator:
                case "*":
                    return _product(node, a, b)
                case "/":
                    return _quotient(node, a, b)
                case "-":
                    return _sum(node, a, replace(b, low=-b.high, high=-b.low))
            return _sum(node, a, b)
        case Call(function, arguments):
            return _call(node, function, [_known(a) for a in arguments])
    raise ScaleError(f"{text(node)}: has no value")


def _number(node: Node, value: Fraction) -> _Known:
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    if abs(nearest) > _LARGE or 0 < abs(value) < Fraction(2) ** -1022:
        raise ScaleError(f"{text(node)}: too large or too small a number")
    exact = Fraction(nearest) == value
    return _Known(node, nearest, nearest) if exact else _rounded(node, nearest, nearest, 0.0, 0.0)


def _rounded(
    node: Node, low: float, high: float, relative: float, absolute: float, overflows: bool = False
) -> _Known:
    """The result of one rounding: its range outwards, and whether it may overflow."""
    low, high = _outer(low, -math.inf), _outer(high, math.inf)
    grown = (relative + _U * (1 + relative)) * _OUTWARDS
    large = max(abs(low), abs(high)) >= _LARGE
    return _settled(_Known(node, low, high, grown, absolute * _OUTWARDS, overflows or large))


def _settled(known: _Known) -> _Known:
    """Of a value that stays away from 0 an absolute error is a relative one."""
    if not (known.absolute and known.least):
        return known
    return replace(known, relative=known.relative + _share(known.absolute, known.least), absolute=0.0)


def _sum(node: Node, a: _Known, b: _Known) -> _Known:
    same = (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0)
    # Of exact terms the sum is rounded once, whether they cancel or not.
    if not (same or (a.exact and b.exact)):
        raise ScaleError(f"{text(node)}: rounded terms of either sign may cancel; add their sizes")
    # v = a + b of one sign: relative_a*a + relative_b*b <= max(relative)*v.
    relative = max(a.relative, b.relative)
    absolute = a.absolute + b.absolute
    return _rounded(node, a.low + b.low, a.high + b.high, relative, absolute, a.overflows or b.overflows)


def _product(node: Node, a: _Known, b: _Known) -> _Known:
    for one, other in ((a, b), (b, a)):
        if one.exact and one.least == one.most >= 1 and math.frexp(one.most)[0] == 0.5:
            # A power of two of 1 or more rounds nothing.
            ends = sorted((other.low * one.low, other.high * one.low))
            large = other.overflows or max(map(abs, ends)) >= _LARGE
            return _Known(node, ends[0], ends[1], other.relative, other.absolute * one.most, large)
    if (a.overflows and b.least < 1) or (b.overflows and a.least < 1):
        raise ScaleError(f"{text(node)}: a factor may overflow though the product does not; bound it by min")
    ends = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    relative = a.relative + b.relative + a.relative * b.relative
    # abs(w_a*w_b - v_a*v_b) <= relative*v + absolute_a*abs(w_b) + absolute_b*abs(w_a), and underflow.
    cross = _times(a.absolute, 2 * b.most) + _times(b.absolute, 2 * a.most) + 1
    if a.absolute and b.absolute:
        cross += a.absolute * _TINY * b.absolute
    return _bounded(node, (min(ends), max(ends)), relative, cross + 1, a.overflows or b.overflows)


def _quotient(node: Node, a: _Known, b: _Known) -> _Known:
    if b.least <= 0:
        raise ScaleError(f"{text(node)}: the divisor may be 0; keep it away from there")
    if a.overflows and b.most > 1:
        raise ScaleError(
            f"{text(node)}: the dividend may overflow though the quotient does not; bound it by min"
        )
    ends = [_over(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    off = b.relative + _share(b.absolute, b.least)
    relative = (a.relative + off) / (1 - off) if off < 1 else math.inf
    absolute = 2 * a.absolute / b.least + 1
    if b.overflows:
        # Where the divisor is infinite the quotient is 0, and was at most a.most/2^1022.
        absolute += a.most * 2.0**52
    return _bounded(node, (min(ends), max(ends)), relative, absolute, a.overflows)


def _power(node: Node, a: _Known, exponent: int) -> _Known:
    if exponent < 0:
        return _quotient(node, _Known(node, 1.0, 1.0), _power(node, a, -exponent))
    if a.low < 0 and not a.exact:
        raise a.refused("a power of what may be negative and is rounded; take abs() of it")
    largest = _raised(a.most, exponent)
    least = _raised(a.least, exponent) if a.low >= 0 or exponent % 2 == 0 else -largest
    # (1 + r)^n*(1 + u)^(n - 1) - 1, see `numeric.power`; the last rounding comes below.
    relative = (exponent * a.relative + max(exponent - 2, 0) * _U) * (1 + 2.0**-20)
    if relative > 2.0**-21:
        raise ScaleError(f"{text(node)}: the power of a rounded value is too far off")
    absolute = _times(exponent * a.absolute, _raised(2 * a.most, exponent - 1)) + exponent
    return _bounded(node, (least, largest), relative, absolute, a.overflows)


def _bounded(
    node: Node, ends: tuple[float, float], relative: float, absolute: float, overflows: bool
) -> _Known:
    """The result of one rounding, unless nothing is known of it."""
    if not (relative < 1 and absolute < math.inf):
        raise ScaleError(f"{text(node)}: an underflow or error in it grows without bound; bound it by min")
    return _rounded(node, *ends, relative, absolute, overflows)


def _call(node: Node, function: str, given: list[_Known]) -> _Known:
    a = given[0]
    match function:
        case "abs":
            return replace(a, node=node, low=a.least, high=a.most)
        case "min" | "max":
            return _chosen(node, function, *given)
        case "exp":
            return _exponential(node, a)
        case "sigmoid":
            return _sigmoid(node, a)
        case "tanh":
            # abs(u*tanh'(u)) <= abs(tanh(u)) and tanh' <= 1: no error grows.
            ends = math.tanh(a.low), math.tanh(a.high)
            return _bounded(node, ends, a.relative + _FUNCTION, a.absolute, overflows=False)
        case "sqrt" if a.low > 0 or (a.low == 0 and a.absolute == 0):
            return _rooted(node, a)
    raise ScaleError(
        f"{text(node)}: a scale can use abs, min, max, exp, sigmoid, tanh, and sqrt of what is positive"
    )


def _rooted(node: Node, a: _Known) -> _Known:
    # sqrt(1 + r) <= 1 + r/2, and below 1 no less than 1 - r.
    relative = a.relative / 2 * (1 + 2.0**-20) + _share(a.absolute, a.low)
    return _bounded(node, (math.sqrt(a.low), math.sqrt(a.high)), relative, 0.0, a.overflows)


def _chosen(node: Node, function: str, a: _Known, b: _Known) -> _Known:
    # min and max of values of one sign change by no larger factor, and by no more, than the values do.
    if not ((a.exact and b.exact) or (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0)):
        raise ScaleError(f"{text(node)}: of rounded values of either sign; take their sizes")
    pick = min if function == "min" else max
    low, high = pick(a.low, b.low), pick(a.high, b.high)
    # An infinity goes through min only where both values may be infinite.
    either = (a.overflows, b.overflows)
    overflows = all(either) if function == "min" and a.low >= 0 else any(either)
    known = _Known(node, low, high, max(a.relative, b.relative), max(a.absolute, b.absolute), overflows)
    return _settled(known)


def _exponential(node: Node, a: _Known) -> _Known:
    if not _LOWEST <= a.low <= a.high <= _HIGHEST:
        raise a.refused(
            "the argument of exp must stay between -708 and 709; bound it, as in exp(-min(u, 708))"
        )
    # exp(w) = exp(v)*exp(w - v) with abs(w - v) <= relative*abs(v) + absolute.
    off = math.expm1(a.relative * a.most + a.absolute * _TINY) * _OUTWARDS
    return _bounded(
        node,
        (math.exp(a.low) * (1 - _FUNCTION), math.exp(a.high) * (1 + _FUNCTION)),
        off + _FUNCTION,
        0.0,
        False,
    )


def _sigmoid(node: Node, a: _Known) -> _Known:
    if not a.low >= _LOWEST:
        raise a.refused("the argument of sigmoid must stay above -708; bound it, as in sigmoid(-min(u, 708))")
    # The logarithm of sigmoid has the slope sigmoid(-u) <= 1, and u*sigmoid(-u) < 0.3 for u > 0.
    off = math.expm1(a.relative * (max(-a.low, 0.0) + 1) + a.absolute * _TINY) * _OUTWARDS
    low = math.exp(min(a.low, 0)) / 2
    return _bounded(node, (low, 1.0), off + 2 * _FUNCTION, 0.0, False)


def _share(absolute: float, value: float) -> float:
    """An absolute error (in units of `_TINY`) as a relative one of a positive value, rounded up."""
    return math.nextafter(absolute / value * _TINY, math.inf) if absolute else 0.0


def _outer(end: float, way: float) -> float:
    """The next number that way, not across 0: rounding keeps signs, and those of zeros that underflowed."""
    inwards = math.copysign(1.0, end) != math.copysign(1.0, way)
    moved = math.nextafter(end, way)
    return math.copysign(0.0, end) if inwards and (end == 0 or moved == 0) else moved


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
