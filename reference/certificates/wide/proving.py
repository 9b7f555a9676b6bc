"""How far a polynomial evaluated in pair arithmetic can be off: every rounding, in order.

A value is a pair of float64, its sum unevaluated. With u = 2^-53 and rounding to nearest, one step of
Horner's rule, (h, l) + t * (rh, rl), is (M. Lange and S. Rump, Faithfully Rounded Floating-point
Computations, 2020; the sums and products without error are Knuth's and Dekker's as in M. Joldes, J.-M. Muller
and V. Popescu, Tight and rigorous error bounds for basic building blocks of double-word arithmetic, 2017)

    p + pe = rh * t     exactly, by a fused multiply-add
    q  = fma(rl, t, pe)     off by u * abs(rl * t + pe)
    s + e = h + p       exactly, by Knuth's two-sum
    v  = l + q          off by u * abs(l + q)
    r  = v + e          off by u * abs(v + e)

and the result (s, r). No step needs its operands ordered or its result normalised: the bounds below are of
sizes, not relative to a result that may have cancelled. abs(pe) <= u * abs(p), abs(e) <= u * abs(s).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actcheck.reference.certificates.wide.segment import Taylor

U = 2.0**-53
#: Enlarges a sum of up to 100 positive numbers by more than float64 may have lost computing it.
SLACK = 1 + 2.0**-40
#: More than all underflows of an evaluation can add up to: at most 2^-1074 for each of some 400 operations.
UNDERFLOW = 2.0**-1000


def upper(ball: Any) -> float:
    """A float64 that no number of a ball exceeds in size; infinite where it has no bound."""
    bound = float(ball.abs_upper())
    return bound * SLACK + 2.0**-1074 if bound == bound else float("inf")  # noqa: PLR0124


def horner(main: Sequence[float], rest: Sequence[float], reach: float) -> tuple[float, float, float]:
    """Bounds for abs(t) <= reach: of the high part, of the low part, and of the rounding of p(t)."""
    t = reach * SLACK
    high, low, error = abs(main[-1]), 0.0, 0.0
    start = len(main) - 1
    if len(rest) == len(main):
        low, start = abs(rest[-1]), len(main) - 1
    for k in reversed(range(start)):
        product = high * t
        if k >= len(rest):
            high = (abs(main[k]) + product) * (1 + 2 * U)
            error = error * t + U * high
            continue
        carried = U * product * (1 + U) + low * t
        added = abs(rest[k]) + carried * (1 + U)
        high = (abs(main[k]) + product) * (1 + 4 * U)
        low = (added * (1 + U) + U * high) * (1 + U)
        error = error * t + U * (carried + added + added * (1 + U) + U * high)
    return high * SLACK, low * SLACK, error * SLACK + UNDERFLOW


def of_power(power: int, high: float, low: float, least: float) -> float:
    """The relative error of multiplying p(t), at least ``least``, by x as often as ``power`` says.

    Each time (p, pe + rl * x) is the pair: one rounding of the low part, which grows by U of the high one.
    """
    steps = (U * (U * (1 + j) * high + low + U * high) for j in range(power))
    return sum(steps) / least * SLACK + 2.0**-400 if power else 0.0


def of_quotients(count: int) -> float:
    """The relative error of dividing a pair, whose low part is at most U of its high one, by x so often.

    q = h/x is off by r/x with r = h - q*x, exactly; abs(r) <= U*abs(q*x). The low part becomes (r + l)/x, off
    by a rounding of the sum and one of the quotient.
    """
    low, total = U, 0.0
    for _ in range(count):
        carried = (U + low * (1 + U)) * (1 + U)
        total += 2 * U * (1 + U) * carried
        low = carried * (1 + U) ** 2
    return total / (1 - low) * SLACK + 2.0**-200


def weighted(values: Sequence[float], reach: float) -> float:
    """The sum of abs(values[k]) * reach^k."""
    total = 0.0
    for value in reversed(values):
        total = total * reach * (1 + 2 * U) + abs(value)
    return total * SLACK


def radius(taylor: Taylor, missing: Sequence[float], below: float, reach: float) -> float:
    """The radius of a polynomial for abs(t) <= reach; infinite where nothing is shown.

    ``missing`` bounds what each coefficient lacks, the omitted ones and the remainder included; ``below``
    what lower powers than x^power weigh, relative to x^power.
    """
    high, low, error = horner(taylor.main, taylor.rest, reach)
    absolute = (error + weighted(missing, reach) + below) * SLACK
    if taylor.power == 0:
        return absolute if absolute < 2.0**400 else float("inf")
    least = (abs(taylor.main[0]) - weighted((0.0, *taylor.main[1:]), reach) - absolute) / SLACK
    if not least > 0:
        return float("inf")
    # Relative to the computed value: abs(p - f) <= r abs(f) gives abs(p - f) <= r / (1 - r) abs(p).
    relative = absolute / least + of_power(taylor.power, high, low, least)
    return relative * (1 + 2 * relative) * SLACK if relative < 2.0**-20 else float("inf")
