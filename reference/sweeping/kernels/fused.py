"""The fused loop that judges runs of consecutive float32 inputs on the host.

The first pass writes the distance of each result from the polynomial, in units, and takes the largest. A
second pass counts, for runs that hold an error near half a unit or more. Fused multiply-adds are allowed:
they round less often than the proof counts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from actcheck.reference.machine.compiling import compiled
from actcheck.reference.machine.patterns import MAGNITUDE, pattern
from actcheck.reference.sweeping.kernels.counts import HALF_BELOW, Counted, tally
from actcheck.reference.sweeping.kernels.distances import LOOP, Loop, all_zero, bound_of_simple, distances_of
from actcheck.reference.sweeping.kernels.neighbours import count_broken

#: Inputs judged at a time: their errors stay in the first-level cache.
CHUNK = 4096
#: Errors below this need not be told from their bound.
_SIMPLE = 2.0**-8
_NOT_FINITE = pattern(np.inf)
_CONSTANT, _VANISHING, _APART = int(Loop.CONSTANT), int(Loop.VANISHING), int(Loop.APART)


@compiled
def _largest(errors: Any) -> Any:
    """The largest magnitude, compared as integers: NaN and infinity stand above everything."""
    bits = errors.view(np.int32)
    most = np.int32(0)
    for i in range(bits.size):
        most = np.int32(max(most, np.int32(bits[i] & MAGNITUDE)))
    return most


@compiled
def _fill(patterns: Any, first: Any, start: int, end: int) -> None:
    """The patterns of a chunk of consecutive floats."""
    for i in range(end - start):
        patterns[i] = np.int32(first + np.int32(start + i))


class Found(NamedTuple):
    """What a block's loops find: see `judge_runs`."""

    chunks: Any
    totals: Any
    histogram: Any
    marks: Any


@compiled
def judge_runs(
    x: Any, y: Any, other: Any, bounds: Any, rows: Any, proofs: Any, claims: Any, result: Any
) -> int:
    """Judge x (consecutive floats) and y in chunks; returns the number of chunks.

    ``bounds[j] .. bounds[j+1]`` are the indices of run j; ``rows[j]`` its polynomial; ``proofs[j]`` as
    `distances.proofs_of` gives it. Of ``result``, a `Found`, ``totals`` receives the counts not correctly
    rounded and not faithful; ``marks`` is set at points left undecided, which are not in them, and at zeros
    that are lost. For each chunk ``chunks`` receives start, end, run, the float32 bits of the largest error,
    lost to zero and undecided. A chunk with a y that is not finite is left to the caller: its largest error
    is not finite. A run that is set apart (`distances.Loop`) has no chunk.

    ``other`` and ``claims`` are as `neighbours.count_broken` takes them.
    """
    chunks, totals, histogram, marks = result
    errors = np.empty(CHUNK, np.float32)
    # Consecutive floats are quicker made again, in the first-level cache, than fetched from further away.
    patterns = np.empty(CHUNK, np.int32)
    floats = patterns.view(np.float32)
    number, first = 0, x[:1].view(np.int32)[0]
    part = np.zeros(4, np.int64)
    for j in range(bounds.size - 1):
        start, row, proof, loop = bounds[j], rows[j], proofs[j], proofs[j, LOOP]
        if loop == _APART:
            count_broken(y, other, start, bounds[j + 1], False, claims)
            continue
        while start < bounds[j + 1]:
            end = min(start + CHUNK, bounds[j + 1])
            xs, ys, out = floats[: end - start], y[start:end], errors[: end - start]
            part[:] = 0
            bits: Any = np.int32(0)
            ordered = loop == _VANISHING and all_zero(ys)
            if not ordered:
                if loop != _CONSTANT:
                    _fill(patterns, first, start, end)
                bound = bound_of_simple(xs, ys, row, proof, out)
                ordered = bound < _SIMPLE
                if ordered:
                    out[0] = bound
                    bits = _largest(out[:1])
                else:
                    distances_of(xs, ys, row, proof, out)
                    bits = _largest(out)
            if loop == _CONSTANT and bits >= HALF_BELOW:
                _fill(patterns, first, start, end)
            if bits < _NOT_FINITE:
                bits = tally(xs, ys, row, proof, out, bits, Counted(part, histogram, marks[start:end]))
                totals[0] += part[0]
                totals[1] += part[1]
            count_broken(y, other, start, end, ordered, claims)
            chunks[number, 0], chunks[number, 1], chunks[number, 2] = start, end, j
            chunks[number, 3], chunks[number, 4], chunks[number, 5] = bits, part[2], part[3]
            number += 1
            start = end
    return number
