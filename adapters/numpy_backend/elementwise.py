"""What every element-wise activation of the numpy backend is: parameters, and three kernels on binary64."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from actcheck.adapters.numpy_backend.arrays import Array, Doubles, floating, map_blocks, matching


@dataclass(frozen=True)
class Elementwise:
    """An activation with its parameters, checked when it is made; call it on an array of any shape.

    Raises ValueError for parameters that the activation refuses, and TypeError for arrays that are in
    none of the four formats.
    """

    #: Whether there is a form that overwrites its input.
    has_in_place: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str) and math.isnan(value):
                raise ValueError(f"{self.label}: {field.name} is not a number")
        self.check()

    def check(self) -> None:
        """Raise ValueError for parameters that this activation refuses."""

    def refuse_unless_positive(self, name: str) -> None:
        """Raise ValueError for a parameter that is not positive and finite."""
        value = getattr(self, name)
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{self.label}: {name} must be positive and finite, and is {value!r}")

    @property
    def label(self) -> str:
        """The name that messages use."""
        return type(self).__name__

    def forward(self, x: Doubles) -> Doubles:
        """The value."""
        raise NotImplementedError(f"{type(self).__name__} must define forward()")

    def gradient(self, x: Doubles) -> Doubles:
        """The first derivative."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient()")

    def second_derivative(self, x: Doubles) -> Doubles:
        """The second derivative."""
        raise NotImplementedError(f"{type(self).__name__} must define second_derivative()")

    def integers(self, x: Array) -> Array:
        """The value of an integer array, exactly and in its format; TypeError where there is none."""
        raise TypeError(f"{self.label} takes no {x.dtype} arrays")

    def __call__(self, x: Any) -> Array:
        """The activation of every element, of the shape and format of x."""
        array = np.asarray(x)
        if np.issubdtype(array.dtype, np.integer):
            return np.asarray(self.integers(array), array.dtype)
        return map_blocks(self.forward, floating(array, self.label))

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """The derivative at x times upstream, of the shape and format of x.

        The product is taken in binary64, before the only rounding.
        """
        array = floating(x, self.label)
        given = matching(upstream, array.shape, array.dtype, self.label)
        return map_blocks(lambda x, u: self.gradient(x) * u, array, given)

    def differentiated_twice(self, x: Any, *factors: Any) -> Array:
        """The second derivative at x, times what it is given, of the shape and format of x.

        The products are taken in binary64, before the only rounding.
        """
        array = floating(x, self.label)
        given = [matching(factor, array.shape, array.dtype, self.label) for factor in factors]
        return map_blocks(lambda x, *f: self.second_derivative(x) * math.prod(f), array, *given)

    def write(self, x: Any, out: Array) -> None:
        """The activation of every element, written into an array of the shape and format of x."""
        out[...] = self(matching(x, out.shape, out.dtype, self.label))

    def overwrite(self, x: Array) -> Array:
        """The in-place form: x itself, with its elements replaced."""
        x[...] = self(x)
        return x


def unless_nan(x: Doubles, values: Any) -> Doubles:
    """``values`` where x is a number, and x itself where it is not."""
    return np.where(np.isnan(x), x, values)
