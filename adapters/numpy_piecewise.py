"""The activations made of straight lines (and hardswish, a parabola between two of them).

The derivative at a kink is the one that torch answers. NaN compares false, so that the branches put
the input itself where no comparison holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import ClassVar

import numpy as np

from actcheck.adapters.numpy_arrays import Array, Doubles
from actcheck.adapters.numpy_elementwise import Elementwise, flat, unless_nan
from actcheck.adapters.numpy_primitives import nearest


class Lines(Elementwise):
    """An activation whose second derivative is zero."""

    def second_derivative(self, x: Doubles) -> Doubles:
        return flat(x)


def _whole(value: float, owner: str, name: str) -> int:
    if not isfinite(value) or value != int(value):
        raise TypeError(f"{owner}: integer arrays need an integer {name}, not {value!r}")
    return int(value)


class ReLU(Lines):
    """max(0, x)."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        return np.where(x < 0, 0.0, x)

    def gradient(self, x: Doubles) -> Doubles:
        return unless_nan(x, x > 0)

    def integers(self, x: Array) -> Array:
        return np.maximum(x, 0)


@dataclass(frozen=True)
class Hardtanh(Lines):
    """x, held between min_val and max_val."""

    min_val: float = -1.0
    max_val: float = 1.0
    has_in_place: ClassVar[bool] = True

    def check(self) -> None:
        if not self.min_val < self.max_val:
            raise ValueError(f"{self.label}: min_val {self.min_val!r} must be less than max_val {self.max_val!r}")

    def forward(self, x: Doubles) -> Doubles:
        return np.where(x > self.max_val, self.max_val, np.where(x < self.min_val, self.min_val, x))

    def gradient(self, x: Doubles) -> Doubles:
        return unless_nan(x, (x > self.min_val) & (x < self.max_val))

    def integers(self, x: Array) -> Array:
        low, high = (_whole(v, self.label, n) for v, n in ((self.min_val, "min_val"), (self.max_val, "max_val")))
        info = np.iinfo(x.dtype)
        if high < info.min or low > info.max:
            raise TypeError(f"{self.label}: no value between {low} and {high} is of type {x.dtype}")
        return np.clip(x, max(low, info.min), min(high, info.max))


class ReLU6(Lines):
    """min(max(0, x), 6)."""

    has_in_place: ClassVar[bool] = True
    _clamp: ClassVar[Hardtanh] = Hardtanh(0.0, 6.0)

    def forward(self, x: Doubles) -> Doubles:
        return self._clamp.forward(x)

    def gradient(self, x: Doubles) -> Doubles:
        return self._clamp.gradient(x)

    def integers(self, x: Array) -> Array:
        return self._clamp.integers(x)


@dataclass(frozen=True)
class Threshold(Lines):
    """x above threshold, value elsewhere."""

    threshold: float
    value: float
    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        return np.where(x <= self.threshold, self.value, x)

    def gradient(self, x: Doubles) -> Doubles:
        return unless_nan(x, x > self.threshold)

    def integers(self, x: Array) -> Array:
        threshold, value = (_whole(getattr(self, n), self.label, n) for n in ("threshold", "value"))
        info = np.iinfo(x.dtype)
        if not info.min <= value <= info.max:
            raise TypeError(f"{self.label}: value {value} is not of type {x.dtype}")
        return np.where(x <= threshold, x.dtype.type(value), x)


class Hardsigmoid(Lines):
    """x/6 + 1/2, held between 0 and 1; as (x + 3)/6, whose sum is exact near -3."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        return np.clip((x + 3) / 6, 0, 1)

    def gradient(self, x: Doubles) -> Doubles:
        return unless_nan(x, np.where(np.abs(x) < 3, 1 / 6, 0.0))


class Hardswish(Elementwise):
    """x*hardsigmoid(x): the product with a factor of at most 1 cannot overflow."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        held = np.maximum(x, -3)
        return held * (np.minimum(held + 3, 6) / 6)

    def gradient(self, x: Doubles) -> Doubles:
        return np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, (2 * x + 3) / 6))

    def second_derivative(self, x: Doubles) -> Doubles:
        return unless_nan(x, np.where(np.abs(x) < 3, 1 / 3, 0.0))


@dataclass(frozen=True)
class _Shrink(Lines):
    lambd: float = 0.5

    def check(self) -> None:
        if self.lambd < 0:
            raise ValueError(f"{self.label}: lambd must not be negative, and is {self.lambd!r}")

    def gradient(self, x: Doubles) -> Doubles:
        return unless_nan(x, np.abs(x) > self.lambd)


class Hardshrink(_Shrink):
    """x outside of -lambd to lambd, 0 inside."""

    def forward(self, x: Doubles) -> Doubles:
        return np.where(np.abs(x) <= self.lambd, 0.0, x)


class Softshrink(_Shrink):
    """x moved towards 0 by lambd: x less x held between -lambd and lambd, one rounding."""

    def forward(self, x: Doubles) -> Doubles:
        return x - np.clip(x, -self.lambd, self.lambd)


class _Leaky(Lines):
    has_in_place: ClassVar[bool] = True

    @property
    def slope(self) -> float:
        raise NotImplementedError

    def forward(self, x: Doubles) -> Doubles:
        # A slope of 0 has the limit 0 at -infinity, where the product would be NaN.
        return np.where(x < 0, self.slope * x if self.slope else 0.0, x)

    def gradient(self, x: Doubles) -> Doubles:
        return unless_nan(x, np.where(x > 0, 1.0, self.slope))


@dataclass(frozen=True)
class LeakyReLU(_Leaky):
    """x, with another slope on the negative side."""

    negative_slope: float = 0.01

    @property
    def slope(self) -> float:
        """The slope for negative x."""
        return self.negative_slope


@dataclass(frozen=True)
class RReLU(_Leaky):
    """In evaluation leaky_relu with the mean slope, in training with a random slope for each element."""

    lower: float = 1 / 8
    upper: float = 1 / 3

    def check(self) -> None:
        if not (isfinite(self.lower) and isfinite(self.upper) and self.lower <= self.upper):
            raise ValueError(
                f"{self.label}: lower {self.lower!r} and upper {self.upper!r} must be finite, lower <= upper"
            )

    @cached_property
    def slope(self) -> float:  # type: ignore[override]
        """The mean of lower and upper, rounded once."""
        return nearest((Fraction(self.lower) + Fraction(self.upper)) / 2)
