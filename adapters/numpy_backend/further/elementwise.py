"""quick_gelu, relu_squared, hard_mish, squareplus and softcap."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import sqrt
from typing import ClassVar

import numpy as np

from actcheck.adapters.numpy_backend.arrays import Array, Doubles
from actcheck.adapters.numpy_backend.elementwise import Elementwise, unless_nan
from actcheck.adapters.numpy_backend.gated import gated, gated_slope
from actcheck.adapters.numpy_backend.primitives import FAR, Exponential, scaled_exponential
from actcheck.adapters.numpy_backend.smooth import logistic_slope


class QuickGELU(Elementwise):
    """x*s(1.702*x), s the logistic function."""

    _rate: ClassVar[Fraction] = Fraction("1.702")

    def _argument(self, x: Doubles) -> tuple[Doubles, Exponential]:
        """x held so that -infinity gives 0, and exp(1.702*x)."""
        held = np.clip(x, -FAR, FAR)
        return held, scaled_exponential(held, self._rate)

    def forward(self, x: Doubles) -> Doubles:
        """See `gated`."""
        return gated(np.maximum(x, -FAR), self._argument(x)[1])

    def gradient(self, x: Doubles) -> Doubles:
        """See `gated_slope`."""
        return gated_slope(*self._argument(x), float(self._rate))

    def second_derivative(self, x: Doubles) -> Doubles:
        """1.702*e*((2 - v) + e*(2 + v))/(1 + e)^3 with v = 1.702*abs(x), e = exp(-v)."""
        decay = self._argument(x)[1].decay()
        more, size = 1 + decay.value, -decay.argument
        factor = float(self._rate) * ((2 - size) + decay.value * (2 + size))
        return decay.times(factor / (more * more * more))


class ReLUSquared(Elementwise):
    """max(0, x)^2."""

    def forward(self, x: Doubles) -> Doubles:
        """One product."""
        return np.where(x < 0, 0.0, x * x)

    def gradient(self, x: Doubles) -> Doubles:
        """2*max(0, x)."""
        return np.where(x < 0, 0.0, 2 * x)

    def second_derivative(self, x: Doubles) -> Doubles:
        """2 above 0, and 0 at 0."""
        return unless_nan(x, np.where(x > 0, 2.0, 0.0))

    def integers(self, x: Array) -> Array:
        """One product; raises TypeError where the type does not hold the square of some element."""
        held = np.maximum(x, 0)
        if held.size and int(held.max()) ** 2 > np.iinfo(x.dtype).max:
            raise TypeError(f"{self.label}: the square of {held.max()} is no number of type {x.dtype}")
        return held * held


class HardMish(Elementwise):
    """x/2 times x + 2, which is held between 0 and 2."""

    def forward(self, x: Doubles) -> Doubles:
        """Half of x*(x + 2) between -2 and 0."""
        curve = 0.5 * x * (x + 2)
        return np.where(x <= -2, np.copysign(0.0, x), np.where(x >= 0, x, curve))

    def gradient(self, x: Doubles) -> Doubles:
        """x + 1 from -2 to 0."""
        return unless_nan(x, np.where(x < -2, 0.0, np.minimum(x, 0) + 1))

    def second_derivative(self, x: Doubles) -> Doubles:
        """1 between -2 and 0."""
        return unless_nan(x, np.where((x > -2) & (x < 0), 1.0, 0.0))


@dataclass(frozen=True)
class Squareplus(Elementwise):
    """(x + sqrt(x^2 + b))/2."""

    b: float = 4.0

    def check(self) -> None:
        """Refuse a bend that is none."""
        self.refuse_unless_positive("b")

    @cached_property
    def _width(self) -> float:
        return sqrt(self.b)

    def _root(self, x: Doubles) -> Doubles:
        return np.asarray(np.hypot(x, self._width))

    def forward(self, x: Doubles) -> Doubles:
        """Below 0 as b/2/(sqrt(x^2 + b) - x), in halves that do not overflow."""
        root = 0.5 * self._root(x)
        half = 0.5 * x
        return np.where(x < 0, 0.25 * self.b / (root - half), half + root)

    def gradient(self, x: Doubles) -> Doubles:
        """(1 + x/root)/2, below 0 as b/2/(root*(root - x))."""
        held = np.clip(x, -(2.0**1000), 2.0**1000)
        root = self._root(held)
        left = 0.5 * (self._width / root) * (self._width / (root + np.abs(held)))
        return np.where(held < 0, left, 0.5 + 0.5 * (held / root))

    def second_derivative(self, x: Doubles) -> Doubles:
        """b/2/root^3."""
        root = self._root(x)
        share = self._width / root
        return 0.5 * share * share / root


@dataclass(frozen=True)
class Softcap(Elementwise):
    """cap*tanh(x/cap)."""

    cap: float = 50.0

    def check(self) -> None:
        """Refuse a cap that nothing fits under."""
        self.refuse_unless_positive("cap")

    def _twice(self, x: Doubles) -> Exponential:
        """exp(2*x/cap)."""
        return scaled_exponential(x, 2 / Fraction(self.cap))

    def forward(self, x: Doubles) -> Doubles:
        """numpy's tanh; where x/cap would underflow the answer is x."""
        return np.where(np.abs(x) < self.cap * 2.0**-60, x, self.cap * np.tanh(x / self.cap))

    def gradient(self, x: Doubles) -> Doubles:
        """4*s'(2*x/cap), instead of 1 - tanh^2."""
        return logistic_slope(self._twice(x), 4.0)

    def second_derivative(self, x: Doubles) -> Doubles:
        """-2*tanh*tanh'/cap."""
        return logistic_slope(self._twice(x), -8 * (np.tanh(x / self.cap) / self.cap))
