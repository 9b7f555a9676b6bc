"""The bits of floats inside the compiled loops over float32 inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.reference.formats import FORMATS
from actcheck.reference.machine.compiling import EXPONENT, bits_of, inlined, number_of

F = FORMATS["float32"]
TOP = float(2.0 ** (F.emax + 1))
LEAST, MOST = 2.0**F.emin, 2.0**F.emax
#: The bits of 1/ulp are this minus the exponent bits of the reference.
INVERSE = (2046 + F.precision - 1) << 52
#: Everything about patterns stays int32: wider integers would halve what a vector holds.
MAGNITUDE = np.int32(0x7FFFFFFF)
#: About 2^-42 of a number, as a difference of bit patterns: more than the radius of any segment.
BELOW = 1 << 10


def pattern(value: float) -> np.int32:
    """The bits of a float32."""
    return np.float32(value).view(np.int32)


@inlined
def per_unit(magnitude: float) -> Any:
    """1/ulp of a magnitude, exactly."""
    return number_of(INVERSE - (bits_of(min(max(magnitude, LEAST), MOST)) & EXPONENT))


@inlined
def radius_of(size: float, relative: float, absolute: float) -> Any:
    """The radius of a value; one certainly beyond the largest number is taken to be `TOP` itself."""
    radius = relative * size + absolute
    return 0.0 if size - radius > TOP else radius


@inlined
def polynomial(t: float, row: Any) -> Any:
    """A certificate's polynomial at t = x - centre."""
    p = row[10]
    for k in range(9, 0, -1):
        p = row[k] + p * t
    return p
