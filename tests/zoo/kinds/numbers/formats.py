"""Wrong in one format: computed in a narrower one, by rounded steps, or beyond what the format holds."""

from __future__ import annotations

import ml_dtypes
import numpy as np

from tests.zoo.effects import (
    at,
    by_way_of,
    floats_off,
    flushed,
    formula,
    in_own_format,
    negated,
    when,
    with_parameters,
    zero,
)
from tests.zoo.inputs import above, and_, between, binade, subnormal
from tests.zoo.planting import of
from tests.zoo.where import formats

_fault = of("format")
_WIDE, _HALF, _BRAIN, _SINGLE = (formats(n) for n in ("float64", "float16", "bfloat16", "float32"))
_narrow = by_way_of(np.float32)


def _sum(x: object, alpha: float) -> object:
    return np.where(x > 0, x, np.asarray(alpha, x.dtype) * (np.exp(x) - 1))  # type: ignore[attr-defined, operator, call-overload]


FAULTS = (
    _fault("tanh", "float64 computed in float32", when(_WIDE, _narrow), "accuracy-float64"),
    _fault("gelu", "float64 computed in float32", when(_WIDE, _narrow), "accuracy-float64"),
    _fault("softplus", "float64 computed in float32", when(_WIDE, _narrow), "accuracy-float64"),
    _fault(
        "mish",
        "gradient in float64 computed in float32",
        when(_WIDE, _narrow),
        "accuracy-float64",
        "gradient",
    ),
    _fault(
        "sigmoid",
        "second derivative in float64 computed in float32",
        when(_WIDE, _narrow),
        "accuracy-float64",
        "second_derivative",
    ),
    _fault(
        "tanhshrink",
        "float64 by a tanh in float32",
        when(_WIDE, formula(lambda x: x - np.tanh(x.astype(np.float32)).astype(np.float64))),
        "accuracy-float64",
    ),
    _fault("glu", "float64 computed in float32", when(_WIDE, _narrow), "accuracy-float64"),
    _fault("prelu", "float64 computed in float32", when(_WIDE, _narrow), "accuracy-float64"),
    _fault(
        "rrelu",
        "slope in float64 rounded to float32",
        when(
            _WIDE,
            formula(
                lambda x, lower, upper: np.where(x < 0, np.float64(np.float32((lower + upper) / 2)) * x, x)
            ),
        ),
        "accuracy-float64",
    ),
    _fault(
        "leaky_relu",
        "slope in float64 rounded to float32",
        when(_WIDE, with_parameters(negative_slope=lambda negative_slope: float(np.float32(negative_slope)))),
        "accuracy-float64",
    ),
    _fault(
        "leaky_relu",
        "slope of the gradient in float64 rounded to float32",
        when(_WIDE, with_parameters(negative_slope=lambda negative_slope: float(np.float32(negative_slope)))),
        "accuracy-float64",
        "gradient",
    ),
    _fault(
        "celu",
        "alpha in float64 rounded to float32",
        when(_WIDE, with_parameters(alpha=lambda alpha: float(np.float32(alpha)))),
        "properties-float64",
        label="alpha=1.7",
    ),
    _fault(
        "hardtanh",
        "bounds in float64 rounded to float32",
        when(_WIDE, with_parameters(max_val=lambda min_val, max_val: float(np.float32(max_val)))),
        "kinks-float64",
    ),
    _fault(
        "softshrink",
        "lambd in float64 rounded to float32",
        when(_WIDE, with_parameters(lambd=lambda lambd: float(np.float32(lambd)))),
        "kinks-float64",
    ),
    _fault(
        "hardshrink",
        "lambd rounded to bfloat16 before the comparison",
        when(_BRAIN, with_parameters(lambd=lambda lambd: float(ml_dtypes.bfloat16(lambd)))),
        "kinks-bfloat16",
    ),
    _fault(
        "threshold",
        "threshold rounded to bfloat16 before the comparison",
        when(
            _BRAIN, with_parameters(threshold=lambda threshold, value: float(ml_dtypes.bfloat16(threshold)))
        ),
        "kinks-bfloat16",
    ),
    _fault(
        "gelu",
        "the tanh form serves float64",
        when(_WIDE, with_parameters(approximate="tanh")),
        "accuracy-float64",
    ),
    _fault(
        "gelu",
        "the tanh form serves float16",
        when(_HALF, with_parameters(approximate="tanh")),
        "accuracy-float16",
    ),
    _fault(
        "gelu",
        "the exact form serves the tanh form in float64",
        when(_WIDE, with_parameters(approximate="none")),
        "accuracy-float64",
        label="approximate=tanh",
    ),
    _fault(
        "gelu",
        "the exact form serves the tanh form in float16",
        when(_HALF, with_parameters(approximate="none")),
        "accuracy-float16",
        label="approximate=tanh",
        seen_by="full",
        because="quick asks the values of that form in other formats",
    ),
    _fault(
        "silu",
        "bfloat16 in bfloat16 steps",
        when(_BRAIN, in_own_format(lambda x: x * (1 / (1 + np.exp(-x))).astype(x.dtype))),
        "accuracy-bfloat16",
    ),
    _fault(
        "elu",
        "bfloat16 by exp(x) - 1",
        when(_BRAIN, in_own_format(_sum)),
        "accuracy-bfloat16",
        wrong="bfloat16 by exp(x) - 1, in which small inputs are lost (tt-metal)",
    ),
    _fault("elu", "float16 by exp(x) - 1", when(_HALF, in_own_format(_sum)), "accuracy-float16"),
    _fault(
        "softsign",
        "float16 in float16 steps, whose largest numbers are lost",
        when(_HALF, in_own_format(lambda x: x / ((1 + np.abs(x)) * (1 + np.abs(x))) * (1 + np.abs(x)))),
        "accuracy-float16",
    ),
    _fault(
        "hardswish",
        "float16 by x*(x + 3), which overflows at 254",
        when(
            _HALF,
            in_own_format(
                lambda x: np.where(np.isnan(x), x, x * np.clip(x + np.float16(3), 0, 6) / np.float16(6))
            ),
        ),
        "accuracy-float16",
    ),
    _fault(
        "hardsigmoid",
        "float16 with 1/6 rounded",
        when(_HALF, in_own_format(lambda x: np.clip(x * np.float16(1 / 6) + np.float16(0.5), 0, 1))),
        "accuracy-float16",
    ),
    _fault(
        "mish",
        "float16 by an exponential that overflows",
        when(
            _HALF,
            at(
                above(11),
                formula(lambda x: x * np.tanh(np.log1p(np.where(x > 11.09, np.inf, np.exp(x)) * 0))),
            ),
        ),
        "accuracy-float16",
    ),
    _fault(
        "gelu",
        "gradient of the tanh form NaN in half precision",
        when(_HALF, at(and_(above(40)), formula(lambda x, approximate: x * np.nan))),
        "accuracy-float16",
        "gradient",
        label="*",
        wrong="gradient NaN where the cube overflows in half precision (fairseq #2235)",
    ),
    _fault(
        "selu",
        "float16 with constants in bfloat16",
        when(_HALF, formula(lambda x: np.float64(1.0546875) * np.where(x > 0, x, 1.671875 * np.expm1(x)))),
        "accuracy-float16",
    ),
    _fault(
        "relu", "subnormal numbers of float32 are 0", when(_SINGLE, at(subnormal, zero)), "accuracy-float32"
    ),
    _fault(
        "relu", "subnormal numbers of float64 are 0", when(_WIDE, at(subnormal, zero)), "accuracy-float64"
    ),
    _fault(
        "tanh",
        "subnormal numbers of float64 are 0",
        when(_WIDE, at(subnormal, zero)),
        "accuracy-float64",
        wrong="subnormal numbers of float64 are 0, so tanh(8.7e-311) is (jax)",
    ),
    _fault("silu", "subnormal results of float16 are 0", when(_HALF, flushed), "accuracy-float16"),
    _fault("sigmoid", "subnormal results of float32 are 0", when(_SINGLE, flushed), "accuracy-float32"),
    _fault(
        "softsign",
        "subnormal numbers of bfloat16 are 0",
        when(_BRAIN, at(subnormal, zero)),
        "accuracy-bfloat16",
    ),
    _fault("crelu", "subnormal results of float16 are 0", when(_HALF, flushed), "accuracy-float16"),
    _fault(
        "logsigmoid",
        "float16 results of one binade 3 floats off",
        when(_HALF, at(binade(-3), floats_off(3))),
        "accuracy-float16",
    ),
    _fault(
        "relu6",
        "float64 negated between 1 and 1.125",
        when(_WIDE, at(between(1, 1.125), negated)),
        "accuracy-float64",
    ),
    _fault(
        "hardsigmoid",
        "gradient in bfloat16 twice as large",
        when(_BRAIN, formula(lambda x: np.where(np.abs(x) < 3, 1 / 3, 0))),
        "accuracy-bfloat16",
        "gradient",
    ),
)
