"""Distances of results from a certificate's polynomial, in units of the reference: one loop a shape.

A run of inputs lies in one segment, so that the coefficients are scalars and nothing is gathered; the
exponent that gives the ULP is masked out of the bits of the reference, which vectorises where frexp does not.
"""

from __future__ import annotations

import enum
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.certificate import Certificate, CertificateError, Segment, value_of
from actcheck.reference.certificates.segments import VANISHING
from actcheck.reference.machine.compiling import EXPONENT, bits_of, compiled, inlined, number_of
from actcheck.reference.machine.outward import roomy
from actcheck.reference.machine.patterns import BELOW, INVERSE, MAGNITUDE, TOP, per_unit


class Loop(enum.IntEnum):
    """Which loop measures a run: by the shape of its polynomial, and where its values lie."""

    LINE = 0
    CUBIC = 1
    FULL = 2
    #: Values may be subnormal, zero or beyond the largest number.
    LINE_ANYWHERE = 3
    FULL_ANYWHERE = 4
    CONSTANT = 5
    VANISHING = 6
    #: A zero or a kink: judged point by point, elsewhere.
    APART = 7


#: Columns of a proof: the radius, relative and absolute; the loop; a bound of the polynomial's slope; where
#: it is a line or a cubic through the origin that starts with a power of two times x, that power and what the
#: next terms come to in units; the sign of a rest that decides errors at 1/2 and 1, and up to which x (see
#: `sweeping.tables`).
RELATIVE, ABSOLUTE, LOOP, SLOPE, FACTOR, SECOND, THIRD, SIDE, SIDE_REACH = range(9)
_LINE, _CUBIC, _FULL, _LINE_ANYWHERE = (
    int(Loop.LINE),
    int(Loop.CUBIC),
    int(Loop.FULL),
    int(Loop.LINE_ANYWHERE),
)
_CONSTANT = int(Loop.CONSTANT)
#: The largest radius that a segment may have, relative to the value or the smallest normal number: 2^-21
#: units.
_WIDEST_RADIUS = 2.0**-45


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
    """Whether every y is the factor times x, which is exact in float32 (see `_proof_row`)."""
    bits = y.view(np.int32)
    different = np.int32(0)
    for i in range(bits.size):
        different = np.int32(different | (bits[i] ^ np.float32(factor * x[i]).view(np.int32)))
    return different == 0


@compiled
def bound_of_simple(x: Any, y: Any, row: Any, proof: Any, out: Any) -> Any:
    """A bound of the distances where a look at the results alone gives one; else infinity.

    Most floats are tiny or large, where a function is proportional to x or constant. Where y = d1*x exactly,
    with all values normal, the error is abs(d2*x^2 + d3*x^3)/ulp(f), up to the radius, and abs(x)/ulp(f) <=
    2^24/abs(d1) up to a factor that is next to 1 wherever the bound is small enough to be used.
    """
    if proof[FACTOR] != 0 and _is_proportional(x, y, np.float32(proof[FACTOR])):
        far = max(abs(np.float64(x[0])), abs(np.float64(x[-1])))
        return (proof[SECOND] + proof[THIRD] * far) * far * (1 + 2.0**-8)
    if proof[LOOP] == _CONSTANT and _is_uniform(y):
        _distances_constant(y[:1], row[1], out)
        return abs(np.float64(out[0])) * (1 + 2.0**-23)
    return np.inf


@compiled
def distances_of(x: Any, y: Any, row: Any, proof: Any, out: Any) -> None:
    """Write the distance of each y, in units of the reference at least."""
    loop = proof[LOOP]
    if loop == _LINE:
        _distances_line(x, y, row, out)
    elif loop == _CUBIC:
        _distances_cubic(x, y, row, out)
    elif loop == _FULL:
        _distances(x, y, row, out)
    elif loop == _CONSTANT:
        _distances_constant(y, row[1], out)
    elif loop == _LINE_ANYWHERE:
        _distances_line_anywhere(x, y, row, proof[RELATIVE], proof[ABSOLUTE], out)
    else:
        _distances_anywhere(x, y, row, proof[RELATIVE], proof[ABSOLUTE], out)


def proofs_of(certificate: Certificate) -> NDArray[np.float64]:
    """A row for each segment, as the columns say, but for the sides.

    Raises CertificateError for a radius that the loops do not reckon with (`counts.NEAR`).
    """
    return np.array([_proof_row(s) for s in certificate.segments])


def _proof_row(segment: Segment) -> tuple[float, ...]:
    d, proof = segment.polynomial.coefficients, segment.proof
    vanishing = not any(d) and proof.absolute <= VANISHING  # 2^-21 of the smallest unit at most
    if proof.size > _WIDEST_RADIUS and not vanishing:
        raise CertificateError(f"the segment at x = {value_of(segment.low)!r} has a radius of {proof.size!r}")
    degree = max((k for k, v in enumerate(d) if v), default=0)
    centre = segment.polynomial.centre
    reach = max(abs(value_of(segment.low) - centre), abs(value_of(segment.high) - centre))
    with np.errstate(over="ignore"):
        powers = [float(v) for v in np.float64(reach) ** np.arange(len(d))]
    slack = 1 + 2.0**-20
    most = sum(abs(v) * w for v, w in zip(d, powers, strict=True) if v) * slack
    slope = sum(k * abs(v) * powers[k - 1] for k, v in enumerate(d) if k and v) * slack
    normal = proof.smallest >= 2.0**-126 and most < 2.0**126
    if vanishing:
        loop = Loop.VANISHING
    elif degree == 0 and normal:
        loop = Loop.CONSTANT
    elif normal:
        loop = Loop.LINE if degree <= 1 else Loop.CUBIC if degree <= 3 else Loop.FULL
    else:
        loop = Loop.LINE_ANYWHERE if degree <= 1 else Loop.FULL_ANYWHERE
    # Through the origin: about 0, or a line that is no other about a centre of its own.
    through = d[0] == d[1] * centre and (centre == 0 or loop == Loop.LINE)
    # The power of two is a float32 and so is its product with x, which is not subnormal either.
    power = abs(math.frexp(d[1])[0]) == 0.5 and 2.0**-126 <= abs(d[1]) <= 2.0**127
    simple = loop in (Loop.LINE, Loop.CUBIC) and through and power and proof.smallest >= 2.0**-125
    more = (d[1], *(abs(v / d[1]) * 2.0**24 * slack for v in d[2:4])) if simple else (0.0, 0.0, 0.0)
    return *roomy(proof.relative, proof.absolute), float(loop), slope, *more
