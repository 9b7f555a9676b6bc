"""The strict sign of a tree between two inputs, by what its functions are, where numbers have no bounds.

exp(-x) is positive for x = 2^1000 too, where no ball that Arb can write down tells it from 0.
"""

from __future__ import annotations

import math
from typing import Any

from actcheck.reference.certificates.wide.factoring import common_factors, sum_between
from actcheck.reference.evaluation import intervals
from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol

_POSITIVE = ("exp", "erfc", "sigmoid", "Phi", "log1pexp")
_ODD = ("tanh", "erf")


def sign_between(node: Node, ends: tuple[float, float]) -> int:
    """1 or -1 where a tree is positive or negative for all x between the ends, which lie on one side of 0.

    0 where neither is known.
    """
    found = _by_structure(node, ends) or _of(intervals.enclose(node, *ends))
    if found or not isinstance(node, Binary):
        return found
    split = common_factors(node, ends)
    if split is None:
        return 0
    common, rest = split
    return math.prod((sign_between(n, ends) for n in common), start=_of(sum_between(rest, ends)))


def _of(ends: tuple[Any, Any]) -> int:
    return 1 if ends[0] > 0 else -1 if ends[1] < 0 else 0


def _by_structure(node: Node, ends: tuple[float, float]) -> int:
    match node:
        case Number(value):
            return (value > 0) - (value < 0)
        case Symbol("x"):
            return 1 if ends[0] > 0 else -1 if ends[1] < 0 else 0
        case Symbol("pi"):
            return 1
        case Negate(operand):
            return -sign_between(operand, ends)
        case Binary("*" | "/", left, right):
            return sign_between(left, ends) * sign_between(right, ends)
        case Binary("+", left, right):
            return _agreed(sign_between(left, ends), sign_between(right, ends))
        case Binary("-", left, right):
            return _agreed(sign_between(left, ends), -sign_between(right, ends))
        case Power(base, exponent):
            sign = sign_between(base, ends)
            return sign if exponent % 2 else abs(sign)
        case Call(function, (argument,)):
            return 1 if function in _POSITIVE else sign_between(argument, ends) if function in _ODD else 0
    return 0


def _agreed(a: int, b: int) -> int:
    return a if a == b else 0
