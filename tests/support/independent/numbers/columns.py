"""Numbers for many inputs at once: a list of Arb balls or of rationals, or one for all inputs.

Lists keep Python's share of each operation near a tenth of a microsecond; the precision is Arb's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import add, mul, sub, truediv
from typing import Any

from flint import arb, fmpq

from actcheck.reference.expressions.tree import Call
from tests.support.independent.differentiating import Jet

Column = Any  # a list, one number, or None for zero


def rational(value: float | Fraction) -> Any:
    """A number as flint's rational."""
    return fmpq(*value.as_integer_ratio())


def _paired(operation: Callable[[Any, Any], Any], a: Column, b: Column) -> Column:
    if isinstance(a, list):
        return list(map(operation, a, b)) if isinstance(b, list) else [operation(p, b) for p in a]
    return [operation(a, q) for q in b] if isinstance(b, list) else operation(a, b)


class Columns:
    """The algebra of columns of balls (or of rationals: ``exact``) at these inputs."""

    def __init__(self, inputs: Sequence[float], *, exact: bool = False) -> None:
        self.exact = exact
        self.inputs = [rational(x) for x in inputs] if exact else [arb(x) for x in inputs]

    def number(self, value: Fraction) -> Column:
        """A rational constant, as near as the precision allows."""
        return rational(value) if self.exact else arb(rational(value))

    def pi(self) -> Column:
        """The constant."""
        return arb.pi()

    def x(self) -> Column:
        """The inputs."""
        return self.inputs

    def plus(self, a: Column, b: Column) -> Column:
        """The sum."""
        if a is None or b is None:
            return b if a is None else a
        return _paired(add, a, b)

    def minus(self, a: Column, b: Column) -> Column:
        """The difference."""
        if b is None:
            return a
        if a is None:
            return [-q for q in b] if isinstance(b, list) else -b
        return _paired(sub, a, b)

    def times(self, a: Column, b: Column) -> Column:
        """The product."""
        return None if a is None or b is None else _paired(mul, a, b)

    def over(self, a: Column, b: Column) -> Column:
        """The quotient."""
        return None if a is None else _paired(truediv, a, b)

    def apply(self, call: Call, operands: Sequence[Column], order: int) -> Jet:
        """A function with its derivatives, at every input."""
        zero = fmpq(0) if self.exact else arb(0)
        filled = [zero if operand is None else operand for operand in operands]
        if not any(isinstance(operand, list) for operand in filled):
            return tuple(part[0] for part in _FUNCTIONS[call.function](*[[o] for o in filled], order))
        count = next(len(operand) for operand in filled if isinstance(operand, list))
        return _FUNCTIONS[call.function](*[o if isinstance(o, list) else [o] * count for o in filled], order)


def _exp(u: list[Any], order: int) -> Jet:
    return (([v.exp() for v in u]),) * (order + 1)


def _log(u: list[Any], order: int) -> Jet:
    parts = [[v.log() for v in u]]
    if order:
        parts.append([1 / v for v in u])
    if order > 1:
        parts.append([-v * v for v in parts[1]])
    return tuple(parts)


def _sides(u: list[Any]) -> tuple[list[Any], list[Any]]:
    """1/(1 + exp(-u)) and 1/(1 + exp(u)), neither from the other by a difference."""
    one, powers = arb(1), [(-v).exp() for v in u]
    left = [one / (one + e) for e in powers]
    return left, list(map(mul, powers, left))


def _logistic(u: list[Any], order: int) -> Jet:
    left, right = _sides(u)
    parts = [left]
    if order:
        parts.append(list(map(mul, left, right)))
    if order > 1:
        parts.append([p * (b - a) for p, a, b in zip(parts[1], left, right, strict=True)])
    return tuple(parts)


def _log1pexp(u: list[Any], order: int) -> Jet:
    value = [v + (-v).exp().log1p() if v > 0 else v.exp().log1p() for v in u]
    return (value, *_logistic(u, order - 1)) if order else (value,)


def _tanh(u: list[Any], order: int) -> Jet:
    """tanh'(u) = 4/((1 + exp(2u))(1 + exp(-2u))), tanh'' = -2 tanh tanh'."""
    parts = [[v.tanh() for v in u]]
    if order:
        left, right = _sides([2 * v for v in u])
        parts.append([4 * a * b for a, b in zip(left, right, strict=True)])
    if order > 1:
        parts.append([-2 * t * d for t, d in zip(parts[0], parts[1], strict=True)])
    return tuple(parts)


def _gauss(value: list[Any], u: list[Any], order: int, factor: Any, half: Any) -> Jet:
    """A value with the derivative factor*exp(-u^2/half) and that one's own."""
    parts = [value]
    if order:
        parts.append([factor * (-v * v / half).exp() for v in u])
    if order > 1:
        parts.append([-2 * v * d / half for v, d in zip(u, parts[1], strict=True)])
    return tuple(parts)


def _erf(u: list[Any], order: int) -> Jet:
    return _gauss([v.erf() for v in u], u, order, 2 / arb.pi().sqrt(), arb(1))


def _erfc(u: list[Any], order: int) -> Jet:
    return _gauss([v.erfc() for v in u], u, order, -2 / arb.pi().sqrt(), arb(1))


def _normal(u: list[Any], order: int) -> Jet:
    root = -1 / arb(2).sqrt()
    value = [(v * root).erfc() / 2 for v in u]
    return _gauss(value, u, order, 1 / (2 * arb.pi()).sqrt(), arb(2))


def _sqrt(u: list[Any], order: int) -> Jet:
    parts = [[v.sqrt() for v in u]]
    if order:
        parts.append([1 / (2 * v) for v in parts[0]])
    if order > 1:
        parts.append([-d / (2 * v) for d, v in zip(parts[1], u, strict=True)])
    return tuple(parts)


def _least(a: list[Any], b: list[Any], order: int) -> Jet:
    return _only_value(
        [p.min(q) if isinstance(p, arb) else min(p, q) for p, q in zip(a, b, strict=True)], order
    )


def _most(a: list[Any], b: list[Any], order: int) -> Jet:
    return _only_value(
        [p.max(q) if isinstance(p, arb) else max(p, q) for p, q in zip(a, b, strict=True)], order
    )


def _magnitude(u: list[Any], order: int) -> Jet:
    return _only_value([abs(v) for v in u], order)


def _only_value(value: list[Any], order: int) -> Jet:
    """Choices occur in scales alone: `binding` splits them into cases where they are differentiated."""
    if order:
        raise ValueError("a choice has no derivative")
    return (value,)


_FUNCTIONS: dict[str, Callable[..., Jet]] = {
    "exp": _exp,
    "log": _log,
    "log1pexp": _log1pexp,
    "sigmoid": _logistic,
    "tanh": _tanh,
    "erf": _erf,
    "erfc": _erfc,
    "Phi": _normal,
    "sqrt": _sqrt,
    "min": _least,
    "max": _most,
    "abs": _magnitude,
}
