"""How the arrays of a call of multihead attention lie in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall

Array = NDArray[Any]


def _columns(array: Array) -> Array:
    """The first dimension lies closest."""
    return np.ascontiguousarray(array.T).T


def _with_gaps(array: Array) -> Array:
    """The first half of each row, as from a split along the last dimension."""
    return np.concatenate([array, array], axis=-1)[..., : array.shape[-1]]


def _every_second(array: Array) -> Array:
    return np.repeat(array, 2, axis=-1)[..., ::2]


def _offset(array: Array) -> Array:
    """One element into a buffer."""
    return np.concatenate([array.ravel()[:1], array.ravel()])[min(array.size, 1) :].reshape(array.shape)


#: By name, from an array in C order: the same numbers. One layout is made otherwise, see `laid_out`.
LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "plain": np.ascontiguousarray,
    "by columns": _columns,
    "rows with gaps": _with_gaps,
    "every second element": _every_second,
    "one element into a buffer": _offset,
}
#: All batches are one in memory, and so have equal numbers; the upstream is that of a sum.
EXPANDED = "one batch expanded"
_INPUTS = ("query", "key", "value")
_ARRAYS = (*_INPUTS, "upstream", "attn_mask", "key_padding_mask")


def laid_out(call: AttentionCall, layout: str) -> AttentionCall:
    """The call with all of its arrays in a layout; what was one array stays one."""
    if layout == EXPANDED:
        at = 0 if call.batch_first else 1
        made = _each(call, _INPUTS, lambda array: np.broadcast_to(array.take([0], at), array.shape))
        return _each(made, ("upstream",), lambda array: np.broadcast_to(array.dtype.type(1), array.shape))
    made = _each(call, _ARRAYS, LAYOUTS[layout])
    return replace(made, weights={name: LAYOUTS[layout](array) for name, array in call.weights.items()})


def _each(call: AttentionCall, names: tuple[str, ...], change: Callable[[Array], Array]) -> AttentionCall:
    given = {name: getattr(call, name) for name in names}
    changed = {id(array): change(array) for array in given.values() if array is not None}
    arrays: Any = {name: changed[id(array)] for name, array in given.items() if array is not None}
    return replace(call, **arrays)
