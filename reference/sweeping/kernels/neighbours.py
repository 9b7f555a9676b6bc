"""What a specification claims of neighbouring results, counted chunk by chunk while they are at hand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from actcheck.reference.machine.compiling import compiled

#: Kinds of claims, for results in the order of growing magnitudes.
RANGE, RISES, FALLS, ODD, EVEN = range(5)


class Claims(NamedTuple):
    """Kinds of claims, the ends of ranges in float32, and what is found: how many are broken, and where."""

    kinds: Any
    ends: Any
    found: Any


_FLIP, _KEEP = np.int32(-(2**31)), np.int32(0)


@compiled
def _rising(before: Any, after: Any) -> Any:
    """How many lie above the one before; NaN does not."""
    count = np.int32(0)
    for i in range(after.size):
        count = np.int32(count + np.int32(after[i] > before[i]))
    return count


@compiled
def _outside(y: Any, low: Any, high: Any) -> Any:
    """How many y lie outside a closed range; NaN does not."""
    count = np.int32(0)
    for i in range(y.size):
        count = np.int32(count + np.int32((y[i] < low) | (y[i] > high)))
    return count


@compiled
def _asymmetric(a: Any, b: Any, sign: Any) -> Any:
    """How many bits of a differ from those of b with the sign bit flipped or kept."""
    count = np.int32(0)
    for i in range(a.size):
        count = np.int32(count + np.int32((a[i] ^ b[i] ^ sign) != 0))
    return count


@compiled
def _broken(y: Any, other: Any, start: int, end: int, kind: int, low: Any, high: Any) -> Any:
    """How many of y[start:end] break a claim, the first of them against the one before."""
    if kind == RANGE:
        return _outside(y[start:end], low, high)
    if kind >= ODD:
        sign = _FLIP if kind == ODD else _KEEP
        return _asymmetric(y[start:end].view(np.int32), other[start:end].view(np.int32), sign)
    before, after = y[max(start - 1, 0) : end - 1], y[max(start, 1) : end]
    return _rising(before, after) if kind == FALLS else _rising(after, before)


@compiled
def _holds_at_ends(y: Any, start: int, end: int, kind: int, low: Any, high: Any) -> Any:
    """Whether the first and the last result, between which nothing turns, keep the claim."""
    if kind >= ODD:
        return False
    first, last = y[start], y[end - 1]
    if kind == RANGE:
        return low <= first <= high and low <= last <= high
    before = y[max(start - 1, 0)]
    if kind == RISES:
        return before <= first <= last
    return before >= first >= last


@compiled
def count_broken(y: Any, other: Any, start: int, end: int, ordered: bool, claims: Any) -> None:
    """Add to found[k] how many of y[start:end] break claim k; its second column is the index of the first.

    ``ordered``: the results are known to be all alike or proportional to the inputs. ``ends[k]`` are the
    ends of a range, in float32. ``other`` are the results at the negatives of the inputs, for odd and even.
    """
    kinds, ends, found = claims
    for k in range(kinds.size):
        kind, low, high = kinds[k], ends[k, 0], ends[k, 1]
        if ordered and _holds_at_ends(y, start, end, kind, low, high):
            continue
        count = _broken(y, other, start, end, kind, low, high)
        if count and not found[k, 0]:
            at = start
            while not _broken(y, other, at, at + 1, kind, low, high):
                at += 1
            found[k, 1] = at
        found[k, 0] += count
