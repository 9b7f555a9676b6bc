"""The numpy backend with one activation altered, for planted faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

#: From the right implementation and what it is called with.
Forward = Callable[[Callable[..., Any], Any, Parameters], Any]
Gradient = Callable[[Callable[..., Any], Any, Any, Parameters], Any]


@dataclass
class Altered(NumpyAdapter):
    """One activation with another result, gradient or weight gradient."""

    activation: str
    forwards: Forward | None = None
    backwards: Gradient | None = None
    weights: Gradient | None = None

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        def right(x: Any, parameters: Parameters = parameters) -> Any:
            return super(Altered, self).call(activation, x, parameters)

        with np.errstate(all="ignore"):
            own = self.forwards is not None and activation == self.activation
            return self.forwards(right, x, parameters) if own and self.forwards else right(x)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        def right(x: Any, upstream: Any, parameters: Parameters = parameters) -> Any:
            return super(Altered, self).call_gradient(activation, x, upstream, parameters)

        with np.errstate(all="ignore"):
            own = self.backwards is not None and activation == self.activation
            return (
                self.backwards(right, x, upstream, parameters)
                if own and self.backwards
                else right(x, upstream)
            )

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        def right(x: Any, upstream: Any, parameters: Parameters = parameters) -> Any:
            return super(Altered, self).weight_gradient(activation, x, upstream, parameters)

        with np.errstate(all="ignore"):
            if self.weights is None:
                return right(x, upstream)
            return self.weights(right, x, upstream, parameters)


def where(hit: Callable[[Any], Any], result: Any, value: Any) -> Any:
    """The result with a value where a condition holds."""
    return np.where(hit, value, result).astype(result.dtype)


def strided(x: Any) -> bool:
    return x.size > 1 and not x.flags.c_contiguous


def in_memory_order(a: Any) -> Any:
    """The elements in the order of memory, in the shape of the array."""
    return a.ravel(order="K").reshape(a.shape)


def negated_if(condition: Callable[[Any], Any]) -> Forward:
    return lambda right, x, p: -right(x) if condition(x) else right(x)


def gradient_negated_if(condition: Callable[[Any, Any], Any]) -> Gradient:
    return lambda right, x, u, p: -right(x, u) if condition(x, u) else right(x, u)


def special(activation: str, hit: Callable[[Any], Any], value: float) -> Altered:
    """Another result where the input, of the result's shape, is special."""
    return Altered(activation, lambda right, x, p: where(hit(x), right(x), value))


def special_gradient(activation: str, hit: Callable[[Any, Any], Any], value: float) -> Altered:
    return Altered(activation, backwards=lambda right, x, u, p: where(hit(x, u), right(x, u), value))


def square(x: Any) -> bool:
    return x.ndim > 1 and x.shape[0] == x.shape[1]
