"""Wrong second derivatives."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import (
    at,
    formula,
    magnitude,
    negated,
    scaled,
    value,
    when,
    with_parameters,
    zero,
)
from tests.zoo.inputs import above, between, binade, numbers
from tests.zoo.planting import of
from tests.zoo.where import rank, rank_from

_first, _second, _upstream = of("gradient"), of("second derivative"), of("upstream")

_A, _2 = "accuracy", "second_derivative"

FAULTS = (
    _second("silu", "zero", zero, f"{_A}-float32", _2),
    _second("gelu", "negated", negated, f"{_A}-float32", _2),
    _second(
        "gelu", "of the tanh form", with_parameters(approximate="tanh"), f"{_A}-float32", _2, label="default"
    ),
    _second("tanh", "half of it", scaled(0.5), f"{_A}-float32", _2),
    _second("sigmoid", "magnitude alone", magnitude, f"{_A}-float64", _2),
    _second("mish", "zero beyond 20", at(numbers(lambda x: np.abs(x) > 20), zero), f"{_A}-float32", _2),
    _second(
        "logsigmoid",
        "NaN beyond 88.7",
        at(numbers(lambda x: np.abs(x) > 88.73), value(np.nan)),
        f"{_A}-float32",
        _2,
    ),
    _second("softsign", "sign lost", magnitude, f"{_A}-float16", _2),
    _second(
        "hardswish", "zero inside", zero, f"{_A}-float32", _2, wrong="zero between -3 and 3, where it is 1/3"
    ),
    _second("elu", "zero below 0", zero, f"{_A}-float32", _2),
    _second("selu", "without the scale", scaled(1 / 1.0507009873554805), f"{_A}-bfloat16", _2),
    _second("tanhshrink", "negated for small numbers", at(between(-0.1, 0.1), negated), f"{_A}-float32", _2),
    _second("relu", "1 above 1,000", at(above(1000), value(1)), f"{_A}-float32", _2),
    _second("softplus", "zero in one binade", at(binade(-3), zero), f"{_A}-float64", _2),
    _second(
        "leaky_relu",
        "the first derivative's",
        formula(lambda x, negative_slope: np.where(x < 0, negative_slope, 1)),
        f"{_A}-float32",
        _2,
    ),
    _second(
        "gelu",
        "negated for matrices",
        when(rank(2), negated),
        "*-float32",
        _2,
    ),
    _second(
        "tanh",
        "zero for 3 dimensions and more",
        when(rank_from(3), zero),
        "*-float32",
        _2,
    ),
    _second(
        "silu",
        "read as if contiguous",
        when(lambda call: not call.x.flags.c_contiguous, zero),
        "*-float32",
        _2,
    ),
    _second(
        "softplus",
        "zero for one element",
        when(lambda call: call.x.size == 1, zero),
        "*-float32",
        _2,
    ),
)
