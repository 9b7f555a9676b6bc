"""Results held against sums: errors in units of u*S beyond roundings to 16 bits, in ULP, and classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging.number_models import current
from actcheck.reference.judging.sums.bounds import (
    OUTWARDS,
    Array,
    Doubles,
    Exact,
    Sums,
    carrier,
    unit_roundoff,
)
from actcheck.reference.judging.verdict import EDGES, Occurrences, Verdict, Worst, merged

#: An error that is closer to 1/2 or 1 ULP than this is looked at in exact numbers.
_CLOSE = 2.0**-40


@dataclass(frozen=True)
class Judged:
    """Results y held against `Sums`; every array has their shape."""

    sums: Sums
    form: Format
    y: Doubles
    #: abs(got - exact) beyond ``stored`` in units of u*S; 0 where a class or no definition takes its place.
    units: Doubles
    #: abs(got - exact) by what an honest backend's may be at most.
    share: Doubles
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
        """The bound that the units of an honest backend keep."""
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
            not_correctly_rounded=int(self._beyond(Fraction(1, 2)).sum()) + wrong,
            not_faithful=int(self._beyond(Fraction(1)).sum()) + wrong,
            classes={n: Occurrences(int(h.sum()), nowhere, ()) for n, h in hits.items() if h.any()},
            histogram=tuple(np.bincount(bins, minlength=len(EDGES) + 1).tolist()),
        )

    def _beyond(self, edge: Fraction) -> NDArray[np.bool_]:
        """Where an error is more than half an ULP, or a tie that went to the odd neighbour; or 1 and more."""
        beyond = np.asarray(self.ulp > float(edge))
        for at in zip(*np.nonzero(np.abs(self.ulp - float(edge)) <= _CLOSE), strict=True):
            beyond[at] = self._is_beyond(at, edge)
        return beyond

    def _is_beyond(self, at: tuple[Any, ...], edge: Fraction) -> bool:
        got = Fraction(float(self.y[at]))
        exact = Fraction(float(self.sums.exact.main[at])) + Fraction(float(self.sums.exact.rest[at]))
        unit = Fraction(2) ** self.form.ulp_exponent(abs(exact))
        off = abs(got - exact) / unit
        if edge == 1 or off != edge:
            return off >= edge
        return self.form.rounded(exact) != got

    def _lost(self) -> NDArray[np.bool_]:
        known = ~self.excluded & (self.y == 0)
        return np.asarray(known & (np.abs(self.sums.exact.main) >= self.form.smallest_normal))

    def _worst(self, errors: Doubles) -> Worst | None:
        if not errors.size or not errors.max() > 0:
            return None
        at = np.unravel_index(np.argmax(errors), errors.shape)
        error = float(errors[at])
        ends = error * (1 - _CLOSE), error * OUTWARDS
        return Worst(math.nan, float(self.y[at]), float(self.sums.exact.main[at]), ends)


def judge(sums: Sums, form: Format, y: Array) -> Judged:
    """Hold results of the shape of the sums against them.

    An infinity is right where the bound reaches the overflow threshold. Units are rounded up.
    Raises ValueError for another shape.
    """
    if y.shape != sums.size.shape:
        raise ValueError(f"results of shape {y.shape} for sums of shape {sums.size.shape}")
    wide = np.asarray(y, np.float64)
    main, rest = sums.exact.main, sums.exact.rest
    with np.errstate(all="ignore"):
        excluded = np.isnan(main)
        nan = np.isnan(wide) & ~excluded
        allowed = sums.allowed(form)
        reaches = np.where(np.signbit(wide), -main, main) + allowed >= _overflow(form)
        infinity = (np.isinf(wide) & ~reaches | np.isfinite(wide) & np.isinf(main)) & ~excluded
        off = np.abs((wide - main) - rest)
        if current().flush_results:
            off = np.where((wide == 0) & (np.abs(main) < form.smallest_normal), 0.0, off)
        measured = ~excluded & ~nan & np.isfinite(wide) & np.isfinite(main)
        off = np.where(measured, off, 0.0)
        most = off * OUTWARDS
        units = np.maximum(most - sums.stored, 0.0) / sums.size / unit_roundoff(carrier(form))
        ulp = off / _unit(form, main, rest)
        scaled = off / _unit(form, np.maximum(np.abs(main), sums.size))
    return Judged(sums, form, wide, units, most / allowed, ulp, scaled, excluded, nan, infinity)


def _overflow(form: Format) -> float:
    try:
        return float(form.overflow)
    except OverflowError:  # float64's own
        return math.inf


def _unit(form: Format, values: Doubles, rest: Doubles | float = 0.0) -> Doubles:
    """ulp of values and what they lack. Below a power of two it is half of that above."""
    finite = np.where(np.isfinite(values), values, 0.0)
    parts, exponents = np.frexp(np.abs(finite))
    below = (parts == 0.5) & (np.sign(rest) == -np.sign(finite))
    exponents = np.clip(exponents - 1 - below, form.emin, form.emax)
    exponents = np.where(finite == 0, form.emin, exponents)
    return np.asarray(np.ldexp(1.0, exponents - form.precision + 1))


def joined(parts: Iterable[Judged]) -> Verdict:
    """One verdict on several arrays of results, of each format at once."""
    kinds: dict[str, list[Judged]] = {}
    for part in parts:
        kinds.setdefault(part.form.name, []).append(part)
    return merged(_one(same).verdict() for same in kinds.values())


def _one(parts: Sequence[Judged]) -> Judged:
    """All of them as one array, for what does not depend on the number of roundings."""

    def flat(arrays: Iterable[Array]) -> Array:
        return np.concatenate([array.ravel() for array in arrays])

    exact = Exact(flat(p.sums.exact.main for p in parts), flat(p.sums.exact.rest for p in parts))
    size, stored = flat(p.sums.size for p in parts), flat(p.sums.stored for p in parts)
    sums = Sums(exact, size, max(p.sums.steps for p in parts), stored)
    fields = ("y", "units", "share", "ulp", "scaled", "excluded", "wrong_nan", "wrong_infinity")
    return Judged(sums, parts[0].form, *(flat(getattr(p, name) for p in parts) for name in fields))
