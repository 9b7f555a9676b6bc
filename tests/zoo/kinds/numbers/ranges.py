"""Wrong for large inputs, where formulas overflow or cancel; or for one stretch of inputs."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import at, floats_off, formula, negated, one_float_off, scaled, value, when, zero
from tests.zoo.inputs import above, and_, below, between, binade, exactly, numbers, steps_from
from tests.zoo.planting import of
from tests.zoo.where import formats

_tail, _range = of("tail"), of("range")
_SINGLE, _WIDE = formats("float32"), formats("float64")
_ONE = "one of 4,294,967,296 inputs"

FAULTS = (
    _tail("hardswish", "infinity for large numbers", at(above(1.8e19), value(np.inf)), "accuracy-float32"),
    _tail(
        "sigmoid",
        "gradient by s*(1 - s)",
        at(above(17), zero),
        "accuracy-float32",
        "gradient",
        wrong="gradient by s*(1 - s), which is 0 above 17 (tt-metal #55724)",
    ),
    _tail(
        "tanh",
        "gradient by 1 - tanh*tanh",
        at(numbers(lambda x: np.abs(x) > 9.02), zero),
        "accuracy-float32",
        "gradient",
    ),
    _tail(
        "tanh",
        "gradient by 1 - tanh*tanh in float64",
        when(_WIDE, at(numbers(lambda x: np.abs(x) > 19.1), zero)),
        "accuracy-float64",
        "gradient",
    ),
    _tail(
        "logsigmoid",
        "-infinity below -88.7",
        when(_SINGLE, at(below(-88.73), value(-np.inf))),
        "accuracy-float32",
    ),
    _tail("logsigmoid", "gradient by 1 - s(x)", at(above(17.4), zero), "accuracy-float32", "gradient"),
    _tail("logsigmoid", "0 for 17 to 85", when(_SINGLE, at(between(17, 85), zero)), "accuracy-float32"),
    _tail("softplus", "0 below -17", at(below(-17), zero), "accuracy-float32", label="default"),
    _tail(
        "softplus",
        "infinity above 88.7",
        when(_SINGLE, at(and_(above(88.8), below(1e3)), value(np.inf))),
        "accuracy-float32",
        label="default",
    ),
    _tail("mish", "0 below -17", at(below(-17), zero), "accuracy-float32"),
    _tail("mish", "gradient 0 below -20", at(below(-20), zero), "accuracy-float32", "gradient"),
    _tail("gelu", "0 below -5.5", at(below(-5.5), zero), "accuracy-float32", label="default"),
    _tail("gelu", "gradient 1 above 3", at(above(3), value(1)), "accuracy-float32", "gradient"),
    _tail("silu", "0 below -88.7", at(below(-88.73), zero), "accuracy-float64"),
    _tail("silu", "gradient 0 below -20", at(below(-20), zero), "accuracy-float32", "gradient"),
    _tail(
        "softsign",
        "gradient by (1 + abs(x))**2, which overflows",
        when(_SINGLE, at(numbers(lambda x: np.abs(x) > 1.9e19), zero)),
        "accuracy-float32",
        "gradient",
    ),
    _tail("tanhshrink", "x above 9", at(above(9), formula(lambda x: x)), "accuracy-float64"),
    _tail("elu", "-1 below -15", at(below(-15), value(-1)), "accuracy-float64", label="default"),
    _tail(
        "celu",
        "infinity where alpha*exp(x/alpha) is finite",
        when(lambda call: call.parameters["alpha"] == -0.5, at(below(-40), value(np.inf))),
        "accuracy-float32",
    ),
    _tail(
        "selu", "gradient 0 below -80", when(_SINGLE, at(below(-80), zero)), "accuracy-float32", "gradient"
    ),
    _tail("sigmoid", "0 below -88.7", when(_SINGLE, at(between(-103, -88.73), zero)), "accuracy-float32"),
    _tail(
        "sigmoid",
        "0 below -709.8 in float64",
        when(_WIDE, at(between(-744, -709.8), zero)),
        "accuracy-float64",
    ),
    _tail("tanh", "1 above 8", at(above(8), value(1)), "accuracy-float64"),
    _tail("hardsigmoid", "0.99 above 1,000", at(above(1000), value(0.99)), "accuracy-float32"),
    _tail(
        "glu",
        "NaN where the gate's exponential overflows",
        when(
            _SINGLE,
            lambda call: np.where(
                np.split(call.wide, 2, call.parameters["dim"])[1] < -88.8, np.nan, call.y
            ).astype(call.y.dtype),
        ),
        "accuracy-float32",
    ),
    _range(
        "tanh", "negated in one binade of float64", when(_WIDE, at(binade(-30), negated)), "accuracy-float64"
    ),
    _range(
        "softsign", "zero in one binade of float64", when(_WIDE, at(binade(-700), zero)), "accuracy-float64"
    ),
    _range(
        "relu",
        "1 float off in one binade of float64",
        when(_WIDE, at(binade(500), one_float_off)),
        "accuracy-float64",
    ),
    _range(
        "gelu",
        "4 times 1e-6 off in one binade of float32",
        when(_SINGLE, at(binade(-12), scaled(1 + 4e-6))),
        "accuracy-float32",
    ),
    _range(
        "leaky_relu",
        "1 float off in one binade of float32",
        when(_SINGLE, at(binade(60), floats_off(2))),
        "accuracy-float32",
    ),
    _range(
        "hardtanh",
        "1 float off between 0.5 and 0.55",
        at(between(0.5, 0.55), one_float_off),
        "accuracy-float32",
        label="default",
    ),
    _range("elu", "2 % off from -0.3 to -0.29", at(between(-0.3, -0.29), scaled(1.02)), "accuracy-float32"),
    _range("mish", "1e-5 off from 2 to 2.25", at(between(2, 2.25), scaled(1 + 1e-5)), "accuracy-float32"),
    _range(
        "silu",
        "1e-4 off near the smallest value",
        at(between(-1.2785, -1.278), scaled(1 + 1e-4)),
        "accuracy-float32",
        seen_by="sweep",
        because="1/2,000 of a binade, of which full asks 787 inputs",
    ),
    _range(
        "sigmoid", "negated between 0.1 and 0.1001", at(between(0.1, 0.1001), negated), "accuracy-float16"
    ),
    _range(
        "softplus",
        "gradient zero in one binade of float64",
        when(_WIDE, at(binade(-200), zero)),
        "accuracy-float64",
        "gradient",
    ),
    _range(
        "logsigmoid",
        "1e-12 off in one binade of float64",
        when(_WIDE, at(binade(2), scaled(1 + 1e-12))),
        "accuracy-float64",
    ),
    _range(
        "hardswish",
        "gradient negated in one binade of bfloat16",
        when(formats("bfloat16"), at(binade(-90), negated)),
        "accuracy-bfloat16",
        "gradient",
    ),
    _range(
        "tanhshrink",
        "4 floats off at one input of float16",
        when(formats("float16"), at(exactly(0.75), floats_off(4))),
        "accuracy-float16",
    ),
    _range(
        "softshrink",
        "2 floats off at one input of bfloat16",
        when(formats("bfloat16"), at(exactly(7), floats_off(2))),
        "accuracy-bfloat16",
    ),
    _range(
        "rrelu",
        "gradient doubled at one input of float16",
        when(formats("float16"), at(exactly(-11), scaled(2))),
        "accuracy-float16",
        "gradient",
    ),
    _range(
        "glu",
        "negated where the gate is above 60",
        lambda call: np.where(np.split(call.wide, 2, call.parameters["dim"])[1] > 60, -call.y, call.y),
        "accuracy-float32",
    ),
    _range(
        "tanh",
        "one input of float32 negated",
        when(_SINGLE, at(exactly(float(np.float32(0.3)) + 2.0**-20), negated)),
        "accuracy-float32",
        seen_by="sweep",
        because=_ONE,
    ),
    _range(
        "relu",
        "one input of float32 one float off",
        when(_SINGLE, at(steps_from(1234.5, 77), one_float_off)),
        "accuracy-float32",
        seen_by="sweep",
        because=_ONE,
    ),
    _range(
        "gelu",
        "gradient NaN at one input of float32",
        when(_SINGLE, at(steps_from(0.7, 12345), value(np.nan))),
        "accuracy-float32",
        "gradient",
        seen_by="sweep",
        because=_ONE,
    ),
    _range(
        "silu",
        "1e-3 off at 64 consecutive floats of float32",
        when(_SINGLE, at(between(2.5, 2.5 + 64 * 2.0**-22), scaled(1.001))),
        "accuracy-float32",
        seen_by="sweep",
        because="64 of 8,388,608 inputs of a binade",
    ),
    _range(
        "tanh",
        "one wrong input of 65,536",
        when(formats("float16"), at(exactly(1.5), floats_off(2))),
        "accuracy-float16",
        what="max_ulp",
    ),
)
