"""Tests of random numbers, each with a stated false-alarm rate.

A run makes fewer than 500 of these tests; at 1e-9 each, a correct backend is accused with a probability
below 1e-6, and never twice at random, since the seeds are fixed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Doubles = NDArray[np.float64]
#: The probability with which one test alone accuses a correct backend.
FALSE_ALARM = 1e-9


def autocorrelation(numbers: Doubles) -> tuple[int, float | None]:
    """The lag and the size of the largest circular autocorrelation; None for the size where it is chance.

    Numbers shared between elements, or drawn for one element and used for others, repeat at some lag.
    The correlation of n independent numbers at one lag is about normal with variance 1/n; all lags are
    tested, and the rate is divided among them.
    """
    centred = numbers - numbers.mean()
    power = float((centred**2).sum())
    if power == 0:
        return 1, 1.0
    spectrum = np.fft.rfft(centred)
    found = np.fft.irfft(np.abs(spectrum) ** 2, len(numbers))[1 : len(numbers) // 2 + 1] / power
    lag = int(np.argmax(np.abs(found)))
    chance = 2 * len(found) * float(stats.norm.sf(abs(found[lag]) * math.sqrt(len(numbers))))
    return lag + 1, float(found[lag]) if chance < FALSE_ALARM else None


def correlation(one: Doubles, other: Doubles) -> float | None:
    """Pearson's correlation of two streams, or None where it is chance."""
    found = float(np.corrcoef(one, other)[0, 1])
    chance = 2 * float(stats.norm.sf(abs(found) * math.sqrt(len(one))))
    return found if chance < FALSE_ALARM or math.isnan(found) else None


def off_mean(numbers: Doubles, quantum: float) -> float | None:
    """How far numbers that should be uniform on 0 to 1 are off in the mean, or None where it is chance.

    ``quantum`` is the spacing to which they were rounded: rounding may move the mean by half of it.
    """
    off = float(numbers.mean()) - 0.5
    deviation = math.sqrt(1 / (12 * len(numbers)))
    chance = 2 * float(stats.norm.sf(max(abs(off) - quantum / 2, 0) / deviation))
    return off if chance < FALSE_ALARM else None


def not_uniform(numbers: Doubles, quantum: float) -> float | None:
    """Kolmogorov and Smirnov's distance from the uniform distribution on 0 to 1, or None where it is chance.

    Rounding to a spacing of ``quantum`` alone makes a distance up to that, which is taken off.
    """
    distance = float(stats.kstest(numbers, "uniform").statistic)
    chance = float(stats.kstwo.sf(max(distance - quantum, 0.0), len(numbers)))
    return distance if chance < FALSE_ALARM else None
