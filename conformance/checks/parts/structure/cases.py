"""Shapes of activations with structure: every rank from 0 to 5, every dimension, what must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.normalizing.rows import common
from actcheck.reference.formats import Format
from actcheck.reference.specification.elements import weights_name
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
#: Every rank. Sizes along one shape differ, so that a wrong dimension shows, but in those with a channel
#: (dimension 1) of the size of the last or of the first dimension, and in those of equal sizes.
SHAPES = (
    (),
    (7,),
    (5, 3),
    (4, 4),
    (4, 3, 2),
    (3, 3, 3),
    (2, 3, 4, 5),
    (2, 4, 3, 4),
    (3, 2, 2, 1, 4),
    (2, 2, 2, 2, 2),
    (2, 3, 1, 4, 2, 3),
)
#: Those of them whose every dimension rows lie along.
_OF_ROWS = ((7,), (5, 3), (4, 3, 2), (3, 3, 3), (2, 3, 4, 5), (3, 2, 2, 1, 4))
#: Of either sign, large and small.
_FEW = (-96.0, -7.0, -2.5, -1.0, -0.375, -0.0625, 0.03125, 0.5, 1.5, 3.0, 11.0, 120.0)
#: Empty in each dimension.
EMPTY = ((0,), (0, 3), (2, 0), (0, 2, 3), (2, 0, 3), (2, 3, 0))


@dataclass(frozen=True)
class StructureCase:
    """One call: inputs, parameters and upstreams of the result's shape."""

    #: Short and stable: a known deviation names it.
    tag: str
    x: Array
    parameters: Mapping[str, Any]
    #: The shape of the result.
    shape: tuple[int, ...]
    upstreams: tuple[Array, ...]


@dataclass(frozen=True)
class RefusedCase:
    """A call that must be refused."""

    tag: str
    x: Array
    parameters: Mapping[str, Any]


def numbers(form: Format, shape: tuple[int, ...], *seed: int) -> Array:
    """Normal numbers of the format."""
    return np.asarray(np.random.default_rng([*seed, *shape]).normal(0, 2, shape)).astype(form.dtype)


def _powers(form: Format, shape: tuple[int, ...], *seed: int) -> Array:
    """Powers of two of either sign: products with them are exact."""
    random = np.random.default_rng([*seed, 1, *shape])
    return np.asarray(random.choice([-2.0, -1.0, 0.5, 1.0], shape)).astype(form.dtype)


def _weights(form: Format, count: int) -> Array:
    """A different one for each channel, exact in every format."""
    return (0.25 * np.arange(1.0, count + 1)).astype(form.dtype)


def channelwise(spec: Spec, form: Format, seed: int) -> Iterator[StructureCase]:
    """One weight at every rank; one a channel from rank 2 on."""
    for shape in (*SHAPES, *EMPTY):
        for count in (1, shape[1]) if len(shape) > 1 and shape[1] else (1,):
            weight = _weights(form, count)
            parameters = {**spec.default.parameters, "num_parameters": count, weights_name(spec): weight}
            tag = f"shape={shape},weights={count}"
            yield StructureCase(
                tag, numbers(form, shape, seed), parameters, shape, (_powers(form, shape, seed),)
            )


def _dimensions() -> Iterator[tuple[tuple[int, ...], int, tuple[int, ...]]]:
    """A shape, each of its dimensions, counted from either end, and the shape with twice as many there."""
    for shape in (*SHAPES[1:], *EMPTY):
        for dim in range(-len(shape) if all(shape) else 0, len(shape)):
            yield shape, dim, tuple(2 * n if at == dim % len(shape) else n for at, n in enumerate(shape))


def gated(spec: Spec, form: Format, seed: int) -> Iterator[StructureCase]:
    """Every dimension; its size is made even."""
    for shape, dim, whole in _dimensions():
        parameters, upstreams = {**spec.default.parameters, "dim": dim}, (_powers(form, shape, seed),)
        tag = f"shape={whole},dim={dim}"
        yield StructureCase(tag, numbers(form, whole, seed), parameters, shape, upstreams)


def concatenating(spec: Spec, form: Format, seed: int) -> Iterator[StructureCase]:
    """Every dimension. Upstreams for one half of the result, for the other, and for both, each of its own."""
    for shape, dim, whole in _dimensions():
        one, other = (_powers(form, shape, seed, half) for half in (1, 2))
        none = np.zeros(shape, form.dtype)
        pairs = ((one, other), (one, none), (none, other))
        upstreams = tuple(np.concatenate(pair, axis=dim) for pair in pairs)
        parameters, tag = {**spec.default.parameters, "dim": dim}, f"shape={shape},dim={dim}"
        # Few different numbers: of each the slopes of both halves are looked at.
        x = np.asarray(np.random.default_rng([seed, *shape]).choice(_FEW, shape)).astype(form.dtype)
        yield StructureCase(tag, x, parameters, whole, upstreams)


def normalizing(spec: Spec, form: Format, seed: int) -> Iterator[StructureCase]:
    """Every dimension of shapes of every rank, whose sizes differ, and of one whose sizes do not."""
    for shape, dim, _ in _dimensions():
        if shape not in _OF_ROWS and all(shape):
            continue
        random = np.random.default_rng([seed, *shape])
        x, upstream = (common(random, shape).astype(form.dtype) for _ in range(2))
        parameters, tag = {**spec.default.parameters, "dim": dim}, f"shape={shape},dim={dim}"
        yield StructureCase(tag, x, parameters, shape, (upstream,))


def bad_channelwise(spec: Spec, form: Format) -> Iterator[RefusedCase]:
    """Numbers of weights that are neither 1 nor the channel count."""
    told = (
        ((4, 3), 2),
        ((2, 3, 5), 5),
        ((2, 3, 5), 2),
        ((3,), 3),
        ((), 2),
        ((2, 1, 4), 4),
        ((4, 3), 4),
    )
    for shape, count in told:
        weight = _weights(form, count)
        parameters = {**spec.default.parameters, "num_parameters": count, weights_name(spec): weight}
        yield RefusedCase(f"shape={shape},weights={count}", numbers(form, shape, 0), parameters)


def bad_gated(spec: Spec, form: Format) -> Iterator[RefusedCase]:
    """Odd sizes, dimensions that are not there, no dimension at all."""
    odd = [((7,), -1), ((3, 4), 0), ((4, 5), 1), ((2, 3, 4), -2), ((2, 2, 2, 2, 1), 4)]
    outside = [((4, 6), 2), ((4, 6), -3), ((), -1), ((), 0)]
    for shape, dim in (*odd, *outside):
        yield RefusedCase(
            f"shape={shape},dim={dim}", numbers(form, shape, 0), {**spec.default.parameters, "dim": dim}
        )


def bad_concatenating(spec: Spec, form: Format) -> Iterator[RefusedCase]:
    """Dimensions that are not there."""
    for shape, dim in (((7,), 1), ((4, 6), 2), ((4, 6), -3), ((), 0), ((), 1)):
        yield RefusedCase(
            f"shape={shape},dim={dim}", numbers(form, shape, 0), {**spec.default.parameters, "dim": dim}
        )


def bad_normalizing(spec: Spec, form: Format) -> Iterator[RefusedCase]:
    """Dimensions that are not there."""
    for shape, dim in (((7,), 1), ((7,), -2), ((4, 6), 2), ((4, 6), -3), ((2, 3, 4), 3), ((2, 1, 3, 2), 4)):
        yield RefusedCase(
            f"shape={shape},dim={dim}", numbers(form, shape, 0), {**spec.default.parameters, "dim": dim}
        )


#: Kind to the calls of its activations, good and bad.
CASES: Mapping[str, Callable[[Spec, Format, int], Iterator[StructureCase]]] = {
    "channelwise": channelwise,
    "gated": gated,
    "concatenating": concatenating,
    "normalizing": normalizing,
}
BAD: Mapping[str, Callable[[Spec, Format], Iterator[RefusedCase]]] = {
    "channelwise": bad_channelwise,
    "gated": bad_gated,
    "concatenating": bad_concatenating,
    "normalizing": bad_normalizing,
}
