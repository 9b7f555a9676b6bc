"""Ways of laying out the arrays of a call with structure; a new one is an entry of `LAYOUTS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Stored = Callable[[Array], Array]


@dataclass(frozen=True)
class StructureLayout:
    """How input and upstream are stored, by the name that a message gives it."""

    name: str
    x: Stored
    upstream: Stored
    #: Arrays of fewer dimensions have no such layout.
    rank: int = 1
    #: Elements are repeated: the numbers are others than in the plain arrays.
    repeats: bool = False


def _plain(x: Array) -> Array:
    return x


def _with_gaps(x: Array) -> Array:
    return np.repeat(x, 2, axis=-1)[..., ::2]


def _reversed(x: Array) -> Array:
    """Every dimension backwards in memory."""
    backwards = (slice(None, None, -1),) * x.ndim
    return x[backwards].copy()[backwards]


def _rotated(x: Array) -> Array:
    """The first dimension stored last, as channels are."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


def _window(x: Array) -> Array:
    """The inner part of a larger array."""
    larger = np.zeros(tuple(n + 3 for n in x.shape), x.dtype)
    inner = larger[tuple(slice(1, 1 + n) for n in x.shape)]
    inner[...] = x
    return inner


def _into_a_buffer(x: Array) -> Array:
    """Behind one other element: not aligned to more than an element."""
    buffer = np.zeros(x.size + 1, x.dtype)
    buffer[1:] = x.ravel()
    return buffer[1:].reshape(x.shape)


def _left_half(x: Array) -> Array:
    """Rows with a gap, as from a split along the last dimension."""
    return np.concatenate([x, x], axis=-1)[..., : x.shape[-1]]


def _expanded(axis: int) -> Stored:
    def stored(x: Array) -> Array:
        return np.broadcast_to(x.take([0], axis), x.shape) if x.size else x

    return stored


def _all_expanded(x: Array) -> Array:
    """One number for all, with strides of 0, as the upstream of a sum is."""
    return np.broadcast_to(x.ravel()[:1].reshape((1,) * x.ndim), x.shape) if x.size else x


LAYOUTS = (
    StructureLayout("by columns", np.asfortranarray, np.asfortranarray, 2),
    StructureLayout("with gaps", _with_gaps, _with_gaps),
    StructureLayout("left half of rows", _left_half, _left_half),
    StructureLayout("reversed", _reversed, _reversed),
    StructureLayout("channels last", _rotated, _rotated, 3),
    StructureLayout("window", _window, _window),
    StructureLayout("one into a buffer", _into_a_buffer, _into_a_buffer),
    StructureLayout("expanded rows", _expanded(0), _plain, 2, True),
    StructureLayout("expanded columns", _expanded(-1), _plain, 2, True),
    StructureLayout("expanded", _all_expanded, _all_expanded, 1, True),
    StructureLayout("plain, upstream by columns", _plain, np.asfortranarray, 2),
    StructureLayout("plain, upstream with gaps", _plain, _with_gaps),
    StructureLayout("plain, upstream reversed", _plain, _reversed),
    StructureLayout("plain, upstream expanded", _plain, _all_expanded, 1, True),
    StructureLayout("by columns, upstream plain", np.asfortranarray, _plain, 2),
    StructureLayout("with gaps, upstream expanded", _with_gaps, _all_expanded, 1, True),
)
