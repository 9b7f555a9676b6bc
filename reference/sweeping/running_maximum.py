"""The largest of very many errors, looked for by upper bounds and settled at one point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.pointwise import judge_point
from actcheck.reference.judging.verdict import Worst
from actcheck.reference.machine.outward import up
from actcheck.reference.specification.binding import Bound

#: Errors arrive as float32, rounded to nearest, from a difference in float64: a bound has to be 2^-24 and a
#: little larger.
_ROUNDED = 1 + 2.0**-23

_CLOSE = 1 - 2.0**-16

#: Upper bound of the largest error of one chunk, its input and result.
Found = tuple[float, float, float]
#: A look into one of several chunks.
Look = Callable[[int], Found]


class Peak:
    """A candidate for the largest error, and a proven bound of all errors that were passed over."""

    def __init__(self) -> None:
        self.candidate: Found | None = None
        #: Chunks with an error up to this, as the loop tells it, are passed over.
        self.passed = 0.0
        #: No error that was passed over is larger.
        self.bound = 0.0

    def seek(self, errors: NDArray[np.float64], radii: NDArray[Any], look: Look) -> None:
        """Look into chunks with these errors, each up to a radius, as long as one may be larger."""
        most = float(errors.max())
        while most > self.passed or not self.candidate:
            at = int(np.argmax(errors))
            found = look(at)
            if self.candidate is None or found[0] > self.candidate[0]:
                self.candidate = found
            # Close to a power of two a chunk's error is overrated, as much as twice: it sets no mark then.
            self.passed = max(self.passed, most if found[0] > _CLOSE * most else found[0])
            errors = errors.copy()
            errors[at] = 0.0
            most = float(errors.max())
        self.bound = max(self.bound, _above(float((errors * _ROUNDED + radii).max())))

    def consider(self, high: float, x: float, y: float) -> None:
        """A point with this proven upper bound of its error, which no other of its block exceeds."""
        if self.candidate is None or high > self.candidate[0]:
            self.candidate = high, x, y

    def quiet(self, error: float) -> bool:
        """Whether chunks with errors up to this need no look."""
        return self.candidate is not None and error <= self.passed

    def pass_over(self, error: float, radius: float) -> None:
        """Take note of the largest error, up to a radius, of chunks that need no look."""
        self.bound = max(self.bound, _above(error * _ROUNDED + radius))

    def settled(self, bound: Bound, quantity: str, *, scaled: bool) -> Worst | None:
        """The candidate, judged by Arb: its error is the lower end of an enclosure of the largest."""
        if self.candidate is None:
            return None
        high, x, y = self.candidate
        point = judge_point(bound, quantity, FORMATS["float32"], x, y)
        error = point.scaled if scaled else point.error
        most = max(error[1], high, self.bound)
        return Worst(x, y, point.expected, (error[0], most)) if most > 0 else None


def _above(rounded: float) -> float:
    """A bound of a sum of products of numbers that are not negative; 0 is made of zeros alone."""
    return up(rounded) if rounded else 0.0
