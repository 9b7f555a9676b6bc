"""Single points, decided for certain: Arb at rising precision, and exact rational numbers for ties."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from actcheck.reference import balls, mp
from actcheck.reference.asymptotes import split
from actcheck.reference.binding import ORDERS, Bound
from actcheck.reference.expression import Node, Symbol
from actcheck.reference.formats import Format

#: Relative width of an enclosure, and magnitude below which an absolute one is as good.
_WIDTH, _NOTHING = 2.0**-110, arb(2) ** -1200
_BITS, _MOST_BITS = 256, 1 << 14
_BESIDE = Fraction(1, 2**1200)

#: The exact value, or the ends of what a kink allows; infinite at most at an infinite input.
Exact = tuple[Fraction, Fraction] | float


class ReferenceDisagreementError(ArithmeticError):
    """mpmath and Arb do not agree: a fault of the harness, never of a backend."""


@dataclass(frozen=True)
class Point:
    """One result, judged. Errors in ULP of the exact value, as an enclosure."""

    error: tuple[float, float]
    scaled: tuple[float, float]
    correctly_rounded: bool
    faithful: bool
    #: The class of a result without a finite error, or lost_to_zero.
    wrong: str | None
    expected: float


def exact(bound: Bound, quantity: str, x: float) -> Exact:
    """An enclosure of the value at x (not NaN), 110 bits wide at most; at a kink, of what is allowed."""
    if math.isinf(x):
        limit = bound.limit(quantity, 1 if x > 0 else -1)
        return limit if math.isinf(limit) else (Fraction(limit), Fraction(limit))
    nodes = _nodes(bound, quantity, Fraction(x))
    ends = [_enclosed(balls.prepared(n), ORDERS[quantity], n, x) for n in nodes]
    return min(e[0] for e in ends), max(e[1] for e in ends)


def confirm(bound: Bound, quantity: str, x: float) -> None:
    """Compare Arb with mpmath at one point. Raises ReferenceDisagreementError."""
    order = ORDERS[quantity]
    for case in _cases(bound, quantity, Fraction(x)):
        low, high = _enclosed(balls.prepared(bound.pieces[case].value), order, bound.pieces[case].value, x)
        value = mp.to_fraction(mp.evaluate(bound.differentiated[order][case].value, {"x": Fraction(x)}))
        slack = max(abs(low), abs(high)) * Fraction(1, 2**90) + Fraction(1, 2**1150)
        if not low - slack <= value <= high + slack:
            raise ReferenceDisagreementError(
                f"{bound.spec.id} {bound.variant.label} {quantity} at x = {x.hex()}: mpmath says "
                f"{float(value)!r}, Arb {float(low)!r}; please report this, no backend is at fault"
            )


def _cases(bound: Bound, quantity: str, x: Fraction) -> tuple[int, ...]:
    """The case that holds at x; for derivatives those on both sides of x, where they differ."""
    if ORDERS[quantity] == 0:
        return (bound.select(x),)
    return tuple({bound.select(x - _BESIDE), bound.select(x + _BESIDE)})


def _nodes(bound: Bound, quantity: str, x: Fraction) -> tuple[Node, ...]:
    return tuple(bound.pieces[case].value for case in _cases(bound, quantity, x))


def _enclosed(prepared: Node, order: int, node: Node, x: float) -> tuple[Fraction, Fraction]:
    bits = _BITS
    while bits <= _MOST_BITS:
        with balls.precision(bits, order + 1):
            value = balls.expansion(prepared, balls.ball(x), order + 1)[order] * math.factorial(order)
            if value.is_finite() and (
                value.rad() <= abs(value.mid()) * _WIDTH or value.abs_upper() < _NOTHING
            ):
                return _rational(value.lower()), _rational(value.upper())
        bits *= 4
    raise ReferenceDisagreementError(f"no enclosure of {node!r} at {x!r}")


def _rational(end: Any) -> Fraction:
    mantissa, exponent = end.man_exp()
    if exponent < -(1 << 15):
        return Fraction(0)
    if exponent > 1 << 15:
        return Fraction(int(mantissa) * 2 ** (1 << 15))
    power = Fraction(2) ** int(exponent) if exponent >= 0 else Fraction(1, 2 ** -int(exponent))
    return Fraction(int(mantissa) * power)


def judge_point(
    bound: Bound, quantity: str, form: Format, x: float, y: float, upstream: float = 1.0
) -> Point:
    """Judge one result y for one input x (not NaN), multiplied by a finite upstream."""
    value = exact(bound, quantity, x)
    if isinstance(value, float):
        return _judge_infinite(value * upstream, y)
    low, high = sorted(end * Fraction(upstream) for end in value)
    if math.isnan(y):
        return _wrong("wrong_nan", float(form.rounded(low)))
    nearest = _clamped(min(max(_standing(form, y), low), high), form)
    if math.isinf(y) and not (abs(nearest) >= form.overflow and (nearest > 0) == (y > 0)):
        return _wrong("wrong_infinity", form.rounded(nearest))
    if x == 0 and y == 0 and low <= 0 <= high and _wrong_zero(bound, quantity, x, y, upstream):
        return _wrong("wrong_zero_sign", math.copysign(0.0, -math.copysign(1.0, y)))
    # Away from kinks low and high are one number, enclosed: the further end bounds the error.
    kink = high - low > abs(high) * Fraction(1, 2**90)
    ends = (nearest,) if kink else (_clamped(low, form), _clamped(high, form))
    errors = [abs(_standing(form, y) - z) / Fraction(2) ** form.ulp_exponent(abs(z)) for z in ends]
    scaled = [_scaled(bound, quantity, form, x, y, z, upstream) for z in ends]
    correct = _is_rounded(bound, quantity, form, x, y, upstream, low, high)
    lost = y == 0 and abs(nearest) >= Fraction(form.smallest_normal)
    return Point(
        (_float(min(errors)), _float(max(errors))),
        (min(scaled), max(scaled)),
        correct,
        max(errors) < 1,
        "lost_to_zero" if lost else None,
        float(form.rounded(nearest)) if abs(nearest) >= form.overflow else _float(nearest),
    )


def _float(value: Fraction) -> float:
    if abs(value) < Fraction(2) ** 1023:
        return float(value)
    return math.inf if value > 0 else -math.inf


def _is_rounded(
    bound: Bound,
    quantity: str,
    form: Format,
    x: float,
    y: float,
    upstream: float,
    low: Fraction,
    high: Fraction,
) -> bool:
    ends = form.rounded(low), form.rounded(high)
    if ends[0] == ends[1]:
        return y == ends[0]
    if not ends[0] <= y <= ends[1]:
        return False
    if high - low > abs(high) * Fraction(1, 2**90):
        return True  # on a kink
    value = mp.to_fraction(bound.exact(quantity, Fraction(x))) * Fraction(upstream)
    return form.rounded(value + _beside(bound, quantity, x, upstream, value)) == y


def _beside(bound: Bound, quantity: str, x: float, upstream: float, value: Fraction) -> Fraction:
    """A step aside where mpmath's value lacks a rest that no precision resolves (see `asymptotes`)."""
    if quantity != "forward":
        return Fraction(0)
    found = split(bound.pieces[bound.select(Fraction(x))].value, balls.ball(x))
    if found is None or (found.constant + found.slope * Fraction(x)) * Fraction(upstream) != value:
        return Fraction(0)
    return found.sign * (1 if upstream > 0 else -1) * _BESIDE


def _judge_infinite(expected: float, y: float) -> Point:
    if math.isnan(y):
        return _wrong("wrong_nan", expected)
    if y != expected:
        return _wrong("wrong_infinity", expected)
    return Point((0.0, 0.0), (0.0, 0.0), True, True, None, expected)


def _wrong(name: str, expected: float) -> Point:
    zero_sign = name == "wrong_zero_sign"
    error = (0.0, 0.0) if zero_sign else (math.inf, math.inf)
    return Point(error, error, False, zero_sign, name, expected)


def _standing(form: Format, y: float) -> Fraction:
    """An infinity stands at 2^(emax + 1)."""
    return Fraction(2) ** (form.emax + 1) * (1 if y > 0 else -1) if math.isinf(y) else Fraction(y)


def _clamped(z: Fraction, form: Format) -> Fraction:
    largest = Fraction(2) ** (form.emax + 1)
    return min(max(z, -largest), largest)


def _scaled(
    bound: Bound, quantity: str, form: Format, x: float, y: float, z: Fraction, upstream: float
) -> float:
    scale = Fraction(0)
    if math.isfinite(x):
        scale = abs(
            mp.to_fraction(mp.evaluate(bound.scale(quantity), {"x": Fraction(x)})) * Fraction(upstream)
        )
    unit = Fraction(2) ** form.ulp_exponent(max(abs(z), scale))
    return _float(abs(_standing(form, y) - z) / unit)


def _wrong_zero(bound: Bound, quantity: str, x: float, y: float, upstream: float) -> bool:
    """Whether a zero has the wrong sign; judged at x = +-0 of the function itself only."""
    if quantity != "forward" or bound.spec.zero_sign == "either":
        return False
    signs = math.copysign(1.0, x), math.copysign(1.0, y)
    if bound.spec.zero_sign == "input":
        return signs[0] != signs[1]
    node = bound.pieces[bound.select(Fraction(0))].value
    return signs[1] != (signs[0] if node == Symbol("x") else 1.0)
