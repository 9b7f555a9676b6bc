"""Distances of results from a certificate's polynomial, in units of the reference: one loop a shape.

A run of inputs lies in one segment, so that the coefficients are scalars and nothing is gathered; the
exponent that gives the ULP is masked out of the bits of the reference, which vectorises where frexp does not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificate import Certificate, Segment, value_of
from actcheck.reference.kernel_bits import (
    BELOW,
    EXPONENT,
    INVERSE,
    MAGNITUDE,
    TOP,
    bits_of,
    compiled,
    inlined,
    number_of,
    per_unit,
)
from actcheck.reference.segments import VANISHING


@inlined
def _in_units(p: float, y: float) -> Any:
    """The distance of y from p in units of p, for p well inside the normal numbers.

    The exponent is taken a little below p, so that a reference just under a power of two is never
    credited with the larger unit above it. The sign is left in.
    """
    return np.float32((y - p) * number_of(INVERSE - ((bits_of(p) - BELOW) & EXPONENT)))


@compiled
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


@compiled
def _distances_cubic(x: Any, y: Any, row: Any, out: Any) -> None:
    """The same for a cubic."""
    m, c0, c1, c2, c3 = row[0], row[1], row[2], row[3], row[4]
    for i in range(x.size):
        t = np.float64(x[i]) - m
        p = c2 + c3 * t
        p = c1 + p * t
        p = c0 + p * t
        out[i] = _in_units(p, np.float64(y[i]))


@compiled
def _distances_line(x: Any, y: Any, row: Any, out: Any) -> None:
    """The same for a straight line."""
    m, c0, c1 = row[0], row[1], row[2]
    for i in range(x.size):
        out[i] = _in_units(c0 + c1 * (np.float64(x[i]) - m), np.float64(y[i]))


@compiled
def _distances_constant(y: Any, value: float, out: Any) -> None:
    """The same for a constant."""
    unit = number_of(INVERSE - ((bits_of(value) - BELOW) & EXPONENT))
    for i in range(y.size):
        out[i] = np.float32((np.float64(y[i]) - value) * unit)


@compiled
def all_zero(y: Any) -> Any:
    """Whether every y is a zero: all that has to be known where the reference vanishes."""
    bits = y.view(np.int32)
    seen = np.int32(0)
    for i in range(bits.size):
        seen = np.int32(seen | bits[i])
    return np.int32(seen & MAGNITUDE) == 0


@compiled
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
        unit = per_unit(size - (relative * size + absolute))
        out[i] = np.float32((np.float64(y[i]) - min(max(p, -TOP), TOP)) * unit)


@compiled
def _distances_line_anywhere(x: Any, y: Any, row: Any, relative: float, absolute: float, out: Any) -> None:
    """The same for a straight line."""
    m, c0, c1 = row[0], row[1], row[2]
    for i in range(x.size):
        p = c0 + c1 * (np.float64(x[i]) - m)
        size = abs(p)
        unit = per_unit(size - (relative * size + absolute))
        out[i] = np.float32((np.float64(y[i]) - min(max(p, -TOP), TOP)) * unit)


@compiled
def _is_uniform(y: Any) -> Any:
    """Whether all y are one number."""
    bits = y.view(np.int32)
    different = np.int32(0)
    for i in range(bits.size):
        different = np.int32(different | (bits[i] ^ bits[0]))
    return different == 0


@compiled
def _is_proportional(x: Any, y: Any, factor: Any) -> Any:
    """Whether every y is the factor times x."""
    bits = y.view(np.int32)
    different = np.int32(0)
    for i in range(bits.size):
        different = np.int32(different | (bits[i] ^ np.float32(factor * x[i]).view(np.int32)))
    return different == 0


@compiled
def bound_of_simple(x: Any, y: Any, row: Any, proof: Any, out: Any) -> Any:
    """A bound of the distances where a look at the results alone gives one; else infinity.

    Most floats are tiny or large, where a function is proportional to x or constant.
    """
    if proof[5] != 0 and _is_proportional(x, y, np.float32(proof[5])):
        far = max(abs(np.float64(x[0])), abs(np.float64(x[-1])))
        return (proof[6] + proof[7] * far) * far * (1 + 2.0**-8)
    if proof[3] == 5 and _is_uniform(y):
        _distances_constant(y[:1], row[1], out)
        return abs(np.float64(out[0])) * (1 + 2.0**-23)
    return np.inf


@compiled
def distances_of(x: Any, y: Any, row: Any, proof: Any, out: Any) -> None:
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


def proofs_of(certificate: Certificate) -> NDArray[np.float64]:
    """A row a segment: relative and absolute radius, sign of the rest behind an exact term, and the loop.

    The loops: 0 line, 1 cubic, 2 full, 5 constant; 3 line, 4 full where results may leave the normal numbers;
    6 where the function vanishes. Then a bound of the polynomial's slope; and where it is a line or a cubic
    about 0 that starts with a power of two times x that power, and what the next terms come to in units.
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
    # Through the origin: about 0, or a line that is no other about a centre of its own.
    centre = segment.polynomial.centre
    through = d[0] == d[1] * centre and (centre == 0 or loop == 0)
    simple = loop in (0, 1) and through and abs(math.frexp(d[1])[0]) == 0.5
    more = (d[1], abs(d[2] / d[1]) * 2.0**24, abs(d[3] / d[1]) * 2.0**24) if simple else (0.0, 0.0, 0.0)
    return proof.relative * slack, proof.absolute * slack, rest, float(loop), slope * slack, *more
