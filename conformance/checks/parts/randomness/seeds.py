"""The seed fixes the stream: the same seed the same slopes, and each other seed slopes of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from actcheck.conformance.checks.parts.randomness.draws import Sampler
from actcheck.conformance.checks.parts.randomness.law import Law, least_broken
from actcheck.conformance.checks.parts.shared import statistics
from actcheck.conformance.checks.parts.shared.statistics import Doubles
from actcheck.conformance.model import Fault

SEEDS = 301
#: Elements of a call with each seed, and of the two calls that are compared at every lag.
_SHORT, _LONG = 24, 1 << 16
#: Seeds that are asked once more, after all others and in this order.
_AGAIN = (300, 0, 150, 1, 299, 7)
#: Neighbouring seeds, and places by which one stream may run ahead of another.
_STEPS, _SHIFTS = range(1, 9), range(-12, 13)


def seed_faults(sampler: Sampler, laws: Sequence[Law], seed: int) -> list[Fault]:
    """What is wrong with the slopes of the seeds 0 to 300, and with those of two seeds in long arrays."""
    table = np.array([sampler.slopes(_SHORT, one) for one in range(SEEDS)])
    again = {one: sampler.slopes(_SHORT, one) for one in _AGAIN}
    faults = list(_repeated(table, again))
    faults += least_broken(laws, lambda law: _of_table(law, table))
    one, same, other = (sampler.slopes(_LONG, seed + step) for step in (0, 0, 1))
    if not np.array_equal(one, same):
        told = f"the same seed gives other results the second time, for {int((one != same).sum()):,} elements"
        faults.append(Fault("seed", told))
    return faults + least_broken(laws, lambda law: _of_streams(law, one, other, seed))


def _repeated(table: Doubles, again: dict[int, Doubles]) -> Iterator[Fault]:
    """A seed that gives other slopes when it is asked again, or two seeds that give the same."""
    changed = [one for one, slopes in again.items() if not np.array_equal(slopes, table[one])]
    if changed:
        told = f"seed {changed[0]} gives other results after other calls"
        yield Fault("seed", f"{told}; so {len(changed)} of {len(again)} seeds")
    # The probability that two of 301 correct rows are equal is 45,150 times that of one number to the 24th.
    _, first, back = np.unique(table, axis=0, return_index=True, return_inverse=True)
    twins = np.flatnonzero(first[back.ravel()] != np.arange(len(table)))
    if len(twins):
        told = f"seeds {first[back.ravel()[twins[0]]]} and {twins[0]} give the same slopes"
        yield Fault("same_for_seeds", f"{told}; {len(first)} different results of {len(table)} seeds")


def _of_table(law: Law, table: Doubles) -> Iterator[Fault]:
    """A row for each seed: the streams of neighbouring seeds are independent, and so are the first slopes."""
    pairs = table[: len(table) // 2 * 2].reshape(-1, 2, _SHORT)
    equal = int((pairs[:, 0] == pairs[:, 1]).sum())
    if statistics.too_many(equal, pairs[:, 0].size, law.collision):
        yield Fault(
            "seeds_share", f"neighbouring seeds share {equal:,} of {pairs[:, 0].size:,} slopes", float(equal)
        )
    centred, tests = law.centred(table), 2 * len(_STEPS) * len(_SHIFTS)
    for step in _STEPS:
        for shift in _SHIFTS:
            one = centred[:-step, max(0, -shift) : _SHORT - max(0, shift)]
            other = centred[step:, max(0, shift) : _SHORT - max(0, -shift)]
            most = statistics.correlation_may_be((one**2).sum(), one.size * law.variance, law.span, tests)
            if abs((one * other).sum()) > most:
                size = float((one * other).sum() / one.size / law.variance)
                told = f"slopes of a seed and of {step} more, {shift} places on, correlate ({size:.3f})"
                yield Fault("seeds_correlate", told, abs(size))
                return


def _of_streams(law: Law, one: Doubles, other: Doubles, seed: int) -> Iterator[Fault]:
    ends = law.centred(one), law.centred(other)
    for first, second, told in ((0, 1, "ahead of"), (1, 0, "behind")):
        lag, size = statistics.correlated(ends[first], ends[second], _LONG // 2, law.variance, law.span)
        if size:
            text = f"slopes of the seed {seed + 1} correlate ({size:.3f}) with those of {seed}"
            yield Fault("seeds_correlate", f"{text}, {lag} places {told} them", abs(size))
            return
