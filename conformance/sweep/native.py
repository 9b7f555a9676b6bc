"""Consecutive float32 inputs on a backend's device, worked out from their patterns by arithmetic alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.reference.formats import FORMATS

Native = Any  # an array of the device's namespace
_FORM = FORMATS["float32"]
_FRACTION = _FORM.precision - 1
#: What one unit of the significand is worth, by the exponent's pattern; the last one's are infinite.
_UNITS = np.append(np.ldexp(1.0, np.maximum(np.arange(255), 1) + _FORM.emin - _FRACTION - 1), np.inf)


class Floats:
    """Makes them in an Array API namespace: memory that the backend never held."""

    def __init__(self, xp: Any, device: Any) -> None:
        self.xp, self.device = xp, device
        self._units = xp.asarray(_UNITS, device=device)

    def __call__(self, start: int, count: int, positive: bool) -> Native:
        """The floats of one sign with magnitude patterns from a start on; each step is exact."""
        xp = self.xp
        patterns = xp.arange(start, start + count, dtype=xp.int64, device=self.device)
        exponents = xp.bitwise_right_shift(patterns, _FRACTION)
        fractions = xp.bitwise_and(patterns, (1 << _FRACTION) - 1)
        hidden = xp.where(exponents > 0, 1 << _FRACTION, 0)
        sizes = xp.astype(fractions + hidden, xp.float64) * xp.take(self._units, exponents, axis=0)
        nan = (exponents == 255) & (fractions > 0)
        sizes = xp.where(nan, xp.nan, sizes)
        return xp.astype(sizes if positive else -sizes, xp.float32)

    def differing(self, own: Native, given: Native) -> int | None:
        """The first index at which given numbers are not these; None where they are."""
        xp = self.xp
        apart = (own != given) & ~((own != own) & (given != given))  # noqa: PLR0124 (NaN)
        return int(xp.argmax(xp.astype(apart, xp.int8))) if bool(xp.any(apart)) else None
