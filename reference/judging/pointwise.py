"""Single points, decided for certain: enclosures of the exact value, narrowed until nothing is left open."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache, partial

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.tree import Symbol, symbols
from actcheck.reference.formats import Format, power_of_two
from actcheck.reference.judging import enclosing
from actcheck.reference.judging.enclosing import Enclosure, ReferenceDisagreementError
from actcheck.reference.machine.outward import fraction_down, fraction_up
from actcheck.reference.specification.binding import ORDERS, Bound

__all__ = ["Exact", "Point", "ReferenceDisagreementError", "confirm", "exact", "judge_point", "narrow"]

#: Relative width of what `exact` answers, and the magnitude below which an absolute one is as good.
_WIDTH, _NOTHING = Fraction(1, 2**110), Fraction(1, 2**1200)
#: Beyond every format, where one number is as good as another.
_BEYOND = Fraction(2**4000)
#: Both sides of a kink: closer than any two numbers of a format.
_BESIDE = Fraction(1, 2**1200)
#: Relative width of an error, or of a unit, that is sharp enough to be told.
_SHARP = Fraction(1, 2**50)

#: The exact value, or the ends of what a kink allows; infinite at most at an infinite input.
Exact = tuple[Fraction, Fraction] | float


@dataclass(frozen=True)
class Point:
    """One result, judged. Errors in ULP of the exact value, as an enclosure rounded outwards."""

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
    ends = [_narrow(bound, quantity, case, x) for case in cases(bound, quantity, Fraction(x))]
    return min(e.low for e in ends), max(e.high for e in ends)


def narrow(bound: Bound, x: float) -> Enclosure:
    """An enclosure of the function at x (not NaN), 110 bits wide at most."""
    if math.isinf(x):
        limit = Fraction(bound.limit("forward", 1 if x > 0 else -1))
        return Enclosure(limit, limit)
    return _narrow(bound, "forward", bound.select(Fraction(x)), x)


def _narrow(bound: Bound, quantity: str, case: int, x: float) -> Enclosure:
    for found in enclosing.at(bound, quantity, case, Fraction(x)):
        if found.magnitude.low >= _BEYOND:
            return found
        if found.high - found.low <= max(abs(found.low), abs(found.high), _NOTHING / _WIDTH) * _WIDTH:
            return found
    raise _undecided(bound, quantity, x, "its value")


def confirm(bound: Bound, quantity: str, x: float) -> None:
    """Compare Arb with mpmath at one point. Raises ReferenceDisagreementError."""
    for case in cases(bound, quantity, Fraction(x)):
        found = _narrow(bound, quantity, case, x)
        node = bound.differentiated[ORDERS[quantity]][case].value
        value = mp.to_fraction(mp.evaluate(node, {"x": Fraction(x)}))
        slack = max(abs(found.low), abs(found.high)) * Fraction(1, 2**90) + Fraction(1, 2**1150)
        if found.magnitude.low >= _BEYOND and abs(value) >= _BEYOND and (value > 0) == (found.low > 0):
            continue
        if not found.low - slack <= value <= found.high + slack:
            raise ReferenceDisagreementError(
                f"{bound.spec.id} {bound.variant.label} {quantity} at x = {x.hex()}: mpmath says "
                f"{_float(value)!r}, Arb {_float(found.low)!r}; please report this, no backend is at fault"
            )


def _undecided(bound: Bound, quantity: str, x: float, what: str) -> ReferenceDisagreementError:
    return ReferenceDisagreementError(
        f"{bound.spec.id} {bound.variant.label} {quantity} at x = {x.hex()}: no precision tells {what}; "
        "write the definition so that nothing cancels there; no backend is at fault"
    )


def cases(bound: Bound, quantity: str, x: Fraction) -> tuple[int, ...]:
    """The case that holds at x; for derivatives those on both sides of x, where they differ."""
    if ORDERS[quantity] == 0:
        return (bound.select(x),)
    return tuple(sorted({bound.select(x - _BESIDE), bound.select(x + _BESIDE)}))


def judge_point(
    bound: Bound, quantity: str, form: Format, x: float, y: float, upstream: float = 1.0
) -> Point:
    """Judge one result y for one input x (not NaN), multiplied by a finite upstream.

    Raises ReferenceDisagreementError where no precision decides it.
    """
    return _judge_bits(bound, quantity, form, struct.pack("3d", x, y, upstream))


# As many as a sample has whose results are all wrong: each is asked for once more when the faults are told.
@lru_cache(maxsize=1 << 16)
def _judge_bits(bound: Bound, quantity: str, form: Format, numbers: bytes) -> Point:
    # By their bits: zeros of both signs are equal, and NaN is not equal to itself.
    x, y, upstream = struct.unpack("3d", numbers)
    if math.isinf(x):
        limit = bound.limit(quantity, 1 if x > 0 else -1)
        if math.isinf(limit):
            return _judge_infinite(limit * upstream, y)
        values = [iter((Enclosure(Fraction(limit), Fraction(limit)).times(Fraction(upstream)),))]
    else:
        values = [_values(bound, quantity, case, x, upstream) for case in cases(bound, quantity, Fraction(x))]
    scale = cache(partial(_scale, bound, quantity, x, upstream))
    judged = [_judge(bound, quantity, form, x, y, value, scale) for value in values]
    if len(judged) == 1:
        return _with_zero_sign(bound, quantity, x, y, upstream, judged[0])
    return _between(form, y, judged)


def _values(bound: Bound, quantity: str, case: int, x: float, upstream: float) -> Iterator[Enclosure]:
    for found in enclosing.at(bound, quantity, case, Fraction(x)):
        yield found.times(Fraction(upstream))


def _judge(
    bound: Bound,
    quantity: str,
    form: Format,
    x: float,
    y: float,
    values: Iterator[Enclosure],
    scale: Callable[[], Enclosure],
) -> tuple[Point, Enclosure]:
    """The judgement against one exact value, with the enclosure that decided it."""
    for value in values:
        point = _decided(form, y, value, scale)
        if point is not None:
            return point, value
    raise _undecided(bound, quantity, x, f"how far {y!r} is off")


def _decided(form: Format, y: float, value: Enclosure, scale: Callable[[], Enclosure]) -> Point | None:
    """The judgement if the enclosure leaves no question open, else None."""
    if value.low == value.high and math.isfinite(y) and value.low == y:
        return Point((0.0, 0.0), (0.0, 0.0), True, True, None, _float(value.low))
    size = value.magnitude
    top = power_of_two(form.emax + 1)
    overflows = size.at_least(form.overflow)
    exponents = _ulp_exponents(form, size)
    if overflows is None or exponents[0] != exponents[1]:
        return None
    rounded = form.rounded(value.high if value.low < 0 else value.low)
    expected = rounded if overflows else _float((value.low + value.high) / 2)
    if math.isnan(y):
        return _wrong("wrong_nan", expected)
    if math.isinf(y) and not (overflows and (value.low > 0) == (y > 0)):
        return _wrong("wrong_infinity", expected)
    unit = power_of_two(exponents[0])
    ends = [min(max(end, -top), top) for end in (value.low, value.high)]
    clamped = Enclosure(ends[0], ends[1], value.open and ends == [value.low, value.high])
    distance = clamped.distance(_standing(form, y))
    half, one, lost = distance.beyond(unit / 2), distance.at_least(unit), False
    if half is None or one is None or (distance.low < unit / 2 == distance.high and not distance.open):
        return None
    if distance.high - distance.low > max(distance.high, unit) * _SHARP:
        return None
    if y == 0:
        normal = size.at_least(Fraction(form.smallest_normal))
        if normal is None:
            return None
        lost = normal
    tie = distance.low == distance.high == unit / 2
    return Point(
        _ratio(distance, (unit, unit)),
        _ratio(distance, _units(form, clamped.magnitude, scale())),
        not half and (not tie or _is_even(form, y)),
        not one,
        "lost_to_zero" if lost else None,
        expected,
    )


def _ulp_exponents(form: Format, size: Enclosure) -> tuple[int, int]:
    """The exponents of ulp at both ends of a magnitude; an end that is not reached counts as what lies
    inside."""
    low, high = form.ulp_exponent(size.low), form.ulp_exponent(size.high)
    power = power_of_two(high + form.precision - 1)
    if size.open and size.high == power and high > form.emin - form.precision + 1:
        high -= 1
    return low, high


def _units(form: Format, size: Enclosure, scale: Enclosure) -> tuple[Fraction, Fraction]:
    """The least and the largest that ulp(max(size, scale)) can be."""
    low, high = _ulp_exponents(
        form,
        Enclosure(max(size.low, scale.low), max(size.high, scale.high), size.open and size.low >= scale.high),
    )
    return power_of_two(low), power_of_two(high)


def _ratio(distance: Enclosure, units: tuple[Fraction, Fraction]) -> tuple[float, float]:
    """An error as a closed interval of float64; a rest beyond an edge of 1/2 or 1 stays beyond it."""
    low, high = distance.low / units[1], distance.high / units[0]
    return fraction_down(low), fraction_up(high)


def _is_even(form: Format, y: float) -> bool:
    size = abs(_standing(form, y))
    count = size / power_of_two(form.ulp_exponent(size))
    return count.denominator == 1 and count.numerator % 2 == 0


def _between(form: Format, y: float, judged: list[tuple[Point, Enclosure]]) -> Point:
    """On a kink every value between the one-sided ones is right; outside of them the nearer one counts."""
    (first, low), (second, high) = sorted(judged, key=lambda j: j[1].low)
    if math.isnan(y):
        return first
    if math.isinf(y):
        return first if y < 0 else second
    stands = _standing(form, y)
    if low.high <= stands <= high.low:
        return Point((0.0, 0.0), (0.0, 0.0), True, True, None, y)
    return first if 2 * stands < low.low + high.high else second


def _with_zero_sign(
    bound: Bound, quantity: str, x: float, y: float, upstream: float, judged: tuple[Point, Enclosure]
) -> Point:
    point, value = judged
    zero = value.low <= 0 <= value.high and x == 0 and y == 0
    if zero and quantity == "forward" and is_wrong_zero(bound, x, y):
        return _wrong("wrong_zero_sign", math.copysign(0.0, -math.copysign(1.0, y)))
    return point


def _float(value: Fraction) -> float:
    if abs(value) >= 2**1023:
        return fraction_up(value) if value > 0 else fraction_down(value)
    return float(value)


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
    return power_of_two(form.emax + 1) * (1 if y > 0 else -1) if math.isinf(y) else Fraction(y)


def _scale(bound: Bound, quantity: str, x: float, upstream: float) -> Enclosure:
    """s(x) times the upstream; an mpf is good to more bits than are granted here (see `mp.evaluate`)."""
    if not math.isfinite(x):
        return Enclosure(Fraction(0), Fraction(0))
    value = mp.evaluate(bound.scale(quantity), {"x": Fraction(x)})
    size = abs(mp.to_fraction(value) * Fraction(upstream))
    slack = Fraction(0) if isinstance(value, Fraction) else size * Fraction(1, 2**100)
    return Enclosure(size - slack, size + slack)


def is_wrong_zero(bound: Bound, x: float, y: float) -> bool:
    """Whether the zero y has the wrong sign at the zero x, where the function itself is zero."""
    if bound.spec.zero_sign == "either":
        return False
    signs = math.copysign(1.0, x), math.copysign(1.0, y)
    node = bound.pieces[bound.select(Fraction(0))].value
    if bound.spec.zero_sign == "input":
        # A bound at 0 makes it the larger or smaller of two zeros, which may have either sign. Where the
        # slope is negative the definition itself gives the other sign: elu's is alpha*(exp(x) - 1).
        return signs[0] != signs[1] and "x" in symbols(node) and not _falls(bound)
    return signs[1] != (signs[0] if node == Symbol("x") else 1.0)


def _falls(bound: Bound) -> bool:
    """Whether the slope at 0 is negative."""
    return mp.to_fraction(bound.exact("gradient", Fraction(0))) < 0
