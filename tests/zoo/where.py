"""In which calls a backend is wrong: by rank, strides, size, format and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.zoo.backend import Call

Where = Callable[[Call], bool]


def both(*conditions: Where) -> Where:
    """All of them."""
    return lambda call: all(condition(call) for condition in conditions)


def array(condition: Callable[[Any], bool]) -> Where:
    """By the input."""
    return lambda call: bool(condition(call.x))


def upstream(condition: Callable[[Any], bool]) -> Where:
    """By the upstream."""
    return lambda call: call.upstream is not None and bool(condition(call.upstream))


def rank(*counts: int) -> Where:
    """So many dimensions."""
    return array(lambda x: x.ndim in counts)


def rank_from(least: int) -> Where:
    """So many dimensions and more."""
    return array(lambda x: x.ndim >= least)


def formats(*names: str) -> Where:
    """By the format of the input."""
    return lambda call: call.format.name in names


def parameters(condition: Callable[..., bool]) -> Where:
    """By the parameters."""
    return lambda call: bool(condition(**call.parameters))


def length(least: int, most: int | None = None) -> Where:
    """One-dimensional, with so many elements."""
    return array(lambda x: x.ndim == 1 and least <= x.size <= (most or least))


def more_than(count: int) -> Where:
    """More elements than that, in any shape."""
    return array(lambda x: x.size > count)


def strides(condition: Callable[[int, int], bool]) -> Where:
    """Some dimension of more than one element whose stride is so: the stride, in elements, and the length."""

    def found(x: Any) -> bool:
        pairs = zip(x.shape, x.strides, strict=True)
        return any(condition(s // x.itemsize, n) for n, s in pairs if n > 1)

    return array(found)


def gaps(x: Any) -> bool:
    """Rows that are contiguous, with something between them."""
    return x.ndim == 2 and x.strides[1] == x.itemsize and x.strides[0] > x.shape[1] * x.itemsize


def by_columns(x: Any) -> bool:
    """Columns stored one after the other."""
    return x.ndim > 1 and x.flags.fnc


def channels_last(x: Any) -> bool:
    """Four dimensions or more, of which the second is stored last."""
    return x.ndim >= 4 and x.shape[1] > 1 and x.strides[1] == x.itemsize
