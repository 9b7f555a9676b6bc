"""Complex inputs off the real axis, against the one continuation of a definition that is a single formula.

The error is normwise: the larger part of y - z in units of the last place of abs(z), or of abs(z*f'(z)) where
that is larger, for a relative error of the input becomes as much. No formula keeps the smaller part of a
product to its own last place. A complex product or quotient is made of up to six real operations and sums
of two products, and so the budget is four times that of the real function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.model import CallExample, Fault, Question
from actcheck.reference.evaluation.complex_balls import limit_at, value_at
from actcheck.reference.expressions.tree import Call, Node, walk
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.telling import definition_thresholds

Array = NDArray[Any]
#: The format of each part.
PARTS = {"complex64": FORMATS["float32"], "complex128": FORMATS["float64"]}
#: How many times the budget of the real function is granted.
_TIMES = 4
_REAL = (0.0, 2.0**-20, 0.3, 1.0, 3.0, 17.0)
_IMAGINARY = (2.0**-20, -0.1, 0.7, -1.5, 3.0, -100.0)
#: Beyond it the logarithm and the root of the formula leave their principal branch.
_BRANCH = 1.5
#: So far on either side of a threshold.
_BESIDE = (1 - 2.0**-8, 1 + 2.0**-8)


@dataclass(frozen=True)
class _Exact:
    """The value at a point of the plane, and the size that errors are held against."""

    real: Fraction
    imaginary: Fraction
    size: Fraction


def points(name: str, question: Question) -> Array:
    """Finite points, then those with an infinite real part; none where there is no one continuation."""
    bound, form = bind(question.spec, question.variant), PARTS[name]
    if len(bound.pieces) != 1 or bound.pieces[0].when:
        return np.empty(0, name)
    ends = [
        abs(t) * side for t in definition_thresholds(bound, form) if 1 < abs(t) < 2000 for side in _BESIDE
    ]
    real = np.unique(np.array([*_REAL, *ends]))
    imaginary = np.array([y for y in _IMAGINARY if abs(y) <= _BRANCH or not _branches(bound.pieces[0].value)])
    x = np.concatenate([-real[::-1], real, [-np.inf, np.inf]])
    grid = np.empty((len(x), len(imaginary)), name)
    grid.real, grid.imag = x[:, None], imaginary
    return grid.ravel()


def _branches(node: Node) -> bool:
    return any(isinstance(part, Call) and part.function in ("log", "sqrt") for part in walk(node))


def fault(question: Question, z: Array, y: Array) -> Fault | None:
    """The fault of results y at points z, the worst told; points without a proven value are passed over."""
    bound, form = bind(question.spec, question.variant), PARTS[z.dtype.name]
    allowed = _allowed(question)
    errors = np.array([_error(bound, form, complex(a), complex(b)) for a, b in zip(z, y, strict=True)])
    wrong = np.flatnonzero(errors > allowed)
    if not len(wrong):
        return None
    worst = wrong[np.argmax(errors[wrong])]
    what = f"off_axis:{z.dtype}"
    told = f"x = {z[worst]}: got {y[worst]}, expected {_told(bound, complex(z[worst]))}"
    message = f"{what}: {told}, error {errors[worst]:.3g} ULP of the modulus (budget {allowed:g})"
    if len(wrong) > 1:
        message += f"; so for {len(wrong)} of {len(z)} inputs"
    real = z.real[wrong].astype(np.float64)
    finite = float(np.max(np.where(np.isfinite(errors[wrong]), errors[wrong], 0)))
    size = finite if np.isfinite(errors[wrong]).all() else math.inf
    shown = CallExample(str(complex(z[worst])))
    return Fault(what, message, size, tuple(_spans(real)), call=shown)


def exact_value(question: Question, z: complex, name: str) -> tuple[complex, float] | None:
    """The value at a point, and what each part may be off by in a complex format; None where unproven."""
    bound, form = bind(question.spec, question.variant), PARTS[name]
    exact = _exact(bound, z.real, z.imag)
    if exact is None:
        return None
    unit = Fraction(2) ** form.ulp_exponent(exact.size)
    return complex(float(exact.real), float(exact.imaginary)), float(Fraction(_allowed(question)) * unit)


def _allowed(question: Question) -> float:
    return _TIMES * question.spec.accuracy["forward"].ulp


def _spans(real: Array) -> Iterator[tuple[float, float]]:
    """The real parts of either sign, from end to end; infinite ones by themselves."""
    for side in (real[np.isfinite(real) & (real < 0)], real[np.isfinite(real) & (real >= 0)]):
        if len(side):
            yield float(side.min()), float(side.max())
    yield from ((end, end) for end in (-math.inf, math.inf) if (real == end).any())


def _told(bound: Bound, z: complex) -> str:
    exact = _exact(bound, z.real, z.imag)
    return f"{complex(float(exact.real), float(exact.imaginary)):.9g}" if exact else "a value"


def _error(bound: Bound, form: Format, z: complex, y: complex) -> float:
    """In ULP of the larger modulus; infinite for what is not finite, 0 where nothing is proven."""
    exact = _exact(bound, z.real, z.imag)
    if exact is None or max(abs(exact.real), abs(exact.imaginary)) > form.largest / 4:
        return 0.0
    if not (math.isfinite(y.real) and math.isfinite(y.imag)):
        return math.inf
    apart = max(abs(Fraction(y.real) - exact.real), abs(Fraction(y.imag) - exact.imaginary))
    return float(apart / Fraction(2) ** form.ulp_exponent(exact.size))


@lru_cache(maxsize=1 << 14)
def _exact(bound: Bound, real: float, imaginary: float) -> _Exact | None:
    node, slope = (pieces[0].value for pieces in bound.differentiated[:2])
    if math.isinf(real):
        limit = limit_at(node, 1 if real > 0 else -1, imaginary)
        return None if limit is None else _Exact(limit, Fraction(0), abs(limit))
    value, slopes = value_at(node, real, imaginary), value_at(slope, real, imaginary)
    if value is None or slopes is None:
        return None
    moved = max(abs(Fraction(real)), abs(Fraction(imaginary))) * max(map(abs, slopes))
    return _Exact(*value, max(*map(abs, value), moved))
