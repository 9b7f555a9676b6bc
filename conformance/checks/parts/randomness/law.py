"""The law of slopes: uniform on lower to upper, rounded to the nearest number of the format.

Of a format of 16 bits the probability of every number is known, so that tests see the law and not the
rounding. Wider formats are cut into cells of equal width, whose probability their spacing cannot change by
more than `slack`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from actcheck.conformance.checks.parts.shared.statistics import Doubles
from actcheck.conformance.model import Fault, Question
from actcheck.reference.formats import FORMATS, Format

#: Cells of a wide format.
_CELLS = 1024
#: Numbers nearer to 0, by the range, share a cell: there a slope times a power of two is rounded otherwise.
_TINY = 2.0**-12
#: Two of so many numbers may be equal: the generators of float32 in use have 2^23 or 2^24.
_RESOLUTION = 2.0**-22


@dataclass(frozen=True)
class Law:
    """Slopes between two bounds, in a format. Tests see them as numbers from 0 to 1."""

    form: Format
    low: float
    high: float

    @property
    def width(self) -> float:
        """The distance of the bounds."""
        return self.high - self.low

    @property
    def spacing(self) -> float:
        """The largest distance of neighbouring numbers of the format between the bounds."""
        largest = max(abs(self.low), abs(self.high))
        return float(2.0 ** (np.floor(np.log2(largest)) - self.form.precision + 1))

    @property
    def is_narrow(self) -> bool:
        """Whether the numbers of the format are few enough to be cells."""
        return self.form.bits <= 16

    @property
    def slack(self) -> float:
        """How far rounding moves the probability of a cell, the mean or the variance, at most."""
        return 0.0 if self.is_narrow else 2 * self.spacing / self.width

    @cached_property
    def levels(self) -> Doubles:
        """The numbers that slopes are rounded to, or the middles of cells."""
        if not self.is_narrow:
            return self.low + self.width * (np.arange(_CELLS) + 0.5) / _CELLS
        ends = [int(self.form.keys(np.array([b]).astype(self.form.dtype))[0]) for b in (self.low, self.high)]
        values = self.form.values(np.arange(ends[0], ends[1] + 1)).astype(np.float64)
        return np.unique(np.where(np.abs(values) < _TINY * self.width, 0.0, values))

    @cached_property
    def edges(self) -> Doubles:
        """What parts a cell from the next; that of 0 ends where the next number begins."""
        middles = np.asarray((self.levels[1:] + self.levels[:-1]) / 2)
        at = int(np.searchsorted(self.levels, 0.0))
        if self.is_narrow and 0.0 in self.levels:
            for edge, level, step in ((at - 1, at - 1, 1), (at, at + 1, -1)):
                if 0 <= level < len(self.levels):
                    key = self.form.key(float(self.levels[level]))
                    middles[edge] = (self.form.value(key) + self.form.value(key + step)) / 2
        return middles

    @cached_property
    def probabilities(self) -> Doubles:
        """Of each cell."""
        inside = np.clip(self.edges, self.low, self.high)
        return np.diff(np.concatenate([[self.low], inside, [self.high]])) / self.width

    @cached_property
    def mean(self) -> float:
        """Of slopes as numbers from 0 to 1."""
        return float((self.probabilities * self.unit(self.levels)).sum()) if self.is_narrow else 0.5

    @cached_property
    def variance(self) -> float:
        """The same."""
        if not self.is_narrow:
            return 1 / 12 + self.slack
        return float((self.probabilities * (self.unit(self.levels) - self.mean) ** 2).sum())

    @property
    def span(self) -> float:
        """The range of slopes as numbers from 0 to 1, with what rounding adds."""
        return 1 + 2 * self.spacing / self.width

    @cached_property
    def collision(self) -> float:
        """The probability that two slopes are equal, at most."""
        return float((self.probabilities**2).sum()) if self.is_narrow else _RESOLUTION

    def unit(self, slopes: Doubles) -> Doubles:
        """Slopes as numbers from 0 to 1."""
        return np.asarray((slopes - self.low) / self.width)

    def centred(self, slopes: Doubles) -> Doubles:
        """The same less their mean."""
        return self.unit(slopes) - self.mean


def least_broken(laws: Iterable[Law], faults: Callable[[Law], Iterable[Fault]]) -> list[Fault]:
    """What is a fault by each of the laws, told by the one that is broken least."""
    found = [list(faults(law)) for law in laws]
    return min(found, key=len)


def laws(question: Question) -> tuple[Law, ...]:
    """The law with the bounds as they are, and with the bounds rounded to the format first.

    A backend that follows one of them is correct: it is accused only of what is a fault by both.
    """
    form = FORMATS[question.format]
    bounds = [float(question.variant.parameters[name]) for name in ("lower", "upper")]  # type: ignore[arg-type]
    rounded = [float(np.array(b).astype(form.dtype)) for b in bounds]
    return tuple(Law(form, *ends) for ends in dict.fromkeys((tuple(bounds), tuple(rounded))))
