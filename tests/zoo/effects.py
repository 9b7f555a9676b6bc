"""What becomes of a right result; an effect alone, for some calls, or at some inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from actcheck.adapters.base import Array
from tests.zoo.backend import Call, Change, Doubles
from tests.zoo.inputs import Inputs
from tests.zoo.where import Where

#: A function of the input in binary64 and the parameters.
Formula = Callable[..., Any]


def when(where: Where, effect: Change) -> Change:
    """The effect for some calls."""
    return lambda call: effect(call) if where(call) else call.y


def at(inputs: Inputs, effect: Change) -> Change:
    """The effect at some inputs."""

    def changed(call: Call) -> Array:
        hit = inputs(call)
        return np.where(hit, np.asarray(effect(call), call.y.dtype), call.y) if hit.any() else call.y

    return changed


def negated(call: Call) -> Any:
    """The wrong sign."""
    return np.asarray(-call.y, call.y.dtype)


def zero(call: Call) -> Any:
    """Nothing but zeros."""
    return np.zeros_like(call.y)


def identity(call: Call) -> Any:
    """The input."""
    return call.x.copy()


def doubled(call: Call) -> Any:
    """Twice the right result."""
    return np.asarray(call.y + call.y, call.y.dtype)


def magnitude(call: Call) -> Any:
    """The right size and no sign."""
    return np.abs(call.y)


def value(number: float) -> Change:
    """Always the same number."""
    return lambda call: np.full_like(call.y, number)


def scaled(factor: float) -> Change:
    """The right result times a factor, rounded once more."""
    return lambda call: (call.y.astype(np.float64) * factor).astype(call.y.dtype)


def floats_off(count: int) -> Change:
    """So many floats further from zero; zero, infinities and NaN stay."""

    def moved(call: Call) -> Array:
        y = call.y
        bits = y.view(f"i{y.itemsize}")
        return np.where(np.isfinite(y) & (y != 0), bits + bits.dtype.type(count), bits).view(y.dtype)

    return moved


one_float_off = floats_off(1)


def formula(function: Formula) -> Change:
    """Another formula in binary64, rounded once; the gradient's is multiplied with the upstream."""

    def computed(call: Call) -> Array:
        return _rounded(call, np.asarray(function(call.wide, **call.parameters)))

    return computed


def in_own_format(function: Formula) -> Change:
    """A formula in which every step is rounded to the format."""

    def computed(call: Call) -> Array:
        made = np.asarray(function(call.x, **call.parameters))
        return np.asarray(made if call.upstream is None else made * call.upstream, call.y.dtype)

    return computed


def by_way_of(dtype: Any) -> Change:
    """Input, parameters and result are rounded to another format on the way."""

    def computed(call: Call) -> Array:
        given = {n: float(dtype(v)) if isinstance(v, float) else v for n, v in call.parameters.items()}
        return np.asarray(call.again(call.x.astype(dtype), given)).astype(call.y.dtype)

    return computed


def with_parameters(**changed: Any) -> Change:
    """As if other parameters had been given; functions are called with the right ones."""

    def computed(call: Call) -> Array:
        new = {n: v(**call.parameters) if callable(v) else v for n, v in changed.items()}
        return call.again(call.x, {**call.parameters, **new})

    return computed


def flushed(call: Call) -> Any:
    """Subnormal results are zero."""
    small = np.abs(call.y.astype(np.float64)) < call.format.smallest_normal
    return np.where(small, np.zeros_like(call.y), call.y)


def _rounded(call: Call, values: Doubles) -> Array:
    if call.upstream is not None:
        values = values * call.upstream.astype(np.float64)
    return np.where(np.isnan(call.wide), np.nan, values).astype(call.y.dtype)
