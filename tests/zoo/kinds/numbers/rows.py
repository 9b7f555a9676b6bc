"""Wrong sums over rows: of activations that normalize along a dimension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.zoo.backend import Call, Change
from tests.zoo.effects import negated, one_float_off, scaled, when
from tests.zoo.model import FaultyBackend
from tests.zoo.planting import of
from tests.zoo.where import array, both, formats, parameters, rank

_row = of("structure")
_A, _G = "accuracy", "gradient"


def rows(function: Callable[..., Any], dtype: Any = np.float64) -> Change:
    """A formula of rows along the last axis, with their upstreams, computed in a format and rounded once."""

    def changed(call: Call) -> Array:
        dim = call.parameters["dim"]
        given = [call.x] if call.upstream is None else [call.x, call.upstream]
        made = function(*(np.moveaxis(np.asarray(a).astype(dtype), dim, -1) for a in given))
        return np.ascontiguousarray(np.moveaxis(np.asarray(made), -1, dim)).astype(call.y.dtype)

    return changed


def shares(x: Any, summed: Callable[[Any], Any] = lambda p: p.sum(axis=-1, keepdims=True)) -> Any:
    power = np.exp(x - x.max(axis=-1, keepdims=True, initial=-np.inf))
    return power / summed(power)


def as_it_is(x: Any) -> Any:
    power = np.exp(x)
    return power / power.sum(axis=-1, keepdims=True)


def without_tail(power: Any) -> Any:
    whole = power.shape[-1] // 8 * 8 or power.shape[-1]
    return power[..., :whole].sum(axis=-1, keepdims=True)


def first_thousand(power: Any) -> Any:
    return power[..., :1024].sum(axis=-1, keepdims=True)


def in_halves(power: Any) -> Any:
    return power.sum(axis=-1, keepdims=True, dtype=np.float16).astype(power.dtype)


def along(other: Callable[[Call], int]) -> Change:
    """Along another dimension than was asked for."""
    return lambda call: call.again(call.x, {**call.parameters, "dim": other(call)})


def at_infinities(call: Call) -> Array:
    lost = np.isinf(call.wide).any(axis=call.parameters["dim"], keepdims=True)
    return np.where(lost, np.nan, call.y).astype(call.y.dtype)


def floor(call: Call) -> Array:
    return np.where(np.isinf(call.wide), np.asarray(1e-6, call.y.dtype), call.y).astype(call.y.dtype)


def leaking(call: Call) -> Array:
    lost = np.isnan(call.wide).any() and call.x.ndim == 2
    return np.full_like(call.y, np.nan) if lost else call.y


def numbers_for_nan(call: Call) -> Array:
    return np.nan_to_num(call.y.astype(np.float64), nan=0.0).astype(call.y.dtype)


def out_of_order(call: Call) -> Array:
    """Memory is read as if the array were contiguous."""
    memory = np.lib.stride_tricks.as_strided(call.x, (call.x.size,), (call.x.itemsize,), writeable=False)
    return call.again(memory.reshape(call.x.shape).copy(), call.parameters)


class Wrapping(NumpyAdapter):
    """A dim that the input does not have is counted round and round."""

    name = "planted"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if "dim" in parameters and x.ndim:
            parameters = {**parameters, "dim": parameters["dim"] % x.ndim}
        return super().call(activation, x, parameters)


def wrapping(name: str) -> FaultyBackend:
    def make() -> Adapter:
        return Wrapping()

    text = "a dim beyond the last is counted from the first again"
    owner = f"structure-{name}-default-float32-refused_sizes"
    return FaultyBackend(f"{name}: {text}", (name,), text, "structure", make, owner)


_2D = array(lambda x: x.ndim == 2 and x.shape[0] > 16)
_WIDE = array(lambda x: x.ndim == 2 and x.shape[1] > 8)

FAULTS = (
    _row("softmax", "no largest element subtracted", rows(as_it_is, np.float32), f"{_A}-float32"),
    _row("softmax", "along the first dimension", along(lambda call: 0), f"{_A}-float32", label="default"),
    _row("softmax", "sums in float16", rows(lambda x: shares(x, in_halves), np.float32), f"{_A}-float32"),
    _row("softmax", "the tail of a row not summed", rows(lambda x: shares(x, without_tail)), f"{_A}-float64"),
    _row(
        "softmax",
        "one thousand terms of a long row summed",
        rows(lambda x: shares(x, first_thousand)),
        f"{_A}-float32",
    ),
    _row(
        "softmax", "the middle dimension of three", when(rank(3), along(lambda call: 1)), "structure-float32"
    ),
    _row("softmax", "NaN for rows with -inf", at_infinities, "special_values-float32", what="wrong_nan"),
    _row("softmax", "a floor for masked elements", floor, "special_values-float32", what="not_zero"),
    _row("softmax", "NaN in one row makes all NaN", leaking, "special_values-float32", what="wrong_nan"),
    _row("softmax", "0 for NaN", numbers_for_nan, "special_values-float16", what="wrong_nan"),
    _row("softmax", "another formula in large batches", when(_2D, one_float_off), "consistency-float32"),
    _row(
        "softmax",
        "another formula for columns beside each other",
        when(both(_WIDE, parameters(lambda dim: dim == 0)), one_float_off),
        "consistency-*",
        label="dim=0",
    ),
    _row(
        "softmax",
        "strides forgotten",
        when(array(lambda x: x.ndim == 2 and 0 in x.strides), out_of_order),
        "shapes-float32",
    ),
    _row("softmax", "sums up to a little more", scaled(1 + 2.0**-14), "properties-float32", what="total"),
    _row("softmax", "more than 1", scaled(1 + 2.0**-22), "properties-float32", what="range"),
    _row("softmax", "in its own format", rows(shares, np.float16), f"{_A}-float16"),
    _row("softmax", "without the sum", rows(lambda x, u: shares(x) * u), f"{_A}-float32", _G),
    _row(
        "softmax",
        "the sum of upstreams for that of their products",
        rows(lambda x, u: shares(x) * (u - u.mean(axis=-1, keepdims=True))),
        f"{_A}-float32",
        _G,
    ),
    wrapping("softmax"),
    _row(
        "log_softmax",
        "the logarithm of the shares",
        rows(lambda x: np.log(shares(x)), np.float32),
        f"{_A}-float32",
        what="wrong_infinity",
    ),
    _row(
        "log_softmax",
        "no largest element subtracted",
        rows(lambda x: x - np.log(np.exp(x).sum(axis=-1, keepdims=True)), np.float32),
        f"{_A}-float32",
    ),
    _row(
        "log_softmax",
        "shares next to 1 taken for 1",
        when(formats("float32"), rows(lambda x: np.log(shares(x)), np.float64)),
        f"{_A}-float32",
        what="lost_to_zero",
    ),
    _row("log_softmax", "in powers of two", rows(lambda x: np.log2(shares(x))), f"{_A}-bfloat16"),
    _row("log_softmax", "NaN for rows with -inf", at_infinities, "special_values-float32", what="wrong_nan"),
    _row(
        "log_softmax",
        "without the sum",
        rows(lambda x, u: u * (1 - shares(x))),
        f"{_A}-float32",
        _G,
    ),
    _row(
        "log_softmax",
        "the tail of a row not summed",
        rows(lambda x: np.log(shares(x, without_tail))),
        f"{_A}-float64",
    ),
    _row(
        "log_softmax",
        "dim counted from the other end",
        along(lambda call: -1 - call.parameters["dim"]),
        f"{_A}-*",
    ),
    wrapping("log_softmax"),
    _row("softmin", "the largest gets most", rows(shares), f"{_A}-float32"),
    _row("softmin", "the gradient of softmax", negated, f"{_A}-float32", _G),
    _row(
        "softmin",
        "the largest element subtracted",
        rows(lambda x: as_it_is(-(x - x.max(axis=-1, keepdims=True, initial=-np.inf))), np.float32),
        f"{_A}-float32",
    ),
    _row("softmin", "sums in float16", rows(lambda x: shares(-x, in_halves), np.float32), f"{_A}-float32"),
    _row("softmin", "NaN for rows with +inf", at_infinities, "special_values-float32", what="wrong_nan"),
    _row("softmin", "without the sum", rows(lambda x, u: -shares(-x) * u), f"{_A}-float32", _G),
    wrapping("softmin"),
)
