"""A certificate as the loops over consecutive float32 inputs take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates import store
from actcheck.reference.certificates.certificate import Certificate, value_of
from actcheck.reference.expressions.tree import Node
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import ties
from actcheck.reference.machine.outward import WIDER
from actcheck.reference.scales.runs import bound_below
from actcheck.reference.specification.binding import Bound
from actcheck.reference.sweeping.kernels import distances

_FORM = FORMATS["float32"]
#: Numerators and denominators up to this make errors multiples of a coarse fraction.
_COARSE = 1 << 10


@dataclass(frozen=True)
class SweepTables:
    """A certificate as the loops take it."""

    table: NDArray[np.float64]
    proofs: NDArray[np.float64]
    leading: NDArray[np.float64]
    #: The radius of each segment in units of float32.
    radii: NDArray[np.float64]
    #: The first key of each segment.
    firsts: list[int]
    #: Magnitude patterns of zero and of the kinks, by sign.
    special: dict[bool, list[int]]
    scale: Node
    #: A lower bound of the scale's magnitude between two inputs.
    least_scale: Callable[[float, float], float]


@lru_cache(maxsize=64)
def tables(bound: Bound, quantity: str) -> SweepTables:
    """The tables of a quantity, kept in memory. Raises CertificateError where there is no enclosure."""
    certificate = store.certificate(bound, quantity)
    keys = {*certificate.kinks, 0, -1}
    scale = bound.scale(quantity)
    terms = ties.rows(bound, quantity)
    return SweepTables(
        certificate.table,
        np.column_stack([distances.proofs_of(certificate), *_sides(certificate, terms)]),
        terms,
        np.array([s.proof.size * 2.0**_FORM.precision * WIDER for s in certificate.segments]),
        certificate.starts.tolist(),
        {True: sorted(k for k in keys if k >= 0), False: sorted(-1 - k for k in keys if k < 0)},
        scale,
        bound_below(scale),
    )


def _sides(
    certificate: Certificate, terms: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sign of the rest where it decides errors next to 1/2 and 1, and up to which x.

    For f = b*x/c + r an error is abs(y - b*x/c - r)/u. With u the unit, y is a multiple of u/2 and x one of a
    power of two of u*c/(4*b) at least, so that (y - b*x/c)/u and 1/2 are multiples of 1/(2*max(c, 4*b)), at
    least 2^-13 for b and c up to 2^10. An error found within 2^-19 of 1/2 or 1 (`kernels.counts.NEAR` and the
    radius) with a rest below 2^-14 units is therefore just that, up to the rest.
    """
    signs, ends = np.zeros(len(terms)), np.zeros(len(terms))
    for at, (a, b, c, sign, most, power, reach) in enumerate(terms.tolist()):
        if a or not 0 < c <= _COARSE or not 0 < abs(b) <= _COARSE or not sign:
            continue
        # A unit is 2^-24 of the value at least: most * x^power <= 2^-40 * b*x/c is less than 2^-14 of it.
        allowed = 2.0**-40 * abs(b) / c / most
        segment = certificate.segments[at]
        near = min(abs(value_of(segment.low)), abs(value_of(segment.high)))
        if power > 1:
            end = min(reach, (allowed * (1 - 2.0**-30)) ** (1 / (power - 1)) * (1 - 2.0**-30))
        else:
            end = reach if near**power * most <= allowed * most * near else 0.0
        signs[at], ends[at] = (sign, end) if end else (0.0, 0.0)
    return signs, ends
