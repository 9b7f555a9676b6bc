"""Errors of results, as an array of numbers, with the classes of wrong answers beside."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcheck.reference.answers import kernels
from actcheck.reference.answers.nearest import nearest
from actcheck.reference.answers.parts import Part, taken_apart
from actcheck.reference.answers.tables import tables
from actcheck.reference.answers.values import Activation, specification
from actcheck.reference.evaluation import numeric
from actcheck.reference.expressions.tree import ZERO
from actcheck.reference.formats import Format
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.judging.points import Points, format_of
from actcheck.reference.judging.wide import deciding
from actcheck.reference.machine.environment.control import sound

Array = NDArray[Any]
Mask = NDArray[np.bool_]
_EMPTY = np.empty(0)
#: How far an error may be from the exact one: in units, and as a share of itself.
_UNITS, _SHARE = 2.0**-20, 2.0**-48


@dataclass(frozen=True)
class Errors:
    """What is known of each result; every field is an array of the shape of the results.

    It stands for `error` where an array is wanted, as in ``np.max(errors)``.
    """

    #: In ULP of the exact value (or of its scale): an upper bound, no further than 2^-20 and 2^-48 of itself
    #: from the exact one; infinite for a wrong NaN or infinity, which has none.
    error: NDArray[np.float64]
    #: Results that are the correctly rounded value, and those that are less than one ULP off.
    correctly_rounded: Mask
    faithful: Mask
    #: NaN where there is a value, or a value where there is none.
    wrong_nan: Mask
    #: An infinity where the exact value is not that large, or a number where it is infinite.
    wrong_infinity: Mask
    #: A zero of the other sign than the specification asks for at x = 0.
    wrong_zero_sign: Mask
    #: Zero where the exact value is a normal number of the format.
    lost_to_zero: Mask

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.error, dtype, copy=True) if copy or dtype else self.error


def ulp_error(
    y: ArrayLike,
    activation: Activation,
    x: ArrayLike,
    /,
    quantity: str = "forward",
    scaled: bool = False,
    **parameters: Any,
) -> Errors:
    """The errors of results y of an activation at inputs x, both arrays of one format.

    An error is abs(y - z)/ulp(z), z the exact value at the exact input and ulp(z) the unit of the format at
    z, as JAX's accuracy tables define it; with ``scaled`` the unit is that at max(abs(z), s(x)), s the scale
    of the specification. ``error`` is at most 1/2 only where no other number of the format is nearer to z.
    Activation, quantity, shapes and parameters are those of `exact`; y has the shape of the result. At a kink
    all from one one-sided derivative to the other is right.

    Raises ValueError where y has another format or shape, and what `exact` raises.

    >>> import actcheck, numpy as np
    >>> x = np.linspace(-3, 3, 5, dtype=np.float32)
    >>> errors = actcheck.ulp_error(np.tanh(x), "tanh", x)
    >>> bool(np.max(errors) < 2), int(errors.wrong_nan.sum())
    (True, 0)
    """
    results, values = np.asarray(y), np.asarray(x)
    form, spec = format_of(values), specification(activation)
    asked = taken_apart(spec, values, quantity, parameters)
    if results.dtype != values.dtype or results.shape != asked.shape:
        raise ValueError(
            f"the results are {results.dtype} of shape {results.shape}; for inputs of {values.dtype} and "
            f"shape {values.shape} {spec.id} has results of {values.dtype} and shape {asked.shape}"
        )
    kinds = [np.float64, *(np.bool_,) * (len(fields(Errors)) - 1)]
    found = Errors(*(np.empty(asked.shape, kind) for kind in kinds))
    with judged_in(NumberModel()), sound(), np.errstate(all="ignore"):
        for part in asked.parts:
            mine = _judged(part, form, part.of(results), scaled)
            for field in fields(Errors):
                part.of(getattr(found, field.name))[...] = getattr(mine, field.name).reshape(part.x.shape)
    return found


def _judged(part: Part, form: Format, y: Array, scaled: bool) -> Errors:
    """The errors of one part, flat."""
    x, results = (np.ascontiguousarray(a).reshape(-1) for a in (part.x, y))
    factor = None if part.factor is None else np.ascontiguousarray(part.factor).reshape(-1)
    if form.name == "float64":
        found, open_ones = _nothing_known(len(x)), np.arange(len(x))
    else:
        found, open_ones = _by_loop(part, form, x, results, factor, scaled)
    finite = np.ones(len(open_ones), bool) if factor is None else np.isfinite(factor[open_ones])
    _settle(part, form, x, results, factor, scaled, found, open_ones[finite])
    if factor is not None:
        for at in open_ones[~finite].tolist():
            numbers = float(x[at]), float(results[at]), float(factor[at])
            _judge_unbounded(part, form, *numbers, found, at)
    return found


def _nothing_known(size: int) -> Errors:
    return Errors(np.zeros(size), *(np.zeros(size, bool) for _ in range(len(fields(Errors)) - 1)))


def _by_loop(
    part: Part, form: Format, x: Array, y: Array, factor: Array | None, scaled: bool
) -> tuple[Errors, NDArray[np.int64]]:
    narrow, scale, factors = x.astype(np.float32), _EMPTY, _EMPTY if factor is None else factor
    unsure: Mask = np.zeros(len(x), bool)
    node = part.bound.scale(part.quantity)
    if scaled and node != ZERO:
        scale, most = numeric.bounds(np, node, x.astype(np.float64), 1.0 if factor is None else factor)
        # A scale that is a power of two, or all but one, has either unit.
        known = (most >= form.smallest_normal) & (most < np.inf)
        unsure = known & (np.frexp(scale)[1] != np.frexp(most)[1])
        # Without a number for a scale an error counts in units of the value.
        scale = np.where(np.isfinite(scale), np.maximum(scale, 0.0), 0.0)
    error, flags = np.empty(len(x)), np.empty(len(x), np.uint8)
    precision = np.array([form.precision, form.emin, form.emax], np.int64)
    answers = tables(part.bound, part.quantity)
    kernels.errors(narrow, factors, y.astype(np.float32), scale, precision, answers, error, flags)

    def hold(flag: int) -> Mask:
        return np.asarray((flags & flag) != 0)

    found = Errors(
        error,
        hold(deciding.CORRECT),
        hold(deciding.FAITHFUL),
        hold(deciding.WRONG_NAN),
        hold(deciding.WRONG_INFINITY),
        np.zeros(len(x), bool),
        hold(deciding.LOST),
    )
    return found, np.flatnonzero(hold(deciding.UNDECIDED) | unsure)


def _settle(
    part: Part,
    form: Format,
    x: Array,
    y: Array,
    factor: Array | None,
    scaled: bool,
    found: Errors,
    at: NDArray[np.int64],
) -> None:
    """Judge points of which the loop does not know enough."""
    if not len(at):
        return
    times: Array | float = 1.0 if factor is None else factor[at]
    points = Points.of(part.bound, part.quantity, form, x[at], y[at], times)
    low, high = (points.scaled_low, points.scaled_high) if scaled else (points.low, points.high)
    # Near a root, beside a power of two and for results that are much too large the bounds are far apart.
    points.judge_each(np.flatnonzero(high - low > _UNITS + _SHARE * low))
    bad = points.classes["wrong_nan"] | points.classes["wrong_infinity"]
    error = points.scaled_high if scaled else points.high
    found.error[at] = np.where(bad, np.inf, error)
    found.correctly_rounded[at], found.faithful[at] = points.correct, points.faithful
    for name, hit in points.classes.items():
        getattr(found, name)[at] = hit


def _judge_unbounded(
    part: Part, form: Format, x: float, y: float, factor: float, found: Errors, at: int
) -> None:
    """A product with an infinity or NaN: that, or NaN; of an infinity times 0 nothing is said."""
    wanted = nearest(part.bound, part.quantity, form, x, factor)
    undefined = np.isnan(wanted) and not np.isnan(x) and not np.isnan(factor)
    right = undefined or y == wanted or (np.isnan(y) and np.isnan(wanted))
    found.correctly_rounded[at] = found.faithful[at] = right
    nan = np.isnan(y) or np.isnan(wanted)
    found.wrong_nan[at], found.wrong_infinity[at] = not right and nan, not right and not nan
    found.wrong_zero_sign[at] = found.lost_to_zero[at] = False
    found.error[at] = 0.0 if right else np.inf
