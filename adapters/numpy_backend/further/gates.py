"""What gated activations multiply with: an exponential of a number that is not positive, times a factor.

Apart, the two reach where their product alone would be zero: a times the gate is a normal number for many a.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import scipy

from actcheck.adapters.numpy_backend.arrays import Doubles
from actcheck.adapters.numpy_backend.gated import PHI_0, TanhForm, gated_factor, normal_tail, slope_factor
from actcheck.adapters.numpy_backend.primitives import Exponential, gauss

#: Beyond these sizes every product with a finite number is zero, but half of the exponential is not.
_FAR, _FAR_GAUSS, _FAR_TANH = 1480.0, 54.4, 27.2

#: Below this size of b the functions are lines.
_TINY = 2.0**-200

Parts = tuple[Exponential, Doubles]


class Gate(ABC):
    """A function of b and its derivative, each as an exponential and a factor."""

    @abstractmethod
    def value(self, b: Doubles) -> Parts:
        """The function."""

    @abstractmethod
    def slope(self, b: Doubles) -> Parts:
        """Its derivative."""

    def multiplied(self, a: Doubles, b: Doubles) -> Doubles:
        """a times the function of b.

        All are lines around 0, where the function of a tiny b is taken of a larger one, lest it come to 0.
        """
        raised = np.where(np.abs(b) < _TINY * _TINY, 1 / _TINY, 1.0)
        return times(a, self.value(b * raised)) / raised


class Identity(Gate):
    """b."""

    def value(self, b: Doubles) -> Parts:
        """Itself."""
        return _plain(b), b

    def slope(self, b: Doubles) -> Parts:
        """1; NaN stays."""
        return _plain(b), np.where(np.isnan(b), b, 1.0)


class Rectified(Gate):
    """max(0, b)."""

    def value(self, b: Doubles) -> Parts:
        """By comparison."""
        return _plain(b), np.where(b < 0, 0.0, b)

    def slope(self, b: Doubles) -> Parts:
        """1 above 0, and 0 at 0."""
        return _plain(b), np.where(np.isnan(b), b, b > 0)


class Logistic(Gate):
    """b*s(v(b)), s the logistic function: here v = b, and v' = 1."""

    far = _FAR

    def argument(self, b: Doubles) -> tuple[Exponential, Doubles | float]:
        """exp(v), and v'."""
        return Exponential(b), 1.0

    def value(self, b: Doubles) -> Parts:
        """See `gated_factor`."""
        held = np.maximum(b, -self.far)
        decay = self.argument(np.minimum(held, self.far))[0].decay()
        return _where_negative(b, decay), gated_factor(held, decay)

    def slope(self, b: Doubles) -> Parts:
        """See `slope_factor`."""
        held = np.clip(b, -self.far, self.far)
        exponential, rise = self.argument(held)
        decay = exponential.decay()
        return _where_negative(b, decay), slope_factor(held, decay, rise)


class Normal(Gate):
    """b*Phi(b), Phi the distribution function of the normal distribution."""

    def value(self, b: Doubles) -> Parts:
        """Below -1 exp(-b*b/2) times what varies slowly."""
        held = np.maximum(b, -_FAR_GAUSS)
        factor = np.where(b < -1, held * normal_tail(np.minimum(held, 0)), b * scipy.special.ndtr(b))
        return self._tail(held), np.where(np.isnan(b), b, factor)

    def slope(self, b: Doubles) -> Parts:
        """Phi(b) + b*phi(b)."""
        held = np.clip(b, -_FAR_GAUSS, _FAR_GAUSS)
        middle = scipy.special.ndtr(held) + gauss(held).times(PHI_0 * held)
        factor = np.where(b < -1, normal_tail(np.minimum(held, 0)) + PHI_0 * held, middle)
        return self._tail(held), factor

    @staticmethod
    def _tail(held: Doubles) -> Exponential:
        exponential = gauss(np.minimum(held, 0))
        there, missing = held < -1, exponential.missing
        rest = None if missing is None else np.where(there, missing, 0.0)
        return Exponential(np.where(there, exponential.argument, 0.0), rest)


class NormalByTanh(Logistic):
    """gelu's form with tanh: see `TanhForm`."""

    far = _FAR_TANH

    def argument(self, b: Doubles) -> tuple[Exponential, Doubles | float]:
        """v is a polynomial."""
        form = TanhForm(b)
        return form.exponential, form.rise


def times(a: Doubles, parts: Parts) -> Doubles:
    """a times both parts: half of the exponential, the factor, the other half, lest one come to 0 early."""
    exponential, factor = parts
    half = np.exp(0.5 * exponential.argument)
    product = a * half * factor * half
    return product if exponential.missing is None else product * (1 + exponential.missing)


def _plain(b: Doubles) -> Exponential:
    return Exponential(np.zeros_like(b))


def _where_negative(b: Doubles, decay: Exponential) -> Exponential:
    missing = decay.missing
    rest = None if missing is None else np.where(b < 0, missing, 0.0)
    return Exponential(np.where(b < 0, decay.argument, 0.0), rest)
