"""The kinds of numbers that hold exact results of attention: mpmath's, and Arb's balls."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from flint import arb

from actcheck.reference.attention.inputs import Array, Bools

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

    def recomputed(self, soft: Objects, logits: Objects) -> Objects:
        """See `Reading`."""
        return soft

    def stored(self, values: Objects) -> Objects:
        """See `Reading`."""
        return values

    def scaled(self, values: Objects, square: int) -> Objects:
        """See `Reading`."""
        return values

    def either(self, one: Objects, other: Objects) -> Objects:
        """See `Reading`."""
        return one


class Balls(Numbers):
    """Arb's balls, at its precision as set: twelve times as fast, and independent of mpmath."""

    def __init__(self) -> None:
        self._number, self._exp, self._nan = arb, arb.exp, arb.nan()

    def over_root(self, values: Objects, square: int) -> Objects:
        """See `Reading`."""
        return values / arb(square).sqrt()
