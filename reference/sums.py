"""Sums judged by an a-priori bound: abs(got - exact) in units of u*S.

u is the unit roundoff of the format, 2^-p, and S the same computation carried out on absolute values. A
result with k roundings on its longest path is off by at most ((1 - u)^-k - 1)*S, whatever the order of
the sums (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, lemma 3.1 and
section 3.1). S is never below the smallest normal number: u times that is half the spacing of the
subnormal numbers, so that gradual underflow is covered by the same bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.verdict import EDGES, Occurrences, Verdict, Worst, merged

Array = NDArray[Any]
Doubles = NDArray[np.float64]


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
        pairs = [_split(value) for value in values]
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
    #: k, the number of roundings on the longest path.
    steps: int

    @classmethod
    def of_products(cls, rows: Iterable[tuple[Array, Array]], form: Format) -> Sums:
        """The sums of the products of two arrays of finite numbers, one sum a row; S sums abs(a*b).

        One rounding a product, one an addition, and one of the total to the format.
        """
        totals, sizes, count = [], [], 0
        for a, b in rows:
            products = [Fraction(float(x)) * Fraction(float(y)) for x, y in zip(a.flat, b.flat, strict=True)]
            totals.append(sum(products, Fraction(0)))
            sizes.append(float(min(sum(map(abs, products), Fraction(0)), Fraction(2) ** 1023)))
            count = max(count, len(products))
        size = np.array(sizes) + form.smallest_normal
        return cls(Exact.of(totals, (len(totals),)), size, count + 1)

    def limit(self, form: Format) -> float:
        """The bound on the error in units of u*S: about k, and more where k*u is not small."""
        return limit(self.steps, form)


def limit(steps: int, form: Format) -> float:
    """((1 - u)^-k - 1)/u."""
    u = unit_roundoff(form)
    return math.expm1(-steps * math.log1p(-u)) / u


def unit_roundoff(form: Format) -> float:
    """u = 2^-p: half a unit in the last place of 1."""
    return 2.0**-form.precision


@dataclass(frozen=True)
class Judged:
    """Results y held against `Sums`; every array has their shape."""

    sums: Sums
    form: Format
    y: Doubles
    #: abs(got - exact) in units of u*S; 0 where a class or no definition takes its place.
    units: Doubles
    #: The same in ULP of the exact value.
    ulp: Doubles
    #: The same in ULP of the larger of abs(exact) and S.
    scaled: Doubles
    #: Not defined, and not judged.
    excluded: NDArray[np.bool_]
    wrong_nan: NDArray[np.bool_]
    wrong_infinity: NDArray[np.bool_]

    @property
    def limit(self) -> float:
        """The bound that the units must keep."""
        return self.sums.limit(self.form)

    @property
    def worst(self) -> tuple[int, ...] | None:
        """The index of the result with the most units; None where none is off."""
        if not self.units.size or not self.units.max() > 0:
            return None
        return tuple(int(i) for i in np.unravel_index(np.argmax(self.units), self.units.shape))

    @property
    def max_units(self) -> float:
        """The largest error in units of u*S."""
        return float(self.units.max(initial=0.0))

    def verdict(self) -> Verdict:
        """The same as ULP and classes. A sum has many inputs, so that the input of the worst is NaN."""
        known = ~self.excluded
        measured = known & ~self.wrong_nan & ~self.wrong_infinity
        bins = np.searchsorted(np.array(EDGES), self.ulp[measured], side="left")
        wrong = int((self.wrong_nan | self.wrong_infinity).sum())
        hits: Mapping[str, NDArray[np.bool_]] = {
            "wrong_nan": self.wrong_nan,
            "wrong_infinity": self.wrong_infinity,
            "lost_to_zero": self._lost(),
        }
        nowhere = self.form.infinity_key + 1
        return Verdict(
            points=int(known.sum()),
            worst=self._worst(self.ulp),
            worst_scaled=self._worst(self.scaled),
            not_correctly_rounded=int((self.ulp > 0.5).sum()) + wrong,
            not_faithful=int((self.ulp >= 1).sum()) + wrong,
            classes={n: Occurrences(int(h.sum()), nowhere, ()) for n, h in hits.items() if h.any()},
            histogram=tuple(np.bincount(bins, minlength=len(EDGES) + 1).tolist()),
        )

    def _lost(self) -> NDArray[np.bool_]:
        known = ~self.excluded & (self.y == 0)
        return np.asarray(known & (np.abs(self.sums.exact.main) >= self.form.smallest_normal))

    def _worst(self, errors: Doubles) -> Worst | None:
        if not errors.size or not errors.max() > 0:
            return None
        at = np.unravel_index(np.argmax(errors), errors.shape)
        error = float(errors[at])
        return Worst(math.nan, float(self.y[at]), float(self.sums.exact.main[at]), (error, error))


def judge(sums: Sums, form: Format, y: Array) -> Judged:
    """Hold results of the shape of the sums against them.

    An infinity is right where the bound reaches the overflow threshold. Errors are exact to 2^-50.
    Raises ValueError for another shape.
    """
    if y.shape != sums.size.shape:
        raise ValueError(f"results of shape {y.shape} for sums of shape {sums.size.shape}")
    wide = np.asarray(y, np.float64)
    main, rest = sums.exact.main, sums.exact.rest
    with np.errstate(all="ignore"):
        excluded = np.isnan(main)
        nan = np.isnan(wide) & ~excluded
        allowed = sums.limit(form) * unit_roundoff(form) * sums.size
        reaches = np.where(np.signbit(wide), -main, main) + allowed >= _overflow(form)
        infinity = (np.isinf(wide) & ~reaches | np.isfinite(wide) & np.isinf(main)) & ~excluded
        off = np.abs((wide - main) - rest)
        measured = ~excluded & ~nan & np.isfinite(wide) & np.isfinite(main)
        off = np.where(measured, off, 0.0)
        units = off / sums.size / unit_roundoff(form)
        ulp = off / _unit(form, main)
        scaled = off / _unit(form, np.maximum(np.abs(main), sums.size))
    return Judged(sums, form, wide, units, ulp, scaled, excluded, nan, infinity)


def _overflow(form: Format) -> float:
    try:
        return float(form.overflow)
    except OverflowError:  # float64's own
        return math.inf


def _unit(form: Format, values: Doubles) -> Doubles:
    """ulp of values; see design, Error."""
    sizes = np.where(np.isfinite(values), np.abs(values), 0.0)
    exponents = np.clip(np.frexp(sizes)[1] - 1, form.emin, form.emax)
    exponents = np.where(sizes == 0, form.emin, exponents)
    return np.asarray(np.ldexp(1.0, exponents - form.precision + 1))


def joined(parts: Iterable[Judged]) -> Verdict:
    """One verdict on several arrays of results."""
    return merged(part.verdict() for part in parts)
