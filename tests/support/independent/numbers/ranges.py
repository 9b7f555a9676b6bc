"""Closed intervals whose ends are thin balls, so that functions that rise or fall keep their sign far out.

One ball over [e^-2000, e^-10] holds 0 once its radius is rounded; two ends do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

Ball = Any  # flint.arb


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Arb's working precision within the block."""
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers from a number in the ball ``low`` to one in the ball ``high``."""

    low: Ball
    high: Ball

    @classmethod
    def of(cls, value: Any) -> Range:
        """A single number."""
        ball = arb(value)
        return cls(ball, ball)

    @property
    def single(self) -> bool:
        """Whether both ends are one ball."""
        return self.low is self.high

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly 0."""
        return bool(self.low.is_zero() and self.high.is_zero())

    @property
    def sign(self) -> int | None:
        """1, -1, or 0 for an exact zero; None where nothing is known."""
        if self.low > 0:
            return 1
        if self.high < 0:
            return -1
        return 0 if self.is_zero else None

    @property
    def most(self) -> Ball:
        """An upper bound of the magnitude."""
        return self.low.abs_upper().max(self.high.abs_upper())

    def rising(self, function: Callable[[Ball], Ball]) -> Range:
        """The image under a function that nowhere falls."""
        low = function(self.low)
        return Range(low, low if self.single else function(self.high))

    def falling(self, function: Callable[[Ball], Ball]) -> Range:
        """The image under a function that nowhere rises."""
        high = function(self.low)
        return Range(high if self.single else function(self.high), high)

    def __neg__(self) -> Range:
        return self.falling(lambda v: -v)

    def __add__(self, other: Range) -> Range:
        low = self.low + other.low
        return Range(low, low if self.single and other.single else self.high + other.high)

    def __sub__(self, other: Range) -> Range:
        return self + -other

    def __mul__(self, other: Range) -> Range:
        first = self.low * other.low
        if self.single and other.single:
            return Range(first, first)
        others = (self.low * other.high, self.high * other.low, self.high * other.high)
        low = high = first
        for product in others:
            low, high = low.min(product), high.max(product)
        return Range(low, high)

    def inverse(self) -> Range:
        """The reciprocals; everything where 0 may be among the numbers."""
        if self.sign in (None, 0):
            return Range(arb("-inf"), arb("inf"))
        return self.falling(lambda v: 1 / v)

    def magnitude(self) -> Range:
        """The absolute values."""
        if self.sign in (0, 1):
            return self
        return -self if self.sign == -1 else Range(arb(0), self.most)
