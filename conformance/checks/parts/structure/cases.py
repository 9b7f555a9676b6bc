"""Shapes of activations with structure: every rank from 0 to 5, every dimension, what must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.specification.elements import weights_name
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
#: One shape a rank. Sizes along one shape differ, so that a wrong dimension shows; in the last but one the
#: channel (dimension 1) has the size of the last dimension.
SHAPES = ((), (7,), (5, 3), (4, 3, 2), (2, 3, 4, 5), (2, 4, 3, 4), (3, 2, 2, 1, 4))


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
    for shape in SHAPES:
        for count in (1, shape[1]) if len(shape) > 1 else (1,):
            weight = _weights(form, count)
            parameters = {**spec.default.parameters, "num_parameters": count, weights_name(spec): weight}
            tag = f"shape={shape},weights={count}"
            yield StructureCase(
                tag, numbers(form, shape, seed), parameters, shape, (_powers(form, shape, seed),)
            )


def gated(spec: Spec, form: Format, seed: int) -> Iterator[StructureCase]:
    """Every dimension, counted from either end; its size is made even."""
    for shape in SHAPES[1:]:
        for dim in range(-len(shape), len(shape)):
            whole = tuple(2 * n if at == dim % len(shape) else n for at, n in enumerate(shape))
            tag = f"shape={whole},dim={dim}"
            yield StructureCase(
                tag,
                numbers(form, whole, seed),
                {**spec.default.parameters, "dim": dim},
                shape,
                (_powers(form, shape, seed),),
            )


def concatenating(spec: Spec, form: Format, seed: int) -> Iterator[StructureCase]:
    """Every dimension, counted from either end."""
    for shape in SHAPES[1:]:
        for dim in range(-len(shape), len(shape)):
            whole = tuple(2 * n if at == dim % len(shape) else n for at, n in enumerate(shape))
            sent, none = _powers(form, shape, seed), np.zeros(shape, form.dtype)
            upstreams = tuple(np.concatenate(pair, axis=dim) for pair in ((sent, none), (none, sent)))
            tag = f"shape={shape},dim={dim}"
            yield StructureCase(
                tag, numbers(form, shape, seed), {**spec.default.parameters, "dim": dim}, whole, upstreams
            )


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


def in_layouts(case: StructureCase) -> Iterator[StructureCase]:
    """The case as it is, stored by columns, and with every second element of larger arrays."""
    yield case
    for name, stored in (("by columns", np.asfortranarray), ("with gaps", _with_gaps)):
        if case.x.ndim > 1 or (case.x.ndim and name == "with gaps"):
            arrays = stored(case.x), tuple(stored(upstream) for upstream in case.upstreams)
            yield replace(case, tag=f"{case.tag},{name}", x=arrays[0], upstreams=arrays[1])


def _with_gaps(x: Array) -> Array:
    return np.repeat(x, 2, axis=-1)[..., ::2]


#: Kind to the calls of its activations, good and bad.
CASES: Mapping[str, Callable[[Spec, Format, int], Iterator[StructureCase]]] = {
    "channelwise": channelwise,
    "gated": gated,
    "concatenating": concatenating,
}
BAD: Mapping[str, Callable[[Spec, Format], Iterator[RefusedCase]]] = {
    "channelwise": bad_channelwise,
    "gated": bad_gated,
    "concatenating": bad_concatenating,
}
