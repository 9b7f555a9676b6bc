"""The activations x*gate(x): silu, gelu in both forms, and mish.

Below 0 every formula carries its exponential as one factor, so that the tail keeps its relative
accuracy; near the derivatives' roots the terms that cancel are exact (1 + x, 2 - x*x) or all but exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import pi, sqrt
from typing import ClassVar

import numpy as np
from scipy import special

from actcheck.adapters.numpy_arrays import Doubles
from actcheck.adapters.numpy_elementwise import Elementwise
from actcheck.adapters.numpy_primitives import FAR, product_error, times_exp, times_gauss

#: Beyond this size the gates of gelu (either form) and its derivatives are 0 or 1 in binary64.
_EDGE = 45.0


class SiLU(Elementwise):
    """x*s(x), with s the logistic function and e = exp(-abs(x))."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """x/(1 + e), below 0 times e."""
        held = np.maximum(x, -FAR)
        part = held / (1 + np.exp(-np.abs(x)))
        return np.where(x < 0, times_exp(part, np.minimum(held, 0)), part)

    def gradient(self, x: Doubles) -> Doubles:
        """s(x)*(1 + x*s(-x)): ((1 + x) + e)*e/(1 + e)^2 below 0, (1 + e + x*e)/(1 + e)^2 above."""
        return _gated_slope(x, np.clip(x, -FAR, FAR), 1.0)

    def second_derivative(self, x: Doubles) -> Doubles:
        """s'(x)*(2 - a*tanh(a/2)) = e*((2 - a) + e*(2 + a))/(1 + e)^3 with a = abs(x)."""
        size = np.minimum(np.abs(x), FAR)
        decay = np.exp(-size)
        one_more = 1 + decay
        return times_exp(((2 - size) + decay * (2 + size)) / (one_more * one_more * one_more), -size)


def _gated_slope(x: Doubles, v: Doubles, slope: Doubles | float, missing: Doubles | float = 0.0) -> Doubles:
    """The derivative of x*s(v(x)), where v has the sign of x, ``slope`` is v' and v lacks ``missing``."""
    x = np.clip(x, -FAR, FAR)
    negative = x < 0
    decay = times_exp(1.0, -np.abs(v), -missing * np.sign(v) if isinstance(missing, np.ndarray) else 0.0)
    one_more = 1 + decay
    square = one_more * one_more
    left = times_exp(((1 + x * slope) + decay) / square, np.minimum(v, 0), missing)
    return np.where(negative, left, (one_more + x * slope * decay) / square)


@dataclass(frozen=True)
class GELU(Elementwise):
    """x*Phi(x), or its approximation by tanh."""

    approximate: str = "none"

    def check(self) -> None:
        if self.approximate not in ("none", "tanh"):
            raise ValueError(f"{self.label}: approximate must be 'none' or 'tanh', not {self.approximate!r}")

    def forward(self, x: Doubles) -> Doubles:
        return (_tanh_forward if self.approximate == "tanh" else _erf_forward)(x)

    def gradient(self, x: Doubles) -> Doubles:
        return (_tanh_gradient if self.approximate == "tanh" else _erf_gradient)(x)

    def second_derivative(self, x: Doubles) -> Doubles:
        return (_tanh_second if self.approximate == "tanh" else _erf_second)(x)


_PHI_0 = 1 / sqrt(2 * pi)


def _normal_tail(x: Doubles) -> Doubles:
    """Phi(x)*exp(x*x/2) for x < 0, which varies slowly: half of erfcx(-x/sqrt(2))."""
    return np.asarray(0.5 * special.erfcx(-sqrt(0.5) * x))


def _erf_forward(x: Doubles) -> Doubles:
    """x*Phi(x). Below -1 scipy's Phi loses what squaring its argument loses; there the square is exact."""
    x = np.maximum(x, -_EDGE)
    result = np.asarray(x * special.ndtr(x))
    tail = x < -1
    if tail.any():
        result[tail] = times_gauss(x[tail] * _normal_tail(x[tail]), x[tail])
    return result


def _erf_gradient(x: Doubles) -> Doubles:
    """Phi(x) + x*phi(x), below -1 with the exponential as a factor of both terms."""
    x = np.clip(x, -_EDGE, _EDGE)
    result = np.asarray(special.ndtr(x) + times_gauss(_PHI_0 * x, x))
    tail = x < -1
    if tail.any():
        result[tail] = times_gauss(_normal_tail(x[tail]) + _PHI_0 * x[tail], x[tail])
    return result


def _erf_second(x: Doubles) -> Doubles:
    """(2 - x*x)*phi(x), with the square to twice the precision."""
    x = np.clip(x, -_EDGE, _EDGE)
    square = x * x
    return times_gauss(_PHI_0 * ((2 - square) - product_error(x, x, square)), x)


# The tanh form is x*s(v) with v = x*(_LINE + _CUBE*x*x), s the logistic function: (1 + tanh(u))/2 = s(2*u).


def _split(value: Fraction) -> tuple[float, float]:
    return float(value), float(value - Fraction(float(value)))


#: sqrt(8/pi) to 40 digits.
_ROOT = Fraction("1.5957691216057307117597842397375274738423")
_LINE = _split(_ROOT)
_CUBE = _split(_ROOT * Fraction("0.044715"))


def _argument(x: Doubles) -> tuple[Doubles, Doubles]:
    """v as a rounded value and what is missing from it (see `numpy_primitives.scaled` for why)."""
    square = x * x
    cube = _CUBE[0] * square
    slope = _LINE[0] + cube
    shifted = slope - _LINE[0]
    lost = (
        (_LINE[0] - (slope - shifted))
        + (cube - shifted)
        + product_error(square, _CUBE[0], cube)
        + _CUBE[0] * product_error(x, x, square)
        + (_CUBE[1] * square + _LINE[1])
    )
    v = x * slope
    return v, product_error(x, slope, v) + x * lost


def _tanh_forward(x: Doubles) -> Doubles:
    held = np.maximum(x, -_EDGE)
    v, missing = _argument(np.minimum(held, _EDGE))
    part = held / (1 + np.exp(-np.abs(v)))
    return np.where(x < 0, times_exp(part, np.minimum(v, 0), missing), part)


def _tanh_gradient(x: Doubles) -> Doubles:
    x = np.clip(x, -_EDGE, _EDGE)
    v, missing = _argument(x)
    return _gated_slope(x, v, _LINE[0] + 3 * _CUBE[0] * x * x, missing)


def _tanh_second(x: Doubles) -> Doubles:
    """s'(v)*(2*v' + x*v'' - abs(x)*v'^2*tanh(abs(v)/2)), as one fraction over (1 + e)^3, e = exp(-abs(v))."""
    size = np.minimum(np.abs(x), _EDGE)
    v, missing = _argument(size)
    slope = _LINE[0] + 3 * _CUBE[0] * size * size
    decay = times_exp(1.0, -v, -missing)
    one_more = 1 + decay
    rise = (2 * _LINE[0] + 12 * _CUBE[0] * size * size) * one_more - size * slope * slope * (1 - decay)
    return times_exp(rise / (one_more * one_more * one_more), -v, -missing)


class Mish(Elementwise):
    """x*tanh(log(1 + exp(x))), as a fraction of polynomials in e = exp(-abs(x)) (powers of e as factors).

    tanh(log(1 + t)) = (t*t + 2*t)/(t*t + 2*t + 2); above 0 both sides are divided by t*t.
    """

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        held = np.maximum(x, -FAR)
        e = np.exp(-np.abs(x))
        left = times_exp(held * (2 + e) / (2 + e * (2 + e)), np.minimum(held, 0))
        right = held * ((1 + 2 * e) / (1 + 2 * e * (1 + e)))
        return np.where(x < 0, left, right)

    def gradient(self, x: Doubles) -> Doubles:
        """e*(4*(1 + x) + e*(6 + 4*x) + 4*e^2 + e^3)/(2 + 2*e + e^2)^2 below 0,
        ((1 + 2*e)*(1 + 2*e + 2*e^2) + 4*x*e^2*(1 + e))/(1 + 2*e + 2*e^2)^2 above."""
        x = np.clip(x, -FAR, FAR)
        e = np.exp(-np.abs(x))
        below, above = 2 + e * (2 + e), 1 + 2 * e * (1 + e)
        left = times_exp((4 * (1 + x) + e * ((6 + 4 * x) + e * (4 + e))) / (below * below), np.minimum(x, 0))
        right = ((1 + 2 * e) * above + 4 * x * e * e * (1 + e)) / (above * above)
        return np.where(x < 0, left, right)

    def second_derivative(self, x: Doubles) -> Doubles:
        """4*e*(4 + 2*x + e*(8 + 2*x) + e^2*(6 - 3*x) + e^3*(2 - 2*x))/(2 + 2*e + e^2)^3 below 0,
        4*e^2*(2 - 2*x + e*(6 - 3*x) + e^2*(8 + 2*x) + e^3*(4 + 2*x))/(1 + 2*e + 2*e^2)^3 above."""
        x = np.clip(x, -FAR, FAR)
        e = np.exp(-np.abs(x))
        below, above = 2 + e * (2 + e), 1 + 2 * e * (1 + e)
        left = (4 + 2 * x) + e * ((8 + 2 * x) + e * ((6 - 3 * x) + e * (2 - 2 * x)))
        right = (2 - 2 * x) + e * ((6 - 3 * x) + e * ((8 + 2 * x) + e * (4 + 2 * x)))
        factor = np.where(x < 0, left / (below * below * below), right / (above * above * above))
        return times_exp(4 * factor, np.where(x < 0, x, -2 * x))
