"""One float further, of the results of a backend."""

from __future__ import annotations

import numpy as np

from actcheck.adapters.base import Array


def next_float(y: Array) -> Array:
    """One unit of the last place more, of finite numbers."""
    carrier = y.view(f"i{y.itemsize}")
    return np.where(np.isfinite(y), carrier + 1, carrier).astype(carrier.dtype).view(y.dtype)
