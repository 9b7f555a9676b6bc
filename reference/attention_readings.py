"""The kinds of numbers by which attention is read: mpmath's, Arb's balls, and sizes.

A size S is what the computation yields on absolute values, with the longest chain of roundings
counted beside. A logit that is off by d changes its weight by a factor of exp(d), and all others of
its row through their sum: the sizes of the logits multiply that of the weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from flint import arb

from actcheck.reference.attention_inputs import Array, Bools, Doubles
from actcheck.reference.formats import Format
from actcheck.reference.sums import unit_roundoff

Objects = Any  # an array of balls, or of mpmath's numbers


class Numbers:
    """mpmath's numbers, at its working precision: the reference of record."""

    def __init__(self) -> None:
        self._number, self._exp, self._nan = mpmath.mpf, mpmath.exp, mpmath.nan

    def of(self, numbers: Array) -> Objects:
        """See `Reading`."""
        wide = np.asarray(numbers, np.float64)
        flat = [self._number(v) for v in wide.ravel().tolist()]
        return np.array([*flat, None], object)[:-1].reshape(wide.shape)

    def over_root(self, values: Objects, square: int) -> Objects:
        """See `Reading`."""
        return values / mpmath.sqrt(square)

    def softmax(self, logits: Objects, forbidden: Bools) -> Objects:
        """See `Reading`."""
        powers = np.where(forbidden, self._number(0), np.vectorize(self._exp, otypes=[object])(logits))
        empty = forbidden.all(axis=-1, keepdims=True)
        totals = np.where(empty, self._number(1), powers.sum(axis=-1, keepdims=True))
        return np.where(empty, self._nan, powers / totals)

    def joined(self, rows: list[Objects]) -> Objects:
        """See `Reading`."""
        return np.concatenate(rows, axis=1)


class Balls(Numbers):
    """Arb's balls, at its precision as set: twelve times as fast, and independent of mpmath."""

    def __init__(self) -> None:
        self._number, self._exp, self._nan = arb, arb.exp, arb.nan()

    def over_root(self, values: Objects, square: int) -> Objects:
        """See `Reading`."""
        return values / arb(square).sqrt()


@dataclass(frozen=True)
class Sized:
    """The sizes of an array's numbers, and the roundings on the longest path to them.

    Each product adds the smallest normal number, so that it may underflow gradually.
    """

    size: Doubles
    steps: int
    least: float

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return self.size.shape

    def _with(self, size: Any, steps: int) -> Sized:
        return Sized(np.asarray(size), steps, self.least)

    def __matmul__(self, other: Sized) -> Sized:
        terms = self.shape[-1]
        size = self.size @ other.size + terms * self.least
        return self._with(size, self.steps + other.steps + max(terms, 1))

    def __mul__(self, other: Sized) -> Sized:
        return self._with(self.size * other.size + self.least, self.steps + other.steps + 1)

    def __add__(self, other: Sized) -> Sized:
        return self._with(self.size + other.size, max(self.steps, other.steps) + 1)

    #: The size of a difference is that of the sum.
    __sub__ = __add__

    def sum(self, axis: int | tuple[int, ...], keepdims: bool = False) -> Sized:
        """Along dimensions."""
        total = self.size.sum(axis=axis, keepdims=keepdims)
        return self._with(total, self.steps + max(self.size.size // max(total.size, 1) - 1, 0))

    def reshape(self, *shape: int) -> Sized:
        """As of an array."""
        return self._with(self.size.reshape(*shape), self.steps)

    def swapaxes(self, one: int, other: int) -> Sized:
        """As of an array."""
        return self._with(self.size.swapaxes(one, other), self.steps)

    def __getitem__(self, where: Any) -> Sized:
        return self._with(self.size[where], self.steps)


#: exp with an error of 2 ULP, the sum's first rounding, the quotient, and one to spare.
_EXPONENTIAL = 8
#: A root, a quotient or a product, or the same for both factors before they are multiplied.
_ROOT = 4


@dataclass(frozen=True)
class Sizes:
    """Sizes in a format, for attention weights that are known."""

    form: Format
    #: softmax of the logits, in binary64.
    soft: Doubles

    def of(self, numbers: Array) -> Sized:
        """See `Reading`."""
        return Sized(np.abs(np.asarray(numbers, np.float64)), 0, self.form.smallest_normal)

    def over_root(self, values: Sized, square: int) -> Sized:
        """See `Reading`."""
        size = values.size / math.sqrt(square) + values.least
        return Sized(size, values.steps + _ROOT, values.least)

    def softmax(self, logits: Sized, forbidden: Bools) -> Sized:
        """See `Reading`. The row's largest logit may be subtracted before exp.

        With a relative error of k*u of the size L of every logit, a weight is off by a factor of at most
        exp(k*u*(L + R)), where exp(k*u*R) is the mean of exp(k*u*L) over the row, by the weights; and
        never by more than 1.
        """
        count = logits.steps + 1
        unit = count * unit_roundoff(self.form)
        size = np.where(forbidden, 0.0, logits.size)
        size = size + (size + size.max(axis=-1, keepdims=True, initial=0.0)) / count
        with np.errstate(over="ignore", invalid="ignore"):
            powers = np.exp(np.minimum(unit * size, 700.0))
            means = (self.soft * powers).sum(axis=-1, keepdims=True)
            weights = self.soft * (1 + (powers * means - 1) / unit)
        weights = np.where(np.isnan(self.soft), np.nan, np.fmin(weights, 1 / unit)) + logits.least
        return Sized(weights, logits.steps + _EXPONENTIAL + logits.shape[-1], logits.least)

    def joined(self, rows: list[Sized]) -> Sized:
        """See `Reading`."""
        size = np.concatenate([row.size for row in rows], axis=1)
        return Sized(size, max(row.steps for row in rows), self.form.smallest_normal)
