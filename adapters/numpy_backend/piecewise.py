"""The activations made of straight lines (and hardswish, a parabola between two of them).

The derivative at a kink is the one that torch answers. NaN compares false, so that the input itself
stands where no comparison holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite
from typing import Any, ClassVar

import numpy as np

from actcheck.adapters.numpy_backend.arrays import Array, Doubles, floating, map_blocks, matching
from actcheck.adapters.numpy_backend.elementwise import Elementwise, unless_nan
from actcheck.adapters.numpy_backend.primitives import nearest


class Lines(Elementwise):
    """An activation whose second derivative is zero."""

    def second_derivative(self, x: Doubles) -> Doubles:
        """Zero, also at the kinks."""
        return unless_nan(x, 0.0)

    def whole(self, name: str) -> int:
        """A parameter as an integer; raises TypeError where it is none."""
        value = getattr(self, name)
        if not isfinite(value) or value != int(value):
            raise TypeError(f"{self.label}: integer arrays need an integer {name}, not {value!r}")
        return int(value)


class ReLU(Lines):
    """max(0, x)."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """By comparison: the maximum of two zeros may have either sign."""
        return np.where(x < 0, 0.0, x)

    def gradient(self, x: Doubles) -> Doubles:
        """1 above 0, and 0 at 0."""
        return unless_nan(x, x > 0)

    def integers(self, x: Array) -> Array:
        """max(0, x)."""
        return np.maximum(x, 0)


@dataclass(frozen=True)
class Hardtanh(Lines):
    """x, held between min_val and max_val."""

    min_val: float = -1.0
    max_val: float = 1.0
    has_in_place: ClassVar[bool] = True

    def check(self) -> None:
        """Refuse an empty range."""
        low, high = self.min_val, self.max_val
        if not low < high:
            raise ValueError(f"{self.label}: min_val {low!r} must be less than max_val {high!r}")

    def forward(self, x: Doubles) -> Doubles:
        """By comparisons, which keep -0 and NaN."""
        return np.where(x > self.max_val, self.max_val, np.where(x < self.min_val, self.min_val, x))

    def gradient(self, x: Doubles) -> Doubles:
        """1 strictly between the bounds, and at an infinity that is one: no finite number is held there."""
        inside = (x > self.min_val) & (x < self.max_val)
        return unless_nan(x, inside | (np.isinf(x) & ((x == self.min_val) | (x == self.max_val))))

    def integers(self, x: Array) -> Array:
        """Integer bounds only; a bound beyond the type's range has no effect, unless all values are."""
        low, high = self.whole("min_val"), self.whole("max_val")
        info = np.iinfo(x.dtype)
        if high < info.min or low > info.max:
            raise TypeError(f"{self.label}: no number from {low} to {high} is of type {x.dtype}")
        return np.clip(x, max(low, info.min), min(high, info.max))


class ReLU6(Lines):
    """min(max(0, x), 6)."""

    has_in_place: ClassVar[bool] = True
    _clamp: ClassVar[Hardtanh] = Hardtanh(0.0, 6.0)

    def forward(self, x: Doubles) -> Doubles:
        """hardtanh between 0 and 6."""
        return self._clamp.forward(x)

    def gradient(self, x: Doubles) -> Doubles:
        """1 strictly between 0 and 6."""
        return self._clamp.gradient(x)

    def integers(self, x: Array) -> Array:
        """hardtanh between 0 and 6."""
        return self._clamp.integers(x)


@dataclass(frozen=True)
class Threshold(Lines):
    """x above threshold, value elsewhere."""

    threshold: float
    value: float
    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """The comparison is with <=, so that NaN stays; above -inf is every number, and so its limit."""
        return x if self.threshold == -inf else np.where(x <= self.threshold, self.value, x)

    def gradient(self, x: Doubles) -> Doubles:
        """1 above the threshold, and 0 at it."""
        return unless_nan(x, x > self.threshold if self.threshold > -inf else 1.0)

    def integers(self, x: Array) -> Array:
        """Integer parameters only, and a value of the array's own type."""
        threshold, value = self.whole("threshold"), self.whole("value")
        info = np.iinfo(x.dtype)
        if not info.min <= value <= info.max:
            raise TypeError(f"{self.label}: value {value} is not of type {x.dtype}")
        if threshold < info.min:
            return x.copy()
        return np.where(x <= min(threshold, info.max), x.dtype.type(value), x)


class Hardsigmoid(Lines):
    """x/6 + 1/2, held between 0 and 1."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """As (x + 3)/6, whose sum is exact near its root."""
        return np.clip((x + 3) / 6, 0, 1)

    def gradient(self, x: Doubles) -> Doubles:
        """1/6 strictly between -3 and 3."""
        return unless_nan(x, np.where(np.abs(x) < 3, 1 / 6, 0.0))


class Hardswish(Elementwise):
    """x*hardsigmoid(x)."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """A product with a factor of at most 1 cannot overflow, and x held at -3 has no NaN at -infinity."""
        held = np.maximum(x, -3)
        return np.asarray(held * (np.minimum(held + 3, 6) / 6))

    def gradient(self, x: Doubles) -> Doubles:
        """x/3 + 1/2 as (2*x + 3)/6, whose sum is exact near its root."""
        return np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, (2 * x + 3) / 6))

    def second_derivative(self, x: Doubles) -> Doubles:
        """1/3 strictly between -3 and 3."""
        return unless_nan(x, np.where(np.abs(x) < 3, 1 / 3, 0.0))


@dataclass(frozen=True)
class Shrink(Lines):
    """What the two shrinks share: a range around 0 that they send to 0."""

    lambd: float = 0.5

    def check(self) -> None:
        """Refuse a negative lambd."""
        if self.lambd < 0:
            raise ValueError(f"{self.label}: lambd must not be negative, and is {self.lambd!r}")

    def gradient(self, x: Doubles) -> Doubles:
        """1 outside of -lambd to lambd; where lambd is 0 the function is x, and has no kink."""
        return unless_nan(x, np.abs(x) > self.lambd if self.lambd else 1.0)


class Hardshrink(Shrink):
    """x outside of -lambd to lambd, 0 inside."""

    def forward(self, x: Doubles) -> Doubles:
        """The comparison is with <=, so that NaN stays."""
        return np.where(np.abs(x) <= self.lambd, 0.0, x)


class Softshrink(Shrink):
    """x moved towards 0 by lambd."""

    def check(self) -> None:
        """Refuse a lambd that nothing can be moved by."""
        super().check()
        if not isfinite(self.lambd):
            raise ValueError(f"{self.label}: lambd must be finite, and is {self.lambd!r}")

    def forward(self, x: Doubles) -> Doubles:
        """x less x held between -lambd and lambd: one rounding, and +0 inside."""
        return x - np.clip(x, -self.lambd, self.lambd)


class Leaky(Lines):
    """x, with the slope `slope` on the negative side."""

    has_in_place: ClassVar[bool] = True

    @property
    def slope(self) -> float:
        """The slope for negative x."""
        raise NotImplementedError(f"{type(self).__name__} must define slope")

    def forward(self, x: Doubles) -> Doubles:
        """A slope of 0 has the limit 0 at -infinity, where the product would be NaN."""
        return np.where(x < 0, self.slope * x if self.slope else 0.0, x)

    def gradient(self, x: Doubles) -> Doubles:
        """1 above 0, and the slope at 0."""
        return unless_nan(x, np.where(x > 0, 1.0, self.slope))


@dataclass(frozen=True)
class LeakyReLU(Leaky):
    """x, with another slope on the negative side."""

    negative_slope: float = 0.01

    @property
    def slope(self) -> float:
        """The slope for negative x."""
        return self.negative_slope


@dataclass(frozen=True)
class RReLU(Leaky):
    """In evaluation leaky_relu with the mean slope, in training with a random slope for each element."""

    lower: float = 1 / 8
    upper: float = 1 / 3

    def check(self) -> None:
        """Refuse an empty or infinite range."""
        if not (isfinite(self.lower) and isfinite(self.upper) and self.lower <= self.upper):
            raise ValueError(
                f"{self.label}: lower {self.lower!r} and upper {self.upper!r} must be finite, lower <= upper"
            )

    @property
    def slope(self) -> float:
        """The mean of lower and upper, rounded once."""
        return nearest((Fraction(self.lower) + Fraction(self.upper)) / 2)

    def sampled(self, x: Any, upstream: Any, seed: int) -> tuple[Array, Array]:
        """The training form and its gradient with the same slopes, one drawn for every element in C order."""
        array = floating(x, self.label)
        given = matching(upstream, array.shape, array.dtype, self.label)
        slopes = np.asarray(np.random.default_rng(seed).uniform(self.lower, self.upper, array.shape))
        value = map_blocks(lambda x, s: np.where(x < 0, s * x, x), array, slopes)
        return value, map_blocks(
            lambda x, u, s: unless_nan(x, np.where(x > 0, 1.0, s)) * u, array, given, slopes
        )
