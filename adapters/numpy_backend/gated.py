"""The activations x*gate(x): silu, gelu in both forms, and mish.

Below 0 every formula carries its exponential as a factor, so that the tail keeps its relative accuracy;
near the derivatives' roots the largest terms that cancel are exact (1 + x, 2 - abs(x)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import pi, sqrt
from typing import ClassVar

import numpy as np
import scipy

from actcheck.adapters.numpy_backend.arrays import Doubles
from actcheck.adapters.numpy_backend.elementwise import Elementwise
from actcheck.adapters.numpy_backend.primitives import FAR, Exponential, gauss, product_error, sum_error

#: Beyond this size gelu's gates and their derivatives are 0 or 1 in binary64.
_EDGE = 45.0


def gated(x: Doubles, v: Exponential) -> Doubles:
    """x*s(v(x)), s the logistic function, v of the sign of x; see `gated_factor`."""
    decay = v.decay()
    factor = gated_factor(x, decay)
    return np.where(x < 0, decay.times(factor), factor)


def gated_factor(x: Doubles, decay: Exponential) -> Doubles:
    """x/(1 + e) for e = exp(-abs(v)), which `gated` multiplies with e below 0."""
    return np.asarray(x / (1 + decay.value))


def gated_slope(x: Doubles, v: Exponential, rise: Doubles | float) -> Doubles:
    """s(v)*(1 + x*v'*s(-v)) for v' = ``rise``; see `slope_factor`."""
    decay = v.decay()
    factor = slope_factor(x, decay, rise)
    return np.where(x < 0, decay.times(factor), factor)


def slope_factor(x: Doubles, decay: Exponential, rise: Doubles | float) -> Doubles:
    """(1 + e + x*v'*e)/(1 + e)^2 for e = exp(-abs(v)); below 0 ((1 + x*v') + e)/(1 + e)^2, to be times e."""
    more, bend = 1 + decay.value, x * rise
    sums = np.where(x < 0, (1 + bend) + decay.value, more + bend * decay.value)
    return np.asarray(sums / (more * more))


class SiLU(Elementwise):
    """x*s(x), s the logistic function."""

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """See `gated`; x is held so that -infinity gives 0."""
        held = np.maximum(x, -FAR)
        return gated(held, Exponential(held))

    def gradient(self, x: Doubles) -> Doubles:
        """See `gated_slope`."""
        held = np.clip(x, -FAR, FAR)
        return gated_slope(held, Exponential(held), 1.0)

    def second_derivative(self, x: Doubles) -> Doubles:
        """s'(x)*(2 - a*tanh(a/2)) = e*((2 - a) + e*(2 + a))/(1 + e)^3 with a = abs(x), e = exp(-a)."""
        size = np.minimum(np.abs(x), FAR)
        decay = Exponential(-size)
        more = 1 + decay.value
        return decay.times(((2 - size) + decay.value * (2 + size)) / (more * more * more))


@dataclass(frozen=True)
class GELU(Elementwise):
    """x*Phi(x), or its approximation by tanh."""

    approximate: str = "none"

    def check(self) -> None:
        """Refuse a third form."""
        if self.approximate not in ("none", "tanh"):
            raise ValueError(f"{self.label}: approximate must be 'none' or 'tanh', not {self.approximate!r}")

    def forward(self, x: Doubles) -> Doubles:
        """By one of the two forms."""
        held = np.maximum(x, -_EDGE)
        if self.approximate == "none":
            return _below_minus_one(held, held * scipy.special.ndtr(held), lambda x: x * normal_tail(x))
        return gated(held, TanhForm(np.minimum(held, _EDGE)).exponential)

    def gradient(self, x: Doubles) -> Doubles:
        """Phi(x) + x*phi(x), or `gated_slope`."""
        held = np.clip(x, -_EDGE, _EDGE)
        if self.approximate == "none":
            sum_ = scipy.special.ndtr(held) + gauss(held).times(PHI_0 * held)
            return _below_minus_one(held, sum_, lambda x: normal_tail(x) + PHI_0 * x)
        form = TanhForm(held)
        return gated_slope(held, form.exponential, form.rise)

    def second_derivative(self, x: Doubles) -> Doubles:
        """(2 - x*x)*phi(x) with the square taken exactly, or see `TanhForm`."""
        held = np.clip(x, -_EDGE, _EDGE)
        if self.approximate == "tanh":
            return TanhForm(np.abs(held)).second_derivative()
        square = held * held
        return gauss(held).times(PHI_0 * ((2 - square) - product_error(held, held, square)))


#: The density of the normal distribution at 0.
PHI_0 = 1 / sqrt(2 * pi)


def normal_tail(x: Doubles) -> Doubles:
    """Phi(x)*exp(x*x/2) for x < 0, which varies slowly: half of erfcx(-x/sqrt(2))."""
    return np.asarray(0.5 * scipy.special.erfcx(-sqrt(0.5) * x))


def _below_minus_one(x: Doubles, values: Doubles, factor: Callable[[Doubles], Doubles]) -> Doubles:
    """``values``, and below -1 factor(x)*exp(-x*x/2).

    scipy's ndtr squares a rounded argument, which costs hundreds of ULP in the tail.
    """
    tail = x < -1
    if tail.any():
        values[tail] = gauss(x[tail]).times(factor(x[tail]))
    return values


class TanhForm:
    """gelu's tanh form, x*s(v) with v = x*(line + cube*x*x), as (1 + tanh(u))/2 = s(2*u).

    The constants have twice the precision of binary64, and so has v, which becomes an exponent.
    """

    #: sqrt(8/pi) to 40 digits.
    _root: ClassVar[Fraction] = Fraction("1.595769121605730711759784239737527473903")
    _line: ClassVar[float] = float(_root)
    _line_rest: ClassVar[float] = float(_root - Fraction(_line))
    _cube: ClassVar[float] = float(_root * Fraction("0.044715"))
    _cube_rest: ClassVar[float] = float(_root * Fraction("0.044715") - Fraction(_cube))

    def __init__(self, x: Doubles) -> None:
        self.x = x
        self.square = x * x

    @property
    def rise(self) -> Doubles:
        """v' = line + 3*cube*x*x."""
        return self._line + 3 * self._cube * self.square

    @property
    def exponential(self) -> Exponential:
        """exp(v)."""
        x, square = self.x, self.square
        bent = self._cube * square
        total = self._line + bent
        rest = product_error(square, self._cube, bent) + self._cube * product_error(x, x, square)
        rest += sum_error(self._line, bent, total) + self._cube_rest * square + self._line_rest
        v = x * total
        return Exponential(v, product_error(x, total, v) + x * rest)

    def second_derivative(self) -> Doubles:
        """s'(v)*(2*v' + x*v'' - x*v'^2*tanh(v/2)) for x >= 0, tanh(v/2) = (1 - e)/(1 + e), e = exp(-v)."""
        decay = self.exponential.decay()
        more, rise = 1 + decay.value, self.rise
        sum_ = 2 * self._line + 12 * self._cube * self.square
        return decay.times((sum_ * more - self.x * rise * rise * (1 - decay.value)) / (more * more * more))


class Mish(Elementwise):
    """x*tanh(log(1 + exp(x))), as fractions of polynomials in e = exp(-abs(x)).

    tanh(log(1 + t)) = (t*t + 2*t)/(t*t + 2*t + 2); above 0 both sides are divided by t*t.
    """

    has_in_place: ClassVar[bool] = True

    def forward(self, x: Doubles) -> Doubles:
        """x*e*(2 + e)/(2 + 2*e + e^2) below 0, x*(1 + 2*e)/(1 + 2*e + 2*e^2) above."""
        x = np.maximum(x, -FAR)
        e, below, above = self._parts(x)
        left = e.times(x * ((2 + e.value) / below))
        return np.where(x < 0, left, x * ((1 + 2 * e.value) / above))

    def gradient(self, x: Doubles) -> Doubles:
        """e*(4*(1 + x) + e*(6 + 4*x) + 4*e^2 + e^3)/(2 + 2*e + e^2)^2 below 0,
        ((1 + 2*e)*(1 + 2*e + 2*e^2) + 4*x*e^2*(1 + e))/(1 + 2*e + 2*e^2)^2 above.
        """
        x = np.clip(x, -FAR, FAR)
        decay, below, above = self._parts(x)
        e = decay.value
        left = 4 * (1 + x) + e * ((6 + 4 * x) + e * (4 + e))
        right = (1 + 2 * e) * above + 4 * x * e * e * (1 + e)
        return np.where(x < 0, decay.times(left / (below * below)), right / (above * above))

    def second_derivative(self, x: Doubles) -> Doubles:
        """4*e*(4 + 2*x + e*(8 + 2*x) + e^2*(6 - 3*x) + e^3*(2 - 2*x))/(2 + 2*e + e^2)^3 below 0,
        4*e^2*(2 - 2*x + e*(6 - 3*x) + e^2*(8 + 2*x) + e^3*(4 + 2*x))/(1 + 2*e + 2*e^2)^3 above.
        """
        x = np.clip(x, -FAR, FAR)
        decay, below, above = self._parts(x)
        e = decay.value
        left = (4 + 2 * x) + e * ((8 + 2 * x) + e * ((6 - 3 * x) + e * (2 - 2 * x)))
        right = (2 - 2 * x) + e * ((6 - 3 * x) + e * ((8 + 2 * x) + e * (4 + 2 * x)))
        factor = np.where(x < 0, left / (below * below * below), right / (above * above * above))
        return Exponential(np.where(x < 0, x, -2 * x)).times(4 * factor)

    @staticmethod
    def _parts(x: Doubles) -> tuple[Exponential, Doubles, Doubles]:
        """exp(-abs(x)) and the two denominators."""
        decay = Exponential(-np.abs(x))
        e = decay.value
        return decay, 2 + e * (2 + e), 1 + 2 * e * (1 + e)
