"""numpy with two faults that a person would tell as two."""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter


class TwoFaults(NumpyAdapter):
    """gelu's approximation with 0.0447 for 0.044715, and mish cut off below -20."""

    name = "two-faults"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """numpy's own results but for these two."""
        y = super().call(activation, x, parameters)
        if activation == "mish":
            return np.where(x < -20, y.dtype.type(0), y)
        if activation == "gelu" and parameters["approximate"] == "tanh":
            return np.where(np.isfinite(x) & (x != 0), _bent(np.asarray(x)), y)
        return y


def _bent(x: Array) -> Array:
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        inner = np.sqrt(2 / np.pi) * (wide + 0.0447 * wide**3)
        return np.asarray(0.5 * wide * (1 + np.tanh(inner))).astype(x.dtype)
