"""Wrong with more threads than one."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tests.zoo.backend import Call, Change, Changed
from tests.zoo.effects import one_float_off, when, zero
from tests.zoo.model import FaultyBackend
from tests.zoo.where import more_than


class Threaded(Changed):
    """Wrong with more threads than one, in arrays of some size."""

    threads = 1

    def use_threads(self, count: int) -> bool:
        self.threads = count
        return True

    def _changed(self, quantity: str, activation: str, *given: Any) -> Any:
        return super()._changed(quantity, activation, *given) if self.threads > 1 else given[2]


class Thirds(Threaded):
    """Wrong with three threads, in arrays of some size."""

    def _changed(self, quantity: str, activation: str, *given: Any) -> Any:
        return super()._changed(quantity, activation, *given) if self.threads > 2 else given[2]


def _threaded(
    activation: str, text: str, change: Change, form: str, quantity: str = "forward", **more: str
) -> FaultyBackend:
    owner = f"consistency-{activation}-*-{form}-{quantity}"
    make = partial(Threaded, change, activation, (quantity,))
    told = f"with two threads {text}"
    return FaultyBackend(f"{activation}: {told}", (activation,), told, "threads", make, owner, **more)  # type: ignore[arg-type]


def _seam(call: Call) -> Any:
    """The element where the parts of two threads meet."""
    return (
        np.where(np.arange(call.x.size) == call.x.size // 2, -call.y, call.y) if call.x.ndim == 1 else call.y
    )


def _third(call: Call) -> Any:
    """The element where the second part of three begins."""
    seam = np.arange(call.x.size) == -(-call.x.size // 3)
    return np.where(seam, call.y + call.y, call.y) if call.x.ndim == 1 else call.y


FAULTS = (
    FaultyBackend(
        "elu: with three threads the seam is doubled",
        ("elu",),
        "with three threads the seam is doubled",
        "threads",
        partial(Thirds, when(more_than(1000), _third), "elu", ("forward",)),
        "consistency-elu-*-float32-forward",
    ),
    _threaded("silu", "one float off", when(more_than(1000), one_float_off), "float32"),
    _threaded(
        "tanh",
        "gradient negated in the second half",
        when(
            more_than(1000), lambda call: np.where(np.arange(call.x.size) < call.x.size // 2, call.y, -call.y)
        ),
        "bfloat16",
        "gradient",
    ),
    _threaded(
        "mish", "the element where their parts meet is negated", when(more_than(1000), _seam), "float64"
    ),
    _threaded("hardtanh", "zero beyond 2^16 elements", when(more_than(1 << 16), zero), "float16"),
    _threaded(
        "gelu", "the gradient is one float off", when(more_than(1000), one_float_off), "float32", "gradient"
    ),
    _threaded(
        "sigmoid",
        "the last 64 elements are zero",
        when(
            more_than(1000),
            lambda call: np.where(np.arange(call.x.size) < call.x.size - 64, call.y, 0 * call.y),
        ),
        "float16",
    ),
    _threaded(
        "softsign",
        "NaN becomes 0",
        when(more_than(1000), lambda call: np.where(np.isnan(call.y), np.zeros_like(call.y), call.y)),
        "bfloat16",
    ),
    _threaded(
        "selu",
        "the gradient is doubled",
        when(more_than(1000), lambda call: call.y + call.y),
        "float64",
        "gradient",
    ),
)
