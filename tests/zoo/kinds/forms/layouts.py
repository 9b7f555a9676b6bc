"""Memory in the wrong order, tails of vectors, shapes that are not kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.zoo.backend import Call, Change
from tests.zoo.effects import identity, one_float_off, when, zero
from tests.zoo.planting import planted
from tests.zoo.where import (
    array,
    channels_last,
    length,
    more_than,
)


def _as_if_contiguous(call: Call) -> Any:
    """The memory from the first element on."""
    x = call.x
    if x.ndim != 1 or x.strides[0] != 2 * x.itemsize:
        return call.y
    memory = np.lib.stride_tricks.as_strided(x, x.shape, (x.itemsize,))
    return call.again(memory.copy(), call.parameters)


def _order_of_memory(call: Call) -> Any:
    """Results of an array with channels last, in the order of its memory."""
    if call.y.ndim != 4 or not channels_last(call.x):
        return call.y
    return call.y.transpose(0, 2, 3, 1).reshape(call.y.shape)


def _tail_of(lanes: int, effect: Change) -> Change:
    """The effect on what is left over of vectors of so many elements."""

    def changed(call: Call) -> Any:
        if call.x.ndim != 1 or len(call.x) % lanes == 0:
            return call.y
        tail = len(call.x) // lanes * lanes
        return np.concatenate([call.y[:tail], effect(call)[tail:]])

    return changed


def _raised(text: str) -> Callable[[Call], Any]:
    def changed(call: Call) -> Any:
        raise RuntimeError(text)

    return changed


def _nan_is_zero(call: Call) -> Any:
    return np.where(np.isnan(call.y), np.zeros_like(call.y), call.y)


FAULTS = (
    planted(
        "layout",
        "tanh",
        "read as if contiguous",
        _as_if_contiguous,
        "consistency-float64",
        what="differs:strided",
    ),
    planted(
        "layout",
        "elu",
        "strided arrays read as if contiguous",
        _as_if_contiguous,
        "shapes-float32",
        wrong="strided views read as if contiguous (pytorch #124834)",
    ),
    planted(
        "layout",
        "elu",
        "memory in the wrong order",
        _order_of_memory,
        "shapes-float32",
        what="differs:layout",
    ),
    planted(
        "layout",
        "elu",
        "gradient's memory in the wrong order",
        _order_of_memory,
        "shapes-float16",
        "gradient",
        what="differs:layout",
    ),
    planted(
        "length",
        "tanh",
        "another formula in the tail",
        _tail_of(8, one_float_off),
        "consistency-float32",
        what="differs:length",
    ),
    planted(
        "length",
        "relu",
        "gradient swallows NaN in the tail",
        _tail_of(8, _nan_is_zero),
        "consistency-bfloat16",
        "gradient",
        what="differs:length:nan",
    ),
    planted(
        "length",
        "sigmoid",
        "NaN becomes 0 in the tail",
        _tail_of(8, _nan_is_zero),
        "special_values-float32",
        what="wrong_nan",
    ),
    planted(
        "length",
        "logsigmoid",
        "the last 64 elements of 2,049",
        when(length(2049), _tail_of(64, zero)),
        "consistency-float32",
    ),
    planted(
        "rank",
        "relu",
        "empty arrays refused",
        when(array(lambda x: x.shape == (2, 3, 0)), _raised("cannot reduce an empty tensor")),
        "shapes-bfloat16",
        what="raised:empty_2x3x0",
    ),
    planted(
        "rank",
        "gelu",
        "gradient of an empty array raises",
        when(array(lambda x: not x.size), _raised("empty")),
        "shapes-float32",
        "gradient",
        wrong="gradient of an empty array raises (pytorch #78152)",
    ),
    planted(
        "rank",
        "gelu",
        "a number becomes an array",
        lambda call: call.y.reshape(1) if call.y.ndim == 0 else call.y,
        "shapes-float64",
        what="wrong_shape:0-d",
    ),
    planted(
        "rank",
        "mish",
        "a dimension more",
        lambda call: call.y.reshape(1, *call.y.shape),
        "accuracy-float32",
        what="wrong_shape",
    ),
    planted(
        "rank",
        "softplus",
        "dimensions of one element dropped",
        lambda call: call.y.squeeze(),
        "shapes-float32",
    ),
    planted(
        "length",
        "gelu",
        "the input beyond 2^20 elements",
        when(more_than(1 << 20), identity),
        "consistency-float32",
        seen_by="full",
        because="quick asks 131,075 elements at most",
    ),
    planted(
        "length",
        "tanh",
        "wrong beyond 2^20 elements",
        when(more_than(1 << 20), one_float_off),
        "consistency-float32",
        seen_by="full",
        because="quick asks 131,075 elements at most",
    ),
)
