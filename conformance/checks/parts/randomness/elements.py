"""What holds for every element: the range, x >= 0 as it is, and the gradient's slope is the result's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.randomness.draws import Drawn
from actcheck.conformance.checks.parts.randomness.law import Law
from actcheck.conformance.checks.parts.shared.statistics import Doubles
from actcheck.conformance.model import Fault
from actcheck.conformance.numerals import both


def element_faults(law: Law, drawn: Drawn) -> Iterator[Fault]:
    """One for each of the three that an element breaks; inputs and upstreams are powers of two."""
    slack = 2 * law.spacing
    slopes, negative = drawn.slopes, drawn.negative
    outside = negative & ~((slopes >= law.low - slack) & (slopes <= law.high + slack))
    yield from _first("range", outside, drawn, f"a slope outside of {law.low:g} to {law.high:g}")
    yield from _first("positive", ~negative & (drawn.y != drawn.x), drawn, "x >= 0 must stay as it is")
    if drawn.gradient is None:
        return
    wanted = slopes * drawn.upstream
    # Both are the slope times a power of two; they may differ where one of them was rounded on its own.
    off = ~(np.abs(drawn.gradient - wanted) <= slack * np.abs(drawn.upstream))
    yield from _first("resampled", off, drawn, "the gradient's slope is not the result's", wanted)


def _first(
    what: str, wrong: NDArray[np.bool_], drawn: Drawn, why: str, wanted: Doubles | None = None
) -> Iterator[Fault]:
    if not wrong.any():
        return
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    told = f"x{list(at)} = {both(float(drawn.x[at]))}: got {both(float(drawn.y[at]))}"
    if wanted is not None and drawn.gradient is not None:
        told += f", gradient {both(float(drawn.gradient[at]))}, expected {both(float(wanted[at]))}"
    yield Fault(what, f"{why}: {told}; so for {int(wrong.sum()):,} of {wrong.size:,}", float(wrong.sum()))
