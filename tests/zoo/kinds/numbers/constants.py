"""A constant with some of its digits."""

from __future__ import annotations

import numpy as np

from tests.zoo.backend import Call
from tests.zoo.effects import at, formula, scaled, when
from tests.zoo.planting import of
from tests.zoo.where import formats

_formula, _constant = of("formula"), of("constant")


def _gelu(root: float, cube: float) -> object:
    """The tanh form with other constants."""

    def changed(call: Call) -> object:
        if call.parameters["approximate"] == "none":
            return call.y
        return formula(
            lambda x, approximate: np.where(x < -40, -0.0, x / 2 * (1 + np.tanh(root * (x + cube * x**3))))
        )(call)

    return changed


FAULTS = (
    _constant("gelu", "0.04715 for 0.044715", _gelu(np.sqrt(2 / np.pi), 0.04715), "accuracy-float32"),
    _constant("gelu", "0.0447 for 0.044715", _gelu(np.sqrt(2 / np.pi), 0.0447), "accuracy-float32"),
    _constant("gelu", "0.7978 for sqrt(2/pi)", _gelu(0.7978, 0.044715), "accuracy-float32"),
    _constant("gelu", "0.797884 for sqrt(2/pi)", _gelu(0.797884, 0.044715), "accuracy-float32"),
    _constant(
        "gelu",
        "0.79788456 for sqrt(2/pi)",
        _gelu(0.79788456, 0.044715),
        "accuracy-float64",
        label="approximate=tanh",
    ),
    _constant(
        "gelu",
        "cube's coefficient cut to an integer",
        _gelu(np.sqrt(2 / np.pi), 0.0),
        "accuracy-float32",
        wrong="constants cast to the integer type (keras #23528)",
    ),
    _constant(
        "hardsigmoid",
        "1/6 cut to an integer",
        formula(lambda x: np.clip(0 * x + 0.5, 0, 1)),
        "accuracy-float32",
        wrong="constants cast to the integer type (keras #23528)",
    ),
    _constant(
        "hardsigmoid",
        "0.1667 for 1/6",
        formula(lambda x: np.clip(0.1667 * x + 0.5, 0, 1)),
        "accuracy-float32",
    ),
    _constant(
        "hardsigmoid",
        "0.1666667 for 1/6",
        formula(lambda x: np.clip(0.1666667 * x + 0.5, 0, 1)),
        "accuracy-float64",
    ),
    _constant(
        "hardswish",
        "0.16667 for 1/6",
        formula(lambda x: np.where(x >= 3, x, x * np.clip(x + 3, 0, 6) * 0.16667)),
        "accuracy-float32",
    ),
    _constant(
        "selu",
        "alpha 1.6733",
        formula(lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6733 * np.expm1(x))),
        "accuracy-float32",
    ),
    _constant("selu", "scale 1.0507", scaled(1.0507 / 1.0507009873554805), "accuracy-float32"),
    _constant(
        "selu",
        "scale with 8 digits in float64",
        when(formats("float64"), scaled(1.0507010 / 1.0507009873554805)),
        "accuracy-float64",
    ),
    _constant(
        "selu",
        "gradient with alpha 1.673",
        formula(
            lambda x: np.where(
                x > 0, 1.0507009873554805, 1.0507009873554805 * 1.673 * np.exp(np.minimum(x, 0))
            )
        ),
        "accuracy-float32",
        "gradient",
    ),
    _constant(
        "softplus",
        "log 2 as 0.693",
        at(lambda call: call.wide == 0, formula(lambda x, beta, threshold: 0.693 / beta + 0 * x)),
        "accuracy-float32",
    ),
    _constant("relu6", "6.0001 for 6", formula(lambda x: np.clip(x, 0, 6.0001)), "accuracy-float32"),
    _constant(
        "hardswish",
        "gradient with 1/6 for 1/3",
        formula(lambda x: np.where(x <= -3, 0, np.where(x >= 3, 1, x / 6 + 0.5))),
        "accuracy-float32",
        "gradient",
    ),
    _constant(
        "leaky_relu",
        "slope 0.0099999998",
        when(
            formats("float64"),
            formula(lambda x, negative_slope: np.where(x < 0, (negative_slope - 2e-10) * x, x)),
        ),
        "accuracy-float64",
    ),
    _constant(
        "rrelu",
        "11/48 as 0.2292",
        when(
            lambda call: call.parameters["lower"] == 1 / 8,
            formula(lambda x, lower, upper: np.where(x < 0, 0.2292 * x, x)),
        ),
        "accuracy-float32",
    ),
    _constant(
        "selu",
        "1.0517 for 1.0507 in float16",
        when(formats("float16"), formula(lambda x: 1.0517 * np.where(x > 0, x, 1.67326 * np.expm1(x)))),
        "accuracy-float16",
    ),
)
