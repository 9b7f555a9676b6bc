"""Numbers that keep apart what is exact from what is next to nothing: a polynomial in x, and a rest.

1 - 2exp(-2x) at x = 10^30 lies so close below 1 that no precision tells it from 1. Kept as the polynomial 1
and a small negative rest, its side is known at any precision, and for a whole interval of x. The rest is a
sum of coefficients times tiny factors such as exp(-2x), each known by a tag: 1 - exp(-x) + x*exp(-x) is
above 1 wherever x > 1, which the two terms apart do not tell of an interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_poly

from actcheck.reference.expressions.tree import Call, Node
from tests.support.independent.differentiating import Jet
from tests.support.independent.numbers.columns import rational
from tests.support.independent.numbers.ranges import Range

_ZERO = Range.of(0)


@dataclass(frozen=True, slots=True)
class Tag:
    """The factor exp(-multiple*abs(v)), or exp(-v^2*multiple), for the value v of a node."""

    node: Node
    multiple: Fraction
    square: bool = False


Rest = Mapping[Tag | None, Range]


@dataclass(frozen=True, slots=True)
class Split:
    """exact(x) plus, for each tag of the rest, a coefficient times its factor; the tag None stands for 1."""

    exact: Any
    rest: Rest

    @property
    def constant(self) -> Any:
        """The exact part where it does not depend on x, else None."""
        return self.exact[0] if self.exact.degree() <= 0 else None

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly 0."""
        return bool(self.exact.degree() < 0 and not self.rest)

    def __neg__(self) -> Split:
        return Split(-self.exact, {tag: -c for tag, c in self.rest.items()})


def only(value: Any) -> Split:
    """An exact constant."""
    return Split(fmpq_poly([value]), {})


def bare(value: Range) -> Split:
    """A number of which no part is known exactly."""
    return Split(fmpq_poly([]), {} if value.is_zero else {None: value})


class Splits:
    """The algebra of split numbers for x in an interval, or at one rational x."""

    def __init__(self, low: float, high: float) -> None:
        self.inside = Range.of(low) if low == high else Range(arb(low), arb(high))
        # Where x is one rational it is a constant, and polynomials in it never arise.
        self.input = only(rational(low)) if low == high else Split(fmpq_poly([0, 1]), {})
        #: The factor of each tag.
        self.factors: dict[Tag | None, Range] = {None: Range.of(1)}

    def rest(self, a: Split) -> Range:
        """The rest as a range."""
        total = _ZERO
        for tag, coefficient in a.rest.items():
            total += coefficient if tag is None else coefficient * self.factors[tag]
        return total

    def exact(self, a: Split) -> Range:
        """The exact part as a range."""
        total = _ZERO
        for coefficient in reversed(a.exact.coeffs()):
            total = total * self.inside + Range.of(coefficient)
        return total

    def range(self, a: Split) -> Range:
        """The whole number as a range."""
        return self.exact(a) + self.rest(a)

    def number(self, value: Fraction) -> Split:
        """A rational constant."""
        return only(rational(value))

    def pi(self) -> Split:
        """The constant."""
        return bare(Range.of(arb.pi()))

    def x(self) -> Split:
        """The input."""
        return self.input

    def plus(self, a: Split | None, b: Split | None) -> Split | None:
        """The sum."""
        if a is None or b is None:
            return b if a is None else a
        return Split(a.exact + b.exact, _joined(a.rest, b.rest))

    def minus(self, a: Split | None, b: Split | None) -> Split | None:
        """The difference."""
        return a if b is None else self.plus(a, -b)

    def times(self, a: Split | None, b: Split | None) -> Split | None:
        """(p + r)(q + s) = pq + ps + r(q + s)."""
        if a is None or b is None:
            return None
        left, whole = self.exact(a), self.range(b)
        rest = _joined(_scaled(b.rest, left), _scaled(a.rest, whole))
        return Split(a.exact * b.exact, rest)

    def over(self, a: Split | None, b: Split | None) -> Split | None:
        """(p + r)/(c + s) = p/c + r/c - (p + r)s/(c(c + s)), where s is small beside a constant c."""
        if a is None:
            return None
        assert b is not None, "a quotient by zero"
        c, small = b.constant, self.rest(b)
        if c is None or c == 0 or not small.most < abs(arb(c)) / 2:
            below = self.range(b).inverse()
            if a.exact.degree() >= 0:
                return bare(self.range(a) * below)
            return Split(a.exact, _scaled(a.rest, below))
        constant = Range.of(c)
        rest = _scaled(a.rest, constant.inverse())
        if b.rest:
            below = (constant * (constant + small)).inverse()
            rest = _joined(rest, _scaled(b.rest, -self.range(a) * below))
        return Split(a.exact * (1 / c), rest)

    def apply(self, call: Call, operands: Sequence[Split | None], order: int) -> Jet:
        """A function with its derivatives."""
        # A module of its own, which needs this one.
        from tests.support.independent.numbers.split_functions import FUNCTIONS  # noqa: PLC0415

        filled = [only(fmpq(0)) if operand is None else operand for operand in operands]
        return FUNCTIONS[call.function](self, call.arguments[0], *filled, order)


def _joined(a: Rest, b: Rest) -> Rest:
    joined = dict(a)
    for tag, coefficient in b.items():
        joined[tag] = joined[tag] + coefficient if tag in joined else coefficient
    return joined


def _scaled(rest: Rest, factor: Range) -> Rest:
    if factor.is_zero:
        return {}
    return {tag: coefficient * factor for tag, coefficient in rest.items()}
