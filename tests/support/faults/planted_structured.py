"""Backends with planted faults in the activations with structure, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

Sampled = tuple[Array, Array | Unsupported] | Unsupported


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


#: Slopes for an input, from its shape, the bounds and a seed.
Slopes = Callable[[tuple[int, ...], float, float, int], Array]


def uniform(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return np.asarray(np.random.default_rng(seed).uniform(lower, upper, shape))


def pairs_share(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return np.resize(np.repeat(uniform((int(np.prod(shape)) // 2 + 1,), lower, upper, seed), 2), shape)


def rows_share(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return np.broadcast_to(uniform(shape[-1:], lower, upper, seed), shape)


def columns_share(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return np.broadcast_to(uniform((*shape[:-1], 1), lower, upper, seed), shape)


def all_share(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return np.full(shape, uniform((1,), lower, upper, seed)[0])


def biased(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    """Within the bounds, with a mean that is 2 % too large for the defaults."""
    return np.asarray(lower + (upper - lower) * uniform(shape, 0, 1, seed) ** 0.916)


def scaled(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return 1.02 * uniform(shape, lower, upper, seed)


def triangular(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    """The right mean and range, and another distribution."""
    return np.asarray(np.random.default_rng(seed).triangular(lower, (lower + upper) / 2, upper, shape))


def one_seed(shape: tuple[int, ...], lower: float, upper: float, seed: int) -> Array:
    return uniform(shape, lower, upper, 5)


@dataclass
class Drawing(NumpyAdapter):
    """rrelu with slopes of its own, forward and backward."""

    slopes: Slopes = uniform
    #: Added to the seed of the backward pass.
    backward: int = 0
    #: Whether the positive elements are scaled, too.
    everywhere: bool = False

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> Sampled:
        bounds = float(parameters["lower"]), float(parameters["upper"])
        forward = self.slopes(x.shape, *bounds, seed)
        backward = self.slopes(x.shape, *bounds, seed + self.backward)
        wide = x.astype(np.float64)
        y = np.where((wide < 0) | self.everywhere, wide * forward, wide)
        slope = np.where((wide < 0) | self.everywhere, backward, 1.0)
        return y.astype(x.dtype), (slope * upstream.astype(np.float64)).astype(x.dtype)


class NoSeed(NumpyAdapter):
    """Draws what comes next, whatever the seed."""

    def __init__(self) -> None:
        self.next = 0

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> Sampled:
        self.next += 1
        return super().sample(activation, x, upstream, parameters, self.next)


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


_PRELU = "prelu-num_parameters=3,init=0.5-float32"

#: The backend that has a fault, the question that must catch it, and the kind of fault; by name.
Planted = tuple[NumpyAdapter, str, str]

FAULTS: dict[str, Planted] = {
    "weight gradient summed over the wrong axis": (
        WrongAxis(),
        f"accuracy-{_PRELU}-weight_gradient",
        "max_units",
    ),
    "weight gradient of all channels": (OneTotal(), f"accuracy-{_PRELU}-weight_gradient", "max_units"),
    "last dimension as channel": (LastIsChannel(), "structure-prelu-default-float32-forward", "max_ulp"),
    "wrong number of weights accepted": (
        FewerWeights(),
        "structure-prelu-default-float32-refused_sizes",
        "accepted:shape=(2, 3, 5),weights=5",
    ),
    "slope resampled in backward": (
        Drawing(backward=1),
        "randomness-rrelu-default-float32-any",
        "resampled",
    ),
    "slope resampled in backward, bfloat16": (
        Drawing(backward=1),
        "randomness-rrelu-default-bfloat16-any",
        "resampled",
    ),
    **{
        f"slopes shared: {slopes.__name__}": (
            Drawing(slopes),
            f"randomness-rrelu-default-{form}-any",
            "independence",
        )
        for slopes in (pairs_share, rows_share, columns_share, all_share)
        for form in ("float32",)
    },
    **{
        f"biased slope, {form}": (Drawing(biased), f"randomness-rrelu-default-{form}-any", "mean")
        for form in ("float16", "bfloat16", "float32", "float64")
    },
    "biased slope beyond the range": (Drawing(scaled), "randomness-rrelu-default-float32-any", "range"),
    "slopes not uniform": (Drawing(triangular), "randomness-rrelu-default-bfloat16-any", "uniformity"),
    "slopes for positive elements": (
        Drawing(everywhere=True),
        "randomness-rrelu-default-float32-any",
        "positive",
    ),
    "the same slopes for every seed": (Drawing(one_seed), "randomness-rrelu-default-float32-any", "seed"),
    "seed ignored": (NoSeed(), "randomness-rrelu-default-float32-any", "seed"),
    "bad bounds accepted in training": (
        Drawing(lambda shape, lower, upper, seed: np.full(shape, 0.2)),
        "randomness-rrelu-default-float32-any",
        "accepted:lower=0.5,upper=0.25",
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
