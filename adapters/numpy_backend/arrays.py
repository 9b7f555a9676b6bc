"""From arrays of four formats to blocks of binary64, and back with one correct rounding."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Doubles = NDArray[np.float64]

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FORMATS = (np.dtype(np.float16), BFLOAT16, np.dtype(np.float32), np.dtype(np.float64))

#: Elements computed at once: every temporary then stays in the first two levels of cache.
BLOCK = 1 << 13


def floating(x: Any, owner: str) -> Array:
    """``x`` as an array in one of the four formats; raises TypeError for anything else."""
    array = np.asarray(x)
    if array.dtype not in FORMATS:
        raise TypeError(f"{owner} takes float16, bfloat16, float32 or float64 arrays, not {array.dtype}")
    return array


def matching(upstream: Any, shape: tuple[int, ...], dtype: np.dtype[Any], owner: str) -> Array:
    """``upstream`` as an array of this shape and format; raises ValueError and TypeError otherwise."""
    array = np.asarray(upstream)
    if array.dtype != dtype:
        raise TypeError(f"{owner}: upstream must be of type {dtype} as the input is, not {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{owner}: upstream must have the shape {shape} of the result, not {array.shape}")
    return array


def dimension(dim: int, x: Array, owner: str) -> int:
    """The dimension of x, counted from the front; raises ValueError where there is none."""
    if not -x.ndim <= index(dim) < x.ndim:
        raise ValueError(f"{owner}: dim {dim} is not a dimension of an input of shape {x.shape}")
    return index(dim) % x.ndim


def map_blocks(kernel: Callable[..., Doubles], x: Array, *others: Array) -> Array:
    """``kernel`` of the elements of arrays of one shape: a fresh array of the shape and format of x.

    Every block is a contiguous copy in binary64, so that a result does not depend on the strides or the
    memory order of an array. What the kernel returns is rounded to the format of x, once.
    """
    result = np.empty(x.shape, x.dtype)
    target = result.reshape(-1)
    sources = [np.ascontiguousarray(array).reshape(-1) for array in (x, *others)]
    with np.errstate(all="ignore"):
        for start in range(0, target.size, BLOCK):
            part = slice(start, start + BLOCK)
            values = kernel(*(source[part].astype(np.float64) for source in sources))
            target[part] = rounded(values, x.dtype)
    return result


def rounded(values: Doubles, dtype: np.dtype[Any]) -> Array:
    """The nearest numbers of a format, ties to even.

    numpy rounds binary64 to float32 and to float16 in one step. ml_dtypes goes to bfloat16 through
    float32, which would round twice; `odd_float32` makes its second rounding the only one that counts.
    """
    if dtype == BFLOAT16:
        return odd_float32(values).astype(BFLOAT16)
    return values.astype(dtype, copy=False)


def odd_float32(values: Doubles) -> NDArray[np.float32]:
    """binary64 to float32, inexact results to the neighbour whose last bit is 1.

    Rounding to odd keeps what a later rounding to a format at least two bits narrower has to know
    (S. Boldo and G. Melquiond, Emulation of FMA and correctly rounded sums, IEEE TC 57, 2008).
    """
    odd = np.atleast_1d(values).astype(np.float32)
    back = odd.astype(np.float64)
    bits = odd.view(np.uint32)
    bits -= np.abs(back) > np.abs(values)
    bits |= back != values
    return odd.reshape(np.shape(values))
