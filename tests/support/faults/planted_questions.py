"""Backends with faults that the questions beside accuracy must catch, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, Function, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.planted import Change

#: What must catch it: the backend, the question's id, and the fault's name.
Case = tuple[Adapter, str, str]


class Accepting(NumpyAdapter):
    """Computes one activation with parameters that must be refused, in one form or in both."""

    name = "planted"

    def __init__(
        self, activation: str, formula: Change, *, function: bool = True, module: bool = True
    ) -> None:
        self.activation, self.formula = activation, formula
        self.accepts = {"function": function, "module": module}

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        try:
            return super().call(activation, x, parameters)
        except ValueError:
            if activation != self.activation or not self.accepts["function"]:
                raise
            return self.formula(x, x, parameters)

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        try:
            return super().module(activation, parameters)
        except ValueError:
            if activation != self.activation or not self.accepts["module"]:
                raise
            return lambda x: self.formula(x, x, parameters)


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


class OtherModule(NumpyAdapter):
    """Its module form computes something else than its function."""

    name = "planted"

    def __init__(self, activation: str, change: Change) -> None:
        self.activation, self.change = activation, change

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        made = super().module(activation, parameters)
        if isinstance(made, Unsupported) or activation != self.activation:
            return made
        return lambda x: self.change(x, made(x), parameters)


class Upstream(NumpyAdapter):
    """Misreads the upstream of one activation's gradient."""

    name = "planted"

    def __init__(self, activation: str, read: Callable[[Array, Array], Array]) -> None:
        self.activation, self.read = activation, read

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        if activation == self.activation:
            upstream = self.read(x, upstream)
        return super().call_gradient(activation, x, upstream, parameters)


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


def one_step_back(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    """One step back among all inputs, at the one nearest to 3/4."""
    wrong = y.copy()
    if len(x) > 3:
        at = int(np.argmin(np.abs(x.astype(np.float64) - 0.75)))
        wrong[at] = y[at] - y.dtype.type(0.125)
    return wrong


def one_float_off(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    """One result of a pair, one float further."""
    return np.where(x == 0.5, np.nextafter(y, np.asarray(9, y.dtype)), y)


def identity(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    """The input."""
    return x
