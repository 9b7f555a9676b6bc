"""The loops that enclose values: a pair of float64 each, and how far the value may be below and above it.

Blocks of inputs of one segment stay in the first-level cache, so that each step of Horner's rule is a short
loop over them that is vectorised. What they lose is counted in `proving`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from actcheck.reference.certificates.wide.tables import (
    CENTRE,
    CONSTANT,
    KIND,
    LINE,
    PAIRS,
    POWER,
    RADIUS,
    RELATIVE,
    SHIFT,
    SLOPE,
    START,
    TAYLOR,
    TERMS,
    UNIT,
)
from actcheck.reference.machine.compiling import exactly, fma
from actcheck.reference.machine.two_sum import two_sum

#: Inputs at a time.
BLOCK = 512


class SegmentArrays(NamedTuple):
    """A certificate as the loops take it (see `certificates.wide.tables`)."""

    numbers: Any
    counts: Any
    main: Any
    rest: Any


class Pairs(NamedTuple):
    """Memory of a block: values as pairs, their radii to either side, and intermediate results."""

    high: Any
    low: Any
    below: Any
    above: Any
    step: Any


@exactly
def _plain_step(high: Any, t: Any, coefficient: float, n: int) -> None:
    for i in range(n):
        high[i] = fma(high[i], t[i], coefficient)


@exactly
def _pair_step(high: Any, low: Any, t: Any, coefficient: float, lacking: float, n: int) -> None:
    """(high, low) = (coefficient, lacking) + t * (high, low): see `proving`."""
    for i in range(n):
        p = high[i] * t[i]
        q = fma(low[i], t[i], fma(high[i], t[i], -p))
        s, e = two_sum(coefficient, p)
        high[i] = s
        low[i] = (lacking + q) + e


@exactly
def _times(high: Any, low: Any, x: Any, shift: float, n: int) -> None:
    for i in range(n):
        factor = x[i] * shift
        p = high[i] * factor
        low[i] = fma(low[i], factor, fma(high[i], factor, -p))
        high[i] = p


@exactly
def _over(high: Any, low: Any, x: Any, shift: float, n: int) -> None:
    for i in range(n):
        divisor = x[i] * shift
        q = high[i] / divisor
        low[i] = (fma(-q, divisor, high[i]) + low[i]) / divisor
        high[i] = q


@exactly
def _fill_taylor(x: Any, j: int, segments: Any, block: Any) -> None:
    numbers, counts, main, rest = segments.numbers[j], segments.counts[j], segments.main, segments.rest
    high, low, below, above, t = block
    n, start, terms, pairs = x.size, counts[START], counts[TERMS], counts[PAIRS]
    centre, unit = numbers[CENTRE], numbers[UNIT]
    last = main[start + terms - 1]
    lacking = rest[start + terms - 1] if pairs == terms else 0.0
    for i in range(n):
        t[i] = (x[i] - centre) * unit
        high[i] = last
        low[i] = lacking
    for k in range(terms - 2, pairs - 1, -1):
        _plain_step(high, t, main[start + k], n)
    for k in range(min(terms - 2, pairs - 1), -1, -1):
        _pair_step(high, low, t, main[start + k], rest[start + k], n)
    for _ in range(counts[POWER]):
        _times(high, low, x, numbers[SHIFT], n)
    for _ in range(-counts[POWER]):
        _over(high, low, x, numbers[SHIFT], n)
    relative, radius = numbers[RELATIVE], numbers[RADIUS]
    for i in range(n):
        s, e = two_sum(high[i], low[i])
        high[i] = s
        low[i] = e
        below[i] = relative * abs(s) + radius
        above[i] = below[i]


@exactly
def _fill_line(x: Any, j: int, segments: Any, block: Any) -> None:
    """A line: exact but for a third part of its sum, if there is one, and the rest on its one side."""
    numbers, counts = segments.numbers[j], segments.counts[j]
    high, low, below, above, _ = block
    constant, slope, shift = numbers[CONSTANT], numbers[SLOPE], numbers[SHIFT]
    relative, radius, sign = numbers[RELATIVE], numbers[RADIUS], counts[POWER]
    for i in range(x.size):
        factor = x[i] * shift
        p = slope * factor
        s, e = two_sum(constant, p)
        v, third = two_sum(e, fma(slope, factor, -p))
        s, e = two_sum(s, v)
        high[i] = s
        low[i] = e
        size = relative * abs(s) + radius
        below[i] = abs(third) + (0.0 if sign > 0 else size)
        above[i] = abs(third) + (0.0 if sign < 0 else size)


@exactly
def fill(x: Any, j: int, segments: Any, block: Any) -> None:
    """Scaled values of up to `BLOCK` inputs of segment j, as pairs, and their radii to either side.

    2^scale * f(x) lies between high + low - below and high + low + above, strictly on the other side of
    high + low where one of the radii is 0 and the other is not.
    """
    kind = segments.counts[j, KIND]
    if kind == TAYLOR:
        _fill_taylor(x, j, segments, block)
    elif kind == LINE:
        _fill_line(x, j, segments, block)
    else:
        for i in range(x.size):
            block.high[i] = block.low[i] = 0.0
            block.below[i] = block.above[i] = np.inf


@exactly
def enclose(x: Any, bounds: Any, segments: Any, back: Any, out: Any) -> None:
    """Unscaled enclosures of sorted inputs: rows of ``out`` are the high and the low part, and the radius.

    Inputs from bounds[j] up to bounds[j + 1] belong to segment j; ``back[j]`` are two factors whose product
    is the power of two that takes its scale away.
    """
    high, low, step = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    below, above = np.empty(BLOCK), np.empty(BLOCK)
    block = Pairs(high, low, below, above, step)
    for j in range(bounds.size - 1):
        for start in range(bounds[j], bounds[j + 1], BLOCK):
            end = min(start + BLOCK, bounds[j + 1])
            fill(x[start:end], j, segments, block)
            first, second = back[j, 0], back[j, 1]
            for i in range(end - start):
                a, b = high[i] * first * second, low[i] * first * second
                # What scaling back may round away: 2^-1075 in either part, if they are that small.
                lost = 0.0 if high[i] == 0 and low[i] == 0 else 2.0**-1073
                if abs(b) > 2.0**-960 or (b == 0 and low[i] == 0 and abs(a) > 2.0**-1020):
                    lost = 0.0
                radius = max(below[i], above[i])
                radius = radius * (1 + 2.0**-50) * first * second + (2.0**-1073 if radius > 0 else 0.0)
                known = abs(a) < np.inf
                out[0, start + i] = a if known else 0.0
                out[1, start + i] = b if known else 0.0
                out[2, start + i] = radius + lost if known else np.inf
