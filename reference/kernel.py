"""The fused loop that judges runs of consecutive float32 inputs on the host.

A run lies in one segment of a certificate, so that the coefficients are scalars and nothing is gathered.
The first pass writes an upper bound of each error and takes the largest; the exponent that gives the ULP is
masked out of the bits of the reference, which vectorises where frexp does not. A second pass counts, for
runs that hold an error near half a unit or more. Fused multiply-adds are allowed: they round less often than
the proof counts.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from actcheck.reference.certificate import Certificate, Segment, value_of
from actcheck.reference.formats import FORMATS
from actcheck.reference.segments import VANISHING
from actcheck.reference.verdict import EDGES

#: Inputs judged at a time: their errors stay in the first-level cache.
CHUNK = 2048
#: Errors are held as float32; one this close to 1/2 or 1 is looked at again. It is more than the radius of
#: any segment in units of float32 (2^-46 * 2^24) and the rounding to float32 together.
NEAR = 2.0**-20

_F = FORMATS["float32"]
TOP = float(2.0 ** (_F.emax + 1))
_LEAST, _MOST = 2.0**_F.emin, 2.0**_F.emax
_OVERFLOW = float(_F.overflow)
_EXPONENT = 0x7FF0000000000000
#: The bits of 1/ulp are this minus the exponent bits of the reference.
_INVERSE = (2046 + _F.precision - 1) << 52
#: Everything about patterns stays int32: wider integers would halve what a vector holds.
_MAGNITUDE = np.int32(0x7FFFFFFF)
#: About 2^-42 of a number, as a difference of bit patterns: more than the radius of any segment.
_BELOW = 1 << 10


def _pattern(value: float) -> np.int32:
    return np.float32(value).view(np.int32)


_HALF_BELOW, _HALF_ABOVE = _pattern(0.5 - NEAR), _pattern(0.5 + NEAR)
_ONE_BELOW, _ONE_ABOVE = _pattern(1 - NEAR), _pattern(1 + NEAR)
#: A result that was lost to zero is off by this much at least.
_LOSING = _pattern(2.0**22)
_NOT_FINITE = _pattern(np.inf)
_THREE_QUARTERS = _pattern(0.75)
_EDGES = np.array([_pattern(edge) for edge in EDGES], np.int32)


def _make_bits(_context: Any, value: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(value), generate


def _make_number(_context: Any, value: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(value), generate


#: The bits of a float64 as int64, and back.
_bits: Any = intrinsic(_make_bits)
_number: Any = intrinsic(_make_number)

_compile = numba.njit(cache=True, nogil=True, fastmath={"contract", "nsz"}, error_model="numpy")
_inline = numba.njit(
    cache=True, nogil=True, fastmath={"contract", "nsz"}, error_model="numpy", inline="always"
)


@_inline
def _per_unit(magnitude: float) -> Any:
    """1/ulp of a magnitude, exactly."""
    return _number(_INVERSE - (_bits(min(max(magnitude, _LEAST), _MOST)) & _EXPONENT))


@_inline
def _in_units(p: float, y: float) -> Any:
    """The distance of y from p in units of p, for p well inside the normal numbers.

    The exponent is taken a little below p, so that a reference just under a power of two is never
    credited with the larger unit above it. The sign is left in.
    """
    return np.float32((y - p) * _number(_INVERSE - ((_bits(p) - _BELOW) & _EXPONENT)))


@_compile
def _distances(x: Any, y: Any, row: Any, out: Any) -> None:
    """Distances of y from the polynomial in units, up to the radius."""
    m, c0, c1, c2, c3, c4 = row[0], row[1], row[2], row[3], row[4], row[5]
    c5, c6, c7, c8, c9 = row[6], row[7], row[8], row[9], row[10]
    for i in range(x.size):
        t = np.float64(x[i]) - m
        p = c8 + c9 * t
        p = c7 + p * t
        p = c6 + p * t
        p = c5 + p * t
        p = c4 + p * t
        p = c3 + p * t
        p = c2 + p * t
        p = c1 + p * t
        p = c0 + p * t
        out[i] = _in_units(p, np.float64(y[i]))


@_compile
def _distances_cubic(x: Any, y: Any, row: Any, out: Any) -> None:
    """The same for a cubic."""
    m, c0, c1, c2, c3 = row[0], row[1], row[2], row[3], row[4]
    for i in range(x.size):
        t = np.float64(x[i]) - m
        p = c2 + c3 * t
        p = c1 + p * t
        p = c0 + p * t
        out[i] = _in_units(p, np.float64(y[i]))


@_compile
def _distances_line(x: Any, y: Any, row: Any, out: Any) -> None:
    """The same for a straight line."""
    m, c0, c1 = row[0], row[1], row[2]
    for i in range(x.size):
        out[i] = _in_units(c0 + c1 * (np.float64(x[i]) - m), np.float64(y[i]))


@_compile
def _distances_constant(y: Any, value: float, out: Any) -> None:
    """The same for a constant."""
    unit = _number(_INVERSE - ((_bits(value) - _BELOW) & _EXPONENT))
    for i in range(y.size):
        out[i] = np.float32((np.float64(y[i]) - value) * unit)


@_compile
def _all_zero(y: Any) -> Any:
    """Whether every y is a zero: all that has to be known where the reference vanishes."""
    bits = y.view(np.int32)
    seen = np.int32(0)
    for i in range(bits.size):
        seen = np.int32(seen | bits[i])
    return np.int32(seen & _MAGNITUDE) == 0


@_compile
def _distances_anywhere(x: Any, y: Any, row: Any, relative: float, absolute: float, out: Any) -> None:
    """The same where the reference may be subnormal, zero or beyond the largest number."""
    m, c0, c1, c2, c3, c4 = row[0], row[1], row[2], row[3], row[4], row[5]
    c5, c6, c7, c8, c9 = row[6], row[7], row[8], row[9], row[10]
    for i in range(x.size):
        t = np.float64(x[i]) - m
        p = c8 + c9 * t
        p = c7 + p * t
        p = c6 + p * t
        p = c5 + p * t
        p = c4 + p * t
        p = c3 + p * t
        p = c2 + p * t
        p = c1 + p * t
        p = c0 + p * t
        size = abs(p)
        unit = _per_unit(size - (relative * size + absolute))
        out[i] = np.float32((np.float64(y[i]) - min(max(p, -TOP), TOP)) * unit)


@_compile
def _distances_line_anywhere(x: Any, y: Any, row: Any, relative: float, absolute: float, out: Any) -> None:
    """The same for a straight line."""
    m, c0, c1 = row[0], row[1], row[2]
    for i in range(x.size):
        p = c0 + c1 * (np.float64(x[i]) - m)
        size = abs(p)
        unit = _per_unit(size - (relative * size + absolute))
        out[i] = np.float32((np.float64(y[i]) - min(max(p, -TOP), TOP)) * unit)


@_compile
def _largest(errors: Any) -> Any:
    """The largest magnitude, compared as integers: NaN and infinity stand above everything."""
    bits = errors.view(np.int32)
    most = np.int32(0)
    for i in range(bits.size):
        most = np.int32(max(most, np.int32(bits[i] & _MAGNITUDE)))
    return most


@_compile
def _straddles(x: Any, row: Any) -> Any:
    """Whether a reference lies so close to a power of two that its unit is open."""
    different = np.int64(0)
    for i in range(x.size):
        t = np.float64(x[i]) - row[0]
        p = row[9] + row[10] * t
        p = row[8] + p * t
        p = row[7] + p * t
        p = row[6] + p * t
        p = row[5] + p * t
        p = row[4] + p * t
        p = row[3] + p * t
        p = row[2] + p * t
        p = row[1] + p * t
        different |= (_bits(p) - _BELOW) ^ (_bits(p) + _BELOW)
    return (different & _EXPONENT) != 0


@_inline
def _may_straddle(x: float, width: float, row: Any, slope: float) -> Any:
    """Whether a reference within a width of x can come near a power of two, by a bound of the slope."""
    t = np.float64(x) - row[0]
    p = row[10]
    for k in range(9, 0, -1):
        p = row[k] + p * t
    reach = slope * width
    low, high = (abs(p) - reach) * (1 - 2.0**-40), (abs(p) + reach) * (1 + 2.0**-40)
    return low <= 0 or (_bits(low) & _EXPONENT) != (_bits(high) & _EXPONENT)


@_compile
def _count_plain(errors: Any, totals: Any, histogram: Any) -> None:
    """Count from the distances alone. totals[2] > 0: some lie too close to 1/2 or 1 to tell."""
    bits = errors.view(np.int32)
    wrong, faithless, above = np.int32(0), np.int32(0), np.int32(0)
    near_half, near_one = np.int32(0), np.int32(0)
    for i in range(bits.size):
        b = np.int32(bits[i] & _MAGNITUDE)
        near_half = np.int32(near_half + np.int32(b >= _HALF_BELOW))
        wrong = np.int32(wrong + np.int32(b > _HALF_ABOVE))
        above = np.int32(above + np.int32(b > _THREE_QUARTERS))
        near_one = np.int32(near_one + np.int32(b >= _ONE_BELOW))
        faithless = np.int32(faithless + np.int32(b > _ONE_ABOVE))
    histogram[0] += bits.size - near_half
    histogram[1] += near_half - above
    histogram[2] += above - faithless
    totals[0], totals[1], totals[2] = wrong, faithless, (near_half - wrong) + (near_one - faithless)


@_compile
def _count(x: Any, y: Any, row: Any, proof: Any, totals: Any, marks: Any) -> None:
    """Count one chunk, all of whose y are finite.

    totals: not correctly rounded, not faithful, lost to zero, undecided (marked, and in none of the others).
    """
    m, relative, absolute, rest_sign = row[0], proof[0], proof[1], proof[2]
    rounded_wrong = faithless = lost = undecided = 0
    for i in range(x.size):
        v = np.float64(x[i])
        t = v - m
        p = row[10]
        for k in range(9, 0, -1):
            p = row[k] + p * t
        size = abs(p)
        radius = relative * size + absolute
        per_least, per_most = _per_unit(size - radius), _per_unit(size + radius)
        z = min(max(p, -TOP), TOP)
        distance = abs(np.float64(y[i]) - z)
        high = (distance + radius) * per_least
        low = (distance - radius) * per_most
        difference = np.float64(y[i]) - (row[2] * v if rest_sign != 0 else z)
        half = abs(difference) * per_least == 0.5
        count = abs(np.float64(y[i])) * _per_unit(abs(np.float64(y[i])))
        even = np.floor(count * 0.5) * 2 == count
        tie = half and (rest_sign != 0 or radius == 0)
        tie_right = difference * rest_sign > 0 if rest_sign != 0 else even
        near_half = low <= 0.5 and high >= 0.5 and not tie
        near_one = low < 1.0 and high >= 1.0 and radius > 0
        zero = y[i] == 0
        near_normal = zero and size - radius < _LEAST and size + radius >= _LEAST
        unknown = near_half or near_one or near_normal
        marks[i] = unknown
        undecided += unknown
        known = not unknown
        rounded_wrong += known and not (high < 0.5 or (tie and tie_right))
        faithless += known and high >= 1.0
        lost += known and zero and size - radius >= _LEAST
    totals[0] += rounded_wrong
    totals[1] += faithless
    totals[2] += lost
    totals[3] += undecided


@_compile
def _bin(errors: Any, most: Any, histogram: Any) -> None:
    """Add a chunk's errors beyond 1 to the histogram: counts up to each edge, then differences."""
    bits = errors.view(np.int32)
    below = np.int32(0)
    for i in range(bits.size):
        below = np.int32(below + np.int32(np.int32(bits[i] & _MAGNITUDE) <= _ONE_ABOVE))
    for k in range(3, _EDGES.size):
        edge = _EDGES[k]
        count = np.int32(0)
        for i in range(bits.size):
            count = np.int32(count + np.int32(np.int32(bits[i] & _MAGNITUDE) <= edge))
        histogram[k] += count - below
        below = count
        if edge >= most:
            break
    histogram[_EDGES.size] += errors.size - below


@_compile
def _measure(x: Any, y: Any, row: Any, proof: Any, out: Any) -> None:
    if proof[3] == 0:
        _distances_line(x, y, row, out)
    elif proof[3] == 1:
        _distances_cubic(x, y, row, out)
    elif proof[3] == 2:
        _distances(x, y, row, out)
    elif proof[3] == 5:
        _distances_constant(y, row[1], out)
    elif proof[3] == 3:
        _distances_line_anywhere(x, y, row, proof[0], proof[1], out)
    else:
        _distances_anywhere(x, y, row, proof[0], proof[1], out)


@_compile
def judge_runs(
    x: Any, y: Any, bounds: Any, rows: Any, proofs: Any, chunks: Any, totals: Any, histogram: Any, marks: Any
) -> int:
    """Judge x (consecutive floats) and y in chunks; returns the number of chunks.

    ``bounds[j] .. bounds[j+1]`` are the indices of run j; ``rows[j]`` its polynomial; ``proofs[j]`` as
    `proofs_of` gives it. ``totals`` receives the counts not correctly rounded and not faithful, and
    ``marks`` is set at points left undecided, which are not in them. For each chunk ``chunks`` receives
    start, end, run, the float32 bits of the largest error, lost to zero and undecided. A chunk
    with a y that is not finite is left to the caller: its largest error is not finite.
    """
    errors = np.empty(CHUNK, np.float32)
    number = 0
    part = np.zeros(4, np.int64)
    for j in range(bounds.size - 1):
        start = bounds[j]
        while start < bounds[j + 1]:
            end = min(start + CHUNK, bounds[j + 1])
            xs, ys, out = x[start:end], y[start:end], errors[: end - start]
            part[:] = 0
            bits: Any = np.int32(0)
            if not (proofs[j, 3] == 6 and _all_zero(ys)):
                _measure(xs, ys, rows[j], proofs[j], out)
                bits = _largest(out)
            if bits < _HALF_BELOW:
                histogram[0] += end - start
            elif bits < _NOT_FINITE:
                _count_plain(out, part, histogram)
                if bits > _ONE_ABOVE:
                    _bin(out, bits, histogram)
                open_unit = _may_straddle(xs[0], abs(xs[-1] - xs[0]), rows[j], proofs[j, 4])
                unclear = part[2] or bits >= _LOSING or proofs[j, 3] in (3, 4, 6)
                if unclear or (open_unit and _straddles(xs, rows[j])):
                    part[:] = 0
                    _count(xs, ys, rows[j], proofs[j], part, marks[start:end])
                else:
                    part[2] = 0
                totals += part[:2]
            chunks[number, 0], chunks[number, 1], chunks[number, 2] = start, end, j
            chunks[number, 3], chunks[number, 4], chunks[number, 5] = bits, part[2], part[3]
            number += 1
            start = end
    return number


@_compile
def largest_scaled(x: Any, y: Any, row: Any, proof: Any, scale: Any) -> tuple[float, int]:
    """Upper bound of the largest scaled error of a run, and its index. y must be finite."""
    most, where, relative, absolute = 0.0, 0, proof[0], proof[1]
    for i in range(x.size):
        t = np.float64(x[i]) - row[0]
        p = row[10]
        for k in range(9, 0, -1):
            p = row[k] + p * t
        size = abs(p)
        radius = relative * size + absolute
        distance = abs(np.float64(y[i]) - min(max(p, -TOP), TOP))
        error = (distance + radius) * _per_unit(max(size - radius, scale[i]))
        if error > most:
            most, where = error, i
    return most, where


@_compile
def increases(y: Any) -> bool:
    """Whether y never decreases; NaN counts as a decrease."""
    falls = 0
    for i in range(y.size - 1):
        falls += not y[i + 1] >= y[i]
    return falls == 0


@_compile
def inside(y: Any, low: float, high: float) -> bool:
    """Whether every y lies in a closed range; NaN does not."""
    out = 0
    for i in range(y.size):
        out += not (low <= y[i] <= high)
    return out == 0


@_compile
def mirrored(y: Any, other: Any) -> Any:
    """Whether y[i] equals -other[i] bit for bit."""
    a, b = y.view(np.int32), other.view(np.int32)
    different = np.int32(0)
    for i in range(a.size):
        different |= a[i] ^ b[i] ^ np.int32(-(2**31))
    return different == 0


def proofs_of(certificate: Certificate) -> NDArray[np.float64]:
    """A row a segment: relative and absolute radius, sign of the rest behind an exact term, and the loop.

    The loops: 0 line, 1 cubic, 2 full, 5 constant; 3 line, 4 full where results may leave the normal numbers;
    6 where the function vanishes. Last a bound of the polynomial's slope.
    """
    return np.array([_proof_row(s, s.low >= 0) for s in certificate.segments])


def _proof_row(segment: Segment, positive: bool) -> tuple[float, ...]:
    d, proof = segment.polynomial.coefficients, segment.proof
    degree = max((k for k, v in enumerate(d) if v), default=0)
    reach = max(
        abs(value_of(segment.low) - segment.polynomial.centre),
        abs(value_of(segment.high) - segment.polynomial.centre),
    )
    with np.errstate(over="ignore"):
        powers = [float(v) for v in np.float64(reach) ** np.arange(len(d))]
    most = sum(abs(v) * w for v, w in zip(d, powers, strict=True) if v)
    slope = sum(k * abs(v) * powers[k - 1] for k, v in enumerate(d) if k and v)
    normal = proof.smallest >= 2.0**-126 and most < 2.0**126 and proof.size <= 2.0**-45
    if not any(d) and proof.absolute <= VANISHING:
        loop = 6
    elif degree == 0 and normal:
        loop = 5
    else:
        loop = (0 if degree <= 1 else 1 if degree <= 3 else 2) if normal else (3 if degree <= 1 else 4)
    rest = 0.0
    if proof.leading_exact:
        k = next(k for k in range(2, len(d)) if d[k])
        rest = math.copysign(1.0, d[k]) * (1.0 if positive or k % 2 == 0 else -1.0)
    slack = 1 + 2.0**-20
    return proof.relative * slack, proof.absolute * slack, rest, float(loop), slope * slack
