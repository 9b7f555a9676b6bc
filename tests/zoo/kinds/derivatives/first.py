"""Right results and wrong first derivatives."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import (
    at,
    doubled,
    formula,
    negated,
    scaled,
    value,
    when,
    with_parameters,
)
from tests.zoo.inputs import above, below
from tests.zoo.planting import of
from tests.zoo.where import formats

_first, _second, _upstream = of("gradient"), of("second derivative"), of("upstream")

_A, _2 = "accuracy", "second_derivative"

FAULTS = (
    _first("silu", "sigmoid alone", formula(lambda x: 1 / (1 + np.exp(-x))), f"{_A}-float32", "gradient"),
    _first(
        "gelu",
        "Phi alone",
        formula(lambda x, approximate: 0.5 * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))),
        f"{_A}-float32",
        "gradient",
    ),
    _first(
        "gelu",
        "the tanh form's",
        with_parameters(approximate="tanh"),
        f"{_A}-float32",
        "gradient",
        label="default",
    ),
    _first(
        "mish",
        "silu's",
        formula(lambda x: 1 / (1 + np.exp(-x)) * (1 + x / (1 + np.exp(x)))),
        f"{_A}-bfloat16",
        "gradient",
    ),
    _first("softsign", "1/(1 + x*x)", formula(lambda x: 1 / (1 + x * x)), f"{_A}-float32", "gradient"),
    _first(
        "tanhshrink", "1 - tanh*tanh", formula(lambda x: 1 / np.cosh(x) ** 2), f"{_A}-float32", "gradient"
    ),
    _first(
        "hardswish",
        "that of relu6",
        formula(lambda x: ((x > -3) & (x < 3)) * 1.0),
        f"{_A}-float32",
        "gradient",
    ),
    _first(
        "threshold",
        "1 everywhere",
        formula(lambda x, threshold, value: np.ones_like(x)),
        f"{_A}-float16",
        "gradient",
    ),
    _first("softplus", "negated below 0", at(below(0), negated), f"{_A}-float64", "gradient"),
    _first(
        "elu",
        "result + alpha in float32",
        when(
            formats("float32"),
            formula(
                lambda x, alpha: np.where(
                    x > 0, 1, (alpha * np.expm1(x)).astype(np.float32).astype(float) + alpha
                )
            ),
        ),
        f"{_A}-float32",
        "gradient",
        wrong="result + alpha, of which nothing is left below -17",
    ),
    _first("relu", "1 % off in float16", when(formats("float16"), scaled(1.01)), f"{_A}-float16", "gradient"),
    _first(
        "crelu",
        "second half forgotten",
        lambda call: np.where(call.wide < 0, 0, call.y).astype(call.y.dtype),
        f"{_A}-float32",
        "gradient",
    ),
    _first(
        "crelu",
        "second half added",
        lambda call: np.where(call.wide < 0, -call.y, call.y).astype(call.y.dtype),
        f"{_A}-float32",
        "gradient",
    ),
    _first(
        "glu",
        "the gate's half negated",
        lambda call: np.concatenate(
            [(h if k == 0 else -h) for k, h in enumerate(np.split(call.y, 2, call.parameters["dim"]))],
            call.parameters["dim"],
        ),
        f"{_A}-float32",
        "gradient",
    ),
    _first("prelu", "1 for all", lambda call: call.upstream.copy(), f"{_A}-float32", "gradient"),
    _first("prelu", "weight's doubled", doubled, f"{_A}-float32", "weight_gradient"),
    _first("prelu", "weight's negated", negated, f"{_A}-bfloat16", "weight_gradient"),
    _first(
        "leaky_relu", "0.02 below 0", at(below(0), value(0.02)), f"{_A}-float16", "gradient", label="default"
    ),
    _first(
        "silu",
        "infinity for large numbers",
        at(above(1e4), value(np.inf)),
        "special_values-float16",
        "gradient",
        what="wrong_infinity",
    ),
)
