"""numpy arrays to torch tensors and back, bit for bit; imported only where torch is."""

from __future__ import annotations

from functools import cache
from typing import Any

import ml_dtypes
import numpy as np
import torch
from numpy.lib.stride_tricks import as_strided

from actcheck.adapters.base import Array


def to_tensor(array: Array, device: str) -> torch.Tensor:
    """A tensor on the device with the values, format and strides of the array, on the CPU over its memory
    where that may be written to.

    The stretch of memory that the array spans is handed over, and the strides are laid over it: broadcast,
    transposed and sliced arrays stay so on every device, on the CPU aligned as they are. torch has no
    negative strides: reversed arrays become contiguous ones.
    """
    array = np.asarray(array)
    size, narrow = array.itemsize, _narrow(array.dtype)
    if narrow:
        # numpy alone does not know these formats: they travel as integers of their width.
        array = array.view(_carrier(size))
    if not array.flags.c_contiguous and _reversed(array):
        array = np.ascontiguousarray(array).reshape(array.shape)
    if array.flags.c_contiguous or array.size == 0:
        tensor = _handed_over(array).to(device)
    else:
        strides = [s // size if n > 1 else 1 for s, n in zip(array.strides, array.shape, strict=True)]
        span = 1 + sum((n - 1) * s for n, s in zip(array.shape, strides, strict=True))
        memory = as_strided(array, (span,), (size,))
        tensor = _handed_over(memory).to(device).as_strided(array.shape, strides)
    return tensor.view(narrow) if narrow else tensor


@cache
def _narrow(dtype: np.dtype[Any]) -> torch.dtype | None:
    """torch's name for a format that numpy alone does not know."""
    return getattr(torch, dtype.name) if hasattr(ml_dtypes, dtype.name) else None


def _handed_over(memory: Array) -> torch.Tensor:
    # torch knows no read-only memory, and warns of it.
    return torch.from_numpy(memory if memory.flags.writeable else memory.copy())


def _reversed(array: Array) -> bool:
    """Whether torch cannot count the strides: some lead backwards, or to parts of elements."""
    return any(s < 0 or s % array.itemsize for s, n in zip(array.strides, array.shape, strict=True) if n > 1)


def to_array(tensor: torch.Tensor) -> Array:
    """The numpy array with the tensor's values, format and strides."""
    host = tensor.detach().resolve_conj().resolve_neg().cpu()
    name = str(host.dtype).removeprefix("torch.")
    if not hasattr(ml_dtypes, name):
        return host.numpy()
    carrier = _carrier(host.element_size())
    return host.view(getattr(torch, carrier)).numpy().view(getattr(ml_dtypes, name))


def consecutive(start: int, count: int, positive: bool, device: str) -> torch.Tensor:
    """The float32 numbers of one sign with magnitude patterns from a start on."""
    patterns = torch.arange(start, start + count, dtype=torch.int64, device=device)
    patterns = patterns if positive else patterns - 2**31
    return patterns.to(torch.int32).view(torch.float32)


def _carrier(size: int) -> str:
    return f"int{8 * size}"
