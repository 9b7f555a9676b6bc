"""Backends with planted faults in rrelu's training form, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
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


def _last(x: Array, behind: int) -> Array:
    """Elements from a multiple of so many on: a tail."""
    return np.arange(x.size).reshape(x.shape) >= x.size // behind * behind


def _upstream_forgotten(
    x: Array, upstream: Array, parameters: Parameters, y: Array, g: Array
) -> tuple[Array, Array]:
    return y, np.where(np.isinf(upstream), 0, g).astype(g.dtype)


def _spread(x: Array, upstream: Array, parameters: Parameters, y: Array, g: Array) -> tuple[Array, Array]:
    """A NaN takes its right neighbour along."""
    return np.where(np.isnan(np.roll(x, 1)) & (x.ndim == 1), np.nan, y).astype(y.dtype), g


_STRIDED = lambda x: x.ndim > 0 and x.size > 1 and not x.flags.c_contiguous  # noqa: E731

#: By the last part of the question, for the defaults in float32: name, backend, kind of fault.
_FLOAT32: Mapping[str, Mapping[str, tuple[NumpyAdapter, str]]] = {
    "any": {
        "slope resampled in backward": (Drawing(backward=1), "resampled"),
        "slopes shared: pairs_share": (Drawing(pairs_share), "resolution"),
        "slopes shared: rows_share": (Drawing(rows_share), "independence"),
        "slopes shared: columns_share": (Drawing(columns_share), "independence"),
        "slopes shared: all_share": (Drawing(all_share), "uniformity"),
        "slopes shared by blocks of 2^18": (Drawing(blocks_share), "independence"),
        "slopes shared by blocks of 2^19": (Drawing(partial(blocks_share, size=1 << 19)), "independence"),
        "every eighth slope is its neighbour's": (Drawing(faintly_correlated), "resolution"),
        "biased slope beyond the range": (Drawing(scale=1.02), "range"),
        "256 slopes": (Drawing(coarse), "resolution"),
        "256 slopes, the lower bound among them": (Drawing(partial(coarse, middle=0.0)), "resolution"),
        "4,096 slopes": (Drawing(partial(coarse, levels=1 << 12)), "resolution"),
        "16,384 slopes": (Drawing(partial(coarse, levels=1 << 14)), "resolution"),
        "mean off by 0.4 %": (Drawing(slightly_biased), "mean"),
        "mean off by -0.4 %": (Drawing(partial(slightly_biased, by=-0.004)), "mean"),
        "a hole in the range": (Drawing(with_a_hole), "cells"),
        "slopes for positive elements": (Drawing(everywhere=True), "positive"),
        "NaN in long arrays": (given_where(lambda x: x.size > 1 << 17 and x < -3, result=np.nan), "range"),
        "bad bounds accepted in training": (
            Drawing(lambda shape, seed: np.full(shape, 0.2)),
            "accepted:lower=0.5,upper=0.25",
        ),
    },
    "seeds": {
        "the same slopes for every seed": (Drawing(one_seed), "same_for_seeds"),
        "8 bits of the seed": (Drawing(eight_bits_of_seed), "same_for_seeds"),
        "odd seeds as the even ones": (Drawing(even_seeds), "same_for_seeds"),
        "the seed is an offset into one stream": (Drawing(seed_is_offset), "seeds_correlate"),
        "the seed moves one stream": (Drawing(seed_is_added), "seeds_correlate"),
        "seed ignored": (NoSeed(), "seed"),
    },
    "forms": {
        "mean slope for a number": (evaluated_where(lambda x: x.ndim == 0), "same_for_seeds:0-d"),
        "mean slope for one element": (
            evaluated_where(lambda x: x.shape == (1,)),
            "same_for_seeds:one_element,_1-d",
        ),
        "mean slope in 6 dimensions": (evaluated_where(lambda x: x.ndim == 6), "same_for_seeds:6-d"),
        "mean slope behind a multiple of 8": (
            evaluated_where(lambda x: _last(x, 8)),
            "same_for_seeds:67-element",
        ),
        "mean slope for two elements": (
            evaluated_where(lambda x: x.shape == (2,)),
            "same_for_seeds:2-element",
        ),
        "one slope a row from 3 dimensions on": (
            Drawing(lambda shape, seed: (columns_share if len(shape) > 2 else unit)(shape, seed)),
            "shared:3-d",
        ),
        "one slope for an expanded row": (
            Changed(
                lambda x, u, p, y, g: (
                    (
                        np.broadcast_to(y[:1], y.shape),
                        np.broadcast_to((y / x * u).astype(g.dtype)[:1], g.shape),
                    )
                    if x.ndim == 2 and x.strides[0] == 0
                    else (y, g)
                )
            ),
            "shared:expanded_rows",
        ),
        "wrong range for strided arrays": (
            Changed(lambda x, u, p, y, g: ((x * 0.5).astype(y.dtype), g) if _STRIDED(x) else (y, g)),
            "range:strided_by_2",
        ),
        "gradient of strided arrays resampled": (
            Changed(lambda x, u, p, y, g: (y, np.roll(g, 1)) if _STRIDED(x) else (y, g)),
            "resampled:transposed",
        ),
        "result of strided arrays contiguous in memory order": (
            Changed(
                lambda x, u, p, y, g: (
                    (y.reshape(y.shape[::-1]).T, g) if x.ndim > 1 and x.flags.fnc else (y, g)
                )
            ),
            "range:transposed",
        ),
        "empty arrays with another shape": (
            Changed(lambda x, u, p, y, g: (y.ravel(), g.ravel()) if x.size == 0 else (y, g)),
            "wrong_shape:empty_3x0",
        ),
    },
    "special_values": {
        "a slope for NaN": (given_where(np.isnan, result=-0.25, gradient=0.25), "wrong_nan"),
        "gradient 1 at NaN": (given_where(np.isnan, gradient=1.0), "wrong_nan:gradient"),
        "NaN at minus infinity": (given_where(np.isneginf, result=np.nan), "wrong_nan"),
        "a number at minus infinity": (
            given_where(np.isneginf, result=-3.4028234663852886e38),
            "wrong_infinity",
        ),
        "gradient 1 at minus infinity": (given_where(np.isneginf, gradient=1.0), "range:gradient"),
        "gradient NaN at infinity": (given_where(np.isposinf, gradient=np.nan), "wrong_nan:gradient"),
        "zero loses its sign": (given_where(lambda x: x == 0, result=0.0), "wrong_zero_sign"),
        "gradient 0 at 0": (given_where(lambda x: x == 0, gradient=0.0), "range:gradient"),
        "the largest numbers are clipped": (given_where(lambda x: x < -1e38, result=-1e37), "wrong_result"),
        "tiny numbers are flushed": (
            given_where(lambda x: (x > 0) & (x < 1e-40), result=0.0),
            "wrong_result",
        ),
        "NaN takes its neighbour along": (Changed(_spread), "wrong_nan"),
        "infinite upstreams forgotten": (Changed(_upstream_forgotten), "wrong_upstream"),
    },
}

#: The backend, the question that must catch it, and the kind of fault; by name.
FAULTS: dict[str, tuple[NumpyAdapter, str, str]] = (
    {
        name: (adapter, f"randomness-rrelu-default-float32-{quantity}", what)
        for quantity, faults in _FLOAT32.items()
        for name, (adapter, what) in faults.items()
    }
    | {
        f"{name}, {form}": (Drawing(units), f"randomness-rrelu-default-{form}-any", what)
        for name, units, what, forms in (
            ("biased slope", biased, "mean", ("float16", "bfloat16", "float64")),
            ("mean off by 0.4 %", slightly_biased, "mean", ("float16", "float64")),
            ("256 slopes", coarse, "resolution", ("float16", "float64")),
            ("256 slopes", coarse, "cells", ("bfloat16",)),
            ("slopes not uniform", triangular, "uniformity", ("bfloat16", "float32")),
        )
        for form in forms
    }
    | {
        "slope resampled in backward, bfloat16": (
            Drawing(backward=1),
            "randomness-rrelu-default-bfloat16-any",
            "resampled",
        ),
        "mean slope for three elements, bfloat16": (
            evaluated_where(lambda x: x.shape == (3,)),
            "randomness-rrelu-default-bfloat16-forms",
            "same_for_seeds:3-element",
        ),
        "one slope a column from 2 dimensions on, float16": (
            Drawing(lambda shape, seed: (rows_share if len(shape) > 1 else unit)(shape, seed)),
            "randomness-rrelu-default-float16-forms",
            "shared:2-d",
        ),
    }
)
