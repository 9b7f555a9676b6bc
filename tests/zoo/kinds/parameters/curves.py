"""Curves that are right for the defaults, and wrong for other parameters."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import at, formula, when, with_parameters, zero
from tests.zoo.inputs import between, exactly
from tests.zoo.planting import of
from tests.zoo.where import formats, parameters

_fault = of("variant")

FAULTS = (
    _fault("elu", "alpha ignored in the gradient", with_parameters(alpha=1.0), "accuracy", "gradient"),
    _fault(
        "elu",
        "the size of alpha taken",
        with_parameters(alpha=lambda alpha: max(alpha, -alpha)),
        "accuracy",
    ),
    _fault(
        "elu",
        "alpha ignored in the second derivative",
        with_parameters(alpha=1.0),
        "accuracy",
        "second_derivative",
    ),
    _fault(
        "elu",
        "an alpha above 1,000 taken for 1,000",
        with_parameters(alpha=lambda alpha: min(alpha, 1e3)),
        "accuracy",
    ),
    _fault(
        "celu",
        "elu's formula",
        formula(lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))),
        "accuracy",
        wrong="alpha forgotten in the exponent, as in elu",
    ),
    _fault(
        "celu",
        "the wrong branch for a negative alpha",
        when(
            parameters(lambda alpha: alpha < 0),
            formula(lambda x, alpha: np.maximum(x, 0) + np.maximum(0, alpha * np.expm1(x / alpha))),
        ),
        "accuracy",
        wrong="the wrong branch for a negative alpha (onnx #3323)",
    ),
    _fault(
        "celu",
        "gradient multiplied with alpha",
        formula(lambda x, alpha: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0) / alpha))),
        "accuracy",
        "gradient",
    ),
    _fault(
        "celu",
        "second derivative not divided by alpha",
        formula(lambda x, alpha: np.where(x > 0, 0, np.exp(np.minimum(x, 0) / alpha))),
        "accuracy",
        "second_derivative",
    ),
    _fault(
        "gelu",
        "approximate ignored",
        with_parameters(approximate="none"),
        "accuracy",
        wrong="approximate ignored: always the exact form (coremltools #2863)",
    ),
    _fault(
        "gelu",
        "approximate ignored in the gradient",
        with_parameters(approximate="none"),
        "accuracy",
        "gradient",
    ),
    _fault(
        "gelu",
        "approximate ignored in the second derivative",
        with_parameters(approximate="none"),
        "accuracy",
        "second_derivative",
    ),
    _fault(
        "gelu",
        "gradient in float16 of the other form",
        when(formats("float16"), with_parameters(approximate="none")),
        "accuracy-float16",
        "gradient",
    ),
    _fault(
        "softplus",
        "gradient's threshold on x",
        formula(lambda x, beta, threshold: np.where(x > threshold, 1, 1 / (1 + np.exp(-beta * x)))),
        "accuracy",
        "gradient",
    ),
    _fault(
        "softplus",
        "not divided by beta",
        formula(lambda x, beta, threshold: np.where(beta * x > threshold, x, np.logaddexp(0, beta * x))),
        "accuracy",
    ),
    _fault(
        "softplus",
        "threshold ignored",
        with_parameters(threshold=np.inf),
        "accuracy",
        label="beta=2,*",
    ),
    _fault(
        "softplus",
        "second derivative without beta",
        lambda call: (call.y.astype(np.float64) / call.parameters["beta"]).astype(call.y.dtype),
        "accuracy",
        "second_derivative",
    ),
    _fault(
        "softplus",
        "gradient's threshold ignored",
        with_parameters(threshold=np.inf),
        "kinks-float32",
        "gradient",
    ),
    _fault(
        "softplus",
        "beta held below 100",
        with_parameters(beta=lambda beta, threshold: min(beta, 100)),
        "accuracy",
    ),
    _fault(
        "elu",
        "alpha 0.5 in one input",
        when(parameters(lambda alpha: alpha == 0.5), at(exactly(-1), zero)),
        "accuracy",
    ),
    _fault(
        "celu",
        "alpha 1e-30 taken for relu",
        when(parameters(lambda alpha: 0 < alpha < 1e-20), at(between(-1e-25, -1e-38), zero)),
        "accuracy",
    ),
)
