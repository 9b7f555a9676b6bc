"""Float64 values rounded once to a narrower format."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format


def to_format(form: Format, values: NDArray[np.float64]) -> NDArray[Any]:
    """The numbers of the format nearest to these, ties to even, zeros and infinities with their signs."""
    with np.errstate(all="ignore"):
        if form.dtype in (np.float16, np.float32, np.float64):
            return values.astype(form.dtype)  # numpy's own formats are rounded to directly
        # To odd first (S. Boldo, G. Melquiond: Emulation of FMA and correctly rounded sums): the conversion
        # of ml_dtypes goes by way of float32, and would round twice.
        narrow = values.astype(np.float32)
        wide = narrow.astype(np.float64)
        bits = narrow.view(np.int32) - (np.abs(wide) > np.abs(values))
        odd = (bits | (wide != values)).astype(np.int32).view(np.float32)
        return np.where(np.isnan(values), narrow, odd).astype(form.dtype)
