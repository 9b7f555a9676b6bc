"""Backends whose results depend on where an element stands, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, InPlace, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

#: Given the input, the right result and the parameters, the planted result.
Change = Callable[[Any, Any], Any]


class Bent(NumpyAdapter):
    """Changes the result of a call, or the gradient's."""

    name = "planted"

    def __init__(self, forward: Change | None = None, gradient: Change | None = None) -> None:
        self.bent, self.bent_gradient = forward, gradient

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        return y if self.bent is None else self.bent(x, y)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        y = super().call_gradient(activation, x, upstream, parameters)
        return y if self.bent_gradient is None else self.bent_gradient(x, y)


class Threaded(Bent):
    """Sums up differently with two threads."""

    threads = 1

    def use_threads(self, count: int) -> bool:
        self.threads = count
        return True

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        return next_float(y) if self.threads == 2 and y.size > 1000 else y


class Overwriting(NumpyAdapter):
    """Changes what the in-place form did."""

    name = "planted"

    def __init__(self, change: Callable[[Array, Array, InPlace], InPlace]) -> None:
        self.change = change

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        made = super().in_place(activation, x, upstream, parameters)
        assert isinstance(made, InPlace)
        return self.change(x, upstream, made)


def next_float(y: Array) -> Array:
    """One unit of the last place more, of finite numbers."""
    carrier = y.view(f"i{y.itemsize}")
    return np.where(np.isfinite(y), carrier + 1, carrier).astype(carrier.dtype).view(y.dtype)


def _tail_of_8(x: Any, y: Any) -> Any:
    if x.ndim != 1 or len(x) % 8 == 0:
        return y
    tail = len(x) // 8 * 8
    return np.concatenate([y[:tail], next_float(y[tail:])])


def _nan_in_tail(x: Any, y: Any) -> Any:
    """relu's gradient, 0 at NaN in the tail alone."""
    if x.ndim != 1 or len(x) % 8 == 0:
        return y
    tail = len(x) // 8 * 8
    return np.concatenate([y[:tail], np.where(np.isnan(y[tail:]), np.zeros_like(y[tail:]), y[tail:])])


def _every_second_run() -> Change:
    calls = count()
    return lambda x, y: next_float(y) if next(calls) % 2 and x.size > 100 else y


def _strides_ignored(x: Any, y: Any) -> Any:
    """The memory from the first element on, as if the array were contiguous."""
    if x.ndim != 1 or x.strides[0] != 2 * x.itemsize:
        return y
    memory = np.lib.stride_tricks.as_strided(x, x.shape, (x.itemsize,))
    return np.tanh(memory.astype(np.float64)).astype(x.dtype)


def _order_of_memory(x: Any, y: Any) -> Any:
    """Results of an array with channels last, in the order of its memory."""
    return y.transpose(0, 2, 3, 1).reshape(y.shape) if y.ndim == 4 and x.strides[1] == x.itemsize else y


def _raises_when_empty(x: Any, y: Any) -> Any:
    if not x.size:
        raise RuntimeError("cannot reduce an empty tensor")
    return y


def _no_scalar(x: Any, y: Any) -> Any:
    return y.reshape(1) if y.ndim == 0 else y


def _writes(x: Any, y: Any) -> Any:
    if x.flags.writeable and x.size:
        x[...] = y
    return y


def _not_over(x: Array, upstream: Array, made: InPlace) -> InPlace:
    return replace(made, same_storage=False)


def _one_off(x: Array, upstream: Array, made: InPlace) -> InPlace:
    return replace(made, result=next_float(made.result))


def _from_result(x: Array, upstream: Array, made: InPlace) -> InPlace:
    """elu's slope as result + alpha: nothing is left of it where the result is rounded to -1."""
    y = made.result
    slope = np.where(x > 0, np.ones_like(y), y + np.ones_like(y))
    return replace(made, gradient=(upstream * slope).astype(x.dtype))


def _refused(x: Array, upstream: Array, made: InPlace) -> InPlace:
    return replace(made, gradient=Unsupported("a leaf variable cannot be used in place"))


def _no_upstream(x: Array, upstream: Array, made: InPlace) -> InPlace:
    assert isinstance(made.gradient, np.ndarray)
    return replace(made, gradient=(made.gradient / upstream).astype(x.dtype))


#: Backend, question and the fault that must be told.
FAULTS: dict[str, tuple[Adapter, str, str]] = {
    "another formula in the tail": (
        Bent(_tail_of_8),
        "consistency-tanh-default-float32-forward",
        "differs:length",
    ),
    "NaN swallowed in the tail": (
        Bent(gradient=_nan_in_tail),
        "consistency-relu-default-bfloat16-gradient",
        "differs:length:nan",
    ),
    "another result when asked again": (
        Bent(_every_second_run()),
        "consistency-gelu-default-float64-forward",
        "differs:runs",
    ),
    "read as if contiguous": (
        Bent(_strides_ignored),
        "consistency-tanh-default-float64-forward",
        "differs:strided",
    ),
    "result depends on the threads": (
        Threaded(),
        "consistency-silu-default-float32-forward",
        "differs:threads",
    ),
    "memory in the wrong order": (
        Bent(_order_of_memory),
        "shapes-elu-default-float32-forward",
        "differs:layout",
    ),
    "memory in the wrong order, gradient": (
        Bent(gradient=_order_of_memory),
        "shapes-elu-default-float16-gradient",
        "differs:layout",
    ),
    "empty arrays refused": (
        Bent(_raises_when_empty),
        "shapes-relu-default-bfloat16-forward",
        "raised:empty_2x3x0",
    ),
    "a scalar becomes an array": (
        Bent(_no_scalar),
        "shapes-gelu-default-float64-forward",
        "wrong_shape:0-d",
    ),
    "the input is overwritten": (
        Bent(_writes),
        "shapes-softsign-default-float32-forward",
        "input_changed",
    ),
    "new memory in place": (
        Overwriting(_not_over),
        "in_place-relu-default-float32-forward",
        "storage",
    ),
    "another result in place": (
        Overwriting(_one_off),
        "in_place-silu-default-float16-forward",
        "differs",
    ),
    "slope from the result": (
        Overwriting(_from_result),
        "in_place-elu-default-float32-gradient",
        "differs",
    ),
    "gradient refused": (
        Overwriting(_refused),
        "in_place-tanh-default-bfloat16-gradient",
        "refused:gradient",
    ),
    "upstream ignored in place": (
        Overwriting(_no_upstream),
        "in_place-hardtanh-default-float64-gradient",
        "differs",
    ),
}
