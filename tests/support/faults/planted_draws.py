"""Backends that draw rrelu's slopes from streams that are not random, or alter what was drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

Sampled = tuple[Array, Array | Unsupported] | Unsupported
#: Numbers from 0 to 1 for a shape, from a seed.
Units = Callable[[tuple[int, ...], int], Array]


def unit(shape: tuple[int, ...], seed: int) -> Array:
    return np.asarray(np.random.default_rng(seed).random(shape))


def pairs_share(shape: tuple[int, ...], seed: int) -> Array:
    return np.resize(np.repeat(unit((int(np.prod(shape)) // 2 + 1,), seed), 2), shape)


def rows_share(shape: tuple[int, ...], seed: int) -> Array:
    return np.broadcast_to(unit(shape[-1:], seed), shape)


def columns_share(shape: tuple[int, ...], seed: int) -> Array:
    return np.broadcast_to(unit((*shape[:-1], 1), seed), shape)


def all_share(shape: tuple[int, ...], seed: int) -> Array:
    return np.full(shape, unit((1,), seed)[0])


def biased(shape: tuple[int, ...], seed: int) -> Array:
    """Within the bounds, with a mean that is off by 2 % of the range."""
    return np.asarray(unit(shape, seed) ** 0.916)


def slightly_biased(shape: tuple[int, ...], seed: int, by: float = 0.004) -> Array:
    """Within the bounds, with a mean that is off by 0.4 % of the range: u^e has the mean 1/(1 + e)."""
    return np.asarray(unit(shape, seed) ** (1 / (0.5 + by) - 1))


def coarse(shape: tuple[int, ...], seed: int, levels: int = 256, middle: float = 0.5) -> Array:
    return np.asarray((np.floor(unit(shape, seed) * levels) + middle) / levels)


def triangular(shape: tuple[int, ...], seed: int) -> Array:
    """The right mean and range, and another distribution."""
    return np.asarray(np.random.default_rng(seed).triangular(0, 0.5, 1, shape))


def with_a_hole(shape: tuple[int, ...], seed: int) -> Array:
    """A 500th of the range does not occur, its mirror twice as often."""
    u = unit(shape, seed)
    return np.where(np.abs(u - 0.3) < 0.001, 1 - u, u)


def blocks_share(shape: tuple[int, ...], seed: int, size: int = 1 << 18) -> Array:
    """Each thread's block begins with the same seed."""
    return np.resize(unit((size,), seed), shape)


def faintly_correlated(shape: tuple[int, ...], seed: int) -> Array:
    """Every eighth element repeats its left neighbour."""
    u = unit(shape, seed).ravel().copy()
    u[1::8] = u[: u[1::8].size * 8 : 8]
    return u.reshape(shape)


def one_seed(shape: tuple[int, ...], seed: int) -> Array:
    return unit(shape, 5)


def eight_bits_of_seed(shape: tuple[int, ...], seed: int) -> Array:
    return unit(shape, seed % 256)


def even_seeds(shape: tuple[int, ...], seed: int) -> Array:
    return unit(shape, seed // 2)


def seed_is_offset(shape: tuple[int, ...], seed: int) -> Array:
    """A counter that starts at the seed: the next seed gives the same stream, one place on."""
    count = int(np.prod(shape))
    return unit((count + seed,), 3)[seed:].reshape(shape)


def seed_is_added(shape: tuple[int, ...], seed: int) -> Array:
    """The next seed moves all slopes by a little."""
    return np.asarray((unit(shape, 3) + seed / 512) % 1)


@dataclass
class Drawing(NumpyAdapter):
    """rrelu with slopes of its own, forward and backward."""

    units: Units = unit
    #: Added to the seed of the backward pass.
    backward: int = 0
    #: The positive elements are scaled, too.
    everywhere: bool = False
    #: Multiplies the slopes.
    scale: float = 1.0

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> Sampled:
        forward, backward = (self._slopes(x, parameters, s) for s in (seed, seed + self.backward))
        wide, sent = x.astype(np.float64), upstream.astype(np.float64)
        y = np.where((wide < 0) | self.everywhere, wide * forward, wide)
        slope = np.where((wide < 0) | self.everywhere, backward, np.where(np.isnan(wide), wide, 1.0))
        return y.astype(x.dtype), (slope * sent).astype(x.dtype)

    def _slopes(self, x: Array, parameters: Parameters, seed: int) -> Array:
        low, high = float(parameters["lower"]), float(parameters["upper"])
        return self.scale * (low + (high - low) * self.units(x.shape, seed))


class NoSeed(NumpyAdapter):
    """Draws what comes next, whatever the seed."""

    def __init__(self) -> None:
        self.next = 0

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> Sampled:
        self.next += 1
        return super().sample(activation, x, upstream, parameters, self.next)


#: From input, upstream, parameters, result and gradient to the latter two.
Change = Callable[[Array, Array, Parameters, Array, Array], tuple[Array, Array]]


@dataclass
class Changed(NumpyAdapter):
    """rrelu in training with something done to result and gradient."""

    change: Change

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> Sampled:
        given = super().sample(activation, x, upstream, parameters, seed)
        assert isinstance(given, tuple)
        y, gradient = given
        assert isinstance(gradient, np.ndarray)
        return self.change(x, upstream, parameters, y, gradient)


def _mean_slope(x: Array, upstream: Array, parameters: Parameters) -> tuple[Array, Array]:
    """As in evaluation."""
    slope = np.where(x < 0, (parameters["lower"] + parameters["upper"]) / 2, 1.0)
    return (x * slope).astype(x.dtype), (upstream * slope).astype(x.dtype)


def evaluated_where(where: Callable[[Array], Any]) -> Changed:
    """The mean slope in training, for some arrays or elements."""

    def change(x: Array, upstream: Array, parameters: Parameters, y: Array, g: Array) -> tuple[Array, Array]:
        hit, mean = where(x), _mean_slope(x, upstream, parameters)
        return np.where(hit, mean[0], y).astype(y.dtype), np.where(hit, mean[1], g).astype(g.dtype)

    return Changed(change)


def given_where(
    where: Callable[[Array], Any], result: float | None = None, gradient: float | None = None
) -> Changed:
    """A number in place of the result or the gradient, for some elements."""

    def change(x: Array, upstream: Array, parameters: Parameters, y: Array, g: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            hit = where(x)
        new = [
            a if v is None else np.where(hit, v, a).astype(a.dtype) for a, v in ((y, result), (g, gradient))
        ]
        return new[0], new[1]

    return Changed(change)


def last(x: Array, behind: int) -> Array:
    """Elements from a multiple of so many on: a tail."""
    return np.arange(x.size).reshape(x.shape) >= x.size // behind * behind


def upstream_forgotten(
    x: Array, upstream: Array, parameters: Parameters, y: Array, g: Array
) -> tuple[Array, Array]:
    return y, np.where(np.isinf(upstream), 0, g).astype(g.dtype)


def spread(x: Array, upstream: Array, parameters: Parameters, y: Array, g: Array) -> tuple[Array, Array]:
    """A NaN takes its right neighbour along."""
    return np.where(np.isnan(np.roll(x, 1)) & (x.ndim == 1), np.nan, y).astype(y.dtype), g


STRIDED = lambda x: x.ndim > 0 and x.size > 1 and not x.flags.c_contiguous  # noqa: E731
