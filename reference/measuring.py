"""Errors of many results at once, as proven intervals, in any Array API namespace.

The certificate's polynomial is evaluated with plain double additions and multiplications (they are IEEE's
on every device, and fusing them only makes the error smaller than what the proof counts), so that results
that live on a device are judged there. Everything is float64 and elementwise; nothing depends on the
namespace but its standard functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.reference import numeric
from actcheck.reference.certificate import Certificate
from actcheck.reference.expression import Node
from actcheck.reference.formats import Format
from actcheck.reference.segments import DEGREE

Array = Any  # of an Array API namespace
#: Powers of two from 2^-1100 (as 0) to 2^1023, and where 2^0 stands.
_POWERS = np.ldexp(1.0, np.arange(-1100, 1024))
_ORIGIN = 1100


@dataclass(frozen=True)
class Tables:
    """A certificate as arrays of one namespace and device."""

    xp: Any
    starts: Array
    #: A row a segment: centre, then the coefficients, lowest first.
    rows: Array
    relative: Array
    absolute: Array
    leading_exact: Array
    powers: Array
    scale: Node

    @classmethod
    def of(cls, xp: Any, certificate: Certificate, scale: Node, device: Any = None) -> Tables:
        """The tables of a certificate, on a device of the namespace."""

        def there(values: Any, kind: Any) -> Array:
            return xp.asarray(values, dtype=kind, device=device)

        proofs = [s.proof for s in certificate.segments]
        return cls(
            xp,
            there(certificate.starts.tolist(), xp.int64),
            there(certificate.table.tolist(), xp.float64),
            there([p.relative * (1 + 2.0**-20) for p in proofs], xp.float64),
            there([p.absolute * (1 + 2.0**-20) for p in proofs], xp.float64),
            there([p.leading_exact for p in proofs], xp.bool),
            there(_POWERS.tolist(), xp.float64),
            scale,
        )


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


def measure(t: Tables, form: Format, keys: Array, x: Array, y: Array, upstream: Array | float) -> Measured:
    """Judge results y (float64, of a format's values) for finite inputs x with these float32 keys.

    ``upstream`` multiplies the quantity. Kinks, zeros' signs and infinite inputs are judged elsewhere.
    """
    xp = t.xp
    main, rest, radius = _enclosure(t, keys, x)
    one = isinstance(upstream, float) and upstream == 1.0
    if not one:
        main, rest = (main + rest) * upstream, xp.zeros_like(rest)
        radius = radius * xp.abs(xp.asarray(upstream)) + xp.abs(main) * 2.0**-51
    top = float(2.0 ** (form.emax + 1))
    size = xp.abs(main + rest)
    least, most = size - radius, size + radius
    nan = xp.isnan(y)
    stands = xp.clip(xp.where(nan, 0.0, y), -top, top)
    infinite = xp.abs(y) == xp.inf
    overflow = float(form.overflow)
    same_side = (y > 0) == (main > 0)
    wrong_infinity = infinite & ~((most >= overflow) & same_side)
    distance = xp.abs((stands - xp.clip(main, -top, top)) - rest)
    unit, larger = _unit(t, form, xp.clip(least, 0.0, top)), _unit(t, form, xp.clip(most, 0.0, top))
    low, high = xp.clip(distance - radius, 0.0, None) / larger, (distance + radius) / unit
    tie, tie_is_rounded = _tie(t, form, main, rest, stands, unit, radius)
    correct = (high < 0.5) | (tie & tie_is_rounded)
    undecided = ((low <= 0.5) & (high >= 0.5) & ~tie) | ((low <= 1.0) & (high >= 1.0) & (radius > 0))
    undecided = undecided | (infinite & (least < overflow) & (most >= overflow) & same_side)
    normal = form.smallest_normal
    lost = (y == 0) & (least >= normal)
    undecided = (undecided | ((y == 0) & (least < normal) & (most >= normal))) & ~nan & ~wrong_infinity
    scale_low, scale_high = numeric.bounds(xp, t.scale, x, upstream)
    most_unit = _unit(t, form, xp.clip(xp.maximum(most, scale_high), 0.0, top))
    least_unit = _unit(t, form, xp.clip(xp.maximum(least, scale_low), 0.0, top))
    bad = nan | wrong_infinity
    return Measured(
        low,
        high,
        low * larger / most_unit,
        high * unit / least_unit,
        correct & ~bad,
        (high < 1.0) & ~bad,
        nan,
        wrong_infinity,
        lost & ~bad,
        undecided,
    )


def _enclosure(t: Tables, keys: Array, x: Array) -> tuple[Array, Array, Array]:
    """f(x) as an exact or rounded main part, what is left of it, and the radius of their sum."""
    xp = t.xp
    at = xp.searchsorted(t.starts, keys, side="right") - 1
    column = [xp.take(t.rows[:, k], at) for k in range(DEGREE + 2)]
    step = x - column[0]
    higher = column[DEGREE + 1]
    for k in range(DEGREE, 2, -1):
        higher = higher * step + column[k]
    value = (higher * step + column[2]) * step + column[1]
    leading = xp.take(t.leading_exact, at) & (x != 0)
    main = xp.where(leading, column[2] * x, value)
    rest = xp.where(leading, higher * x * x, 0.0)
    radius = xp.take(t.relative, at) * xp.abs(value) + xp.take(t.absolute, at)
    return main, rest, radius


def _tie(
    t: Tables, form: Format, main: Array, rest: Array, stands: Array, unit: Array, radius: Array
) -> tuple[Array, Array]:
    """Where y lies exactly half a unit from the main part, and whether it is the rounded answer there.

    With an exact main part the sign of the rest decides; without any rest, the even neighbour wins.
    """
    xp = t.xp
    difference = stands - main
    tie = (xp.abs(difference) == 0.5 * unit) & ((rest != 0) | (radius == 0))
    count = xp.abs(stands) / _unit(t, form, xp.abs(stands))
    even = xp.floor(count / 2) * 2 == count
    return tie, xp.where(rest == 0, even, (rest > 0) == (difference > 0))


def _unit(t: Tables, form: Format, magnitude: Array) -> Array:
    """ulp of a magnitude (design, Error), exactly: the exponent by logarithm, then put right."""
    xp = t.xp
    guess = xp.floor(xp.log2(xp.clip(magnitude, form.smallest_normal, None)))
    exponent = xp.clip(xp.astype(guess, xp.int64), form.emin, form.emax)
    power = xp.take(t.powers, exponent + _ORIGIN)
    exponent = exponent - xp.astype(power > magnitude, xp.int64) + xp.astype(2 * power <= magnitude, xp.int64)
    exponent = xp.clip(exponent, form.emin, form.emax) - (form.precision - 1)
    return xp.take(t.powers, exponent + _ORIGIN)
