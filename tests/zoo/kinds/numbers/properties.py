"""What must hold between results, broken by little: odd, even, increasing, within bounds."""

from __future__ import annotations

import numpy as np

from tests.zoo.effects import at, floats_off, one_float_off, scaled, value, when
from tests.zoo.inputs import above, below, between, exactly, numbers, steps_from
from tests.zoo.planting import of
from tests.zoo.where import formats

_fault = of("property")
_P = "properties"
_HALF, _BRAIN, _SINGLE = formats("float16"), formats("bfloat16"), formats("float32")

FAULTS = (
    _fault("tanh", "one sign is one float off", at(exactly(0.5), one_float_off), f"{_P}-float16", what="odd"),
    _fault(
        "softsign",
        "negative numbers one float off",
        at(below(0), one_float_off),
        f"{_P}-bfloat16",
        what="odd",
    ),
    _fault(
        "tanhshrink", "negative numbers 1e-6 off", at(below(0), scaled(1 + 1e-6)), f"{_P}-float32", what="odd"
    ),
    _fault(
        "hardshrink",
        "the negative end one float early",
        when(_SINGLE, at(steps_from(-0.5, 0), value(-0.5))),
        f"{_P}-float32",
        what="odd",
    ),
    _fault(
        "softshrink",
        "one negative number one float off",
        at(exactly(-9), one_float_off),
        f"{_P}-float16",
        what="odd",
    ),
    _fault(
        "hardtanh",
        "min_val -0.999",
        at(below(-1), value(-0.999)),
        f"{_P}-float32",
        label="default",
        what="odd",
    ),
    _fault(
        "leaky_relu",
        "1.5 at -2",
        at(exactly(-2), value(1.5)),
        f"{_P}-bfloat16",
        label="negative_slope=-1.0",
        what="even",
    ),
    _fault("sigmoid", "one step back", at(exactly(0.75), value(0.5)), f"{_P}-bfloat16", what="increasing"),
    _fault(
        "elu",
        "a step back of 1 % at 1.5",
        at(between(1.5, 1.51), scaled(0.99)),
        f"{_P}-float16",
        what="increasing",
    ),
    _fault(
        "logsigmoid",
        "a step back of 3 floats",
        at(exactly(-3), floats_off(3)),
        f"{_P}-bfloat16",
        what="increasing",
    ),
    _fault("celu", "a step back above 100", at(above(100), scaled(0.5)), f"{_P}-float32", what="increasing"),
    _fault(
        "selu",
        "a step back of 1 % above 1,000",
        at(above(1000), scaled(0.99)),
        f"{_P}-float16",
        what="increasing",
    ),
    _fault("hardsigmoid", "0.49 at 0.25", at(exactly(0.25), value(0.49)), f"{_P}-float16", what="increasing"),
    _fault("relu6", "5 above 100", at(above(100), value(5)), f"{_P}-float32", what="increasing"),
    _fault(
        "rrelu",
        "a step back at -5",
        at(exactly(-5), value(-1e3)),
        f"{_P}-bfloat16",
        label="default",
        what="increasing",
    ),
    _fault(
        "threshold",
        "a step back at 40",
        at(exactly(40), value(20)),
        f"{_P}-float16",
        label="threshold=0.5,*",
        what="increasing",
    ),
    _fault("tanh", "1.001 above 5", at(above(5), value(1.001)), f"{_P}-float64", what="range"),
    _fault(
        "sigmoid",
        "one float above 1",
        at(above(50), value(np.nextafter(np.float32(1), np.float32(2)))),
        f"{_P}-float32",
        what="range",
    ),
    _fault(
        "softsign",
        "one float above 1 for large numbers",
        at(above(1e4), value(1.001)),
        f"{_P}-float16",
        what="range",
    ),
    _fault(
        "hardsigmoid",
        "less than 0 below -1,000",
        at(below(-1000), value(-1e-6)),
        f"{_P}-float32",
        what="range",
    ),
    _fault("relu", "less than 0 at -4", at(exactly(-4), value(-1e-7)), f"{_P}-float16", what="range"),
    _fault("hardtanh", "-2 below -100", at(below(-100), value(-2)), f"{_P}-float16", what="range"),
    _fault(
        "softplus",
        "less than 0 in the tail",
        at(below(-90), value(-1e-30)),
        f"{_P}-float32",
        label="default",
        what="range",
    ),
    _fault(
        "gelu",
        "less than its least value",
        at(numbers(lambda x: np.abs(x + 0.75) < 0.01), value(-0.172)),
        f"{_P}-bfloat16",
        what="range",
    ),
    _fault(
        "mish", "less than its least value", at(exactly(-1.1875), value(-0.31)), f"{_P}-float16", what="range"
    ),
    _fault("hardswish", "less than -3/8", at(exactly(-1.5), value(-0.376)), f"{_P}-bfloat16", what="range"),
)
