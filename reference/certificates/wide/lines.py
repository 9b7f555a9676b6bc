"""Where a function is a line with exact numbers, up to nothing or to a rest that no precision resolves.

tanh(x) is 1 less about 2 exp(-2x), x Phi(x) is x less x Phi(-x), and near 0 it is x/2 plus a square. What is
left is taken apart symbolically, by identities, so that Arb, whose exponents have no bounds, tells its sign
and its size far beyond float64's range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from actcheck.reference.certificates.wide import tails
from actcheck.reference.certificates.wide.expanding import power_of_two
from actcheck.reference.certificates.wide.segment import LEAST_SCALE, MOST_SCALE, Line, Taylor
from actcheck.reference.certificates.wide.signs import sign_between
from actcheck.reference.evaluation import balls, intervals
from actcheck.reference.expressions.calculus import folded, minus, plus, times
from actcheck.reference.expressions.tree import ZERO, Binary, Call, Negate, Node, Number, Power, Symbol, X

#: A rest is left as it is where it is below this share of the line.
SHARE = 2.0**-108
#: f as good as zero: 2^-66 of the smallest subnormal of float64; and beyond its overflow for certain.
VANISHING, SATURATED = arb(2) ** -1140, arb(2) ** 1030
_HALVES = Number(Fraction(-1)), Number(Fraction(2)), Number(Fraction(4))
Ends = tuple[float, float]


@dataclass(frozen=True)
class Parts:
    """constant + slope * x + rest: an identity between ends for which it was made."""

    constant: Fraction
    slope: Fraction
    rest: Node

    @property
    def line(self) -> Node:
        """The line as a tree."""
        return plus(Number(self.constant), times(Number(self.slope), X))


def parted(node: Node, ends: Ends) -> Parts:
    """A smooth tree as a line and a rest, equal for all x between the ends."""
    match node:
        case Number(value):
            return Parts(value, Fraction(0), ZERO)
        case Symbol("x"):
            return Parts(Fraction(0), Fraction(1), ZERO)
        case Negate(operand):
            return _product(Parts(Fraction(-1), Fraction(0), ZERO), parted(operand, ends)) or _rest(node)
        case Binary("+" | "-" as operator, left, right):
            a, b = parted(left, ends), parted(right, ends)
            sign = 1 if operator == "+" else -1
            joined = plus(a.rest, b.rest) if sign > 0 else minus(a.rest, b.rest)
            return Parts(a.constant + sign * b.constant, a.slope + sign * b.slope, joined)
        case Binary("*", left, right):
            return _product(parted(left, ends), parted(right, ends)) or _rest(node)
        case Binary("/", left, right):
            below = parted(right, ends)
            if below.slope or below.rest != ZERO or not below.constant:
                return _rest(node)
            return _product(parted(left, ends), Parts(1 / below.constant, Fraction(0), ZERO)) or _rest(node)
        case Power(Call("tanh", (u,)), 2):
            # tanh(u)^2 = 1 - 4 sigmoid(2u) sigmoid(-2u)
            twice = times(_HALVES[1], u)
            lost = times(Call("sigmoid", (twice,)), Call("sigmoid", (_negative_twice(u),)))
            return Parts(Fraction(1), Fraction(0), times(Number(Fraction(-4)), lost))
        case Call(function, (argument,)):
            return _of_call(function, argument, ends) or _rest(node)
    return _rest(node)


def _rest(node: Node) -> Parts:
    return Parts(Fraction(0), Fraction(0), node)


def _product(a: Parts, b: Parts) -> Parts | None:
    if a.slope and b.slope:
        return None
    rest = plus(plus(times(a.line, b.rest), times(b.line, a.rest)), times(a.rest, b.rest))
    return Parts(a.constant * b.constant, a.constant * b.slope + a.slope * b.constant, rest)


def _negative_twice(u: Node) -> Node:
    return folded(Negate(times(_HALVES[1], u)))


def _of_call(function: str, u: Node, ends: Ends) -> Parts | None:
    """A function that tends to a line, by the sign of its argument."""
    low, high = intervals.enclose(u, *ends)
    if not (low > 0 or high < 0):
        return None
    positive, opposite = bool(low > 0), folded(Negate(u))
    one, none = Fraction(1), Fraction(0)
    match function, positive:
        case "tanh", True:  # 1 - 2 sigmoid(-2u)
            return Parts(one, none, times(Number(-2 * one), Call("sigmoid", (_negative_twice(u),))))
        case "tanh", False:  # 2 sigmoid(2u) - 1
            return Parts(-one, none, times(_HALVES[1], Call("sigmoid", (times(_HALVES[1], u),))))
        case "sigmoid" | "Phi", True:  # 1 - f(-u)
            return Parts(one, none, folded(Negate(Call(function, (opposite,)))))
        case "erf", True:
            return Parts(one, none, folded(Negate(Call("erfc", (u,)))))
        case "erf", False:
            return Parts(-one, none, Call("erfc", (opposite,)))
        case "erfc", False:
            return Parts(2 * one, none, folded(Negate(Call("erfc", (opposite,)))))
        case "log1pexp", True:  # u + log(1 + exp(-u))
            inner = parted(u, ends)
            return Parts(inner.constant, inner.slope, plus(inner.rest, Call("log1pexp", (opposite,))))
    return None


def line_between(node: Node, ends: Ends) -> Line | Taylor | None:
    """The line that stands for a smooth tree between the ends, if there is one."""
    parts = parted(node, ends)
    found = None if parts.constant or parts.slope else _vanishing(parts.rest, ends)
    found = found or _vanishing(node, ends) or _saturated(node, ends)
    if found is not None or not (parts.constant or parts.slope):
        return found
    size = _size(parts.rest, ends)
    at_ends = [abs(parts.constant + parts.slope * Fraction(x)) for x in ends]
    line = exact_line(parts.constant, parts.slope, ends)
    if line is not None and size == 0:
        return line
    # A line is monotone: without a root between the ends it is smallest at one of them.
    root = parts.slope and ends[0] <= -parts.constant / parts.slope <= ends[1]
    if root or not size < SHARE * balls.ball(min(at_ends)):
        return None
    share = size / balls.ball(min(at_ends))
    if line is None:
        return _constant(parts, share)
    return with_rest(line, _sign(parts.rest, ends), share)


def _constant(parts: Parts, share: Any) -> Taylor | None:
    """A constant that is no float64 number, and a rest."""
    if parts.slope:
        return None
    scale = -_exponent(parts.constant)
    value = parts.constant * Fraction(2) ** scale
    main = float(value)
    low = float(value - Fraction(main))
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        return None
    lacking = abs(value - Fraction(main) - Fraction(low))
    if not lacking and share == 0:
        # Without a radius ties are seen for what they are, however many inputs share one value.
        return Taylor(0.0, 1024, 0, 0, scale, (main,), (low,), 0.0)
    radius = float(lacking) + 2 * float(share.upper()) + 2.0**-1000
    return Taylor(0.0, 1024, 0, 0, scale, (main,), (low,), radius * (1 + 2.0**-40))


def _size(node: Node, ends: Ends) -> Any:
    """A bound of abs(f); infinite where there is none."""
    if node == ZERO:
        return arb(0)
    low, high = intervals.enclose(node, *ends)
    size = abs(low).max(abs(high)).upper()
    far = tails.monomial(node, ends)
    if far is not None:
        size = size.min(far.size(ends)) if size.is_finite() else far.size(ends)
    return size if size.is_finite() else arb("inf")


def _sign(node: Node, ends: Ends) -> int:
    """The strict sign of a tree between the ends; 0 where it is not known."""
    found = sign_between(node, ends)
    far = None if found else tails.monomial(node, ends)
    return found if far is None else far.sign(ends)


def _vanishing(node: Node, ends: Ends) -> Line | None:
    """Where all of a function is as good as nothing, with its sign."""
    size = _size(node, ends)
    if not size < VANISHING:
        return None
    sign = 0 if node == ZERO else _sign(node, ends)
    return Line(0.0, 0.0, 0, MOST_SCALE, sign, 0.0, scaled_radius(size, MOST_SCALE))


def with_rest(line: Line, sign: int, share: Any) -> Line:
    """The line with a rest of a known sign or of none, up to a share of the line."""
    relative = float(share.upper()) * (1 + 2.0**-40) + 2.0**-900
    return Line(line.constant, line.slope, line.shift, line.scale, sign, relative, 0.0)


def scaled_radius(size: Any, scale: int) -> float:
    """A bound of 2^scale times a size, in float64."""
    if size == 0:
        return 0.0
    return float((size * power_of_two(scale)).upper()) * (1 + 2.0**-40) + 2.0**-1000


def _saturated(node: Node, ends: Ends) -> Line | None:
    """Beyond everything that counts, f stands for an infinity: its size does not matter."""
    low, high = intervals.enclose(node, *ends)
    sign = 1.0 if low > SATURATED else -1.0 if high < -SATURATED else 0.0
    return Line(sign * 2.0 ** (1030 + LEAST_SCALE), 0.0, 0, LEAST_SCALE, 0, 0.0, 0.0) if sign else None


def exact_line(constant: Fraction, slope: Fraction, ends: Ends) -> Line | None:
    """A line whose numbers are float64 and for which every step below is without under- and overflow."""
    exponents = [math.frexp(x)[1] for x in ends]
    shift = min(max(-(sum(exponents) // 2), -700), 700) if slope else 0
    if slope and constant and min(exponents) > -400 and max(exponents) < 400:
        shift = 0
    largest = slope or constant
    scale = shift - _exponent(largest)
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        return None
    a, b = constant * Fraction(2) ** scale, slope * Fraction(2) ** (scale - shift)
    if not all(abs(v) < 2**400 and Fraction(float(v)) == v for v in (a, b)):
        return None
    if slope and not all(-520 <= e + shift <= 520 for e in exponents):
        return None
    return Line(float(a), float(b), shift, scale, 0, 0.0, 0.0)


def _exponent(value: Fraction) -> int:
    return abs(value).numerator.bit_length() - value.denominator.bit_length()
