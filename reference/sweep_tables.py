"""A certificate as the loops over consecutive float32 inputs take it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import kernel_distances, leading, numeric, store
from actcheck.reference.binding import Bound
from actcheck.reference.expression import Node
from actcheck.reference.formats import FORMATS
from actcheck.reference.hidden import Hidden

_FORM = FORMATS["float32"]


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
    scale_exact: bool


@lru_cache(maxsize=64)
def _tables(_digest: str, _label: str, quantity: str, carrier: Hidden[Bound]) -> SweepTables:
    bound = carrier.item
    certificate = store.certificate(bound, quantity)
    keys = {*certificate.kinks, 0, -1}
    scale = bound.scale(quantity)
    terms = leading.terms(bound, quantity, certificate)
    return SweepTables(
        certificate.table,
        np.column_stack([kernel_distances.proofs_of(certificate), *_sides(terms)]),
        terms,
        np.array([s.proof.size * 2.0**_FORM.precision for s in certificate.segments]),
        certificate.starts.tolist(),
        {True: sorted(k for k in keys if k >= 0), False: sorted(-1 - k for k in keys if k < 0)},
        scale,
        numeric.is_exact(scale),
    )


def _sides(terms: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sign of the rest where errors are multiples of a coarse fraction up to that, and up to which x."""
    a, _, c, sign, reach = terms.T
    coarse = (a == 0) & (c > 0) & (c <= 1 << 10)
    return np.where(coarse, sign, 0.0), np.where(np.isinf(reach), reach, np.minimum(reach, 2.0**-36))


def tables(bound: Bound, quantity: str) -> SweepTables:
    """The tables of a quantity, kept in memory. Raises CertificateError where there is no enclosure."""
    return _tables(bound.spec.digest, bound.variant.label, quantity, Hidden(bound))
