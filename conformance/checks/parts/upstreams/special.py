"""Zero, infinite and NaN upstreams of the gradient.

Where the derivative is a number other than 0, a zero upstream gives 0, an infinite one the infinity of the
product's sign, and NaN gives NaN. In a dead zone, where the derivative is exactly 0, an infinite or NaN
upstream has no right answer: what the backend does is noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.backends.asker import Asker, FaultError, UnsupportedError, calling
from actcheck.conformance.model import Context, Example, Fault, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging import pointwise
from actcheck.reference.judging.number_models import current
from actcheck.reference.specification.binding import Bound, bind, kinks_at

Array = NDArray[Any]
UPSTREAMS = (0.0, -0.0, np.inf, -np.inf, np.nan)
#: Stands for an infinite derivative: beyond every format.
_HUGE = Fraction(2) ** 2000
_ORDINARY = (0.5, 1.0, 2.0, 3.0)


@dataclass
class Special:
    """What special upstreams showed."""

    faults: list[Fault] = field(default_factory=list)
    #: Of a dead zone: kind of upstream to the results seen there.
    notes: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Pair:
    x: float
    upstream: float
    got: float
    #: The ends of what the derivative may be at x.
    low: Fraction
    high: Fraction

    @property
    def kind(self) -> str:
        if np.isnan(self.upstream):
            return "nan"
        return "infinite" if np.isinf(self.upstream) else "zero"

    @property
    def dead(self) -> bool:
        return self.low == self.high == 0

    def expected(self, form: Format) -> float | None:
        """The right answer; None where there is none to hold a backend to."""
        if self.kind == "zero":
            overflows = max(abs(self.low), abs(self.high)) >= form.overflow
            return None if overflows and np.isnan(self.got) else 0.0
        # A slope that the format can only hold as a subnormal number or 0 may be taken for 0.
        least = Fraction(form.smallest_normal)
        if self.low < least and self.high > -least:
            return None
        return float(np.copysign(1.0, float(self.low > 0) - 0.5)) * self.upstream

    def is_right(self, expected: float) -> bool:
        return self.got == expected or bool(np.isnan(self.got) and np.isnan(expected))


def special_upstreams(question: Question, context: Context) -> Special:
    """Every input with every upstream, in one array and again in the reverse order."""
    found, asker, form = Special(), Asker.of(question, context), FORMATS[question.format]
    x, upstream = _inputs(question, form)
    pairs: list[_Pair] = []
    for order in (slice(None), slice(None, None, -1)):
        a, b = x[order].copy(), upstream[order].copy()
        try:
            with calling("a gradient with zero, infinite and NaN upstreams"):
                y = _gradients(asker, a, b)
        except UnsupportedError:
            return found
        except FaultError as error:
            found.faults.append(error.fault)
            return found
        pairs += _pairs(question, a, b, y)
    found.faults += _faults(form, pairs)
    found.notes = _dead_zone(pairs)
    return found


def _gradients(asker: Asker, x: Array, upstream: Array) -> Array:
    """In an array of the usual length where each length is compiled anew."""
    length = asker.block or len(x)
    return asker.gradient(np.resize(x, length), np.resize(upstream, length))[: len(x)]


def _inputs(question: Question, form: Format) -> tuple[Array, Array]:
    sizes = {*_ORDINARY, 0.0, np.inf, form.smallest, form.largest}
    at_kinks = kinks_at(question.spec, question.variant)
    near = {float(np.clip(at, -form.largest, form.largest)) for at in at_kinks}
    values = np.array([*sorted(sizes), *(-s for s in sorted(sizes)), *sorted(near)]).astype(form.dtype)
    return np.repeat(values, len(UPSTREAMS)), np.tile(np.array(UPSTREAMS, form.dtype), len(values))


def _pairs(question: Question, x: Array, upstream: Array, y: Array) -> Iterator[_Pair]:
    bound = bind(question.spec, question.variant)
    slopes: dict[float, tuple[Fraction, Fraction]] = {}
    for a, b, c in zip(x.astype(float).tolist(), upstream.astype(float).tolist(), y.tolist(), strict=True):
        if a not in slopes:
            slopes[a] = _slopes(bound, FORMATS[question.format], a)
        yield _Pair(a, b, float(c), *slopes[a])


def _slopes(bound: Bound, form: Format, x: float) -> tuple[Fraction, Fraction]:
    """The ends of what the derivative may be at x, in the current number model."""
    ends = _ends_of(bound, x)
    if current().flush_inputs and 0 < abs(x) < form.smallest_normal:
        zero = _ends_of(bound, 0.0)
        return min(ends[0], zero[0]), max(ends[1], zero[1])
    return ends


def _ends_of(bound: Bound, x: float) -> tuple[Fraction, Fraction]:
    slope = pointwise.exact(bound, "gradient", x)
    return slope if isinstance(slope, tuple) else (_HUGE * (1 if slope > 0 else -1),) * 2


def _faults(form: Format, pairs: list[_Pair]) -> Iterator[Fault]:
    for kind in ("zero", "infinite", "nan"):
        asked = [p for p in pairs if p.kind == kind]
        judged = [(p, e) for p in asked if (e := p.expected(form)) is not None]
        wrong = [(p, e) for p, e in judged if not p.is_right(e)]
        if wrong:
            pair, expected = wrong[0]
            spans = tuple((x, x) for x in sorted({p.x for p, _ in wrong}))
            what = f"upstream:{kind}"
            message = (
                f"{what}: x = {numerals.both(pair.x)}, times {numerals.both(pair.upstream)}: got "
                f"{numerals.both(pair.got)}, expected {numerals.both(expected)}, since the derivative is "
                f"{_slope(pair)}; so for {len(wrong)} of {len(judged)} pairs, x in {numerals.ranges(spans)}"
            )
            example = Example(pair.x, pair.got, expected, pair.upstream)
            yield Fault(what, message, float(len(wrong)), spans, example)


def _slope(pair: _Pair) -> str:
    low, high = (_short(end) for end in (pair.low, pair.high))
    return low if low == high else f"between {low} and {high}"


def _short(slope: Fraction) -> str:
    if abs(slope) < Fraction(2) ** 1023:
        return f"{float(slope):.6g}"
    return "infinite" if abs(slope) == _HUGE else "beyond 2^1023"


def _dead_zone(pairs: list[_Pair]) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = {}
    for kind in ("infinite", "nan"):
        seen = {f"{p.got + 0.0:g}" for p in pairs if p.dead and p.kind == kind}
        if seen:
            notes[kind] = sorted(seen)
    return notes
