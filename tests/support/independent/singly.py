"""Results judged one by one, in any format: a float64 leaves no room beside it for what it lacks.

Where `judging` compares a float64 and a rest for many inputs at once, this compares the value itself with
rationals, at rising precision: a ball, or a rational and a rest of known sign (`splitting`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from flint import arb, fmpq

from actcheck.reference.expressions.tree import ZERO, Node
from actcheck.reference.formats import Format
from actcheck.reference.specification.binding import Bound
from tests.support.independent.differentiating import read
from tests.support.independent.numbers.columns import Columns, rational
from tests.support.independent.numbers.ranges import Range, precision
from tests.support.independent.numbers.splitting import Splits
from tests.support.independent.questions import ORDERS, zero_sign
from tests.support.independent.trees import is_rational, readable

_BITS = [256 << 2 * k for k in range(6)]
#: How well errors are known, relative to themselves and in units.
_CLOSE, _LEAST = 2.0**-45, 2.0**-200

#: A rational, and what the value has beyond it.
Parts = tuple[Any, Range]


@dataclass(frozen=True)
class Single:
    """What one result comes to; errors in ULP, as intervals."""

    correct: bool
    faithful: bool
    #: The class of its fault, or nothing.
    wrong: str
    error: tuple[float, float]
    scaled: tuple[float, float]


class Value:
    """The derivative of an order of a tree (see `trees.readable`) at one finite input."""

    def __init__(self, node: Node, order: int, x: float) -> None:
        self._node, self._order, self._x = node, order, x
        self._known: list[tuple[int, Parts]] = []
        rational_ways = [(_BITS[0], self._exactly)]
        self._readings = iter(rational_ways if is_rational(node) else product(_BITS, self._ways))

    @classmethod
    def of(cls, number: Any) -> Value:
        """A rational."""
        made = cls(ZERO, 0, 0.0)
        made._known, made._readings = [(_BITS[0], (number, Range.of(0)))], iter(())
        return made

    def parts(self) -> Iterator[Parts]:
        """Better and better readings, at the precision of each. Raises ArithmeticError after the last."""
        for bits, known in self._known:
            with precision(bits):
                yield known
        for bits, way in self._readings:
            with precision(bits):
                self._known.append((bits, way()))
                yield self._known[-1][1]
        raise ArithmeticError(f"no precision settles it at {self._x.hex()}")

    @property
    def _ways(self) -> tuple[Callable[[], Parts], ...]:
        """A ball, which precision narrows, and a rational with a rest, which has a side however tiny."""
        return self._in_a_ball, self._split

    def _exactly(self) -> Parts:
        column = read(self._node, Columns([self._x], exact=True), self._order)[self._order]
        value = column[0] if isinstance(column, list) else column
        return fmpq(0) if value is None else value, Range.of(0)

    def _in_a_ball(self) -> Parts:
        column = read(self._node, Columns([self._x]), self._order)[self._order]
        value = column[0] if isinstance(column, list) else column
        return fmpq(0), Range.of(0 if value is None else value)

    def _split(self) -> Parts:
        splits = Splits(self._x, self._x)
        value = read(self._node, splits, self._order)[self._order]
        return (value.constant, splits.rest(value)) if value else (fmpq(0), Range.of(0))

    def side(self, of: Any) -> int:
        """-1, 0 or 1: where the value lies of a rational."""
        for exact, rest in self.parts():
            sign = (Range.of(arb(exact - of)) + rest).sign if exact != of else rest.sign
            if sign is not None:
                return sign
        raise AssertionError("the last precision raises")

    def reaches(self, size: Any) -> bool:
        """Whether its magnitude is at least this."""
        return self.side(size) >= 0 or self.side(-size) <= 0

    def exponent(self, form: Format) -> int:
        """floor(log2(abs(value))) within the exponents of the format."""
        low, high = form.emin, form.emax + 1
        exact, rest = next(self.parts())
        guess = math.frexp(float((arb(exact) + rest.low).mid()))[1] - 1
        if low < guess < high - 1 and self.reaches(_power(guess)) and not self.reaches(_power(guess + 1)):
            return guess
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if self.reaches(_power(middle)) else (low, middle)
        return low

    def distance(self, of: Any, unit: Any) -> tuple[float, float]:
        """How far it is from a rational, in units, between two numbers."""
        for exact, rest in self.parts():
            apart = ((Range.of(arb(of - exact)) - rest) * Range.of(arb(1 / unit))).magnitude()
            low, high = float(apart.low.abs_lower()), float(apart.high.abs_upper())
            if low == high or (high < math.inf and high - low <= _CLOSE * high + _LEAST):
                return low * (1 - 2.0**-52), high * (1 + 2.0**-52)
        raise AssertionError("the last precision raises")


@lru_cache(maxsize=1 << 13)
def _power(exponent: int) -> Any:
    return fmpq(2) ** exponent


@lru_cache(maxsize=64)
def _nodes(bound: Bound, quantity: str) -> tuple[tuple[Node, ...], Node]:
    return tuple(readable(piece.value) for piece in bound.pieces), readable(bound.scale(quantity))


def judge_one(bound: Bound, quantity: str, form: Format, x: float, y: float) -> Single:
    """Judge one result at one finite input that is no kink of a derivative."""
    pieces, scale = _nodes(bound, quantity)
    value = _clamped(Value(pieces[bound.select(Fraction(x))], ORDERS[quantity], x), form)
    if np.isnan(y):
        return Single(False, False, "wrong_nan", (math.inf, math.inf), (math.inf, math.inf))
    stands = rational(y) if np.isfinite(y) else _power(form.emax + 1) * int(np.sign(y))
    exponent, wrong = value.exponent(form), _fault(value, form, x, y, zero_sign(bound, quantity))
    larger = max(exponent, Value(scale, 0, x).exponent(form))
    unit, scaled_unit = (_power(e - form.precision + 1) for e in (exponent, larger))
    near = value.side(stands - unit) > 0 and value.side(stands + unit) < 0
    faithful = wrong == "wrong_zero_sign" or (near and wrong != "wrong_infinity")
    error, scaled = (value.distance(stands, of) for of in (unit, scaled_unit))
    return Single(not wrong and _is_nearest(value, form, y), faithful, wrong, error, scaled)


def _clamped(value: Value, form: Format) -> Value:
    """Beyond where the infinity stands a value is taken to stand there too."""
    top = _power(form.emax + 1)
    if value.side(top) >= 0:
        return Value.of(top)
    return Value.of(-top) if value.side(-top) <= 0 else value


def _fault(value: Value, form: Format, x: float, y: float, sign_of_zero: str) -> str:
    if np.isinf(y):
        over = rational(form.overflow)
        reached = value.side(over) >= 0 if y > 0 else value.side(-over) <= 0
        return "" if reached else "wrong_infinity"
    if y == 0 and x == 0 and value.side(fmpq(0)) == 0:
        wanted = math.copysign(1, x) if sign_of_zero == "input" else 1
        wrong = sign_of_zero != "either" and math.copysign(1, y) != wanted
        return "wrong_zero_sign" if wrong else ""
    return "lost_to_zero" if y == 0 and value.reaches(_power(form.emin)) else ""


def _is_nearest(value: Value, form: Format, y: float) -> bool:
    """Whether the value lies between the middles to both neighbours, at one only if y is even."""
    key, sign = form.key(abs(y)), int(math.copysign(1, y))
    size, even = _standing(form, key), key % 2 == 0
    middles = ((size + _standing(form, key + step)) / 2 for step in (-1, 1))
    below, above = (sign * value.side(sign * middle) for middle in middles)
    no_more = above < 0 or (even and above == 0) or key == form.infinity_key
    return no_more and (below > 0 or (even and below == 0))


def _standing(form: Format, key: int) -> Any:
    """The number with a magnitude's key: below zero the smallest, the infinity where it stands."""
    if key < 0:
        return -rational(form.smallest)
    return rational(form.value(key)) if key < form.infinity_key else _power(form.emax + 1)
