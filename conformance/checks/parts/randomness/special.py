"""Special values in training: NaN, infinities, zeros, the ends of the format, in places of short arrays.

The gradient for an upstream of 1 tells the slope to a rounding. The result must be the input times such a
slope, rounded at most once more. At 0 the slope may be any between those of the two sides. What lies beside a
special value stays as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.checks.parts.randomness.draws import Sampler
from actcheck.conformance.checks.parts.randomness.law import Law
from actcheck.conformance.checks.parts.shared.statistics import Doubles
from actcheck.conformance.model import Fault, Level
from actcheck.reference.formats import Format

Array = NDArray[Any]
LENGTHS = range(1, 68)
#: Of an upstream, beside 1.
UPSTREAMS = (0.0, -0.0, np.inf, -np.inf, np.nan, 0.5, -2.0)


def special_faults(sampler: Sampler, law: Law, seed: int, level: Level) -> tuple[list[Fault], int]:
    """What is wrong, and how many elements were asked."""
    calls = list(_inputs(law.form, level))
    given = [sampler.sampled(x, np.ones_like(x), seed + at) for at, x in enumerate(calls)]
    x, y = (np.concatenate(arrays).astype(np.float64) for arrays in (calls, [y for y, _ in given]))
    gradients = [g for _, g in given if g is not None]
    slopes = np.concatenate(gradients).astype(np.float64) if len(gradients) == len(given) else None
    faults = list(_of_results(law, x, y, slopes))
    if slopes is not None:
        faults += [*_of_slopes(law, x, slopes), *_of_upstreams(sampler, law, seed)]
    return faults, x.size


def values(form: Format) -> Array:
    """The special values, and an ordinary one of either sign beside them."""
    sizes = [np.inf, 0.0, form.smallest, form.largest, 1.0]
    return np.array([np.nan, *sizes, *(-s for s in sizes)], form.dtype)


def _inputs(form: Format, level: Level) -> Iterator[Array]:
    """For each length the values one after the other, from another one on; beyond quick from each of them."""
    special = values(form)
    for length in LENGTHS:
        for first in (length,) if level == "quick" else range(len(special)):
            yield special[(np.arange(length) + first) % len(special)]


def _of_results(law: Law, x: Doubles, y: Doubles, slopes: Doubles | None) -> Iterator[Fault]:
    low, high = _ends(law, x, slopes)
    least, most = (_rounded(law.form, x * end) for end in (low, high))
    least, most = np.minimum(least, most), np.maximum(least, most)
    keys = law.form.keys(y.astype(law.form.dtype))
    room = np.where(np.isinf(x), 0, 1)  # for one more rounding
    right = (keys >= _keys(law.form, least) - room) & (keys <= _keys(law.form, most) + room)
    positive = x > 0
    right = np.where(positive, y == x, right & ~np.isnan(y))
    right |= np.isnan(x) & np.isnan(y) | ~np.isnan(x) & np.isnan(least) & ~np.isnan(y)
    zero = x == 0
    right[zero] = (y[zero] == 0) & (np.signbit(y[zero]) == np.signbit(x[zero]))
    for what, hit in (
        ("wrong_nan", ~right & (np.isnan(x) != np.isnan(y))),
        ("wrong_zero_sign", ~right & zero & (y == 0)),
        ("wrong_infinity", ~right & ~np.isnan(x) & ~np.isnan(y) & (np.isinf(x) | np.isinf(y))),
    ):
        yield from _fault(what, hit, x, y, "result")
        right |= hit
    yield from _fault("wrong_result", ~right, x, y, "result")


def _ends(law: Law, x: Doubles, slopes: Doubles | None) -> tuple[Doubles, Doubles]:
    """Between what the slope of each element lies, by its gradient or by the law."""
    slack = 2 * law.spacing
    low, high = np.full(x.shape, law.low - slack), np.full(x.shape, law.high + slack)
    if slopes is not None:
        # The gradient's own rounding: half of its unit, or of the smallest number.
        unit = np.maximum(np.abs(slopes) * 2.0 ** (1 - law.form.precision), law.form.smallest)
        low, high = slopes - unit, slopes + unit
    sure = np.isfinite(x) | (low > 0) | (high < 0)  # an infinity times a slope of either sign is either one
    return np.where(sure, low, np.nan), np.where(sure, high, np.nan)


def _of_slopes(law: Law, x: Doubles, slopes: Doubles) -> Iterator[Fault]:
    slack = 2 * law.spacing
    low, high = np.full(x.shape, law.low - slack), np.full(x.shape, law.high + slack)
    low[x > 0] = high[x > 0] = 1.0
    low[x == 0], high[x == 0] = min(law.low - slack, 1.0), max(law.high + slack, 1.0)
    right = (slopes >= low) & (slopes <= high) | np.isnan(x) & np.isnan(slopes)
    yield from _fault("wrong_nan:gradient", ~right & (np.isnan(x) != np.isnan(slopes)), x, slopes, "gradient")
    wrong = ~right & ~np.isnan(x) & ~np.isnan(slopes)
    yield from _fault("range:gradient", wrong, x, slopes, "gradient")


def _of_upstreams(sampler: Sampler, law: Law, seed: int) -> Iterator[Fault]:
    """Upstreams that are no numbers, beside such that are: each meets its own slope alone."""
    x = np.repeat(np.array([-1.0, 1.0], law.form.dtype), 3 * len(UPSTREAMS))
    upstream = np.tile(np.array(UPSTREAMS, law.form.dtype), 6)
    y, gradient = sampler.sampled(x, upstream, seed)
    if gradient is None:
        return
    slopes, sent, got = (a.astype(np.float64) for a in (y / x, upstream, gradient))
    wanted = slopes * sent
    finite = np.isfinite(wanted)
    right = (got == wanted) | np.isnan(got) & np.isnan(wanted)
    right |= finite & (np.abs(got - wanted) <= 2 * law.spacing * np.abs(np.where(finite, sent, 0.0)))
    yield from _fault("wrong_upstream", ~right, sent, got, "gradient for an upstream")


def _rounded(form: Format, numbers: Doubles) -> Doubles:
    return np.asarray(numbers.astype(form.dtype).astype(np.float64))


def _keys(form: Format, numbers: Doubles) -> NDArray[np.int64]:
    return form.keys(numbers.astype(form.dtype))


def _fault(what: str, hit: NDArray[np.bool_], at: Doubles, got: Doubles, name: str) -> Iterator[Fault]:
    if hit.any():
        first = int(np.argmax(hit))
        spans = tuple((float(v), float(v)) for v in np.unique(at[hit]))
        told = f"{what}: {name} at {numerals.both(float(at[first]))}: got {numerals.both(float(got[first]))}"
        many = f"so for {int(hit.sum()):,} of {hit.size:,}, at {numerals.ranges(spans)}"
        yield Fault(what, f"{told}; {many}", float(hit.sum()), spans)
