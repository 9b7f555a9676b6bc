"""Proof that a scale is evaluated in binary64 to a relative error of `numeric.SLACK`, for every x.

A running error analysis of the tree (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
chapter 3), over all finite x at once. Of each node it knows the range of the exact value v, and that the
computed value w obeys abs(w - v) <= relative*abs(v) + absolute, unless both lie beyond 2^1022. It refuses
what would break that: sums that may cancel after a rounding, exponentials that over- or underflow, quotients
by what may be 0, factors that overflow where the product does not.

What is assumed of the namespace: IEEE 754 arithmetic and square roots with gradual underflow, and
`calls.FUNCTION` for exp and tanh.
"""

from __future__ import annotations

import math
from dataclasses import replace

from actcheck.reference.evaluation.numeric import LEAST, SLACK
from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol, text
from actcheck.reference.scales.arithmetic import added, divided, multiplied, number, powered
from actcheck.reference.scales.calls import called
from actcheck.reference.scales.known import TINY, UNIT, Known, ScaleError

__all__ = ["ScaleError", "prove"]

#: What is left to the sums and products of `numeric.bounds`.
_MOST_RELATIVE, _MOST_ABSOLUTE = SLACK * 0.75, LEAST / 2 / TINY


def prove(node: Node) -> None:
    """Raise ScaleError unless `numeric.evaluate` is as exact as it says, for this tree over x alone.

    Then the computed s' obeys abs(s' - s) <= 3/4*SLACK*s + LEAST/2 for every finite x where s <= 2^1022;
    beyond, s' is at least 2^1021, and may be infinite.
    """
    known = _known(node)
    if known.low < 0:
        raise known.refused("a scale is nowhere negative; take abs() of what may be")
    if known.relative > _MOST_RELATIVE or known.absolute > _MOST_ABSOLUTE:
        told = f"{known.relative / UNIT:.0f} times 2^-53 of it and {known.absolute * TINY:.1g}"
        raise known.refused(f"its rounding errors may reach {told}; multiply by what is smaller")


def _known(node: Node) -> Known:
    match node:
        case Number(value):
            return number(node, value)
        case Symbol("x"):
            return Known(node, -math.inf, math.inf)
        case Symbol("pi"):
            return Known(node, math.pi, math.nextafter(math.pi, 4.0), UNIT)
        case Negate(operand):
            a = _known(operand)
            return replace(a, node=node, low=-a.high, high=-a.low)
        case Power(base, exponent):
            return powered(node, _known(base), exponent)
        case Binary(operator, left, right):
            a, b = _known(left), _known(right)
            match operator:
                case "*":
                    return multiplied(node, a, b)
                case "/":
                    return divided(node, a, b)
                case "-":
                    return added(node, a, replace(b, low=-b.high, high=-b.low))
            return added(node, a, b)
        case Call(function, arguments):
            return called(node, function, [_known(a) for a in arguments])
    raise ScaleError(f"{text(node)}: has no value")
