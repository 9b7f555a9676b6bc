"""Tests of random numbers keep their rate of false alarms; the law of slopes is that of rounded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from actcheck.conformance.checks.parts.randomness.law import Law
from actcheck.conformance.checks.parts.shared import statistics
from actcheck.reference.formats import FORMATS

#: Large enough to be counted.
RATE, RUNS, COUNT = 0.05, 400, 600
VARIANCE = 1 / 12


def _mean(u: statistics.Doubles) -> bool:
    return bool(abs(u.mean() - 0.5) > statistics.mean_may_be_off(len(u), VARIANCE, 0.5))


def _distribution(u: statistics.Doubles) -> bool:
    steps = np.arange(1, 101) / 100
    counted = np.searchsorted(np.sort(u), steps, side="right") / len(u)
    return bool(np.abs(counted - steps).max() > statistics.distribution_may_be_off(len(u)))


def _cells(u: statistics.Doubles) -> bool:
    counts = np.bincount((u * 20).astype(int), minlength=20)
    return bool(statistics.strange_counts(counts, np.full(20, 0.05), 0.0).any())


def _pairs(u: statistics.Doubles) -> bool:
    digits = (u * 10).astype(int)
    return bool(statistics.too_many((digits[::2] == digits[1::2]).sum(), len(u) // 2, 0.1))


def _itself(u: statistics.Doubles) -> bool:
    return statistics.correlated(u - 0.5, None, 100, VARIANCE, 1.0)[1] != 0


def _others(u: statistics.Doubles) -> bool:
    one, other = np.split(u - 0.5, 2)
    return statistics.correlated(one, other, 100, VARIANCE, 1.0)[1] != 0


@pytest.mark.parametrize("accuses", [_mean, _distribution, _cells, _pairs, _itself, _others])
def test_the_rate_of_false_alarms_is_kept(
    accuses: Callable[[statistics.Doubles], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "EACH", RATE)
    random = np.random.default_rng(3)
    alarms = sum(accuses(random.random(COUNT)) for _ in range(RUNS))
    assert alarms <= RATE * RUNS + 4 * math.sqrt(RATE * RUNS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("bounds", [(0.125, 1 / 3), (-0.5, 0.5), (-1.5, -0.5), (0.1, 0.3)])
def test_the_law_is_that_of_rounded_numbers(form: str, bounds: tuple[float, float]) -> None:
    law = Law(FORMATS[form], *bounds)
    assert law.probabilities.sum() == pytest.approx(1, abs=1e-12)
    drawn = np.random.default_rng(0).uniform(*bounds, 200_000)
    rounded = drawn.astype(law.form.dtype).astype(np.float64)
    numbers = law.unit(rounded)
    assert numbers.mean() == pytest.approx(law.mean, abs=5 * math.sqrt(VARIANCE / len(drawn)))
    assert numbers.var() == pytest.approx(law.variance, rel=0.02)
    counts = np.bincount(np.searchsorted(law.edges, rounded), minlength=len(law.levels))
    assert not statistics.strange_counts(counts, law.probabilities, law.slack).any()
    equal = (rounded[::2] == rounded[1::2]).mean()
    assert equal <= law.collision + 5 * math.sqrt(law.collision / len(drawn)) + 1e-4
