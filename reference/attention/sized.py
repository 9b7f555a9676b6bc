"""Numbers known by their bounds: what an honest backend may be off by, through products and sums.

A backend computes in binary32 or wider (in its own format where that is wider) and rounds to a format
of 16 bits where a tensor is handed from one operation to the next. Its number y for an exact x is then
y = x + b + a with abs(b) <= spread, abs(a) <= ((1 - u)^-k - 1)*size and abs(x) + spread <= size, where u is
the unit roundoff of what it computes in. Each operation here yields spread, size and k of its result
from those of its operands; docs/attention.md has the inequalities with their proofs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.reference.attention.inputs import Array, Bools, Doubles
from actcheck.reference.formats import FORMATS

#: binary64 evaluates a sum of products of a few hundred terms to 2^-44 of the sum of their sizes.
EVALUATION = 2.0**-40


@dataclass(frozen=True)
class Sized:
    """The bounds of an array's numbers; every array has its shape.

    Each product adds the smallest normal number of the carrier to S, so that it may underflow gradually.
    """

    #: The numbers themselves, in binary64: to 2^-40*size.
    value: Doubles
    #: S: the computation on absolute values, with what rounding to 16 bits adds to them.
    size: Doubles
    #: How far roundings to 16 bits move a number; 0 in wider formats.
    spread: Doubles
    #: k: the roundings of the carrier on the longest path.
    steps: int
    #: Where every honest backend has the number itself: at most one term was not zero, and none was rounded.
    exact: Bools
    #: The smallest normal number of the carrier.
    least: float

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return self.size.shape

    @property
    def magnitude(self) -> Doubles:
        """At least the numbers' absolute values."""
        return np.abs(self.value) + EVALUATION * self.size

    def __matmul__(self, other: Sized) -> Sized:
        terms = self.shape[-1]
        spread = self.magnitude @ other.spread + self.spread @ (other.magnitude + other.spread)
        value, size = self.value @ other.value, self.size @ other.size + terms * self.least
        known = (self._known @ other._known == 1) & _is_single(value)
        exact = (self._unknown @ other._unknown == 0) | (self._unknown @ other._unknown == 1) & known
        return Sized(value, size, spread, self.steps + other.steps + max(terms, 1), exact, self.least)

    def __mul__(self, other: Sized) -> Sized:
        spread = self.magnitude * other.spread + self.spread * (other.magnitude + other.spread)
        value, size = self.value * other.value, self.size * other.size + self.least
        exact = self.exact & other.exact & _is_single(value)
        return Sized(value, size, spread, self.steps + other.steps + 1, exact, self.least)

    def __add__(self, other: Sized) -> Sized:
        return self._added(self.value + other.value, other)

    def __sub__(self, other: Sized) -> Sized:
        return self._added(self.value - other.value, other)

    def _added(self, value: Doubles, other: Sized) -> Sized:
        size, spread = self.size + other.size, self.spread + other.spread
        exact = self.exact & other.exact & ((self.value == 0) | (other.value == 0))
        return Sized(value, size, spread, max(self.steps, other.steps) + 1, exact, self.least)

    @property
    def _known(self) -> Doubles:
        """1 for numbers that are exact and not zero; `_unknown`: 1 for all that may not be zero."""
        return np.asarray(self.exact & (self.value != 0), np.float64)

    @property
    def _unknown(self) -> Doubles:
        return np.asarray(~self.exact | (self.value != 0), np.float64)

    def sum(self, axis: int | tuple[int, ...], keepdims: bool = False) -> Sized:
        """Along dimensions."""
        value, size, spread, some = (
            a.sum(axis=axis, keepdims=keepdims) for a in (self.value, self.size, self.spread, self._unknown)
        )
        exact = self.exact.all(axis=axis, keepdims=keepdims) & (some <= 1)
        steps = self.steps + max(self.size.size // max(size.size, 1) - 1, 0)
        return Sized(value, size, spread, steps, exact, self.least)

    def reshape(self, *shape: int) -> Sized:
        """As of an array."""
        return self._each(lambda a: a.reshape(*shape))

    def swapaxes(self, one: int, other: int) -> Sized:
        """As of an array."""
        return self._each(lambda a: a.swapaxes(one, other))

    def __getitem__(self, where: Any) -> Sized:
        return self._each(lambda a: a[where])

    def _each(self, change: Callable[[Array], Array]) -> Sized:
        value, size, spread, exact = map(change, (self.value, self.size, self.spread, self.exact))
        return Sized(value, size, spread, self.steps, exact, self.least)


def _is_single(values: Doubles) -> Bools:
    """Whether numbers are binary32's, and normal there or 0; products of two such are exact in binary64."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    normal = np.abs(values) >= FORMATS["float32"].smallest_normal
    return np.asarray((narrow == values) & (normal & np.isfinite(narrow) | (values == 0)))
