"""What a function is far out: a power of x times a number, up to a share that no result shows.

Most algebraic functions are: x/(1 + abs(x))^2 is 1/x less about 2/x^2. For all x beyond some size, every part
of a tree is x^n times a ball of numbers, and balls carry what the other terms come to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flint import arb

from actcheck.reference.certificates.wide.expanding import BITS, power_of_two
from actcheck.reference.certificates.wide.proving import SLACK, of_quotients, upper
from actcheck.reference.certificates.wide.segment import LEAST_SCALE, MOST_SCALE, Taylor
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol

Ball = Any  # flint.arb
Ends = tuple[float, float]
#: Of the other terms, relative to the first.
SHARE = 2.0**-108
#: The most negative power: each quotient loses a little.
LOWEST = -6
#: A value of 2^scale * f is no smaller than two to this: judging loses nothing to underflow then.
_SMALLEST = -515


@dataclass(frozen=True)
class Monomial:
    """f(x) = x^power * b with b in a ball, for all x between the ends for which it was made."""

    power: int
    factor: Ball

    def sign(self, ends: Ends) -> int:
        """The strict sign of f between the ends; 0 where it is not known."""
        sign = 1 if self.factor > 0 else -1 if self.factor < 0 else 0
        return -sign if ends[0] < 0 and self.power % 2 else sign

    def size(self, ends: Ends) -> Ball:
        """A bound of abs(f) between the ends."""
        x = max(ends, key=abs) if self.power > 0 else min(ends, key=abs)
        return (abs(self.factor) * abs(arb(x)) ** self.power).upper()


def monomial(node: Node, ends: Ends) -> Monomial | None:
    """A smooth tree as a power of x and a ball, between ends on one side of 0; None where it is none."""
    if ends[0] <= 0 <= ends[1]:
        return None
    with balls.precision(BITS, 1):
        found = _read(node, ends)
    return found if found is not None and found.factor.is_finite() else None


def _read(node: Node, ends: Ends) -> Monomial | None:
    match node:
        case Number(value):
            return Monomial(0, balls.ball(value))
        case Symbol("x"):
            return Monomial(1, arb(1))
        case Symbol("pi"):
            return Monomial(0, arb.pi())
        case Negate(operand):
            u = _read(operand, ends)
            return u and Monomial(u.power, -u.factor)
        case Power(base, exponent):
            u = _read(base, ends)
            return u and Monomial(u.power * exponent, u.factor**exponent)
        case Call("sqrt", (argument,)):
            return _root(_read(argument, ends), ends)
        case Binary(operator, left, right):
            a, b = _read(left, ends), _read(right, ends)
            return None if a is None or b is None else _joined(operator, a, b, ends)
    return None


def _joined(operator: str, a: Monomial, b: Monomial, ends: Ends) -> Monomial | None:
    match operator:
        case "*":
            return Monomial(a.power + b.power, a.factor * b.factor)
        case "/":
            return None if b.factor.contains(0) else Monomial(a.power - b.power, a.factor / b.factor)
    other = b if operator == "+" else Monomial(b.power, -b.factor)
    more, less = (a, other) if a.power >= other.power else (other, a)
    # x^less / x^more is a power of 1/x.
    inverse = (1 / arb(ends[0])).union(1 / arb(ends[1]))
    return Monomial(more.power, more.factor + less.factor * inverse ** (more.power - less.power))


def _root(u: Monomial | None, ends: Ends) -> Monomial | None:
    """The square root: of x^2 it is abs(x)."""
    if u is None or u.power % 2 or not u.factor > 0:
        return None
    half = u.power // 2
    root = u.factor.sqrt()
    return Monomial(half, -root if ends[0] < 0 and half % 2 else root)


def taylor(node: Node, ends: Ends) -> Taylor | None:
    """The one term that stands for a smooth tree between the ends, if there is one."""
    found = monomial(node, ends)
    if found is None or not LOWEST <= found.power <= 0:
        return None
    with balls.precision(BITS, 1):
        if not found.factor.rad() < SHARE * abs(found.factor):
            return None
        power, exponents = found.power, [math.frexp(x)[1] for x in ends]
        shift = -(sum(exponents) // 2) if power else 0
        steps = [power * (e + shift) for e in exponents]
        if power and max(map(abs, steps)) > 450:
            return None
        size = found.factor.mid().man_exp()
        exponent = int(size[1]) + int(size[0]).bit_length()
        scale = min(max(power * shift - exponent, LEAST_SCALE), MOST_SCALE)
        factor = found.factor * power_of_two(scale - power * shift)
        main = float(factor.mid())
        rest = float((factor - main).mid())
        if math.frexp(main)[1] + (min(steps) if power else 0) < _SMALLEST:
            return None
        absolute = upper(factor - main - rest)
    if not power:
        return Taylor(0.0, 1024, 0, 0, scale, (main,), (rest,), absolute)
    relative = absolute / (abs(main) - abs(rest) - absolute) * SLACK
    radius = (relative + of_quotients(-power)) * SLACK
    return Taylor(0.0, 1024, power, shift, scale, (main,), (rest,), radius * (1 + 2 * radius) * SLACK)
