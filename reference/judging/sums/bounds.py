"""An a-priori bound on the error of sums: units of u*S, and roundings to 16 bits.

A sum is carried in binary32, or in its own format where that is wider: u is the unit roundoff of that, 2^-p,
and S the same computation carried out on absolute values. A result with k roundings on its longest path is
off by at most ((1 - u)^-k - 1)*S, whatever the order of the sums (N. J. Higham, Accuracy and Stability of
Numerical Algorithms, 2nd edition, 2002, lemma 3.1 and section 3.1). S is never below the smallest normal
number: u times that is half the spacing of the subnormal numbers, so that gradual underflow is covered by
the same bound. Results of a format of 16 bits, and tensors on the way to them, are rounded to it: what that
can make is `Sums.stored`. docs/attention.md has the proofs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.products import summed

Array = NDArray[Any]
Doubles = NDArray[np.float64]
#: Bounds evaluated in binary64, by fewer than 2^12 roundings without cancellation, times this are bounds.
OUTWARDS = 1 + 2.0**-40


@dataclass(frozen=True)
class Exact:
    """Exact values as ``main + rest``: a binary64 number and what it leaves, 106 bits in all.

    A value beyond binary64 is infinite, one without definition NaN.
    """

    main: Doubles
    rest: Doubles

    @classmethod
    def of(cls, values: Iterable[Fraction], shape: tuple[int, ...]) -> Exact:
        """From exact rational numbers, in C order."""
        return cls.of_pairs([_split(value) for value in values], shape)

    @classmethod
    def of_pairs(cls, pairs: Sequence[tuple[float, float]], shape: tuple[int, ...]) -> Exact:
        """From ``main`` and ``rest`` of each, in C order."""
        table = np.array(pairs, np.float64).reshape(len(pairs), 2)
        return cls(table[:, 0].reshape(shape), table[:, 1].reshape(shape))


def _split(value: Fraction) -> tuple[float, float]:
    try:
        main = float(value)
    except OverflowError:
        return math.copysign(math.inf, value), 0.0
    return main, float(value - Fraction(main))


@dataclass(frozen=True)
class Sums:
    """Exact results of a computation, and how far a backend may be off."""

    exact: Exact
    #: S, of the shape of the values.
    size: Doubles
    #: k, the number of roundings of the carrier on the longest path.
    steps: int
    #: How far roundings to a format of 16 bits can move each value, the last one included; else 0.
    stored: Doubles

    @classmethod
    def of_products(cls, rows: Iterable[tuple[Array, Array]], form: Format) -> Sums:
        """The sums of the products of two arrays of finite numbers, one sum for each row; S sums abs(a*b).

        One rounding a product, one an addition, and one of the total to the format. In 16 bits the products
        may be a tensor of the format, which is summed: sum(u*abs(a*b)) for them, and u*abs(y) for the total.
        """
        totals, sizes, counts = [], [], []
        for a, b in rows:
            total, magnitude = summed(a, b, form.precision)
            totals.append(total if isinstance(total, tuple) else _split(total))
            sizes.append(magnitude)
            counts.append(a.size)
        exact, steps = Exact.of_pairs(totals, (len(totals),)), max(counts, default=0) + 1
        size = np.array(sizes) + carrier(form).smallest_normal
        moved = np.zeros(size.shape)
        if carrier(form) is not form:
            moved = unit_roundoff(form) * size + np.array(counts) * (form.smallest / 2)
        size = size + moved
        return cls(
            exact, size * OUTWARDS, steps, stored(np.abs(exact.main), size, moved, steps, form) * OUTWARDS
        )

    def limit(self, form: Format) -> float:
        """The bound on the error in units of u*S: about k, and more where k*u is not small."""
        return limit(self.steps, carrier(form))

    def allowed(self, form: Format) -> Doubles:
        """How far an honest backend's results may be off, at most."""
        return (self.limit(form) * unit_roundoff(carrier(form)) * self.size + self.stored) * OUTWARDS


def stored(magnitude: Doubles, size: Doubles, spread: Doubles, steps: int, form: Format) -> Doubles:
    """How far numbers may be moved that were off by ``spread`` and are rounded once more, to 16 bits.

    A backend's number y = x + b + a has abs(b) <= spread and abs(a) <= ((1 - u)^-k - 1)*S; rounded to
    nearest it moves by at most the unit roundoff times abs(y), or half the spacing of subnormal numbers.
    Wider formats are not rounded again: their last rounding is one of the k.
    """
    inner = carrier(form)
    if inner is form:
        return spread
    carried = limit(steps, inner) * unit_roundoff(inner) * size
    return spread + unit_roundoff(form) * (magnitude + spread + carried) + form.smallest / 2


def carrier(form: Format) -> Format:
    """The format in which results of a format are computed: binary32 for those of 16 bits."""
    return FORMATS["float32"] if form.bits <= 16 else form


def limit(steps: int, form: Format) -> float:
    """((1 - u)^-k - 1)/u."""
    u = unit_roundoff(form)
    return math.expm1(-steps * math.log1p(-u)) / u


def unit_roundoff(form: Format) -> float:
    """u = 2^-p: half a unit in the last place of 1."""
    return 2.0**-form.precision
