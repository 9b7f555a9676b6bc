"""Backends wrong on parts of arrays, in given memory, in other threads, again, or while recording."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, Index, InPlaceSlice, Parameters
from tests.support.faults.altered import Altered, Planted
from tests.support.faults.planted_places import next_float

#: From base, index and the right answer to the planted answer.
Change = Callable[[Array, Index, InPlaceSlice], InPlaceSlice]


def _in_slices(change: Change) -> Altered:
    def method(
        honest: Adapter, name: str, base: Array, index: Index, upstream: Array, parameters: Parameters
    ) -> Any:
        made = honest.in_place_slice(name, base, index, upstream, parameters)
        return change(base, index, made) if isinstance(made, InPlaceSlice) else made

    return Altered(in_place_slice=method)


def _beside(base: Array, index: Index) -> Array:
    mask = np.ones(base.shape, bool)
    mask[index] = False
    return mask


def _one_beyond(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    after, beside = made.base.copy(order="K"), np.flatnonzero(_beside(base, index))
    if beside.size:
        after.flat[beside[-1]] = 0
    return replace(made, base=after)


def _gaps_too(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    strided = base.ndim == 2 and made.result.size > 1
    return replace(made, base=np.where(_beside(base, index), -base, made.base)) if strided else made


def _zeros_signed(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    """What is beside is written again, less a sign of zero and the last digit of one element."""
    after = made.base.copy(order="K")
    beside = np.flatnonzero(_beside(base, index))
    if beside.size:
        after.flat[beside[0]] = next_float(after.flat[beside[:1]])[0]
    return replace(made, base=after)


def _temporary(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    return replace(made, base=base)


def _temporary_if_strided(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    return made if base[index].flags.c_contiguous else replace(made, base=base)


def _forwards(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    """The results of a reversed part, written from the other end."""
    after = made.base.copy(order="K")
    if base.ndim and min(base[index].strides) < 0:
        after[index] = made.result[..., ::-1]
        return replace(made, base=after, result=after[index].copy())
    return made


def _not_changed(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    if base.ndim != 2:
        return made
    return replace(made, base=base, result=base[index].copy())


def _another_result(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
    return replace(made, result=-made.result)


def _gradient(change: Callable[[Array, Array, Index], Array]) -> Altered:
    """From the right gradient, base and index."""

    def bent(base: Array, index: Index, made: InPlaceSlice) -> InPlaceSlice:
        assert isinstance(made.gradient, np.ndarray)
        return replace(made, gradient=change(made.gradient, base, index).astype(base.dtype))

    return _in_slices(bent)


def _doubled_if_strided(gradient: Array, base: Array, index: Index) -> Array:
    found = gradient.copy()
    if not base[index].flags.c_contiguous:
        found[index] *= 2
    return found


SLICES: dict[str, tuple[Altered, str, str]] = {
    "one element beyond": (_in_slices(_one_beyond), "relu-default-*-forward", "beside"),
    "the gaps between rows": (_in_slices(_gaps_too), "silu-default-*-forward", "beside"),
    "one float beside": (_in_slices(_zeros_signed), "elu-default-*-forward", "beside"),
    "in a temporary": (_in_slices(_temporary), "tanh-default-*-forward", "base"),
    "in a temporary where strided": (_in_slices(_temporary_if_strided), "celu-default-*-forward", "base"),
    "from the other end": (_in_slices(_forwards), "mish-default-*-forward", "slice:"),
    "not at all in two dimensions": (_in_slices(_not_changed), "hardswish-default-*-forward", "slice:"),
    "another result returned": (_in_slices(_another_result), "hardtanh-default-*-forward", "base"),
    "zero gradient beside": (
        _gradient(lambda g, base, index: np.where(_beside(base, index), 0, g)),
        "sigmoid-default-*-gradient",
        "beside:gradient",
    ),
    "slope 1 in the part": (
        _gradient(lambda g, base, index: np.where(_beside(base, index), g, 1)),
        "selu-default-*-gradient",
        "slice:",
    ),
    "gradient doubled where strided": (
        _gradient(_doubled_if_strided),
        "leaky_relu-default-*-gradient",
        "slice:",
    ),
}


def _out(change: Callable[[Array, Array, Index, Array], Array]) -> Altered:
    """From x, base, index and the right base to the planted base."""

    def method(
        honest: Adapter, name: str, x: Array, base: Array, index: Index, parameters: Parameters
    ) -> Any:
        made = honest.write_out(name, x, base, index, parameters)
        assert isinstance(made, np.ndarray)
        return change(x, base, index, made)

    return Altered(write_out=method)


def _resized(honest: Adapter, name: str, x: Array, base: Array, index: Index, parameters: Parameters) -> Any:
    """As many results as there are, over what lies behind."""
    if base.ndim != 1 or x.shape == base[index].shape:
        return honest.write_out(name, x, base, index, parameters)
    after = base.copy()
    first = index[0].start or 0 if isinstance(index[0], slice) else 0
    after[first : first + x.size] = honest.forward(name, x, parameters)
    return after


def _spread(honest: Adapter, name: str, x: Array, base: Array, index: Index, parameters: Parameters) -> Any:
    """An out of another shape is filled, and everything else as well."""
    if x.shape == base[index].shape:
        return honest.write_out(name, x, base, index, parameters)
    return np.zeros_like(base)


def _contiguous(x: Array, base: Array, index: Index, made: Array) -> Array:
    if base.ndim != 2 or x.size < 2:
        return made
    after = base.copy(order="K")
    after.flat[: x.size] = made[index].ravel()
    return after


def _low_digits(x: Array, base: Array, index: Index, made: Array) -> Array:
    after = made.copy(order="K")
    after[index] = made[index] * made.dtype.type(1.125)
    return after


OUT: dict[str, tuple[Altered, str, str]] = {
    "out ignored": (_out(lambda x, base, index, made: base), "gelu-default-*-forward", "out:"),
    "out written without its strides": (_out(_contiguous), "softplus-default-*-forward", "beside:out"),
    "out by another formula": (_out(_low_digits), "softsign-default-*-forward", "out:"),
    "a small out written beyond": (Altered(write_out=_resized), "tanh-default-*-forward", "beside:small_out"),
    "a small out zeroes everything": (
        Altered(write_out=_spread),
        "silu-default-float32-forward",
        "beside:small_out",
    ),
}


def _forward(bent: Callable[[Array, Array], Any]) -> Altered:
    """From x and the right result, at each call."""
    return Altered(forward=lambda honest, name, x, p: bent(x, honest.forward(name, x, p)))


def _in_other_threads(change: Callable[[Array], Array]) -> Altered:
    main = threading.main_thread()
    return _forward(lambda x, y: y if threading.current_thread() is main else change(y))


def _every_second() -> Altered:
    calls = count()
    return _forward(lambda x, y: next_float(y) if x.size < 1000 and next(calls) % 2 else y)


def _fails(y: Array) -> Array:
    raise RuntimeError("the context belongs to another thread")


CALLS: dict[str, tuple[Altered, str, str]] = {
    "recorded by another formula": (
        Altered(recorded=lambda honest, name, x, p: next_float(honest.forward(name, x, p))),
        "silu-default-float32-forward",
        "differs:while_gradients_are_recorded",
    ),
    "recorded as the other gelu": (
        Altered(recorded=lambda honest, name, x, p: honest.forward(name, x, {"approximate": "tanh"})),
        "gelu-default-bfloat16-forward",
        "differs:while_gradients_are_recorded",
    ),
    "recorded with the default's parameter": (
        Altered(recorded=lambda honest, name, x, p: honest.forward(name, x, {"alpha": 1.0})),
        "elu-alpha=-1.7-float32-forward",
        "differs:while_gradients_are_recorded",
    ),
    "every second call differs": (_every_second(), "tanh-default-float64-forward", "differs:again"),
    "another result in another thread": (
        _in_other_threads(next_float),
        "mish-default-float32-forward",
        "differs:from_another_thread",
    ),
    "zero in another thread": (
        _in_other_threads(np.zeros_like),
        "hardtanh-default-float16-forward",
        "differs:from_another_thread",
    ),
    "no other thread": (
        _in_other_threads(_fails),
        "relu-default-float32-forward",
        "raised:from_another_thread",
    ),
    "another format in another thread": (
        _in_other_threads(lambda y: y.astype(np.float64)),
        "sigmoid-default-bfloat16-forward",
        "wrong_format:from_another_thread",
    ),
}


def planted() -> Iterator[Planted]:
    """All of them, with the question that owns each."""
    for name, (adapter, question, what) in SLICES.items():
        yield Planted(f"in place: {name}", adapter, f"in_place-{question}", what)
    for name, (adapter, question, what) in {**OUT, **CALLS}.items():
        yield Planted(name, adapter, f"module_form-{question}", what)
