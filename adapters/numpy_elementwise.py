"""What every element-wise activation of the numpy backend is: parameters, and three kernels on binary64."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from actcheck.adapters.numpy_arrays import Array, Doubles, floating, map_blocks, matching


@dataclass(frozen=True)
class Elementwise:
    """An activation with its parameters, checked when it is made; call it on an array of any shape.

    Raises ValueError for parameters that the activation refuses, and TypeError for arrays that are
    not in one of the four formats.
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

    @property
    def label(self) -> str:
        """The name that messages use."""
        return type(self).__name__

    def forward(self, x: Doubles) -> Doubles:
        """The value."""
        raise NotImplementedError

    def gradient(self, x: Doubles) -> Doubles:
        """The first derivative."""
        raise NotImplementedError

    def second_derivative(self, x: Doubles) -> Doubles:
        """The second derivative."""
        raise NotImplementedError

    def integers(self, x: Array) -> Array:
        """The value of an integer array, exactly and in its format, where the activation allows it."""
        raise TypeError(f"{self.label} takes no {x.dtype} arrays")

    def __call__(self, x: Any) -> Array:
        """The activation of every element."""
        array = np.asarray(x)
        if np.issubdtype(array.dtype, np.integer):
            return self.integers(array)
        return map_blocks(self.forward, floating(array, self.label))

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """The gradient at x times upstream, an array of the shape and format of x."""
        array = floating(x, self.label)
        return map_blocks(self.gradient, array, matching(upstream, array.shape, array.dtype, self.label))

    def differentiated_twice(self, x: Any) -> Array:
        """The second derivative at x."""
        return map_blocks(self.second_derivative, floating(x, self.label))


def unless_nan(x: Doubles, values: Any) -> Doubles:
    """``values`` where x is a number, and x itself where it is not."""
    return np.where(x == x, values, x)


def flat(x: Doubles) -> Doubles:
    """Zero where x is a number: the second derivative of everything made of straight lines."""
    return unless_nan(x, 0.0)
