"""Forms in place and modules that compute something else than the function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, Function, InPlace, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.zoo.backend import Call, Change
from tests.zoo.effects import (
    at,
    formula,
    identity,
    negated,
    one_float_off,
    value,
    when,
    with_parameters,
    zero,
)
from tests.zoo.inputs import above, exactly, nan, zeros
from tests.zoo.model import FaultyBackend
from tests.zoo.where import formats, parameters


@dataclass
class Overwriting(NumpyAdapter):
    """Changes what the in-place form did."""

    name = "planted"
    change: Callable[[Array, Array, InPlace], InPlace]

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        made = super().in_place(activation, x, upstream, parameters)
        return made if isinstance(made, Unsupported) else self.change(x, upstream, made)


@dataclass
class OtherModule(NumpyAdapter):
    """Its module form computes something else than its function."""

    name = "planted"
    activation: str
    change: Change

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        made = super().module(activation, parameters)
        if isinstance(made, Unsupported) or activation != self.activation:
            return made
        return lambda x: self.change(Call("forward", activation, x, parameters, made(x)))


def _in_place(
    activation: str,
    text: str,
    change: Callable[[Array, Array, InPlace], InPlace],
    by: str,
    what: str,
    **more: str,
) -> FaultyBackend:
    form, _, quantity = by.partition("-")
    owner = f"in_place-{activation}-*-{form}-{quantity}"
    return _made(
        activation, f"in place: {text}", "in place", partial(Overwriting, change), owner, what, **more
    )


def _module(
    activation: str, text: str, change: Change, form: str = "float32", what: str = "differs"
) -> FaultyBackend:
    make, owner = partial(OtherModule, activation, change), f"module_form-{activation}-*-{form}-forward"
    return _made(activation, f"module: {text}", "module", make, owner, what)


def _made(
    activation: str,
    text: str,
    kind: str,
    make: Callable[[], Adapter],
    owner: str,
    what: str,
    wrong: str = "",
) -> FaultyBackend:
    told = wrong or text
    return FaultyBackend(f"{activation}: {text}", (activation,), told, kind, make, owner, what=what)


def _changed_result(change: Callable[[Array, Array], Any]) -> Callable[[Array, Array, InPlace], InPlace]:
    return lambda x, upstream, made: replace(made, result=np.asarray(change(x, made.result), x.dtype))


def _changed_gradient(
    change: Callable[[Array, Array, Any, Array], Any],
) -> Callable[[Array, Array, InPlace], InPlace]:
    def changed(x: Array, upstream: Array, made: InPlace) -> InPlace:
        with np.errstate(all="ignore"):
            return replace(
                made, gradient=np.asarray(change(x, upstream, made.gradient, made.result), x.dtype)
            )

    return changed


def _next(x: Array, y: Array) -> Array:
    return np.asarray(one_float_off(Call("forward", "", x, {}, y)))


def _slope_from_result(x: Array, upstream: Array, gradient: Any, y: Array) -> Any:
    """elu's slope as result + alpha: nothing is left of it where the result is rounded to -1."""
    return upstream * np.where(x > 0, np.ones_like(y), y + np.ones_like(y))


FAULTS = (
    _in_place(
        "relu",
        "new memory",
        lambda x, u, made: replace(made, same_storage=False),
        "float32-forward",
        "storage",
    ),
    _in_place(
        "relu6",
        "not done",
        lambda x, u, made: replace(made, same_storage=False, result=x.copy()),
        "bfloat16-forward",
        "storage",
        wrong="in place: ignored (pytorch #95432)",
    ),
    _in_place("silu", "one float off", _changed_result(_next), "float16-forward", "differs"),
    _in_place(
        "elu", "slope from the result", _changed_gradient(_slope_from_result), "float32-gradient", "differs"
    ),
    _in_place(
        "tanh",
        "gradient refused",
        lambda x, u, made: replace(made, gradient=Unsupported("a leaf variable cannot be used in place")),
        "bfloat16-gradient",
        "refused:gradient",
    ),
    _in_place(
        "hardtanh",
        "upstream ignored",
        _changed_gradient(lambda x, u, g, y: g / u),
        "float64-gradient",
        "differs",
    ),
    _in_place(
        "mish",
        "gradient from the result",
        _changed_gradient(lambda x, u, g, y: NumpyAdapter().call_gradient("mish", y, u, {})),
        "float32-gradient",
        "differs",
    ),
    _in_place(
        "leaky_relu",
        "gradient by the sign of the result",
        _changed_gradient(lambda x, u, g, y: np.where((y > 0) & (x < 0), u, g)),
        "float32-gradient",
        "differs",
    ),
    _in_place(
        "celu",
        "matrices by columns stay as they are",
        _changed_result(lambda x, y: y if x.flags.c_contiguous else x),
        "float32-forward",
        "differs",
    ),
    _in_place(
        "threshold",
        "NaN replaced",
        _changed_result(lambda x, y: np.where(np.isnan(x), 20, y)),
        "float32-forward",
        "differs:nan",
    ),
    _in_place(
        "hardswish",
        "the last element forgotten",
        _changed_result(lambda x, y: np.concatenate([y.ravel()[:-1], x.ravel()[-1:] * 2]).reshape(y.shape)),
        "bfloat16-forward",
        "differs",
    ),
    _in_place(
        "sigmoid", "gradient by y", _changed_gradient(lambda x, u, g, y: u * y), "float16-gradient", "differs"
    ),
    _module("elu", "alpha ignored", with_parameters(alpha=1.0)),
    _module("gelu", "the tanh form", with_parameters(approximate="tanh")),
    _module("softplus", "one float off at 0", at(zeros, one_float_off)),
    _module(
        "hardshrink",
        "lambd kept in float32",
        with_parameters(lambd=lambda lambd: float(np.float32(lambd))),
        "*",
    ),
    _module("relu", "0 for NaN", at(nan, zero)),
    _module("tanhshrink", "negated in float64", when(formats("float64"), negated), "float64"),
    _module("silu", "x above 20", at(above(20), formula(lambda x: x + 1e-6 * x)), "float32"),
    _module("rrelu", "a slope of upper", formula(lambda x, lower, upper: np.where(x < 0, upper * x, x))),
    _module(
        "softsign",
        "1 at infinity in bfloat16 alone",
        when(formats("bfloat16"), at(above(1e30), value(0.5))),
        "bfloat16",
    ),
    _module(
        "hardtanh",
        "min_val ignored unless it is -1",
        when(parameters(lambda min_val, max_val: min_val != -1), identity),
    ),
    _module("gelu", "one input of all", at(exactly(1), value(0.75)), "float16"),
    _module("tanh", "0 for -0", at(zeros, value(0)), "float64"),
    _module("relu", "float32 results", lambda call: call.y.astype(np.float32), "bfloat16", "wrong_format"),
)
