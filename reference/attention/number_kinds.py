"""The kinds of numbers that hold exact results of attention: mpmath's, and Arb's balls."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from flint import arb, arb_mat

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

    def product(self, one: Objects, other: Objects) -> Objects:
        """See `Reading`."""
        return one @ other if one.shape[-1] else self._nothing(one, other)

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

    def _nothing(self, one: Objects, other: Objects) -> Objects:
        """Sums of no terms."""
        shape = (*np.broadcast_shapes(one.shape[:-2], other.shape[:-2]), one.shape[-2], other.shape[-1])
        return self.of(np.zeros(shape))


class Balls(Numbers):
    """Arb's balls, at its precision as set: twelve times as fast, and independent of mpmath."""

    def __init__(self) -> None:
        self._number, self._exp, self._nan = arb, arb.exp, arb.nan()

    def product(self, one: Objects, other: Objects) -> Objects:
        """See `Reading`. Arb's own product of matrices is four times as fast as numpy's of objects."""
        if one.ndim == 2 == other.ndim and one.size and other.size:
            entries = (_matrix(one) * _matrix(other)).entries()
            return np.array([*entries, None], object)[:-1].reshape(one.shape[0], other.shape[1])
        if other.ndim == 2 < one.ndim:
            flat = self.product(one.reshape(-1, one.shape[-1]), other)
            return flat.reshape(*one.shape[:-1], other.shape[1])
        if one.ndim == 2 or not one.size or not other.size:
            return super().product(one, other)
        leading = np.broadcast_shapes(one.shape[:-2], other.shape[:-2])
        pairs = (
            np.broadcast_to(a, (*leading, *a.shape[-2:])).reshape(-1, *a.shape[-2:]) for a in (one, other)
        )
        stack = [self.product(*pair) for pair in zip(*pairs, strict=True)]
        return np.array(stack, object).reshape(*leading, one.shape[-2], other.shape[-1])

    def over_root(self, values: Objects, square: int) -> Objects:
        """See `Reading`."""
        return values / arb(square).sqrt()


def _matrix(balls: Objects) -> arb_mat:
    rows, columns = balls.shape
    return arb_mat(rows, columns, balls.ravel().tolist())
