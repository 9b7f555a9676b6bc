"""Errors of many results at once, as proven intervals, in any Array API namespace.

The certificate's polynomial is evaluated with plain double additions and multiplications (they are IEEE's
on every device, and fusing them only makes the error smaller than what the proof counts), so that results
that live on a device are judged there. Everything is float64 and elementwise; nothing depends on the
namespace but its standard functions.

An answer is given only where the interval tells it. What lies too close to 1/2 or 1, to a power of two, to
the overflow threshold or to the smallest normal number is left ``undecided``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from actcheck.reference.certificates import store
from actcheck.reference.certificates.certificate import Certificate
from actcheck.reference.certificates.segments import DEGREE
from actcheck.reference.evaluation import numeric
from actcheck.reference.expressions.tree import Node
from actcheck.reference.formats import Format
from actcheck.reference.machine.binades import NUMPY, POWERS, exponents, power
from actcheck.reference.machine.outward import WIDER, roomy, roomy_array
from actcheck.reference.specification.binding import Bound

Array = Any  # of an Array API namespace


@dataclass(frozen=True)
class CertificateTables:
    """A certificate as arrays of one namespace and device."""

    xp: Any
    starts: Array
    #: A row for each segment: centre, then the coefficients, lowest first.
    rows: Array
    #: The radius, with room for the roundings of what is computed with it (see `outward.roomy`).
    relative: Array
    absolute: Array
    powers: Array
    scale: Node

    @classmethod
    def of(cls, xp: Any, certificate: Certificate, scale: Node, device: Any = None) -> CertificateTables:
        """The tables of a certificate, on a device of the namespace."""

        def there(values: Any, kind: Any) -> Array:
            return xp.asarray(values, dtype=kind, device=device)

        radii = [roomy(s.proof.relative, s.proof.absolute) for s in certificate.segments]
        return cls(
            xp,
            there(certificate.starts.tolist(), xp.int64),
            there(certificate.table.tolist(), xp.float64),
            there([relative for relative, _ in radii], xp.float64),
            there([absolute for _, absolute in radii], xp.float64),
            there(POWERS.tolist(), xp.float64),
            scale,
        )


@lru_cache(maxsize=64)
def tables(bound: Bound, quantity: str) -> CertificateTables:
    """The tables of a certificate for numpy, kept in memory."""
    return CertificateTables.of(NUMPY, store.certificate(bound, quantity), bound.scale(quantity))


@dataclass(frozen=True)
class Measured:
    """What is known of each result; every field is an array of the shape of the inputs.

    A result for which ``undecided`` holds needs a closer look, the other flags are certain.
    """

    low: Array
    high: Array
    scaled_low: Array
    scaled_high: Array
    correctly_rounded: Array
    faithful: Array
    wrong_nan: Array
    wrong_infinity: Array
    lost_to_zero: Array
    undecided: Array


def measure(
    t: CertificateTables, form: Format, keys: Array, x: Array, y: Array, upstream: Array | float
) -> Measured:
    """Judge results y (float64, of a format's values) for finite inputs x with these float32 keys.

    ``upstream`` multiplies the quantity. Kinks, zeros' signs and infinite inputs are judged elsewhere.
    """
    xp, top, overflow = t.xp, float(2.0 ** (form.emax + 1)), float(form.overflow)
    value, radius = _enclosure(t, keys, x)
    one = isinstance(upstream, float) and upstream == 1.0
    # What stands for values beyond every format says nothing of their products with small numbers.
    beyond = xp.zeros_like(x, dtype=xp.bool) if one else xp.abs(value) >= 2.0**128
    if not one:
        value, radius = _times(xp, value, radius, xp.asarray(upstream))
    size, nan = xp.abs(value), xp.isnan(y)
    least, most = xp.clip(size - radius, 0.0, top), xp.clip(size + radius, 0.0, top)
    infinite, same_side = xp.abs(y) == xp.inf, (y > 0) == (value > 0)
    wrong_infinity = infinite & ~((most >= overflow) & same_side)
    stands = xp.clip(xp.where(nan, 0.0, y), -top, top)
    # A value beyond `top` for certain is taken to stand there, exactly.
    radius = xp.where(size - radius > top, 0.0, radius)
    nearest, furthest = _distances(xp, stands, xp.clip(value, -top, top), radius)
    unit, larger = _unit(t, form, least), _unit(t, form, most)
    low, high = nearest / larger, furthest / unit
    known = radius == 0
    count = xp.abs(stands) / _unit(t, form, xp.abs(stands))
    even = xp.floor(count / 2) * 2 == count
    correct = (high < 0.5) | (known & (low == 0.5) & (high == 0.5) & even)
    undecided = (low <= 0.5) & (high >= 0.5) & ~(known & (low == high))
    undecided = undecided | ((low < 1.0) & (high >= 1.0)) | ((unit != larger) & (high >= 0.5))
    undecided = undecided | (infinite & (least < overflow) & (most >= overflow) & same_side)
    normal = form.smallest_normal
    lost = (y == 0) & (least >= normal)
    undecided = (undecided | ((y == 0) & (least < normal) & (most >= normal))) & ~nan & ~wrong_infinity
    undecided = undecided | beyond
    scale_low, scale_high = numeric.bounds(xp, t.scale, x, upstream)
    least_unit = _unit(t, form, xp.clip(xp.maximum(least, scale_low), 0.0, top))
    most_unit = _unit(t, form, xp.clip(xp.maximum(most, scale_high), 0.0, top))
    bad = nan | wrong_infinity
    return Measured(
        low,
        high,
        nearest / most_unit,
        furthest / least_unit,
        correct & ~bad,
        (high < 1.0) & ~bad,
        nan,
        wrong_infinity,
        lost & ~bad,
        undecided,
    )


def _enclosure(t: CertificateTables, keys: Array, x: Array) -> tuple[Array, Array]:
    """f(x) up to a radius, which has room for the roundings of what follows."""
    xp = t.xp
    at = xp.searchsorted(t.starts, keys, side="right") - 1
    column = [xp.take(t.rows[:, k], at) for k in range(DEGREE + 2)]
    step = x - column[0]
    value = column[DEGREE + 1]
    for k in range(DEGREE, 0, -1):
        value = value * step + column[k]
    return value, xp.take(t.relative, at) * xp.abs(value) + xp.take(t.absolute, at)


def _times(xp: Any, value: Array, radius: Array, upstream: Array) -> tuple[Array, Array]:
    """A product's rounding is half a unit of float64; the smallest product still has a radius."""
    product = value * upstream
    grown = radius * xp.abs(upstream) * WIDER + xp.abs(product) * 2.0**-52 + 2.0**-1000
    return product, roomy_array(xp, grown, product)


def _distances(xp: Any, y: Array, value: Array, radius: Array) -> tuple[Array, Array]:
    """Bounds of the distance from the exact value. Without a radius, and where y - value is exact, they are
    the distance itself: what the subtraction rounded away is 0 (Knuth's two-sum)."""
    apart = y - value
    back = apart - y
    exact = ((y - (apart - back)) - (value + back) == 0) & (radius == 0)
    distance = xp.abs(apart)
    nearest = xp.clip(distance / WIDER - radius, 0.0, None)
    furthest = (distance + radius) * WIDER
    return xp.where(exact, distance, nearest), xp.where(exact, distance, furthest)


def _unit(t: CertificateTables, form: Format, magnitude: Array) -> Array:
    """ulp of a magnitude, exactly."""
    exponent = exponents(t.xp, t.powers, magnitude, form.emin, form.emax)
    return power(t.xp, t.powers, exponent - (form.precision - 1))
