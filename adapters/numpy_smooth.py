"""The activations made of exponentials, except the gated ones (see `numpy_gated`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import ClassVar

import numpy as np

from actcheck.adapters.numpy_arrays import Doubles
from actcheck.adapters.numpy_elementwise import Elementwise
from actcheck.adapters.numpy_primitives import NEAR, floor, nearest, scaled, times_exp


@dataclass(frozen=True)
class ELU(Elementwise):
    """alpha*(exp(x) - 1) below 0, by expm1."""

    alpha: float = 1.0
    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        return np.where(x >= 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def gradient(self, x: Doubles) -> Doubles:
        return np.where(x > 0, 1.0, times_exp(self.alpha, np.minimum(x, 0)))

    def second_derivative(self, x: Doubles) -> Doubles:
        return np.where(x > 0, 0.0, times_exp(self.alpha, np.minimum(x, 0)))


class SELU(Elementwise):
    """scale*elu(x, alpha), with the exact product of the two constants rounded once."""

    has_in_place: ClassVar[bool] = True
    _alpha: ClassVar[Fraction] = Fraction("1.6732632423543772848170429916717")
    _scale: ClassVar[Fraction] = Fraction("1.0507009873554804934193349852946")
    _right: ClassVar[float] = nearest(_scale)
    _left: ClassVar[float] = nearest(_scale * _alpha)

    def forward(self, x: Doubles) -> Doubles:
        return np.where(x >= 0, self._right * x, self._left * np.expm1(np.minimum(x, 0)))

    def gradient(self, x: Doubles) -> Doubles:
        return np.where(x > 0, self._right, times_exp(self._left, np.minimum(x, 0)))

    def second_derivative(self, x: Doubles) -> Doubles:
        return np.where(x > 0, 0.0, times_exp(self._left, np.minimum(x, 0)))


@dataclass(frozen=True)
class CELU(Elementwise):
    """alpha*(exp(x/alpha) - 1) below 0, for alpha of either sign, with the quotient to twice the precision."""

    alpha: float = 1.0
    has_in_place: ClassVar[bool] = True

    def check(self) -> None:
        if self.alpha == 0:
            raise ValueError(f"{self.label}: alpha must not be zero")

    @cached_property
    def _rate(self) -> Fraction:
        return 1 / Fraction(self.alpha) if isfinite(self.alpha) else Fraction(0)

    def forward(self, x: Doubles) -> Doubles:
        t, missing = scaled(np.minimum(x, 0), self._rate)
        grown = np.expm1(t)
        left = self.alpha * (grown + (grown + 1) * missing)
        return np.where(x >= 0, x, np.where(t > NEAR, times_exp(self.alpha, t, missing), left))

    def gradient(self, x: Doubles) -> Doubles:
        return np.where(x > 0, 1.0, times_exp(1.0, *scaled(np.minimum(x, 0), self._rate)))

    def second_derivative(self, x: Doubles) -> Doubles:
        return np.where(x > 0, 0.0, times_exp(nearest(self._rate), *scaled(np.minimum(x, 0), self._rate)))


def logistic_slope(t: Doubles, missing: Doubles | float = 0.0, factor: Doubles | float = 1.0) -> Doubles:
    """``factor`` times the derivative of the logistic function: e/(1 + e)^2 with e = exp(-abs(t)), nothing cancels."""
    one_more = 1 + np.exp(-np.abs(t))
    away = -missing * np.sign(t) if isinstance(missing, np.ndarray) else 0.0
    return times_exp(factor / (one_more * one_more), -np.abs(t), away)


def logistic(t: Doubles, missing: Doubles | float = 0.0) -> Doubles:
    """1/(1 + exp(-t)), for negative t as exp(t)/(1 + exp(t)): no overflow, and the tail keeps its accuracy."""
    decay = np.exp(-np.abs(t))
    if isinstance(missing, np.ndarray):
        decay = decay - decay * missing * np.sign(t)
    return np.where(t < 0, decay, 1.0) / (1 + decay)


class Sigmoid(Elementwise):
    """1/(1 + exp(-x))."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        return logistic(x)

    def gradient(self, x: Doubles) -> Doubles:
        return logistic_slope(x)

    def second_derivative(self, x: Doubles) -> Doubles:
        """s'' = -s'*tanh(x/2), instead of s'*(1 - 2*s)."""
        return logistic_slope(x, 0.0, -np.tanh(0.5 * x))


class Tanh(Elementwise):
    """tanh; its derivative 1/cosh^2 is four times that of the logistic function at 2*x."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        return np.tanh(x)

    def gradient(self, x: Doubles) -> Doubles:
        return logistic_slope(2 * x, 0.0, 4.0)

    def second_derivative(self, x: Doubles) -> Doubles:
        """-2*tanh*tanh'."""
        return logistic_slope(2 * x, 0.0, -8 * np.tanh(x))


class LogSigmoid(Elementwise):
    """log(1/(1 + exp(-x))) = min(x, 0) - log1p(exp(-abs(x))): both terms have one sign."""

    def forward(self, x: Doubles) -> Doubles:
        return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))

    def gradient(self, x: Doubles) -> Doubles:
        return logistic(-x)

    def second_derivative(self, x: Doubles) -> Doubles:
        return -logistic_slope(x)


@dataclass(frozen=True)
class Softplus(Elementwise):
    """log(1 + exp(beta*x))/beta = max(x, 0) + log1p(exp(-abs(beta*x)))/beta, and x above the threshold."""

    beta: float = 1
    threshold: float = 20

    def check(self) -> None:
        if not self.beta > 0:
            raise ValueError(f"{self.label}: beta must be positive, and is {self.beta!r}")

    @cached_property
    def _last(self) -> float:
        # beta*x > threshold exactly if x > _last, without rounding the product.
        if not (isfinite(self.threshold) and isfinite(self.beta)):
            return self.threshold / self.beta
        return floor(Fraction(self.threshold) / Fraction(self.beta))

    @cached_property
    def _rate(self) -> Fraction:
        return Fraction(self.beta)

    def forward(self, x: Doubles) -> Doubles:
        t, missing = scaled(x, self._rate)
        size, away = np.abs(t), -missing * np.sign(t)
        # Beyond 40 log1p(e) is e to the last bit.
        small = times_exp(1 / self.beta, -size, away)
        rest = np.where(size > 40, small, np.log1p(times_exp(1.0, -size, away)) / self.beta)
        return np.where(x > self._last, x, np.maximum(x, 0) + rest)

    def gradient(self, x: Doubles) -> Doubles:
        return np.where(x > self._last, 1.0, logistic(*scaled(x, self._rate)))

    def second_derivative(self, x: Doubles) -> Doubles:
        return np.where(x > self._last, 0.0, logistic_slope(*scaled(x, self._rate), self.beta))


class Softsign(Elementwise):
    """x/(1 + abs(x)); beyond 2^60, where the sum is abs(x) itself, x is held."""

    def forward(self, x: Doubles) -> Doubles:
        held = np.clip(x, -(2.0**60), 2.0**60)
        return held / (1 + np.abs(held))

    def gradient(self, x: Doubles) -> Doubles:
        """The square of 1/(1 + abs(x)), so that the square of a large x does not overflow."""
        inverse = 1 / (1 + np.abs(x))
        return inverse * inverse

    def second_derivative(self, x: Doubles) -> Doubles:
        inverse = 1 / (1 + np.abs(x))
        return np.where(x >= 0, -2.0, 2.0) * inverse * inverse * inverse


class Tanhshrink(Elementwise):
    """x - tanh(x), below 1 by a continued fraction without cancellation."""

    def forward(self, x: Doubles) -> Doubles:
        """For abs(x) >= 1 (abs(x) - 1) + 2*e/(1 + e) with e = exp(-2*abs(x)); both terms are positive."""
        size = np.abs(x)
        decay = np.exp(-2 * size)
        large = (size - 1) + 2 * decay / (1 + decay)
        return np.where(size < 1, _tanhshrink_near_zero(np.clip(x, -1, 1)), np.copysign(large, x))

    def gradient(self, x: Doubles) -> Doubles:
        """tanh squared, instead of 1 less its derivative."""
        tanh = np.tanh(x)
        return tanh * tanh

    def second_derivative(self, x: Doubles) -> Doubles:
        return logistic_slope(2 * x, 0.0, 8 * np.tanh(x))


def _tanhshrink_near_zero(x: Doubles) -> Doubles:
    """Lambert's continued fraction tanh(x) = x/(1 + K), K = y/(3 + y/(5 + ...)), y = x*x: x - tanh(x) = x*K/(1 + K).

    Cut off after 9 levels it is right to 2^-60 for abs(x) <= 1.
    """
    y = x * x
    tail = 19.0 + 0 * y
    for odd in (17, 15, 13, 11, 9, 7, 5, 3):
        tail = odd + y / tail
    return x * y / (tail + y)
