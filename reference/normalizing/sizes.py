"""S as a tree: the computation of a definition carried out on absolute values.

A number y computed for v with abs(y - v) <= g*size(v), g = (1 - u)^-k - 1 for k roundings on the way (N. J.
Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, chapter 3): sizes of sums and
differences add up, those of products multiply; a quotient a/b has (size(a) + abs(a/b)*size(b))/abs(b), and a
function f(w) has abs(f(w)) + abs(f'(w))*size(w), or abs(f(w)) alone where w is the input itself. What is left
out are products of two errors, for which `rows` has room.
"""

from __future__ import annotations

from actcheck.reference.expressions.calculus import derivative, folded, plus, times
from actcheck.reference.expressions.tree import (
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    X,
    substituted,
)
from actcheck.reference.specification.normalizing import TOTAL

#: The size of the sum.
TOTAL_SIZE = Symbol("size of the sum")
#: Bits of a constant that every format has.
_SHORT = 8


def size(node: Node) -> Node:
    """The size of a tree's value. Raises ValueError for a function without a derivative."""
    if node == TOTAL:
        return TOTAL_SIZE
    match node:
        case Negate(operand):
            return size(operand)
        case Power(base, exponent):
            return folded(Power(size(base), exponent))
        case Binary("*", left, right):
            return times(size(left), size(right))
        case Binary("/", left, right):
            own = plus(size(left), times(_magnitude(node), size(right)))
            return folded(Binary("/", own, _magnitude(right)))
        case Binary(_, left, right):
            return plus(size(left), size(right))
        case Call(function, (argument,)) if not _is_exact(argument):
            slope = substituted(derivative(Call(function, (X,))), {"x": argument})
            return plus(_magnitude(node), times(_magnitude(slope), size(argument)))
    return _magnitude(node)


def _is_exact(node: Node) -> bool:
    """Whether every backend has the value as it is."""
    match node:
        case Number(value):
            whole, parts = value.numerator, value.denominator
            return abs(whole).bit_length() <= _SHORT and parts & (parts - 1) == 0 and parts < 1 << _SHORT
        case Negate(operand):
            return _is_exact(operand)
    return node == X


def _magnitude(node: Node) -> Node:
    match node:
        case Number(value):
            return Number(abs(value))
        case Negate(operand):
            return _magnitude(operand)
    return Call("abs", (node,))
