"""The steps of attention read by numbers that are known by their bounds (see `sized`)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from actcheck.reference.attention.inputs import Array, Bools, Doubles
from actcheck.reference.attention.sized import EVALUATION, Sized
from actcheck.reference.attention.softmax import softmax_reach
from actcheck.reference.formats import Format
from actcheck.reference.judging.sums.bounds import carrier, limit, stored, unit_roundoff

#: A key whose logit is so far below the row's largest has a weight of less than 2^-1154: no format has it.
_NEGLIGIBLE = 800.0
#: exp with an error of 2 ULP, the sum's first rounding, the quotient, and one to spare.
_EXPONENTIAL = 8
#: A root, a quotient or a product, or the same for both factors before they are multiplied.
_ROOT = 4


@dataclass(frozen=True)
class Sizes:
    """Bounds for results of a format, and attention weights that are known."""

    form: Format
    #: softmax of the logits, in binary64.
    soft: Doubles

    def of(self, numbers: Array) -> Sized:
        """See `Reading`."""
        wide = np.asarray(numbers, np.float64)
        least = carrier(self.form).smallest_normal
        return Sized(wide, np.abs(wide), np.zeros(wide.shape), 0, np.ones(wide.shape, bool), least)

    def product(self, one: Sized, other: Sized) -> Sized:
        """See `Reading`."""
        return one @ other

    def over_root(self, values: Sized, square: int) -> Sized:
        """See `Reading`."""
        root = math.sqrt(square)
        value, size, spread = (a / root for a in (values.value, values.size, values.spread))
        exact = values.exact & (square == 1)
        return Sized(value, size + values.least, spread, values.steps + _ROOT, exact, values.least)

    def stored(self, values: Sized) -> Sized:
        """See `Reading`. A number that every backend has exactly, and that the format has, is not moved."""
        if carrier(self.form) is self.form:
            return values
        with np.errstate(over="ignore"):
            narrow = values.value.astype(self.form.dtype)
        exact = values.exact & (narrow.astype(np.float64) == values.value)
        spread = stored(values.magnitude, values.size, values.spread, values.steps, self.form)
        spread = np.where(exact, values.spread, spread)
        size = values.size + (spread - values.spread)
        return replace(values, size=size, spread=spread, exact=exact)

    def scaled(self, values: Sized, square: int) -> Sized:
        """See `Reading`. The factor has a root of its own where both factors of a logit are scaled."""
        return values if square == 1 else self.stored(replace(values, exact=np.zeros(values.shape, bool)))

    def either(self, one: Sized, other: Sized) -> Sized:
        """See `Reading`."""
        size, spread = np.maximum(one.size, other.size), np.maximum(one.spread, other.spread)
        steps = max(one.steps, other.steps)
        return Sized(one.value, size, spread, steps, one.exact & other.exact, one.least)

    def softmax(self, logits: Sized, forbidden: Bools) -> Sized:
        """See `Reading`. The row's largest logit may be subtracted before exp: one more rounding."""
        inner = carrier(self.form)
        u, count = unit_roundoff(inner), logits.steps + 1
        before, after = limit(logits.steps, inner) * u, limit(count, inner) * u
        forbidden = forbidden | _negligible(logits, before * logits.size, forbidden)
        size, spread = (np.where(forbidden, 0.0, a) for a in (logits.size, logits.spread))
        # (1 - u)^-k*u <= (1 - u)^-(k+1) - (1 - u)^-k, times both numbers that are subtracted.
        carried = before * size + (after - before) * (size + size.max(axis=-1, keepdims=True, initial=0.0))
        moved = softmax_reach(self.soft, spread)
        # The difference cancels: what evaluating both in binary64 is off by is added.
        beyond = np.maximum(softmax_reach(self.soft, spread + carried) - moved, 0.0) + moved * 2.0**-44
        size = self.soft * (1 + EVALUATION) + moved + beyond / after + logits.least
        steps = count + _EXPONENTIAL + logits.shape[-1]
        return Sized(self.soft, size, moved, steps, np.zeros(size.shape, bool), logits.least)

    def recomputed(self, soft: Sized, logits: Sized) -> Sized:
        """See `Reading`. FlashAttention keeps the row's c = log(sum(exp(logit))) and computes exp(logit - c).

        Rounding c and the difference moves the exponent by u*(abs(c) + abs(log(w))) at most, and the
        weights of a row no longer sum up to 1. abs(c) <= max(S) + log(T).
        """
        largest = np.where(self.soft > 0, logits.size, 0.0).max(axis=-1, keepdims=True, initial=0.0)
        own = np.abs(np.log(self.soft, out=np.zeros(self.soft.shape), where=self.soft > 0))
        beyond = self.soft * (largest + math.log(max(logits.shape[-1], 1)) + own)
        return replace(soft, size=soft.size + beyond, steps=soft.steps + 2)

    def joined(self, rows: list[Sized]) -> Sized:
        """See `Reading`."""
        value, size, spread, exact = (
            np.concatenate(parts, axis=1)
            for parts in zip(*((r.value, r.size, r.spread, r.exact) for r in rows), strict=True)
        )
        return Sized(value, size, spread, max(row.steps for row in rows), exact, rows[0].least)


def _negligible(logits: Sized, carried: Doubles, forbidden: Bools) -> Bools:
    """Keys whose weight is less than exp(-800) of the row's largest, however far their logits are off."""
    off = logits.spread + carried
    least = np.where(forbidden, -np.inf, logits.value - off).max(axis=-1, keepdims=True, initial=-np.inf)
    return np.asarray(logits.value + off < least - _NEGLIGIBLE)
