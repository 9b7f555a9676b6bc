"""The curve of an activation and of its derivatives, straight from the definition.

Every point is a value of the reference; where one case of the definition ends and the next begins
the place is found by bisection, so that a jump is drawn as one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.tree import SUM, ZERO, Binary, Node, Number, X, substituted
from actcheck.reference.specification.binding import ORDERS, Bound, bind
from actcheck.reference.specification.model import Piece, Spec, Variant
from actcheck.reference.specification.normalizing import normalized

Point = tuple[float, float]
Polyline = tuple[Point, ...]

#: The interval of the article's pictures.
LEFT, RIGHT = -7, 7
_STEPS = 280
#: Values from here on have no place in a picture.
_HIGHEST = 1e300
#: Slopes drawn for the negative side of a random activation, and the seed that fixes them.
_DRAWN = 120
_SEED = 20


class NoCurveError(Exception):
    """An activation that cannot be drawn, such as one of more numbers than one; the text says why."""


@dataclass(frozen=True)
class Curve:
    """A quantity over the interval, as lines that are broken at jumps."""

    quantity: str
    lines: tuple[Polyline, ...]

    @property
    def heights(self) -> tuple[float, float]:
        """The smallest and the largest value drawn."""
        values = [y for line in self.lines for _, y in line]
        return min(values), max(values)


def curve(spec: Spec, variant: Variant, quantity: str = "forward") -> Curve:
    """The curve of a quantity between `LEFT` and `RIGHT`. Raises NoCurveError where there is none."""
    if spec.kind == "random":
        return Curve(quantity, tuple(_random(spec, variant, quantity)))
    return Curve(
        quantity, tuple(line for bound in functions(spec, variant) for line in _lines(bound, quantity))
    )


def functions(spec: Spec, variant: Variant) -> Iterator[Bound]:
    """The functions of one real number that an activation draws, most often one."""
    match spec.kind:
        case "elementwise":
            yield bind(spec, variant)
        case "channelwise":
            yield _bound_with(spec, variant, weight=variant.parameters["init"])
        case "concatenating":
            yield _bound_with(spec, variant, half=0)
            yield _bound_with(spec, variant, half=1)
        case "gated":
            # The gate's curve: what the second half does to a first half of 1.
            symbols: dict[str, Node] = {"a": Number(Fraction(1)), "b": X}
            pieces = tuple(replace(p, value=substituted(p.value, symbols)) for p in spec.definition)
            yield bind(replace(spec, definition=pieces), variant)
        case "normalizing":
            # A row of two, of which the other one is 0.
            parts = normalized(spec, variant.parameters)
            total = Binary("+", parts.term, substituted(parts.term, {"x": ZERO}))
            made = (Piece((), substituted(parts.value, {SUM: total})),)
            yield bind(replace(spec, definition=made, properties=()), variant)
        case _:
            raise NoCurveError(f"{spec.id} is not a function of one number: it has no curve")


def _bound_with(spec: Spec, variant: Variant, **more: object) -> Bound:
    values = {**variant.parameters, **more}
    return bind(spec, replace(variant, parameters=values, given=values))  # type: ignore[arg-type]


def _random(spec: Spec, variant: Variant, quantity: str) -> Iterator[Polyline]:
    """Training: each negative input has a slope of its own, between lower and upper."""
    low, high = (float(variant.parameters[name] or 0) for name in ("lower", "upper"))
    draw = random.Random(_SEED)
    negative = []
    for index in range(_DRAWN):
        x = Fraction(LEFT) * (_DRAWN - index) / _DRAWN
        slope = draw.uniform(low, high)
        negative.append((float(x), _value(_bound_with(spec, variant, lower=slope, upper=slope), quantity, x)))
    yield tuple(negative) if quantity == "gradient" else (*negative, (0.0, 0.0))
    bound = bind(spec, variant)
    yield tuple((float(x), _value(bound, quantity, x)) for x in (Fraction(0), Fraction(RIGHT)))


def _lines(bound: Bound, quantity: str) -> Iterator[Polyline]:
    line: list[Point] = []
    previous: Fraction | None = None
    for x in (Fraction(LEFT) + Fraction((RIGHT - LEFT) * i, _STEPS) for i in range(_STEPS + 1)):
        if previous is not None and bound.select(previous) != bound.select(x):
            left, right = _border(bound, quantity, previous, x)
            line.append(left)
            if not math.isclose(left[1], right[1], rel_tol=1e-6, abs_tol=1e-6):
                yield tuple(line)
                line = []
            line.append(right)
        line.append((float(x), _value(bound, quantity, x)))
        previous = x
    yield tuple(line)


def _border(bound: Bound, quantity: str, low: Fraction, high: Fraction) -> tuple[Point, Point]:
    """The values on both sides of the place where the case that holds at ``low`` ends."""
    first, last = bound.select(low), bound.select(high)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if bound.select(middle) == first else (low, middle)
    nodes = bound.differentiated[ORDERS[quantity]]
    at = float(high)
    left, right = (
        _drawn(bound, x, partial(mp.evaluate, nodes[index].value, {"x": x}))
        for index, x in ((first, low), (last, high))
    )
    return (at, left), (at, right)


def _value(bound: Bound, quantity: str, x: Fraction) -> float:
    return _drawn(bound, x, partial(bound.exact, quantity, x))


def _drawn(bound: Bound, x: Fraction, value: Callable[[], Any]) -> float:
    """A value that has a place in a picture. Raises NoCurveError for others."""
    try:
        found = float(value())
    except (ArithmeticError, ValueError) as error:
        raise NoCurveError(f"{bound.spec.id} has no curve: at x = {float(x):g}: {error}") from error
    if not abs(found) < _HIGHEST:
        raise NoCurveError(f"{bound.spec.id} has no curve: its values reach {found:g} at x = {float(x):g}")
    return found


def simplified(line: Polyline, tolerance: float) -> Polyline:
    """The line without points that lie within ``tolerance`` of it (Ramer, Douglas and Peucker)."""
    if len(line) < 3:
        return line
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    offsets = [abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length for x, y in line[1:-1]]
    farthest = max(range(len(offsets)), key=offsets.__getitem__) + 1
    if offsets[farthest - 1] <= tolerance:
        return (line[0], line[-1])
    return simplified(line[: farthest + 1], tolerance)[:-1] + simplified(line[farthest:], tolerance)
