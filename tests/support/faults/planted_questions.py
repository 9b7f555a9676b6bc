"""Backends with faults that the questions beside accuracy must catch, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter

#: What must catch it: the backend, the question's id, and the fault's name.
Case = tuple[Adapter, str, str]


class Upstream(NumpyAdapter):
    """Misreads the upstream of one activation's gradient."""

    name = "planted"

    def __init__(self, activation: str, read: Callable[[Array, Array], Array]) -> None:
        self.activation, self.read = activation, read

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        if activation == self.activation:
            upstream = self.read(x, upstream)
        return super().call_gradient(activation, x, upstream, parameters)


class Lenient(NumpyAdapter):
    """Takes arrays of every type for one activation."""

    name = "planted"

    def __init__(self, activation: str, formula: Callable[[Array, Mapping[str, Any]], Any]) -> None:
        self.activation, self.formula = activation, formula

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if activation == self.activation and x.dtype.kind in "iubc":
            with np.errstate(all="ignore"):
                return self.formula(x, parameters)
        return super().call(activation, x, parameters)


class Product(NumpyAdapter):
    """Computes one activation's gradient from its slope and the upstream by a rule of its own."""

    name = "planted"

    def __init__(self, activation: str, rule: Callable[[Array, Array], Array]) -> None:
        self.activation, self.rule = activation, rule

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        if activation != self.activation:
            return super().call_gradient(activation, x, upstream, parameters)
        slope = super().call_gradient(activation, x, np.ones_like(x), parameters)
        with np.errstate(all="ignore"):
            return self.rule(slope, upstream).astype(x.dtype)


def in_memory_order(x: Array, upstream: Array) -> Array:
    """The elements in the order of memory, as a kernel reads them that forgets the strides."""
    if upstream.ndim < 2 or upstream.flags.c_contiguous or 0 in upstream.strides:
        return upstream
    return upstream.ravel(order="K").reshape(upstream.shape)


def without_strides(x: Array, upstream: Array) -> Array:
    """Every element from where a contiguous array's would stand."""
    if upstream.flags.forc or 0 in upstream.strides:
        return upstream
    memory = np.lib.stride_tricks.as_strided(upstream, (upstream.size,), (upstream.itemsize,))
    return memory.reshape(upstream.shape)


def first_of_expanded(x: Array, upstream: Array) -> Array:
    """An expanded upstream taken for a single number."""
    if 0 not in upstream.strides:
        return upstream
    return np.full(upstream.shape, upstream.flat[0])
