"""One segment of a certificate in double-double: how a function is computed there, and how far off that is.

All values are scaled by a power of two that a segment has for itself, so that neither they nor what is left
of them leaves the middle of float64's range, and subnormal results can be compared exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

#: Terms of a Taylor polynomial at most: beyond degree `DEGREE` the remainder counts.
DEGREE = 30
#: Powers of two by which values are scaled. Results of 32 bits stay finite, those of 64 bits unless the
#: error is far beyond 2^700 units.
LEAST_SCALE, MOST_SCALE = -720, 880


class Taylor(msgspec.Struct, frozen=True, tag=True):
    """2^scale * f(x) = (x * 2^shift)^power * p(t), t = (x - centre) * 2^-width.

    x - centre is exact: the centre is 0, or x lies between its half and its double (Sterbenz). The power is
    negative in tails alone, where p is a constant.
    """

    centre: float
    width: int
    power: int
    shift: int
    scale: int
    #: Coefficients of p, the lowest first, and what the first of them lack.
    main: tuple[float, ...]
    rest: tuple[float, ...]
    #: How far off the computed value is: scaled, or relative to it where there is a power.
    radius: float


class Line(msgspec.Struct, frozen=True, tag=True):
    """2^scale * f(x) = constant + slope * (x * 2^shift) + r, a line with exact numbers.

    r has the strict sign of ``sign``; it is 0 where ``radius`` and ``relative`` are, else unknown if
    ``sign`` is 0. abs(r) <= relative * abs(line) + radius.
    """

    constant: float
    slope: float
    shift: int
    scale: int
    sign: int
    relative: float
    radius: float


@dataclass(frozen=True)
class WideSegment:
    """Consecutive float64 keys on one side of zero, both ends included; no shape: nothing is known."""

    low: int
    high: int
    shape: Taylor | Line | None
