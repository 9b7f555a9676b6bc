"""Backends with planted faults, made from the numpy backend: what the checks and the harness must catch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

#: From input, right result and parameters to a wrong result.
Change = Callable[[Array, Array, Mapping[str, Any]], Any]


class Planted(NumpyAdapter):
    """The numpy backend with one activation changed."""

    name = "planted"

    def __init__(
        self,
        activation: str = "",
        forward: Change | None = None,
        gradient: Change | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.activation = activation
        self.changes = {"forward": forward, "gradient": gradient}
        self.own_defaults = defaults

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        return self._changed("forward", activation, x, y, parameters)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        y = super().call_gradient(activation, x, upstream, parameters)
        return self._changed("gradient", activation, x, y, parameters)

    def to_host(self, array: Any) -> Any:
        return array

    def defaults(self, activation: str) -> Parameters | Unsupported:
        own = super().defaults(activation)
        if activation != self.activation or self.own_defaults is None:
            return own
        return self.own_defaults

    def _changed(self, quantity: str, activation: str, x: Any, y: Any, parameters: Parameters) -> Any:
        change = self.changes[quantity]
        if activation != self.activation or change is None:
            return y
        with np.errstate(all="ignore"):
            return change(x, y, parameters)


def with_parameters(activation: str, **changed: Any) -> Change:
    """The same activation with other parameters."""
    return lambda x, y, parameters: NumpyAdapter().call(activation, x, {**parameters, **changed})


def where(condition: Callable[[Array], Array], value: Any) -> Change:
    """Another value where the input fulfils a condition."""
    return lambda x, y, parameters: np.where(condition(x), np.asarray(value, x.dtype), y)


def in_float64(formula: Callable[[Array, Mapping[str, Any]], Array]) -> Change:
    """A formula computed in float64 and rounded."""
    return lambda x, y, parameters: formula(x.astype(np.float64), parameters).astype(x.dtype)


def scaled_by(factor: float) -> Change:
    """The right result times a factor, computed in float64."""
    return lambda x, y, parameters: (y.astype(np.float64) * factor).astype(y.dtype)


def _naive_hardswish(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    six = np.asarray(6, x.dtype)
    inner = np.asarray(np.clip(x + np.asarray(3, x.dtype), 0, six), x.dtype)
    return np.asarray(np.where(np.isnan(x), x, x * inner / six), x.dtype)


def _late_threshold(x: Array, parameters: Mapping[str, Any]) -> Array:
    beta, threshold = parameters["beta"], parameters["threshold"]
    return np.where(x > threshold, x, np.logaddexp(0, beta * x) / beta)


def _lost_nan_in_tail(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    tail = x.size - x.size % 8
    wrong = y.copy()
    wrong[tail:] = np.where(np.isnan(x[tail:]), np.asarray(0, x.dtype), y[tail:])
    return wrong


def _tanh_gelu(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    return np.asarray(NumpyAdapter().call("gelu", x, {"approximate": "tanh"}))


def _one_input(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    if x.dtype != np.float16:
        return y
    return np.where(x == 1.5, np.nextafter(np.nextafter(y, np.float16(9)), np.float16(9)), y)


def _halves_swapped(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
    halves = np.split(y, 2, axis=parameters["dim"])
    return np.concatenate(halves[::-1], axis=parameters["dim"])


def _gate_swapped(x: Array, y: Array, parameters: Mapping[str, Any]) -> Any:
    halves = np.split(x, 2, axis=parameters["dim"])
    return NumpyAdapter().call("glu", np.concatenate(halves[::-1], axis=parameters["dim"]), parameters)


def _first_weight(x: Array, y: Array, parameters: Mapping[str, Any]) -> Any:
    return NumpyAdapter().call(
        "prelu", x, {**parameters, "num_parameters": 1, "weight": parameters["weight"][:1]}
    )


#: Name of the fault to the backend that has it, the question that must catch it, and the kind of fault.
FAULTS: dict[str, tuple[Planted, str, str]] = {
    "wrong slope": (
        Planted("leaky_relu", with_parameters("leaky_relu", negative_slope=0.02)),
        "accuracy-leaky_relu-default-float32-forward",
        "max_ulp",
    ),
    "wrong slope of the gradient": (
        Planted("leaky_relu", gradient=where(lambda x: x < 0, 0.02)),
        "accuracy-leaky_relu-default-float16-gradient",
        "max_ulp",
    ),
    "wrong constant in the 4th digit": (
        Planted("selu", scaled_by(1.0517 / 1.0507)),
        "accuracy-selu-default-float32-forward",
        "max_ulp",
    ),
    "wrong constant in the 4th digit, float16": (
        Planted("selu", in_float64(lambda x, p: 1.0517 * np.where(x > 0, x, 1.67326 * np.expm1(x)))),
        "accuracy-selu-default-float16-forward",
        "max_ulp",
    ),
    "tanh form served as exact": (
        Planted("gelu", _tanh_gelu),
        "accuracy-gelu-default-float32-forward",
        "max_scaled_ulp",
    ),
    "NaN becomes 0": (
        Planted("relu", where(np.isnan, 0)),
        "accuracy-relu-default-bfloat16-forward",
        "wrong_nan",
    ),
    "NaN becomes 0, any place": (
        Planted("relu", where(np.isnan, 0)),
        "special_values-relu-default-float32-forward",
        "wrong_nan",
    ),
    "NaN becomes 0 in the tail": (
        Planted("sigmoid", _lost_nan_in_tail),
        "special_values-sigmoid-default-float32-forward",
        "wrong_nan",
    ),
    "NaN at infinity": (
        Planted("gelu", where(lambda x: x == -np.inf, np.nan)),
        "special_values-gelu-default-float64-forward",
        "wrong_nan",
    ),
    "gradient of the largest number overflows": (
        Planted("silu", gradient=where(lambda x: x > 1e4, np.inf)),
        "special_values-silu-default-float16-gradient",
        "wrong_infinity",
    ),
    "wrong zero sign": (
        Planted("elu", where(lambda x: x == 0, 0.0)),
        "accuracy-elu-default-float64-forward",
        "wrong_zero_sign",
    ),
    "one wrong input of 65,536": (
        Planted("tanh", _one_input),
        "accuracy-tanh-default-float16-forward",
        "max_ulp",
    ),
    "threshold on x instead of beta*x": (
        Planted("softplus", in_float64(_late_threshold)),
        "accuracy-softplus-beta=2,threshold=4-float32-forward",
        "max_scaled_ulp",
    ),
    "overflow of the largest": (
        Planted("hardswish", _naive_hardswish),
        "accuracy-hardswish-default-float32-forward",
        "wrong_infinity",
    ),
    "wrong format": (
        Planted("mish", lambda x, y, p: y.astype(np.float32)),
        "accuracy-mish-default-float16-forward",
        "wrong_format",
    ),
    "wrong shape": (
        Planted("mish", lambda x, y, p: y.reshape(1, -1)),
        "accuracy-mish-default-float32-forward",
        "wrong_shape",
    ),
    "no array": (
        Planted("mish", lambda x, y, p: y.tolist()),
        "special_values-mish-default-float32-forward",
        "wrong_format",
    ),
    "wrong default": (
        Planted("leaky_relu", defaults={"negative_slope": 0.2}),
        "defaults-leaky_relu-default-any-any",
        "differs:negative_slope",
    ),
    "other form by default": (
        Planted("gelu", defaults={"approximate": "tanh"}),
        "defaults-gelu-default-any-any",
        "differs:approximate",
    ),
    "no default": (
        Planted("softplus", defaults={"beta": 1}),
        "defaults-softplus-default-any-any",
        "missing:threshold",
    ),
    "default where none may be": (
        Planted("threshold", defaults={"threshold": 1.0}),
        "defaults-threshold-*-any-any",
        "differs:threshold",
    ),
    "halves swapped, crelu": (
        Planted("crelu", _halves_swapped),
        "accuracy-crelu-default-bfloat16-forward",
        "max_ulp",
    ),
    "halves swapped, glu": (
        Planted("glu", _gate_swapped),
        "accuracy-glu-default-float32-forward",
        "max_ulp",
    ),
    "one weight for all channels": (
        Planted("prelu", _first_weight),
        "accuracy-prelu-num_parameters=3,init=0.5-float32-forward",
        "max_ulp",
    ),
}
