"""Another function, or a formula that loses digits."""

from __future__ import annotations

import numpy as np
from scipy import special

from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.zoo.effects import at, formula, scaled, when, with_parameters
from tests.zoo.inputs import binade
from tests.zoo.planting import of
from tests.zoo.where import formats

_formula, _constant = of("formula"), of("constant")


def _sigmoid(x: object) -> object:
    return 1 / (1 + np.exp(-x))  # type: ignore[operator]


def _erf(x: object) -> object:
    """Abramowitz and Stegun 7.1.26, to 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))  # type: ignore[arg-type, call-overload]
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - poly * np.exp(-x * x))  # type: ignore[operator, call-overload]


def _stepped(function: object) -> object:
    """Every step in float32."""
    return when(formats("float32"), lambda call: np.asarray(function(call.x), call.y.dtype))  # type: ignore[operator]


_ONE = np.float32(1)

FAULTS = (
    _formula(
        "hardswish",
        "hardsigmoid",
        lambda call: NumpyAdapter().call("hardsigmoid", call.x, {}),
        "accuracy-float32",
        wrong="HardSwish mapped to HardSigmoid (onnxruntime-qnn #392)",
    ),
    _formula(
        "gelu",
        "x*sigmoid(1.702*x)",
        formula(lambda x, approximate: x * _sigmoid(1.702 * x)),
        "accuracy-float32",
    ),
    _formula(
        "gelu",
        "erf with 7 digits",
        when(
            lambda call: call.parameters["approximate"] == "none",
            formula(lambda x, approximate: x / 2 * (1 + _erf(x / np.sqrt(2)))),
        ),
        "accuracy-float32",
        label="default",
    ),
    _formula(
        "silu", "x*hardsigmoid(x)", formula(lambda x: x * np.clip(x / 6 + 0.5, 0, 1)), "accuracy-float32"
    ),
    _formula("mish", "silu", lambda call: NumpyAdapter().call("silu", call.x, {}), "accuracy-bfloat16"),
    _formula(
        "elu",
        "exp(x) - 1 in float32",
        _stepped(lambda x: np.where(x > 0, x, np.exp(x) - _ONE)),
        "accuracy-float32",
        label="default",
    ),
    _formula(
        "celu",
        "exp(x) - 1 in float32",
        _stepped(lambda x: np.where(x > 0, x, np.exp(x) - _ONE)),
        "accuracy-float32",
        label="default",
    ),
    _formula(
        "selu",
        "exp(x) - 1 in float32",
        _stepped(
            lambda x: np.where(
                x > 0, np.float32(1.0507009873554805) * x, np.float32(1.7580993408473766) * (np.exp(x) - _ONE)
            )
        ),
        "accuracy-float32",
    ),
    _formula(
        "tanh",
        "(e - 1)/(e + 1) with e = exp(2*x)",
        _stepped(
            lambda x: np.where(np.abs(x) > 40, np.sign(x), (np.exp(2 * x) - _ONE) / (np.exp(2 * x) + _ONE))
        ),
        "accuracy-float32",
    ),
    _formula("tanhshrink", "x - tanh(x) in float32", _stepped(lambda x: x - np.tanh(x)), "accuracy-float32"),
    _formula(
        "softplus",
        "log(1 + exp(x)) in float32",
        when(
            formats("float32"), at(lambda call: call.wide <= 20, lambda call: np.log(_ONE + np.exp(call.x)))
        ),
        "accuracy-float32",
        label="default",
    ),
    _formula(
        "logsigmoid",
        "log(sigmoid(x)) in float32",
        _stepped(lambda x: np.log(_ONE / (_ONE + np.exp(-x)))),
        "accuracy-float32",
    ),
    _formula(
        "sigmoid",
        "(1 + tanh(x/2))/2 in float32",
        _stepped(lambda x: (_ONE + np.tanh(x / 2)) / 2),
        "accuracy-float32",
    ),
    _formula(
        "mish",
        "x*tanh(log(1 + exp(x))) in float32",
        _stepped(
            lambda x: np.where(
                x > 20, x, np.where(np.isinf(x), 0 * _ONE, x * np.tanh(np.log(_ONE + np.exp(x))))
            )
        ),
        "accuracy-float32",
    ),
    _formula("softsign", "x/(1 + x*x)**0.5", formula(lambda x: x / np.hypot(1, x)), "accuracy-float32"),
    _formula(
        "hardsigmoid",
        "slope 0.2",
        formula(lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
        "accuracy-float32",
        wrong="slope 0.2 for 1/6, the default of other libraries",
    ),
    _formula(
        "gelu",
        "exact form by erf in float32",
        when(
            lambda call: call.parameters["approximate"] == "none",
            _stepped(
                lambda x: np.where(
                    np.isinf(x),
                    np.maximum(x, 0),
                    x * np.float32(0.5) * (_ONE + special.erf(x * np.float32(np.sqrt(0.5)))),
                )
            ),
        ),
        "accuracy-float32",
        label="default",
    ),
    _formula(
        "relu6",
        "hardtanh between 0 and 1, times 6",
        formula(lambda x: np.clip(x, 0, 1) * 6),
        "accuracy-float32",
    ),
    _formula(
        "threshold",
        "relu above the threshold",
        formula(lambda x, threshold, value: np.where(x > threshold, np.maximum(x, 0), value)),
        "accuracy-float32",
    ),
    _formula(
        "tanh",
        "64 floats off in one binade of float32",
        when(formats("float32"), at(binade(-20), scaled(1 + 64 * 2.0**-24))),
        "accuracy-float32",
    ),
    _formula(
        "leaky_relu", "slope 0.02", with_parameters(negative_slope=0.02), "accuracy-float32", label="default"
    ),
    _formula(
        "softplus",
        "threshold on x instead of beta*x",
        formula(lambda x, beta, threshold: np.where(x > threshold, x, np.logaddexp(0, beta * x) / beta)),
        "accuracy-float32",
        label="beta=2,*",
    ),
)
