"""A lower bound of a scale over a range of inputs, by interval arithmetic in float64, rounded outwards."""

from __future__ import annotations

import math
from collections.abc import Callable

from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol
from actcheck.reference.machine.outward import down, fraction_down, fraction_up, up

#: What the C library's exp, log and tanh may be off, generously: they claim a unit or two.
_LIBRARY = 2.0**-48
_EVERYTHING = (-math.inf, math.inf)


def bound_below(scale: Node) -> Callable[[float, float], float]:
    """A function that bounds abs(s) from below for low <= x <= high."""
    bounds = _bounds(scale)

    def least(low: float, high: float) -> float:
        try:
            ends = bounds((low, high))
        except (ArithmeticError, ValueError):
            return 0.0
        return max(ends[0], -ends[1], 0.0)

    return least


_Ends = tuple[float, float]
_Bounds = Callable[[_Ends], _Ends]


def _bounds(node: Node) -> _Bounds:
    match node:
        case Number(value):
            ends = fraction_down(value), fraction_up(value)
            return lambda _: ends
        case Symbol("x"):
            return lambda x: x
        case Symbol("pi"):
            return lambda _: (math.pi, up(math.pi))  # the float64 lies below
        case Negate(operand):
            inner = _bounds(operand)
            return lambda x: _negated(inner(x))
        case Power(base, exponent):
            inner = _bounds(base)
            return lambda x: _power_of(inner(x), exponent)
        case Binary(operator, left, right):
            a, b = _bounds(left), _bounds(right)
            return lambda x: _combined(operator, a(x), b(x))
        case Call(function, arguments):
            parts = [_bounds(argument) for argument in arguments]
            return lambda x: _called(function, [part(x) for part in parts])
    return lambda _: _EVERYTHING


def _negated(a: _Ends) -> _Ends:
    return -a[1], -a[0]


def _power_of(base: _Ends, exponent: int) -> _Ends:
    if exponent < 1:
        return _EVERYTHING if exponent else (1.0, 1.0)
    result = base
    for _ in range(exponent - 1):
        result = _combined("*", result, base)
    return (max(result[0], 0.0), result[1]) if exponent % 2 == 0 else result


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
