"""Backends with planted faults in the activations with structure, made from the numpy backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter


class WrongAxis(NumpyAdapter):
    """Sums the gradient of prelu's weight for each index of the last dimension, where the sizes allow it."""

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        if x.ndim > 1 and x.shape[-1] == x.shape[1] and parameters["num_parameters"] > 1:
            x, upstream = x.swapaxes(1, -1), upstream.swapaxes(1, -1)
        return super().weight_gradient(activation, x, upstream, parameters)


class OneTotal(NumpyAdapter):
    """Gives every weight of prelu the gradient of all channels."""

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        found = super().weight_gradient(activation, x, upstream, parameters)
        assert isinstance(found, np.ndarray)
        return np.full_like(found, found.astype(np.float64).sum())


class LastIsChannel(NumpyAdapter):
    """Takes prelu's channel from the last dimension, where the sizes allow it."""

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if activation == "prelu" and x.ndim > 2 and x.shape[-1] == x.shape[1]:
            return super().call(activation, x.swapaxes(1, -1), parameters).swapaxes(1, -1)
        return super().call(activation, x, parameters)


class FewerWeights(NumpyAdapter):
    """Takes prelu's first weight where their number is wrong."""

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        try:
            return super().call(activation, x, parameters)
        except ValueError:
            return super().call(activation, x, {**parameters, "weight": parameters["weight"][:1]})


@dataclass
class Halves(NumpyAdapter):
    """glu or crelu with the halves of input or result swapped."""

    activation: str = "glu"
    gradient_only: bool = False

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if activation != self.activation or self.gradient_only:
            return super().call(activation, x, parameters)
        if activation == "glu":
            return super().call(activation, swapped(x, parameters), parameters)
        return swapped(super().call(activation, x, parameters), parameters)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        if activation == "crelu":
            return super().call_gradient(activation, x, swapped(upstream, parameters), parameters)
        return swapped(super().call_gradient(activation, x, upstream, parameters), parameters)


def swapped(array: Array, parameters: Parameters) -> Array:
    first, second = np.split(array, 2, axis=parameters["dim"])
    return np.concatenate([second, first], axis=parameters["dim"])


class OddTruncated(NumpyAdapter):
    """Drops what is left over in the middle of an odd size of glu."""

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        dim = parameters.get("dim", 0)
        if activation == "glu" and -x.ndim <= dim < x.ndim and x.shape[dim] % 2:
            x = np.delete(x, -1, axis=dim)
        return super().call(activation, x, parameters)


@dataclass
class LastDimension(NumpyAdapter):
    """Always splits, or joins, along the last dimension."""

    activation: str = "glu"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        changed = {"dim": x.ndim - 1} if activation == self.activation and x.ndim else {}
        return super().call(activation, x, {**parameters, **changed})


_WEIGHTS = "structure-prelu-default-float32-weight_gradient"

#: The backend that has a fault, the question that must catch it, and the kind of fault; by name.
Planted = tuple[NumpyAdapter, str, str]

FAULTS: dict[str, Planted] = {
    "weight gradient summed over the wrong axis": (
        WrongAxis(),
        _WEIGHTS,
        "max_units",
    ),
    "weight gradient of all channels": (OneTotal(), _WEIGHTS, "max_units"),
    "last dimension as channel": (LastIsChannel(), "structure-prelu-default-float32-forward", "max_ulp"),
    "wrong number of weights accepted": (
        FewerWeights(),
        "structure-prelu-default-float32-refused_sizes",
        "accepted:shape=(2, 3, 5),weights=5",
    ),
    "glu halves swapped": (Halves("glu"), "structure-glu-default-float32-forward", "max_ulp"),
    "glu halves swapped in backward": (
        Halves("glu", gradient_only=True),
        "structure-glu-default-float32-gradient",
        "max_scaled_ulp",
    ),
    "odd glu silently truncated": (
        OddTruncated(),
        "structure-glu-default-float32-refused_sizes",
        "accepted:shape=(7,),dim=-1",
    ),
    "glu always along the last dimension": (
        LastDimension("glu"),
        "structure-glu-default-float32-forward",
        "wrong_shape",
    ),
    "crelu halves swapped": (Halves("crelu"), "structure-crelu-default-float32-forward", "max_ulp"),
    "crelu halves swapped in backward": (
        Halves("crelu", gradient_only=True),
        "accuracy-crelu-default-float32-gradient",
        "max_ulp",
    ),
    "crelu always along the last dimension": (
        LastDimension("crelu"),
        "structure-crelu-default-float32-forward",
        "wrong_shape",
    ),
}
