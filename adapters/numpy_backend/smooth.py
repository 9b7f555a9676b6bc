"""The activations made of exponentials, except the gated ones (see `gated`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import ClassVar

import numpy as np

from actcheck.adapters.numpy_backend.arrays import Doubles
from actcheck.adapters.numpy_backend.elementwise import Elementwise
from actcheck.adapters.numpy_backend.primitives import (
    NEAR,
    Exponential,
    floor,
    nearest,
    scaled_exponential,
    sum_error,
)


@dataclass(frozen=True)
class ELU(Elementwise):
    """x above 0, alpha*(exp(x) - 1) below."""

    alpha: float = 1.0
    has_in_place: ClassVar[bool] = True

    def check(self) -> None:
        """Refuse an infinite alpha, whose product with 0 has no value."""
        if not isfinite(self.alpha):
            raise ValueError(f"{self.label}: alpha must be finite, and is {self.alpha!r}")

    def forward(self, x: Doubles) -> Doubles:
        """By expm1; at 0 it is x, for the sign of zero."""
        return np.where(x >= 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def gradient(self, x: Doubles) -> Doubles:
        """alpha*exp(x) up to 0."""
        return np.where(x > 0, 1.0, Exponential(np.minimum(x, 0)).times(self.alpha))

    def second_derivative(self, x: Doubles) -> Doubles:
        """alpha*exp(x) up to 0."""
        return np.where(x > 0, 0.0, Exponential(np.minimum(x, 0)).times(self.alpha))


class SELU(Elementwise):
    """scale times elu with a fixed alpha."""

    has_in_place: ClassVar[bool] = True
    _alpha: ClassVar[Fraction] = Fraction("1.6732632423543772848170429916717")
    _scale: ClassVar[Fraction] = Fraction("1.0507009873554804934193349852946")
    _right: ClassVar[float] = nearest(_scale)
    #: The exact product of the two constants, rounded once.
    _left: ClassVar[float] = nearest(_scale * _alpha)

    def forward(self, x: Doubles) -> Doubles:
        """By expm1."""
        return np.where(x >= 0, self._right * x, self._left * np.expm1(np.minimum(x, 0)))

    def gradient(self, x: Doubles) -> Doubles:
        """scale*alpha*exp(x) up to 0."""
        return np.where(x > 0, self._right, Exponential(np.minimum(x, 0)).times(self._left))

    def second_derivative(self, x: Doubles) -> Doubles:
        """scale*alpha*exp(x) up to 0."""
        return np.where(x > 0, 0.0, Exponential(np.minimum(x, 0)).times(self._left))


@dataclass(frozen=True)
class CELU(Elementwise):
    """x above 0, alpha*(exp(x/alpha) - 1) below; for a negative alpha that grows without bound."""

    alpha: float = 1.0
    has_in_place: ClassVar[bool] = True

    def check(self) -> None:
        """Refuse an alpha by which nothing can be divided."""
        if self.alpha == 0 or not isfinite(self.alpha):
            raise ValueError(f"{self.label}: alpha must be finite and not zero, and is {self.alpha!r}")

    @property
    def _rate(self) -> Fraction:
        return 1 / Fraction(self.alpha)

    def _left(self, x: Doubles) -> Exponential:
        return scaled_exponential(np.minimum(x, 0), self._rate)

    def forward(self, x: Doubles) -> Doubles:
        """By expm1; where x/alpha is tiny, or underflows, the answer is x to the last bit."""
        left = self._left(x)
        size = np.abs(left.argument)
        curve = np.where(size > NEAR, left.times(self.alpha), left.less_one_times(self.alpha))
        return np.where((x >= 0) | (size < 2.0**-60), x, np.where(left.argument < -NEAR, -self.alpha, curve))

    def gradient(self, x: Doubles) -> Doubles:
        """exp(x/alpha) up to 0."""
        return np.where(x > 0, 1.0, self._left(x).value)

    def second_derivative(self, x: Doubles) -> Doubles:
        """exp(x/alpha)/alpha up to 0."""
        return np.where(x > 0, 0.0, self._left(x).times(nearest(self._rate)))


def logistic(t: Exponential) -> Doubles:
    """1/(1 + exp(-t)), below 0 as exp(t)/(1 + exp(t)): no overflow, and the tail keeps its accuracy."""
    decay = t.decay().value
    return np.where(t.argument < 0, decay, 1.0) / (1 + decay)


def logistic_slope(t: Exponential, factor: Doubles | float = 1.0) -> Doubles:
    """``factor`` times s'(t) = e/(1 + e)^2 with e = exp(-abs(t)), in which nothing cancels."""
    decay = t.decay()
    more = 1 + decay.value
    return decay.times(factor / (more * more))


class Sigmoid(Elementwise):
    """s(x) = 1/(1 + exp(-x))."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """See `logistic`."""
        return logistic(Exponential(x))

    def gradient(self, x: Doubles) -> Doubles:
        """s(x)*s(-x), see `logistic_slope`."""
        return logistic_slope(Exponential(x))

    def second_derivative(self, x: Doubles) -> Doubles:
        """-s'*tanh(x/2), instead of s'*(1 - 2*s)."""
        return logistic_slope(Exponential(x), -np.tanh(0.5 * x))


class Tanh(Elementwise):
    """The hyperbolic tangent."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """numpy's."""
        return np.tanh(x)

    def gradient(self, x: Doubles) -> Doubles:
        """4*s'(2*x), instead of 1 - tanh^2."""
        return logistic_slope(Exponential(2 * x), 4.0)

    def second_derivative(self, x: Doubles) -> Doubles:
        """-2*tanh*tanh'."""
        return logistic_slope(Exponential(2 * x), -8 * np.tanh(x))


class LogSigmoid(Elementwise):
    """log(s(x))."""

    def forward(self, x: Doubles) -> Doubles:
        """min(x, 0) - log1p(exp(-abs(x))): both terms have one sign."""
        return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))

    def gradient(self, x: Doubles) -> Doubles:
        """s(-x), instead of 1 - s(x)."""
        return logistic(Exponential(-x))

    def second_derivative(self, x: Doubles) -> Doubles:
        """-s'(x)."""
        return logistic_slope(Exponential(x), -1.0)


@dataclass(frozen=True)
class Softplus(Elementwise):
    """log(1 + exp(beta*x))/beta, and x where beta*x exceeds the threshold."""

    beta: float = 1
    threshold: float = 20

    def check(self) -> None:
        """Refuse a beta that is not positive and finite."""
        self.refuse_unless_positive("beta")

    @property
    def _last(self) -> float:
        """The last x of the curve: beta*x is compared with the threshold without rounding the product."""
        if not isfinite(self.threshold):
            return self.threshold
        return floor(Fraction(self.threshold) / Fraction(self.beta))

    def _argument(self, x: Doubles) -> Exponential:
        return scaled_exponential(x, Fraction(self.beta))

    def forward(self, x: Doubles) -> Doubles:
        """max(x, 0) + log1p(e)/beta with e = exp(-abs(beta*x)); below exp(-40) log1p(e) is e itself."""
        decay = self._argument(x).decay()
        curve = np.log1p(decay.value) / self.beta
        rest = np.where(decay.argument < -40, decay.times(nearest(1 / Fraction(self.beta))), curve)
        return np.where(x > self._last, x, np.maximum(x, 0) + rest)

    def gradient(self, x: Doubles) -> Doubles:
        """s(beta*x)."""
        return np.where(x > self._last, 1.0, logistic(self._argument(x)))

    def second_derivative(self, x: Doubles) -> Doubles:
        """beta*s'(beta*x)."""
        return np.where(x > self._last, 0.0, logistic_slope(self._argument(x), self.beta))


class Softsign(Elementwise):
    """x/(1 + abs(x))."""

    def forward(self, x: Doubles) -> Doubles:
        """From 1 on as 1 - 1/(1 + abs(x)), every step of which is monotone, and finite at infinities."""
        size = np.abs(x)
        far = np.copysign(1 - 1 / (1 + size), x)
        return np.where(size < 1, x / (1 + size), far)

    def gradient(self, x: Doubles) -> Doubles:
        """1/(1 + abs(x))^2."""
        inverse, lost = self._inverse(x)
        return inverse * inverse * (1 - 2 * lost)

    def second_derivative(self, x: Doubles) -> Doubles:
        """-2/(1 + abs(x))^3 with the sign of x; at 0 the definition's case for x >= 0 holds."""
        inverse, lost = self._inverse(x)
        return np.where(x >= 0, -2.0, 2.0) * inverse * inverse * inverse * (1 - 3 * lost)

    @staticmethod
    def _inverse(x: Doubles) -> tuple[Doubles, Doubles]:
        """r = 1/(1 + abs(x)), powers of which do not overflow, and the relative error of the sum in it."""
        size = np.minimum(np.abs(x), 2.0**1000)
        total = 1 + size
        inverse = 1 / total
        return inverse, sum_error(1.0, size, total) * inverse


class Tanhshrink(Elementwise):
    """x - tanh(x)."""

    def forward(self, x: Doubles) -> Doubles:
        """From 1 on (abs(x) - 1) + 2*e/(1 + e) with e = exp(-2*abs(x)): both terms are positive."""
        size = np.abs(x)
        decay = np.exp(-2 * size)
        large = (size - 1) + 2 * decay / (1 + decay)
        return np.where(size < 1, _tanhshrink_near_zero(np.clip(x, -1, 1)), np.copysign(large, x))

    def gradient(self, x: Doubles) -> Doubles:
        """tanh^2, instead of 1 less the derivative of tanh."""
        tanh = np.tanh(x)
        return tanh * tanh

    def second_derivative(self, x: Doubles) -> Doubles:
        """2*tanh*tanh'."""
        return logistic_slope(Exponential(2 * x), 8 * np.tanh(x))


def _tanhshrink_near_zero(x: Doubles) -> Doubles:
    """x - x/(1 + K) = x*K/(1 + K) with Lambert's fraction K = y/(3 + y/(5 + ...)), y = x*x: no cancellation.

    Cut off after y/19 it is right to 2^-60 for abs(x) <= 1.
    """
    y = x * x
    tail = 17 + y / 19
    for odd in (15, 13, 11, 9, 7, 5, 3):
        tail = odd + y / tail
    return x * y / (tail + y)
