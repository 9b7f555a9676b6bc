"""Running errors of functions (see `proof`)."""

from __future__ import annotations

import math
from dataclasses import replace

from actcheck.reference.expressions.tree import Node, text
from actcheck.reference.scales.known import OUTWARDS, TINY, UNIT, Known, ScaleError, bounded, settled, share

#: The relative error granted to one call of exp or tanh: 8 ULP. Those in use stay below 2.
FUNCTION = 16 * UNIT
#: exp of an argument between these is a normal number.
_LOWEST, _HIGHEST = -708.25, 709.0


def called(node: Node, function: str, given: list[Known]) -> Known:
    """A function of such values. Raises ScaleError where its error grows."""
    a = given[0]
    match function:
        case "abs":
            return replace(a, node=node, low=a.least, high=a.most)
        case "min" | "max":
            return _chosen(node, function, *given)
        case "exp":
            return _exponential(node, a)
        case "sigmoid":
            return _sigmoid(node, a)
        case "tanh":
            # abs(u*tanh'(u)) <= abs(tanh(u)) and tanh' <= 1: no error grows.
            ends = math.tanh(a.low), math.tanh(a.high)
            return bounded(node, ends, a.relative + FUNCTION, a.absolute, overflows=False)
        case "sqrt" if a.low > 0 or (a.low == 0 and a.absolute == 0):
            return _rooted(node, a)
    raise ScaleError(
        f"{text(node)}: a scale can use abs, min, max, exp, sigmoid, tanh, and sqrt of what is positive"
    )


def _rooted(node: Node, a: Known) -> Known:
    # sqrt(1 + r) <= 1 + r/2, and below 1 no less than 1 - r.
    relative = a.relative / 2 * (1 + 2.0**-20) + share(a.absolute, a.low)
    return bounded(node, (math.sqrt(a.low), math.sqrt(a.high)), relative, 0.0, a.overflows)


def _chosen(node: Node, function: str, a: Known, b: Known) -> Known:
    # min and max of values of one sign change by no larger factor, and by no more, than the values do.
    if not ((a.exact and b.exact) or (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0)):
        raise ScaleError(f"{text(node)}: of rounded values of either sign; take their sizes")
    pick = min if function == "min" else max
    low, high = pick(a.low, b.low), pick(a.high, b.high)
    # An infinity goes through min only where both values may be infinite.
    either = (a.overflows, b.overflows)
    overflows = all(either) if function == "min" and a.low >= 0 else any(either)
    known = Known(node, low, high, max(a.relative, b.relative), max(a.absolute, b.absolute), overflows)
    return settled(known)


def _exponential(node: Node, a: Known) -> Known:
    if not _LOWEST <= a.low <= a.high <= _HIGHEST:
        raise a.refused(
            "the argument of exp must stay between -708 and 709; bound it, as in exp(-min(u, 708))"
        )
    # exp(w) = exp(v)*exp(w - v) with abs(w - v) <= relative*abs(v) + absolute.
    off = math.expm1(a.relative * a.most + a.absolute * TINY) * OUTWARDS
    return bounded(
        node,
        (math.exp(a.low) * (1 - FUNCTION), math.exp(a.high) * (1 + FUNCTION)),
        off + FUNCTION,
        0.0,
        False,
    )


def _sigmoid(node: Node, a: Known) -> Known:
    if not a.low >= _LOWEST:
        raise a.refused("the argument of sigmoid must stay above -708; bound it, as in sigmoid(-min(u, 708))")
    # The logarithm of sigmoid has the slope sigmoid(-u) <= 1, and u*sigmoid(-u) < 0.3 for u > 0.
    off = math.expm1(a.relative * (max(-a.low, 0.0) + 1) + a.absolute * TINY) * OUTWARDS
    low = math.exp(min(a.low, 0)) / 2
    return bounded(node, (low, 1.0), off + 2 * FUNCTION, 0.0, False)
