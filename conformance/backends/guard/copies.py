"""Arrays copied with their layout, and where two of them differ in bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: Alignment to this is kept: that of a cache line, and of the widest vectors.
_LINE = 64


def twin(array: Array) -> Array:
    """An equal array in memory of its own with the strides and the alignment; gaps hold other bits.

    Expanded, transposed, reversed and sliced arrays stay so.
    """
    if not array.size:
        return array.copy()
    before, span = 0, array.nbytes
    if not array.flags.c_contiguous:
        reach = [(n - 1) * s for n, s in zip(array.shape, array.strides, strict=True)]
        before = -sum(r for r in reach if r < 0)
        span = before + sum(r for r in reach if r > 0) + array.itemsize
    memory = np.empty(span + _LINE, np.uint8)
    if span > array.nbytes:
        memory.fill(0xFF)  # NaN in every format: what reads between the elements shows
    first = (_address(array) - before - _address(memory)) % _LINE
    made: Array = np.ndarray(array.shape, array.dtype, memory, first + before, array.strides)
    made[...] = array
    made.flags.writeable = array.flags.writeable
    return made


def _address(array: Array) -> int:
    # What ndarray.ctypes says at twice the time; calls are many.
    return int(array.__array_interface__["data"][0])


def differing(before: Array, after: Array) -> NDArray[np.int64]:
    """Indices, in C order, of elements whose bits differ, those of NaNs included."""
    a, b = before.tobytes(), after.tobytes()
    if a == b:
        return np.empty(0, np.int64)
    size = before.itemsize
    bits = (np.frombuffer(text, np.uint8).reshape(-1, size) for text in (a, b))
    return np.flatnonzero(np.not_equal(*bits).any(axis=1))


def owned(result: Any) -> Any:
    """A result whose arrays are copies: a backend may use their memory again in its next call.

    What is called, a module say, is the backend's own, and may be made in ways of its own.
    """
    match result:
        case np.ndarray():
            return result.copy(order="K")
        case tuple():
            return tuple(owned(item) for item in result)
        case Mapping():
            return {name: owned(item) for name, item in result.items()}
    if is_dataclass(result) and not isinstance(result, type) and not callable(result):
        return replace(result, **{f.name: owned(getattr(result, f.name)) for f in fields(result)})
    return result
