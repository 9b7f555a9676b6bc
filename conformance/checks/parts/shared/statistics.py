"""Tests of random numbers, none of which rests on an approximation: the rate of false alarms is a bound.

A test accuses a correct backend with a probability of `EACH` at most; where it looks at many things, such as
lags, each gets its share. A run makes fewer than `MOST` tests, so that all of them together accuse a correct
backend with a probability below `FALSE_ALARM`. Seeds are fixed: what passes once passes always.

The inequalities, for independent numbers X of a known law, and log for the logarithm of 2/alpha:
- the mean of n numbers (Bernstein): off by t with a probability of at most
  2*exp(-n*t^2/(2*(v + b*t/3))), v the variance and b the largest distance from the mean;
- the distribution (Dvoretzky, Kiefer, Wolfowitz with Massart's constant, which holds for every law): the
  distance of the empirical from the exact one exceeds sqrt(log/(2*n)) with a probability of at most alpha;
- counts (exact): how many of n numbers fall into a cell of probability p has a binomial distribution, and so
  has how many of n disjoint pairs are equal, where p is the probability that two numbers are;
- correlation (Hoeffding's lemma, and Ville's inequality): with V and W independent, of mean 0 and range r, or
  W the same stream some places on, S = sum(V*W) is a martingale and exp(l*S - l^2*r^2/8*sum(V^2)) a
  supermartingale for every l: S >= log(1/alpha)/l + l*r^2/8*sum(V^2) has a probability of at most alpha.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
#: The probability with which all tests of a run together accuse a correct backend, at most.
FALSE_ALARM = 1e-9
#: So many tests a run makes at most.
MOST = 100_000
#: The same of one test.
EACH = FALSE_ALARM / MOST


def mean_may_be_off(count: int, variance: float, farthest: float) -> float:
    """How far the mean of so many numbers may be off: the root of Bernstein's inequality."""
    half = math.log(2 / EACH) / count
    line = farthest * half / 3
    return line + math.sqrt(line**2 + 2 * half * variance)


def distribution_may_be_off(count: int) -> float:
    """How far the empirical distribution of so many numbers may be from the exact one."""
    return math.sqrt(math.log(2 / EACH) / (2 * count))


def strange_counts(counts: NDArray[np.int64], probabilities: Doubles, slack: float) -> NDArray[np.bool_]:
    """Which cells hold too many or too few numbers; probabilities may be off by ``slack``."""
    total, share = int(counts.sum()), EACH / (2 * len(counts))
    low, high = np.maximum(probabilities - slack, 0.0), np.minimum(probabilities + slack, 1.0)
    few = scipy.special.bdtr(counts, total, low) < share
    many = _at_least(counts, total, high) < share
    return np.asarray(few | many)


def too_many(hits: Any, count: Any, probability: float, tests: int = 1) -> Any:
    """Whether so many of so many independent trials are more than chance; one of ``tests`` that share."""
    return _at_least(np.asarray(hits), count, probability) < EACH / tests


def _at_least(hits: Any, count: Any, probability: Any) -> Any:
    """The chance of so many hits or more."""
    return np.where(hits > 0, scipy.special.bdtrc(hits - 1, count, probability), 1.0)


def correlation_may_be(squares: Any, expected: float, span: float, tests: int = 1) -> Any:
    """How large a sum of products of independent numbers of mean 0 may be; one of ``tests`` that share.

    ``squares`` is the sum of the squares of one factor, ``expected`` what it is about by the law, for which
    the bound is sharpest, and ``span`` the range of the other factor.
    """
    log = math.log(2 * tests / EACH)
    rate = math.sqrt(8 * log / (span**2 * max(expected, 1e-300)))
    return log / rate + rate * span**2 / 8 * squares


def correlated(
    one: Doubles, other: Doubles | None, lags: int, variance: float, span: float
) -> tuple[int, float]:
    """The lag and size of the correlation of two streams that exceeds what it may be by most; 0 if none does.

    ``other`` runs ahead of ``one`` by 0 to ``lags`` places, both of mean 0. Without it the stream is compared
    with itself, from a lag of 1 on.
    """
    size = 1 << (len(one) + lags).bit_length()
    first = np.fft.rfft(one, size)
    second = first if other is None else np.fft.rfft(other, size)
    sums = np.fft.irfft(np.conj(first) * second, size)[: lags + 1]
    if other is None:
        sums[0] = 0.0
    most = correlation_may_be(float((one**2).sum()), len(one) * variance, span, 2 * len(sums))
    at = int(np.argmax(np.abs(sums)))
    return at, float(sums[at] / (len(one) * variance)) if abs(sums[at]) > most else 0.0
