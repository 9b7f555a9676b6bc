"""One segment of a certificate: a polynomial in float64 and the proof of how far it can be off.

On a run of consecutive floats the function f is replaced by a Taylor polynomial about ``centre``,
evaluated in float64 by Horner's rule. The proof counts everything: Arb's enclosure of the first omitted
coefficient between the centre and every float of the run (Lagrange's remainder), the rounding of the
coefficients to float64, and the rounding of each Horner step (`certificates.rounding`). x - centre is exact,
or there is no proof. Bounds are kept in float64 and rounded outwards at every operation (`outward`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flint import arb

from actcheck.reference.certificates.model import (
    DEGREE,
    DEMANDED,
    SATURATED,
    VANISHING,
    KeyRun,
    Polynomial,
    Proof,
    constant,
)
from actcheck.reference.certificates.radii import about_centre, about_value, about_zero, without_rounding
from actcheck.reference.certificates.rounding import is_exact_difference
from actcheck.reference.evaluation import balls, intervals
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import Node
from actcheck.reference.machine.outward import magnitude_up, powers_up, weighted_up

__all__ = ["DEGREE", "SATURATED", "VANISHING", "KeyRun", "Polynomial", "Proof"]

#: Working precision of coefficients and enclosures; about 0, where f may vanish to any order, at least the
#: second. Where terms cancel it is doubled up to the last.
BITS, BITS_AT_ZERO, MOST_BITS = 256, 1200, 8192
#: Coefficients of f about 0 up to this size are dropped: they stand for zero, and their share is counted.
_NEGLIGIBLE = 2.0**-900

Coefficients = list[Any]


def shortened(polynomial: Polynomial, degree: int) -> Polynomial:
    """The polynomial without its terms beyond a degree; what they weigh is then part of the radius."""
    kept = polynomial.coefficients[: degree + 1]
    return Polynomial(polynomial.centre, (*kept, *(0.0,) * (DEGREE - degree)))


def degree_for(polynomial: Polynomial, reach: float, allowed: float) -> int:
    """The lowest of the degrees 1, 3 and `DEGREE` whose missing terms seem to weigh no more than allowed."""
    d, powers = polynomial.coefficients, powers_up(reach, DEGREE + 1)
    return next((n for n in (1, 3) if weighted_up(d[n + 1 :], powers[n + 1 :]) <= allowed), DEGREE)


def expand(node: Node, order: int, centre: float, bits: int = BITS) -> tuple[Polynomial, Coefficients]:
    """The Taylor polynomial of the order-th derivative of a tree, and the balls it was rounded from."""
    length = DEGREE + 1
    with balls.precision(_bits(centre, bits), length):
        exact = shifted(balls.expansion(node, balls.ball(centre), length + order), order)
        rounded = [float(c.mid()) for c in exact]
        if not centre:
            rounded = [0.0 if abs(d) <= _NEGLIGIBLE else d for d in rounded]
        return Polynomial(centre, tuple(rounded)), exact


def blurred(exact: Coefficients, reach: float) -> bool:
    """Whether finite balls are too wide for any polynomial: their precision must be raised."""
    if not all(c.is_finite() for c in exact):
        return False
    with balls.precision(64, 1):
        width = sum(c.rad() * arb(reach) ** k for k, c in enumerate(exact))
        return not width <= arb(2) ** -56 * abs(exact[0]).max(arb(2) ** -126)


def prove(
    node: Node, order: int, run: KeyRun, polynomial: Polynomial, exact: Coefficients, bits: int = BITS
) -> Proof | None:
    """The proof of a polynomial on a run of floats; None where there is none (take a shorter run).

    ``exact`` are enclosures of the Taylor coefficients about the polynomial's centre.
    """
    d, centre = polynomial.coefficients, polynomial.centre
    if not all(map(math.isfinite, d)) or not is_exact_difference(run.low, run.high, centre):
        return None
    with balls.precision(_bits(centre, bits), 1):
        missing = [c - balls.ball(v) for c, v in zip(exact, d, strict=True)]
    missing.append(_remainder(node, order, run, centre, bits))
    if not all(ball.is_finite() for ball in missing):
        return None
    if without_rounding(run, polynomial, missing):
        return Proof(0.0, 0.0, 0.0)
    # Exact: see is_exact_difference.
    reach = max(run.high - centre, centre - run.low)
    first = next((k for k, v in enumerate(d) if v), None)
    if centre == 0 and first is not None and (first > 0 or run.nearest == 0):
        return about_zero(d, first, missing, reach, run.nearest)
    return about_centre(d, missing, reach)


def single(node: Node, order: int, x: float) -> tuple[Polynomial, Proof, int] | None:
    """The value at one float as a constant within `DEMANDED`, and the precision that shows it.

    Unlike a longer segment it needs no derivatives beyond the quantity itself. None where nothing is known.
    """
    for bits in precisions():
        ball = _value(node, order, x, bits)
        d0 = float(ball.mid())
        proof = about_value(ball, d0, bits)
        if proof is not None and proof.size <= DEMANDED:
            return constant(d0), proof, bits
    return None


def precisions() -> Iterator[int]:
    """The working precisions to try, in bits."""
    bits = BITS
    while bits <= MOST_BITS:
        yield bits
        bits *= 2


def proofs(node: Node, order: int, run: KeyRun, polynomial: Polynomial) -> Iterator[Proof]:
    """What can be proven of given coefficients, however they came about, at rising precision."""
    d = polynomial.coefficients
    if not is_exact_difference(run.low, run.high, polynomial.centre):
        return
    if not any(d):
        vanishes = vanishing(node, order, run)
        yield from () if vanishes is None else (vanishes,)
    if not any(d[1:]) and abs(d[0]) == SATURATED and saturated(node, order, run) == math.copysign(1.0, d[0]):
        yield Proof(0.0, 0.0, SATURATED)
    for bits in precisions():
        _, exact = expand(node, order, polynomial.centre, bits)
        proof = prove(node, order, run, polynomial, exact, bits)
        if proof is not None:
            yield proof
        if run.low == run.high and not any(d[1:]):
            proof = about_value(_value(node, order, run.low, bits), d[0], bits)
            if proof is not None:
                yield proof


def vanishing(node: Node, order: int, run: KeyRun) -> Proof | None:
    """The proof that f stays below `VANISHING` on a run, so that the zero polynomial stands for it.

    The bound is Arb's, rounded upwards; zero is evaluated without rounding.
    """
    bound = magnitude_up(_range(node, order, run))
    # A ball over a wide run loses its lower end, and with it the size of exp(-x^2); an interval keeps both.
    if not bound <= VANISHING and _vanishes(node, order, run.low) and _vanishes(node, order, run.high):
        bound = max(map(magnitude_up, intervals.enclose(_derivative(node, order), run.low, run.high)))
    return Proof(0.0, bound, 0.0) if bound <= VANISHING else None


def saturated(node: Node, order: int, run: KeyRun) -> float | None:
    """The sign of f (1.0 or -1.0) where it stays beyond `SATURATED` on a run.

    A comparison of Arb's numbers holds only if it holds for all of both. The constant that stands for f is no
    approximation of it: it has its sign and overflows every format up to float32, and that is all it says.
    """
    if not abs(_range(node, order, KeyRun(run.low, run.low))) > SATURATED:
        return None
    low, high = intervals.enclose(_derivative(node, order), run.low, run.high)
    if low > SATURATED:
        return 1.0
    return -1.0 if high < -SATURATED else None


def _bits(centre: float, bits: int) -> int:
    return bits if centre else max(bits, BITS_AT_ZERO)


def _range(node: Node, order: int, run: KeyRun) -> Any:
    with balls.precision(BITS, order + 1):
        series = balls.expansion(node, balls.hull(run.low, run.high), order + 1)
        return shifted(series, order)[0]


def _vanishes(node: Node, order: int, x: float) -> bool:
    return bool(abs(_value(node, order, x, BITS)) < VANISHING)


@lru_cache(maxsize=64)
def _derivative(node: Node, order: int) -> Node:
    return derivative(node, order)


def _value(node: Node, order: int, x: float, bits: int) -> Any:
    with balls.precision(bits, order + 1):
        return shifted(balls.expansion(node, balls.ball(x), order + 1), order)[0]


def shifted(series: Coefficients, order: int) -> Coefficients:
    """Coefficients of the order-th derivative from those of the function."""
    for _ in range(order):
        series = [c * (k + 1) for k, c in enumerate(series[1:])]
    return series


def _remainder(node: Node, order: int, run: KeyRun, centre: float, bits: int) -> Any:
    """An enclosure of the first omitted coefficient between the centre and every float of the run."""
    low, high = min(run.low, centre), max(run.high, centre)
    length = DEGREE + 2 + order
    with balls.precision(bits, length):
        series = balls.expansion(node, balls.hull(low, high), length)
        return shifted(series, order)[DEGREE + 1]
