"""What others call: correctly rounded values, and bounds of the exact ones."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcheck.reference.answers.bounding import bounds
from actcheck.reference.answers.parts import taken_apart
from actcheck.reference.answers.rounding import rounded
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.judging.points import format_of
from actcheck.reference.machine.environment.control import sound
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
Activation = str | PathLike[str] | Spec


def exact(activation: Activation, x: ArrayLike, /, quantity: str = "forward", **parameters: Any) -> Array:
    """The correctly rounded values of an activation: to nearest, ties to even, in the format of the inputs.

    ``activation`` is an id, an alias, a path, text or record of a specification; ``x`` an array of float16,
    bfloat16 (of ml_dtypes), float32 or float64, of any shape; ``quantity`` is ``forward``, ``gradient`` or
    ``second_derivative``; parameters are those of the specification, by name. The answer is an array of the
    format, of the shape of the result: gated activations split the input along ``dim`` and have the gradient
    for an upstream of ones, channelwise ones take their weights (one, or one for each channel, dimension 1)
    as an array.

    Inputs and parameters are taken as the exact numbers that they are. A value is rounded from proven bounds
    where both round alike, and settled by integers, by double-double and by Arb at rising precision where
    not, whatever that takes. NaN gives NaN, an infinity the limit. A zero has the sign that the specification
    asks for at x = 0, and else +; where a value underflows either sign is right, and it is that of the value
    where that is known. At a kink, where the derivative jumps, the gradient is the specification's
    convention, torch's, and the second derivative that of the case that holds at the point.

    Raises ValueError for an unknown activation, format, quantity, shape or refused parameter, and for
    activations whose results are sums (attention); TypeError for a parameter that is missing, unknown or of
    another type.

    >>> import actcheck, numpy as np
    >>> x = np.array([-1.0, 0.5, np.inf], np.float32)
    >>> actcheck.exact("gelu", x)
    array([-0.15865526,  0.34573123,         inf], dtype=float32)
    >>> actcheck.exact("elu", x, quantity="gradient", alpha=2.0)
    array([0.7357589, 1.       , 1.       ], dtype=float32)
    """
    values = np.asarray(x)
    form, asked = format_of(values), taken_apart(specification(activation), values, quantity, parameters)
    result = np.empty(asked.shape, values.dtype)
    with judged_in(NumberModel()), sound(), np.errstate(all="ignore"):
        for part in asked.parts:
            flat = np.ascontiguousarray(part.x).reshape(-1)
            factor = None if part.factor is None else np.ascontiguousarray(part.factor).reshape(-1)
            answers = rounded(part.bound, part.quantity, form, flat, factor)
            part.of(result)[...] = answers.reshape(part.x.shape)
    return result


def enclosure(
    activation: Activation, x: ArrayLike, /, quantity: str = "forward", **parameters: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Proven bounds of the exact values of an activation: arrays ``lower`` and ``upper`` of float64.

    Arguments, shapes and errors are those of `exact`. The exact value at the exact input is no smaller than
    lower and no larger than upper; they are equal where the value is a float64 that is known. For float32 and
    narrower inputs they are 2^-44 of max(abs(value), 2^-126) apart at most, for float64 ones few units of
    float64. At a kink they enclose all that is right, from one one-sided derivative to the other. NaN has NaN
    for bounds, an infinity the limit.

    >>> import actcheck, numpy as np
    >>> lower, upper = actcheck.enclosure("tanh", np.array([0.0, 0.5], np.float32))
    >>> bool(lower[0] == upper[0] == 0), bool(lower[1] <= 0.46211715726000975 <= upper[1])
    (True, True)
    """
    values = np.asarray(x)
    form, asked = format_of(values), taken_apart(specification(activation), values, quantity, parameters)
    lower, upper = np.empty(asked.shape), np.empty(asked.shape)
    with sound(), np.errstate(all="ignore"):
        for part in asked.parts:
            flat = np.ascontiguousarray(part.x).reshape(-1)
            factor = None if part.factor is None else np.ascontiguousarray(part.factor).reshape(-1)
            found = bounds(part.bound, part.quantity, form, flat, factor)
            for ends, mine in zip((lower, upper), found, strict=True):
                part.of(ends)[...] = mine.reshape(part.x.shape)
    return lower, upper


def specification(activation: Activation) -> Spec:
    """The record of a specification, wherever it is. Raises SpecError, a ValueError."""
    return activation if isinstance(activation, Spec) else loading.find(activation)
