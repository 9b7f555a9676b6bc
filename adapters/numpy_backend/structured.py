"""prelu, glu and crelu: the activations that look at more than one element, or at a weight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np

from actcheck.adapters.numpy_backend.arrays import (
    FORMATS,
    Array,
    Doubles,
    dimension,
    floating,
    map_blocks,
    matching,
    rounded,
)
from actcheck.adapters.numpy_backend.elementwise import unless_nan
from actcheck.adapters.numpy_backend.piecewise import ReLU
from actcheck.adapters.numpy_backend.primitives import Exponential, exact_sum


@dataclass(frozen=True)
class PReLU:
    """x for x >= 0, weight*x otherwise, with one weight for all channels or one a channel (dimension 1).

    Without ``weight`` there are ``num_parameters`` weights that all start from ``init``, in the format of
    the input. Raises ValueError for a number of weights that is neither 1 nor the channel count.
    """

    num_parameters: int = 1
    init: float = 0.25
    weight: Array | None = None

    def __post_init__(self) -> None:
        if index(self.num_parameters) < 1:
            raise ValueError(f"PReLU: num_parameters must be at least 1, and is {self.num_parameters}")
        if math.isnan(self.init):
            raise ValueError("PReLU: init is not a number")
        if self.weight is not None and np.asarray(self.weight).dtype not in FORMATS:
            raise TypeError(f"PReLU takes no weight of type {np.asarray(self.weight).dtype}")

    def __call__(self, x: Any) -> Array:
        """The activation, of the shape and format of x."""
        array = floating(x, "PReLU")
        # A weight of 0 gives 0 for all x < 0, and so at -inf, where the product is NaN.
        return map_blocks(
            lambda x, w: np.where(x < 0, np.where(w == 0, w * np.sign(x), w * x), x),
            array,
            self._spread(array),
        )

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """The gradient with respect to x times upstream; at 0 it is the weight's."""
        array = floating(x, "PReLU")
        given = matching(upstream, array.shape, array.dtype, "PReLU")
        return map_blocks(
            lambda x, u, w: unless_nan(x, np.where(x > 0, 1.0, w)) * u, array, given, self._spread(array)
        )

    def weight_gradient(self, x: Any, upstream: Any) -> Array:
        """The sum of upstream*x over the elements with x < 0 that a weight has, rounded once.

        NaN inputs count, so that they are seen. Of the shape and format of the weight.
        """
        array = floating(x, "PReLU")
        given = matching(upstream, array.shape, array.dtype, "PReLU")
        weight = self._weights(array)
        channels = [(slice(None), c) for c in range(weight.size)] if weight.size > 1 else [...]
        with np.errstate(all="ignore"):
            sums = [_negative_sum(array[c], given[c]) for c in channels]
            return np.asarray(rounded(np.array(sums), weight.dtype))

    def _weights(self, x: Array) -> Array:
        if self.weight is None:
            with np.errstate(over="ignore"):
                weight = np.full(self.num_parameters, self.init).astype(x.dtype)
        else:
            weight = np.asarray(self.weight)
        channels = x.shape[1] if x.ndim > 1 else 1
        if weight.ndim != 1 or weight.size not in (1, channels):
            raise ValueError(
                f"PReLU: weight of shape {weight.shape} for an input of shape {x.shape}; "
                f"it must have shape (1,) or ({channels},), the channel count"
            )
        return weight

    def _spread(self, x: Array) -> Array:
        weight = self._weights(x)
        along_channel = (-1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else (-1,) * x.ndim
        return np.broadcast_to(weight.reshape(along_channel), x.shape)


def _negative_sum(x: Array, upstream: Array) -> float:
    # A NaN is not >= 0 either.
    counted = ~(x >= 0)
    return exact_sum(x[counted].astype(np.float64), upstream[counted].astype(np.float64))


@dataclass(frozen=True)
class GLU:
    """a*s(b) with a and b the halves of x along ``dim`` and s the logistic function.

    Raises ValueError for an odd size along dim and for a dim that x does not have.
    """

    dim: int = -1

    def __call__(self, x: Any) -> Array:
        """The product, half the size of x along dim."""
        return map_blocks(_glu, *self._halves(floating(x, "GLU")))

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """upstream*s(b) for the first half and upstream*a*s'(b) for the second, of the shape of x."""
        a, b = self._halves(floating(x, "GLU"))
        given = matching(upstream, a.shape, a.dtype, "GLU")
        first = map_blocks(lambda a, b, u: _glu(np.ones_like(b), b) * u, a, b, given)
        second = map_blocks(lambda a, b, u: _glu_slope(a, b) * u, a, b, given)
        return np.concatenate([first, second], axis=self.dim)

    def _halves(self, x: Array) -> tuple[Array, Array]:
        return halves(x, self.dim, "GLU")


def halves(x: Array, dim: int, owner: str) -> tuple[Array, Array]:
    """Both halves along a dimension; raises ValueError for an odd size, and a dim that x does not have."""
    along = dimension(dim, x, owner)
    if x.shape[along] % 2:
        raise ValueError(f"{owner}: dimension {dim} of the input must be even, and is {x.shape[along]}")
    first, second = np.split(x, 2, axis=along)
    return first, second


#: The least b whose exponential's square root is not zero: an infinite a stays infinite beside it.
_LEAST = -1480.0


def _glu(a: Doubles, b: Doubles) -> Doubles:
    """a/(1 + e), below b = 0 times e, with e = exp(-abs(b)); a*e also where e alone is zero."""
    decay = Exponential(-np.minimum(np.abs(b), -_LEAST))
    part = a / (1 + decay.value)
    return np.where(b < 0, decay.times(part), part)


def _glu_slope(a: Doubles, b: Doubles) -> Doubles:
    """a*s'(b) = a*e/(1 + e)^2."""
    decay = Exponential(-np.minimum(np.abs(b), -_LEAST))
    more = 1 + decay.value
    return decay.times(a / (more * more))


@dataclass(frozen=True)
class CReLU:
    """relu(x) and relu(-x), one after the other along ``dim``.

    Raises ValueError for a dim that x does not have.
    """

    dim: int = 1

    def __call__(self, x: Any) -> Array:
        """Twice the size of x along dim."""
        array = floating(x, "CReLU")
        relu = ReLU()
        return np.concatenate([relu(array), relu(-array)], axis=dimension(self.dim, array, "CReLU"))

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """The first half of upstream where x > 0, less the second half where x < 0."""
        array = floating(x, "CReLU")
        dim = dimension(self.dim, array, "CReLU")
        shape = (*array.shape[:dim], 2 * array.shape[dim], *array.shape[dim + 1 :])
        first, second = np.split(matching(upstream, shape, array.dtype, "CReLU"), 2, axis=dim)
        return map_blocks(lambda x, u, v: unless_nan(x, u * (x > 0) - v * (x < 0)), array, first, second)
