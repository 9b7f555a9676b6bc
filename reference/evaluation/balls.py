"""The Arb reading of the tree: power series whose coefficients are proven enclosures.

The tree is read in the form that `rewriting.stable` gives it. The same reading serves one point (a ball of
radius 0), a whole interval, and any number of derivatives: coefficient k of the series about x
encloses f^(k)(x)/k!.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, arb_series, ctx, fmpq, fmpz

from actcheck.reference.expressions.calculus import folded
from actcheck.reference.expressions.rewriting import stable
from actcheck.reference.expressions.tree import ARITHMETIC, Binary, Call, Negate, Node, Number, Power, Symbol

Ball = Any  # flint.arb
Series = Any  # flint.arb_series


@contextmanager
def precision(bits: int, length: int) -> Iterator[None]:
    """Arb's working precision and the length of power series, within the block."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, length
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


def ball(value: float | Fraction) -> Ball:
    """A number as a ball: exact for a float, to the working precision for a fraction."""
    if isinstance(value, Fraction):
        return arb(fmpq(fmpz(value.numerator), fmpz(value.denominator)))
    return arb(value)


def hull(low: float, high: float) -> Ball:
    """The smallest ball that holds a closed interval."""
    return arb(low).union(arb(high)) if low < high else arb(low)


def expansion(node: Node, about: Ball, length: int) -> list[Ball]:
    """The first ``length`` coefficients of the power series about a ball (Arb's precision as set).

    The tree must be in the form that `prepared` gives it.
    Where a quotient's denominator may be 0 nothing is known: every coefficient is then NaN.
    """
    ctx.cap = length
    try:
        series = _read(node, arb_series([about, 1] if length > 1 else [about]))
    except (ValueError, ZeroDivisionError):
        return [arb("nan")] * length
    coefficients = list(series.coeffs())
    return coefficients + [arb(0)] * (length - len(coefficients))


@lru_cache(maxsize=4096)
def prepared(node: Node) -> Node:
    """The form of a tree that is read."""
    return folded(stable(node))


def _read(node: Node, x: Series) -> Series:
    match node:
        case Number(value):
            return arb_series([ball(value)])
        case Symbol("x"):
            return x
        case Symbol("pi"):
            return arb_series([arb.pi()])
        case Negate(operand):
            return -_read(operand, x)
        case Power(base, exponent):
            return _power(_read(base, x), exponent)
        case Binary(operator, left, right):
            return ARITHMETIC[operator](_read(left, x), _read(right, x))
        case Call(function, arguments):
            return _FUNCTIONS[function](_read(arguments[0], x))
    raise ValueError(f"{node!r} has no value")


def _power(base: Series, exponent: int) -> Series:
    if len(base) <= 1:
        return arb_series([base[0] ** exponent])
    result = base
    for _ in range(exponent - 1):
        result = result * base
    return result


def _positive(u: Series) -> bool:
    return bool(u[0].mid() > 0)


def _sigmoid(u: Series) -> Series:
    if _positive(u):
        return 1 / (1 + (-u).exp())
    e = u.exp()
    return e / (1 + e)


def _log1pexp(u: Series) -> Series:
    if _positive(u):
        return u + (1 + (-u).exp()).log()
    return (1 + u.exp()).log()


def _tanh(u: Series) -> Series:
    return 1 - 2 * _sigmoid(-2 * u) if _positive(u) else 2 * _sigmoid(2 * u) - 1


#: A series of length 1 needs no derivative, and Arb's own functions lose nothing near 0.
_FUNCTIONS: dict[str, Any] = {
    "exp": lambda u: u.exp(),
    "log": lambda u: u.log(),
    "tanh": _tanh,
    "erf": lambda u: u.erf(),
    "erfc": lambda u: u.erfc(),
    "sqrt": lambda u: u.sqrt(),
    "sigmoid": _sigmoid,
    "log1pexp": _log1pexp,
    "Phi": lambda u: (-u / arb(2).sqrt()).erfc() / 2,
}
