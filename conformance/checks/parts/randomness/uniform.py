"""Slopes of one stream held against their law: mean, distribution, resolution, independence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from actcheck.conformance.checks.parts.randomness.law import Law, least_broken
from actcheck.conformance.checks.parts.shared import statistics
from actcheck.conformance.checks.parts.shared.statistics import Doubles
from actcheck.conformance.model import Fault

#: Every lag up to half of this is tested.
_NEAR = 1 << 17


def stream_faults(laws: Sequence[Law], slopes: Doubles) -> list[Fault]:
    """Mean, distribution, resolution and independence of one stream."""
    return least_broken(laws, lambda law: _by_law(law, slopes))


def _by_law(law: Law, slopes: Doubles) -> Iterator[Fault]:
    yield from _distribution(law, slopes)
    yield from _resolution(law, slopes)
    yield from _independence(law, slopes)


def _distribution(law: Law, slopes: Doubles) -> Iterator[Fault]:
    numbers, many = law.unit(slopes), f"({slopes.size:,} slopes)"
    off = float(numbers.mean()) - law.mean
    farthest = max(law.mean, 1 - law.mean) + law.span - 1
    if abs(off) > statistics.mean_may_be_off(slopes.size, law.variance, farthest) + law.slack:
        told = f"mean slope {law.low + (law.mean + off) * law.width:.6f}"
        yield Fault("mean", f"{told}, expected {law.low + law.mean * law.width:.6f} {many}", abs(off))
    counts = np.bincount(np.searchsorted(law.edges, slopes), minlength=len(law.levels))
    distances = np.abs(np.cumsum(counts) / slopes.size - np.cumsum(law.probabilities))
    told, distance = f"from uniform on {law.low:g} to {law.high:g} {many}", float(distances.max())
    if distance > statistics.distribution_may_be_off(slopes.size) + law.slack:
        yield Fault("uniformity", f"the distribution is {distance:.4f} {told}", distance)
    strange = statistics.strange_counts(counts, law.probabilities, law.slack)
    if strange.any():
        at = int(np.argmax(np.where(strange, np.abs(counts - law.probabilities * slopes.size), -1)))
        expected = law.probabilities[at] * slopes.size
        cell = f"{counts[at]:,} slopes at {law.levels[at]:.6g}, expected {expected:,.0f}"
        cells = f"{int(strange.sum()):,} of {len(counts):,} cells hold too many or too few: {cell}"
        yield Fault("cells", f"the distribution is not {told}: {cells}", float(strange.sum()))


def _resolution(law: Law, slopes: Doubles) -> Iterator[Fault]:
    pairs = slopes[: slopes.size // 2 * 2].reshape(-1, 2)
    equal = int((pairs[:, 0] == pairs[:, 1]).sum())
    if statistics.too_many(equal, len(pairs), law.collision):
        told = f"{equal:,} of {len(pairs):,} slopes equal their neighbour"
        expected = f"expected about {law.collision * len(pairs):.2g}"
        yield Fault(
            "resolution",
            f"{told}, {expected}: too few different slopes, or neighbours share one",
            float(equal),
        )


def _independence(law: Law, slopes: Doubles) -> Iterator[Fault]:
    centred = law.centred(slopes)
    near = centred[:_NEAR]
    lag, size = statistics.correlated(near, None, len(near) // 2, law.variance, law.span)
    if not size:
        lag, size = _far(law, centred)
    if size:
        told = f"slopes of negative elements {lag:,} places apart are correlated ({size:.3f})"
        yield Fault("independence", f"{told}, of {slopes.size:,}", abs(size))


def _far(law: Law, centred: Doubles) -> tuple[int, float]:
    """Blocks of a large array that share a stream: those of threads, or as long as a power of two."""
    lags = sorted({len(centred) * k // 16 for k in range(1, 16)} | {_NEAR << k for k in range(8)})
    for lag in (lag for lag in lags if 0 < lag < len(centred)):
        one, other = centred[:-lag], centred[lag:]
        squares, expected = float((one**2).sum()), len(one) * law.variance
        total = float((one * other).sum())
        if abs(total) > statistics.correlation_may_be(squares, expected, law.span, 2 * len(lags)):
            return lag, total / expected
    return 0, 0.0
