"""What float64 rounds when it evaluates a polynomial at a float32, and where it rounds nothing.

Every bound here is a float64 rounded upwards (`outward`), or a comparison of fractions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from actcheck.reference.machine.outward import add_up, mul_up

#: Unit roundoff of float64: a result to nearest is off by at most this times itself.
UNIT = 2.0**-53
#: A product, a sum and a coefficient below the normal numbers lose less than this together, whether they
#: are rounded or the processor flushes them to zero.
_FLUSHED = 2.0**-1020
#: Significant bits of a factor whose product with a float32 fits float64.
_FACTOR = 53 - 24
_NORMAL = Fraction(1, 2**1022)


def horner_error(d: Sequence[float], reach: float) -> float:
    """A bound of what Horner's rule rounds at abs(t) <= reach, each multiply-add fused or not.

    With h[k] for what is held after coefficient k, step k computes fl(fl(h[k+1]*t) + d[k]), or, fused,
    fl(h[k+1]*t + d[k]). The product is off by at most u*abs(h[k+1]*t), the sum by at most u*abs(h[k])
    (N. Higham, Accuracy and Stability of Numerical Algorithms, 5.1), and the steps that follow multiply both
    by t^k. A step that adds to an exact zero rounds nothing.
    """
    held = _held(d, reach)
    total, power = 0.0, 1.0
    for k in range(len(d) - 1):
        if held[k + 1]:
            size = add_up(held[k], mul_up(held[k + 1], reach))
            total = add_up(total, mul_up(add_up(mul_up(size, UNIT), _FLUSHED), power))
        power = mul_up(power, reach)
    return total


def _held(d: Sequence[float], reach: float) -> list[float]:
    """For each k a bound of the computed h[k]: rounding is monotone, so that rounded bounds are bounds.

    fl(fl(h*t) + d) and fl(h*t + d) are both at most up(up(H*reach) + abs(d)) for abs(h) <= H.
    """
    held = [0.0] * len(d)
    last = 0.0
    for k in reversed(range(len(d))):
        last = held[k] = add_up(abs(d[k]), mul_up(last, reach))
    return held


def is_exact_difference(low: float, high: float, centre: float) -> bool:
    """Whether x - centre is exact in float64 for every float32 x from low to high.

    All these x and the centre are multiples of one unit; a multiple of at most 2^53 units is a float64.
    """
    if not math.isfinite(centre):
        return False
    if centre == 0 or low == high == centre:
        return True
    unit = min(_lowest_bit(centre), _float32_unit(_nearest(low, high)))
    far = max(abs(Fraction(low) - Fraction(centre)), abs(Fraction(high) - Fraction(centre)))
    return unit >= _NORMAL and far <= unit * 2**53


def is_exact_line(low: float, high: float, constant: float, slope: float) -> bool:
    """Whether constant + slope*x is exact in float64 for every float32 x from low to high, fused or not.

    A slope of 29 bits times one of 24 fits 53. The sum is a multiple of the lowest bit of both terms, and
    exact up to 2^53 times that bit. Zero coefficients above the slope add nothing.
    """
    if not slope:
        return True
    if digits(slope) > _FACTOR or not 2.0**-800 < abs(slope) < 2.0**800:
        return False
    if not constant:
        return True
    unit = min(_lowest_bit(slope) * _float32_unit(_nearest(low, high)), _lowest_bit(constant))
    most = abs(Fraction(constant)) + abs(Fraction(slope)) * max(abs(Fraction(low)), abs(Fraction(high)))
    return unit >= _NORMAL and most <= unit * 2**53


def digits(value: float) -> int:
    """The significant bits of a float64; none of zero."""
    numerator = abs(value).as_integer_ratio()[0]
    return (numerator // (numerator & -numerator)).bit_length() if numerator else 0


def _lowest_bit(value: float) -> Fraction:
    numerator, denominator = abs(value).as_integer_ratio()
    return Fraction(numerator & -numerator, denominator)


def _nearest(low: float, high: float) -> float:
    """The smallest magnitude between two numbers."""
    return 0.0 if low <= 0 <= high else min(abs(low), abs(high))


def _float32_unit(magnitude: float) -> Fraction:
    """What every float32 of this magnitude and more is a multiple of: 2^-149 at zero."""
    exponent = math.frexp(magnitude)[1] - 1 if magnitude else -126
    return Fraction(2) ** (max(exponent, -126) - 23)
