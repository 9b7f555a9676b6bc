"""Lines, channels and halves that are right for the defaults, and wrong for other parameters."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import at, formula, negated, when, with_parameters, zero
from tests.zoo.inputs import below
from tests.zoo.planting import of
from tests.zoo.where import both, formats, parameters

_fault = of("variant")

FAULTS = (
    _fault("hardshrink", "0 for lambd 0", when(parameters(lambda lambd: lambd == 0), zero), "accuracy"),
    _fault(
        "hardshrink",
        "lambd ignored in the gradient",
        with_parameters(lambd=0.5),
        "accuracy",
        "gradient",
    ),
    _fault(
        "hardshrink",
        "lambd 2 in float64 taken for 0.5",
        when(both(formats("float64"), parameters(lambda lambd: lambd == 2)), with_parameters(lambd=0.5)),
        "kinks-float64",
    ),
    _fault(
        "softshrink",
        "x for lambd 0 and below 0",
        when(parameters(lambda lambd: lambd == 0), at(below(0), zero)),
        "accuracy",
    ),
    _fault("softshrink", "lambd ignored", with_parameters(lambd=0.5), "accuracy"),
    _fault(
        "softshrink",
        "lambd ignored in the gradient in float16",
        when(formats("float16"), with_parameters(lambd=0.5)),
        "kinks-float16",
        "gradient",
    ),
    _fault(
        "hardtanh",
        "the same bound on both sides",
        formula(lambda x, min_val, max_val: np.clip(x, -max_val, max_val)),
        "accuracy",
    ),
    _fault(
        "hardtanh",
        "gradient with the default bounds",
        with_parameters(min_val=-1.0, max_val=1.0),
        "accuracy",
        "gradient",
    ),
    _fault(
        "hardtanh",
        "bounds of one sign taken for [-1, 1]",
        when(parameters(lambda min_val, max_val: min_val > 0), with_parameters(min_val=-1.0, max_val=1.0)),
        "accuracy",
    ),
    _fault(
        "hardtanh",
        "gradient in float64 with the default bounds",
        when(formats("float64"), with_parameters(min_val=-1.0, max_val=1.0)),
        "kinks-float64",
        "gradient",
    ),
    _fault(
        "leaky_relu",
        "max(x, slope*x)",
        formula(lambda x, negative_slope: np.where(x == 0, x, np.maximum(x, negative_slope * x))),
        "accuracy",
        wrong="max(x, slope*x), which is wrong for slopes above 1",
    ),
    _fault(
        "leaky_relu",
        "gradient by the sign of the result",
        formula(
            lambda x, negative_slope: np.where(np.where(x < 0, negative_slope * x, x) > 0, 1, negative_slope)
        ),
        "accuracy",
        "gradient",
    ),
    _fault(
        "leaky_relu",
        "the size of the slope taken",
        with_parameters(negative_slope=lambda negative_slope: max(negative_slope, -negative_slope)),
        "accuracy",
    ),
    _fault(
        "leaky_relu",
        "slope 1 in float16 taken for 0.01",
        when(
            both(formats("float16"), parameters(lambda negative_slope: negative_slope == 1)),
            with_parameters(negative_slope=0.01),
        ),
        "properties-float16",
    ),
    _fault(
        "rrelu",
        "lower for the mean",
        formula(lambda x, lower, upper: np.where(x < 0, lower * x, x)),
        "accuracy",
    ),
    _fault(
        "rrelu",
        "gradient with upper",
        formula(lambda x, lower, upper: np.where(x > 0, 1, upper)),
        "accuracy",
        "gradient",
    ),
    _fault(
        "rrelu",
        "the geometric mean",
        formula(lambda x, lower, upper: np.where(x < 0, np.sqrt(abs(lower * upper)) * x, x)),
        "accuracy",
    ),
    _fault(
        "rrelu",
        "bounds of both signs taken for the defaults",
        when(parameters(lambda lower, upper: lower < 0 < upper), with_parameters(lower=1 / 8, upper=1 / 3)),
        "accuracy",
    ),
    _fault(
        "threshold",
        "value cut to an integer",
        with_parameters(value=lambda threshold, value: float(int(value))),
        "accuracy",
    ),
    _fault(
        "threshold",
        "gradient's threshold at 0",
        with_parameters(threshold=0.0),
        "accuracy",
        "gradient",
    ),
    _fault(
        "threshold",
        "a negative threshold taken for 0",
        with_parameters(threshold=lambda threshold, value: max(threshold, 0.0)),
        "accuracy",
    ),
    _fault(
        "threshold",
        "value 20 taken for 6",
        with_parameters(value=lambda threshold, value: 6.0 if value == 20 else value),
        "accuracy",
    ),
    _fault(
        "prelu",
        "max(x, weight*x)",
        lambda call: np.where(
            call.wide < 0, np.maximum(call.y.astype(float), call.wide), call.y.astype(float)
        ).astype(call.y.dtype),
        "accuracy",
        wrong="max(x, weight*x), which is wrong for weights above 1",
    ),
    _fault(
        "prelu",
        "weights of 0 taken for 0.25",
        with_parameters(
            weight=lambda num_parameters, init, weight: np.where(weight == 0, 0.25, weight).astype(
                weight.dtype
            )
        ),
        "accuracy",
    ),
    _fault(
        "glu",
        "dim -2 taken for -1",
        when(parameters(lambda dim: dim == -2), with_parameters(dim=-1)),
        "accuracy",
    ),
    _fault("crelu", "dim 0 negated", when(parameters(lambda dim: dim == 0), negated), "accuracy"),
    _fault(
        "crelu",
        "gradient negated for dim -1",
        when(parameters(lambda dim: dim == -1), negated),
        "accuracy",
        "gradient",
    ),
    _fault(
        "hardtanh",
        "one bound of 6.3 is 6.25",
        with_parameters(max_val=lambda min_val, max_val: 6.25 if max_val == 6.3 else max_val),
        "accuracy",
    ),
    _fault(
        "prelu",
        "the first weight for all channels",
        with_parameters(num_parameters=1, weight=lambda num_parameters, init, weight: weight[:1]),
        "structure-float32",
    ),
)
