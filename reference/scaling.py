"""Bounds of scaled errors over runs of consecutive floats, without looking at each of them.

The scaled error of a result is its error times ulp(f) / ulp(max(abs(f), s)): a power of two. f is bounded
over a run by its values at the ends and the slope of its polynomial, s by interval arithmetic in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import numeric
from actcheck.reference.expression import ZERO, Binary, Call, Negate, Node, Number, Power, Symbol
from actcheck.reference.formats import FORMATS
from actcheck.reference.kernel_distances import SLOPE
from actcheck.reference.outward import above, below, down, up
from actcheck.reference.sweep_tables import SweepTables

Array = NDArray[Any]
_FORM = FORMATS["float32"]
#: More than the roundings of a polynomial's value and its radius, which is 2^-45 of the value or of the
#: smallest normal number.
_RELATIVE, _ABSOLUTE = 2.0**-40, 2.0**-168
#: What the C library's exp, log and tanh may be off, generously: they claim a unit or two.
_LIBRARY = 2.0**-48
_EVERYTHING = (-math.inf, math.inf)


def scales_of(t: SweepTables, x: Array) -> Array:
    """Lower bounds of s(x)."""
    with np.errstate(all="ignore"):
        scales: Array = np.abs(numeric.evaluate(np, t.scale, x))
    return scales if t.scale_exact else scales * (1 - 2.0**-40)


def shift(t: SweepTables, ends: tuple[float, float], row: Array, proof: Array) -> int:
    """By how many powers of two at most the unit of the value exceeds that of the scaled error on a run."""
    if t.scale == ZERO:
        return 0
    reach = float(proof[SLOPE]) * abs(ends[1] - ends[0])
    coefficients = row.tolist()
    values = [abs(_horner(coefficients, end - coefficients[0])) for end in ends]
    most = (max(values) + reach) * (1 + _RELATIVE) + _ABSOLUTE
    least = (min(values) - reach) * (1 - _RELATIVE) - _ABSOLUTE
    larger = max(least, least_scale(t.scale, min(ends), max(ends)))
    return min(0, _power(most) - _power(larger))


def _horner(row: list[float], t: float) -> float:
    value = row[-1]
    for coefficient in row[-2:0:-1]:
        value = value * t + coefficient
    return value


def _power(magnitude: float) -> int:
    """The exponent of ulp, up to a constant."""
    if not 0 < magnitude < math.inf:
        return _FORM.emax if magnitude > 0 else _FORM.emin
    return min(max(math.frexp(magnitude)[1] - 1, _FORM.emin), _FORM.emax)


def least_scale(scale: Node, low: float, high: float) -> float:
    """A lower bound of abs(s) for low <= x <= high."""
    try:
        ends = _interval(scale, (low, high))
    except (ArithmeticError, ValueError):
        return 0.0
    return max(ends[0], -ends[1], 0.0)


_Ends = tuple[float, float]


def _interval(node: Node, x: _Ends) -> _Ends:
    match node:
        case Number(value):
            return below(value), above(value)
        case Symbol("x"):
            return x
        case Symbol("pi"):
            return math.pi, up(math.pi)  # the float64 lies below
        case Negate(operand):
            low, high = _interval(operand, x)
            return -high, -low
        case Power(base, exponent):
            result = inner = _interval(base, x)
            for _ in range(exponent - 1):
                result = _combined("*", result, inner)
            return (max(result[0], 0.0), result[1]) if exponent % 2 == 0 else result
        case Binary(operator, left, right):
            return _combined(operator, _interval(left, x), _interval(right, x))
        case Call(function, arguments):
            return _called(function, [_interval(a, x) for a in arguments])
    return _EVERYTHING


def _combined(operator: str, a: _Ends, b: _Ends) -> _Ends:
    match operator:
        case "+":
            found = [a[0] + b[0], a[1] + b[1]]
        case "-":
            found = [a[0] - b[1], a[1] - b[0]]
        case "*":
            found = [p * q for p in a for q in b]
        case _:
            if b[0] <= 0 <= b[1]:
                return _EVERYTHING
            found = [p / q for p in a for q in b]
    if any(map(math.isnan, found)):
        return _EVERYTHING
    return down(min(found)), up(max(found))


#: Increasing functions, each off by `_LIBRARY` of its value at most.
_INCREASING: dict[str, Callable[[float], float]] = {
    "exp": lambda u: math.exp(u) if u < 709 else math.inf,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)) if u > -709 else 0.0,
}


def _called(function: str, arguments: list[_Ends]) -> _Ends:
    lows, highs = [a[0] for a in arguments], [a[1] for a in arguments]
    match function:
        case "min":
            return min(lows), min(highs)
        case "max":
            return max(lows), max(highs)
        case "abs":
            return max(lows[0], -highs[0], 0.0), max(-lows[0], highs[0])
    if function not in _INCREASING:
        return _EVERYTHING
    low, high = _INCREASING[function](lows[0]), _INCREASING[function](highs[0])
    return low - abs(low) * _LIBRARY, high + abs(high) * _LIBRARY + 2.0**-1000
