"""Wrong at NaN, infinities, zeros, the largest numbers; at kinks, and beside them."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import at, formula, identity, value, when, zero
from tests.zoo.inputs import (
    and_,
    exactly,
    infinite,
    largest,
    nan,
    numbers,
    places,
    steps_from,
    subnormal,
    zeros,
)
from tests.zoo.planting import of
from tests.zoo.where import formats, length

_special, _zero, _kink = of("special value"), of("zero"), of("kink")
_minus, _plus = exactly(-np.inf), exactly(np.inf)
_NAN = value(np.nan)
_S, _A, _K = "special_values", "accuracy", "kinks"


def _inside_the_body(place: object, size: int) -> object:
    return place < size // 16 * 16  # type: ignore[operator]


FAULTS = (
    _special("relu", "0 for NaN", at(nan, zero), f"{_S}-float32", wrong="relu(NaN) is 0 (tensorflow #32730)"),
    _special("hardtanh", "max_val for NaN", at(nan, value(1)), f"{_S}-float16"),
    _special("relu6", "6 for NaN", at(nan, value(6)), f"{_S}-bfloat16"),
    _special("threshold", "value for NaN", at(nan, value(20)), f"{_S}-float64"),
    _special("hardsigmoid", "0 for NaN", at(nan, zero), f"{_S}-float32"),
    _special("softshrink", "0 for NaN", at(nan, zero), f"{_S}-float32"),
    _special("hardshrink", "0 for NaN in float64", when(formats("float64"), at(nan, zero)), f"{_S}-float64"),
    _special(
        "tanh",
        "0 for NaN in the body of a vector",
        at(and_(nan, places(_inside_the_body)), zero),
        f"{_S}-float32",
        wrong="NaN becomes 0 by its place, so that results differ by length (pytorch #195075)",
    ),
    _special("gelu", "0 for NaN in arrays of 33", when(length(33), at(nan, zero)), f"{_S}-float32"),
    _special(
        "sigmoid",
        "1 for NaN at the last place",
        at(and_(nan, places(lambda p, n: p == n - 1)), value(1)),
        f"{_S}-bfloat16",
    ),
    _special("silu", "NaN at -infinity", at(_minus, _NAN), f"{_S}-float32"),
    _special("gelu", "NaN at -infinity", at(_minus, _NAN), f"{_S}-float16"),
    _special("mish", "NaN at -infinity", at(_minus, _NAN), f"{_S}-float64"),
    _special("hardswish", "NaN at -infinity", at(_minus, _NAN), f"{_S}-bfloat16"),
    _special("softsign", "NaN at infinities", at(infinite, _NAN), f"{_S}-float32"),
    _special("tanhshrink", "NaN at infinity", at(_plus, _NAN), f"{_S}-float32"),
    _special("logsigmoid", "NaN at -infinity", at(_minus, _NAN), f"{_S}-float32"),
    _special(
        "softplus",
        "the largest number at infinity",
        at(_plus, lambda call: np.full_like(call.y, call.format.largest)),
        f"{_S}-float32",
    ),
    _special("elu", "NaN at -infinity", at(_minus, _NAN), f"{_S}-float32"),
    _special("celu", "-infinity at -infinity", at(_minus, identity), f"{_S}-float32"),
    _special("selu", "gradient NaN at -infinity", at(_minus, _NAN), f"{_S}-float32", "gradient"),
    _special("silu", "gradient NaN at infinity", at(_plus, _NAN), f"{_S}-float32", "gradient"),
    _special("gelu", "gradient NaN at infinities", at(infinite, _NAN), f"{_S}-float64", "gradient"),
    _special("mish", "gradient NaN at -infinity", at(_minus, _NAN), f"{_S}-float16", "gradient"),
    _special("sigmoid", "gradient NaN at infinity", at(_plus, _NAN), f"{_S}-bfloat16", "gradient"),
    _special("relu6", "gradient 0 at NaN", at(nan, zero), f"{_S}-float32", "gradient"),
    _special("softsign", "0 at the largest number", at(largest, zero), f"{_S}-float64"),
    _special("tanh", "NaN at the largest number", at(largest, _NAN), f"{_S}-float32"),
    _special("hardshrink", "0 at infinity", at(infinite, zero), f"{_S}-float32"),
    _special("rrelu", "NaN at -infinity", at(_minus, _NAN), f"{_S}-float32"),
    _special("sigmoid", "NaN at subnormal numbers", at(subnormal, _NAN), f"{_S}-float32"),
    _special("prelu", "0 for NaN", at(nan, zero), f"{_A}-float32"),
    _special("prelu", "NaN at -infinity", at(_minus, _NAN), f"{_A}-float32"),
    _special(
        "crelu",
        "0 for NaN",
        lambda call: np.where(np.isnan(call.y), np.zeros_like(call.y), call.y),
        f"{_A}-bfloat16",
    ),
    _special(
        "glu",
        "NaN for infinity times a small gate",
        lambda call: np.where(
            np.isinf(call.y),
            np.where(np.split(call.wide, 2, call.parameters["dim"])[1] < -150, np.nan, call.y),
            call.y,
        ).astype(call.y.dtype),
        f"{_A}-float32",
    ),
    _special("leaky_relu", "gradient NaN at -infinity", at(_minus, _NAN), f"{_S}-float32", "gradient"),
    _zero("elu", "0 for -0", at(zeros, zero), f"{_S}-float32"),
    _zero("hardswish", "0 for -0", at(zeros, zero), f"{_S}-float16"),
    _zero("tanh", "-0 for 0", at(zeros, value(-0.0)), f"{_S}-bfloat16"),
    _zero("softsign", "0 for -0 in float64", when(formats("float64"), at(zeros, zero)), f"{_S}-float64"),
    _zero("leaky_relu", "0 for -0", at(zeros, zero), f"{_S}-float32"),
    _zero("hardtanh", "0 for -0", at(zeros, zero), f"{_A}-float32"),
    _zero("gelu", "-0 for 0", at(zeros, value(-0.0)), f"{_A}-float64"),
    _zero("silu", "0 for -0 in arrays of one element", when(length(1), at(zeros, zero)), f"{_S}-float32"),
    _zero("selu", "0 for -0", at(zeros, zero), f"{_A}-float16"),
    _zero("rrelu", "0 for -0", at(zeros, zero), f"{_A}-bfloat16"),
    _zero("prelu", "0 for -0", at(zeros, zero), f"{_A}-float32"),
    _kink("relu", "slope 2 at 0", at(zeros, value(2)), f"{_K}-float32", "gradient"),
    _kink("relu", "slope -1 at -0", at(exactly(-0.0), value(-1)), f"{_K}-float16", "gradient"),
    _kink("relu6", "slope 2 at 6", at(exactly(6), value(2)), f"{_K}-bfloat16", "gradient"),
    _kink("relu6", "slope 0 one float below 6", at(steps_from(6, -1), zero), f"{_K}-float32", "gradient"),
    _kink(
        "hardswish",
        "slope 1/2 at 3",
        at(exactly(3), value(0.5)),
        f"{_K}-float32",
        "gradient",
        wrong="slope 1/2 at 3, where it lies between 1 and 3/2 (pytorch #87778)",
    ),
    _kink("hardswish", "slope 1/2 at -3", at(exactly(-3), value(0.5)), f"{_K}-float64", "gradient"),
    _kink("hardsigmoid", "slope 1/3 at -3", at(exactly(-3), value(1 / 3)), f"{_K}-float32", "gradient"),
    _kink(
        "hardsigmoid",
        "gradient outside of [-3, 3]",
        at(numbers(lambda x: np.abs(x) > 3), value(1 / 6)),
        f"{_K}-float32",
        "gradient",
        wrong="gradient outside of [-3, 3] (pytorch #51408)",
    ),
    _kink("hardtanh", "slope -1 at max_val", at(exactly(1), value(-1)), f"{_K}-float64", "gradient"),
    _kink("softshrink", "slope NaN at lambd", at(exactly(0.5), _NAN), f"{_K}-float16", "gradient"),
    _kink("softshrink", "lambd itself one float late", at(steps_from(0.5, 1), zero), f"{_K}-float32"),
    _kink(
        "hardshrink",
        "x at lambd",
        formula(lambda x, lambd: np.where(np.abs(x) >= lambd, x, 0)),
        f"{_K}-float32",
    ),
    _kink("hardshrink", "0 one float above lambd", at(steps_from(0.5, 1), zero), f"{_K}-float64"),
    _kink("elu", "slope 2 at 0", at(zeros, value(2)), f"{_K}-bfloat16", "gradient"),
    _kink("leaky_relu", "slope 0 at 0", at(zeros, zero), f"{_K}-float32", "gradient"),
    _kink("selu", "slope 1 at 0", at(zeros, value(1)), f"{_K}-float32", "gradient"),
    _kink("celu", "slope 0 at 0", at(zeros, zero), f"{_K}-float32", "gradient"),
    _kink("rrelu", "slope 0 at 0", at(zeros, zero), f"{_K}-float64", "gradient"),
    _kink(
        "threshold",
        "x at the threshold",
        formula(lambda x, threshold, value: np.where(x >= threshold, x, value)),
        f"{_K}-float32",
    ),
    _kink(
        "threshold",
        "slope 2 at the threshold",
        formula(lambda x, threshold, value: np.where(x == threshold, 2, x > threshold)),
        f"{_K}-float32",
        "gradient",
    ),
    _kink(
        "softplus",
        "slope 2 where beta*x is the threshold",
        at(exactly(20), value(2)),
        f"{_K}-float32",
        "gradient",
    ),
    _kink(
        "logsigmoid",
        "slope 0 at 0",
        at(zeros, zero),
        f"{_A}-float32",
        "gradient",
        wrong="slope 0 at 0, where there is no kink (jax #2140)",
    ),
    _kink("prelu", "slope 2 at 0", at(zeros, value(2)), f"{_A}-float32", "gradient"),
    _kink("softsign", "slope 0 at 0", at(zeros, zero), f"{_A}-float64", "gradient"),
    _kink("tanhshrink", "slope 1 at 0", at(zeros, value(1)), f"{_A}-bfloat16", "gradient"),
    _kink(
        "hardtanh",
        "gradient 1 one float late",
        at(numbers(lambda x: np.abs(x) <= 1 + 2.0**-23), value(1)),
        f"{_K}-float32",
        "gradient",
        label="default",
    ),
    _kink("hardswish", "slope NaN at 3", at(exactly(3), _NAN), f"{_K}-float16", "gradient", what="wrong_nan"),
    _kink(
        "hardshrink",
        "lambd rounded to float32 before the comparison",
        at(numbers(lambda x: np.abs(x) <= np.float32(0.1)), zero),
        f"{_K}-float32",
        label="lambd=0.1",
    ),
)
