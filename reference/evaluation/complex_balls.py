"""The reading of a tree at a complex number: Arb's complex balls, by the principal branches.

One formula that is analytic about the real axis has one continuation: sigmoid, tanh, silu. A definition in
cases, or with abs, min or max, has none, and is not read here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import acb, arb

from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.tree import ARITHMETIC, Binary, Call, Negate, Node, Number, Power, Symbol

ComplexBall = Any  # flint.acb
#: Working precisions in bits; exp(1000) needs 1,443 more to be told from 1 beside it.
_PRECISIONS = (256, 1024, 4096)
#: A modulus that is known to so many bits is known.
_ENOUGH = 100
#: What lies so near to a limit is the limit in every format.
_NOTHING = arb(2) ** -1200
#: What is larger fits no format, and its digits would fill the memory.
_BEYOND = arb(2) ** 4096


def value_at(node: Node, real: float, imaginary: float) -> tuple[Fraction, Fraction] | None:
    """Both parts of the value at a finite point, as exact middles of a ball that is smaller than 2^-100 of
    its modulus; None at a pole, on a branch cut, far beyond every format, and where no precision suffices."""
    for bits in _PRECISIONS:
        with balls.precision(bits, 1):
            try:
                ball = _read(node, acb(arb(real), arb(imaginary)))
            except (ValueError, ZeroDivisionError):
                continue
            if ball.is_finite() and ball.abs_upper() > _BEYOND:
                return None
            if ball.is_finite() and ball.rel_accuracy_bits() >= _ENOUGH:
                return _fraction(ball.real), _fraction(ball.imag)
    return None


def limit_at(node: Node, sign: int, imaginary: float) -> Fraction | None:
    """The real number that the value is for every real part of a sign beyond all floats, at a finite
    imaginary part; None where it is none, or grows."""
    with balls.precision(_PRECISIONS[-1], 1):
        far = acb(sign * arb(2) ** 1030 + arb(0, 1) * arb(2) ** 1029, arb(imaginary))
        try:
            ball = _read(balls.prepared(node), far)
        except (ValueError, ZeroDivisionError):
            return None
        if not ball.is_finite() or not ball.real.abs_upper() < 2:
            return None
        limit = round(float(ball.real.mid()))
        return Fraction(limit) if (ball - limit).abs_upper() < _NOTHING else None


def _fraction(ball: Any) -> Fraction:
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    if mantissa and exponent + abs(mantissa).bit_length() < -(1 << 13):
        return Fraction(0)
    return Fraction(mantissa) * (Fraction(2**exponent) if exponent >= 0 else Fraction(1, 2**-exponent))


def _read(node: Node, z: ComplexBall) -> ComplexBall:
    match node:
        case Number(value):
            return acb(balls.ball(value))
        case Symbol("x"):
            return z
        case Symbol("pi"):
            return acb.pi()
        case Negate(operand):
            return -_read(operand, z)
        case Power(base, exponent):
            return _read(base, z) ** exponent
        case Binary(operator, left, right):
            return ARITHMETIC[operator](_read(left, z), _read(right, z))
        case Call(function, (argument,)) if function in _FUNCTIONS:
            return _FUNCTIONS[function](_read(argument, z))
    raise ValueError(f"{node!r} has no complex value")


def _sigmoid(u: ComplexBall) -> ComplexBall:
    if u.real.mid() > 0:
        return 1 / (1 + (-u).exp())
    grown = u.exp()
    return grown / (1 + grown)


_FUNCTIONS: dict[str, Any] = {
    "exp": lambda u: u.exp(),
    "log": lambda u: u.log(),
    "tanh": lambda u: u.tanh(),
    "erf": lambda u: u.erf(),
    "erfc": lambda u: u.erfc(),
    "sqrt": lambda u: u.sqrt(),
    "sigmoid": _sigmoid,
    "Phi": lambda u: (-u / acb(arb(2)).sqrt()).erfc() / 2,
}
