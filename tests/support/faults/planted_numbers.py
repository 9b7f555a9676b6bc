"""Backends that are wrong at few numbers: one binade, beside a threshold, in a tail, off the real axis.

A fault is a row: its name, what it changes, and the question that owns it, with what it must find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.planted import Change, Planted, in_float64, where
from tests.support.faults.planted_questions import Case, Lenient

Condition = Callable[[Array], Array]


class SecondDerivative(NumpyAdapter):
    """The second derivative of one activation changed."""

    name = "planted"

    def __init__(self, activation: str, change: Change) -> None:
        self.activation, self.change = activation, change

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call_second_derivative(activation, x, parameters)
        return self.change(x, y, parameters) if activation == self.activation else y


def binade(exponent: int, sign: int = 1) -> Condition:
    """Inputs of one sign from 2^exponent up to twice that."""
    return lambda x: (
        (sign * x.astype(np.float64) >= 2.0**exponent) & (sign * x.astype(np.float64) < 2.0 ** (exponent + 1))
    )


def between(low: float, high: float) -> Condition:
    return lambda x: (x >= low) & (x <= high)


def off(condition: Condition) -> Change:
    """A relative error of 2^-10 where the input fulfils a condition."""
    return lambda x, y, p: np.where(condition(x), y * (1 + 2.0**-10), y).astype(y.dtype)


def shifted(condition: Condition) -> Change:
    """The input itself, with an error, where it fulfils a condition: also subnormals change."""
    return lambda x, y, p: np.where(condition(x), y + y, y).astype(y.dtype)


def _naive_sigmoid(x: Array, y: Array, p: Mapping[str, Any]) -> Array:
    with np.errstate(all="ignore"):
        grown = np.exp(x)
        return np.asarray(np.where(x > 0, grown / (1 + grown), y))


def _lost_expm1(x: Array, p: Mapping[str, Any]) -> Array:
    return np.where(
        x > 0, x, np.where(x < -103, p["alpha"] * -0.999, p["alpha"] * np.expm1(np.minimum(x, 0)))
    )


def _complex(formula: Callable[[Array], Array]) -> Callable[[Array, Mapping[str, Any]], Any]:
    """A formula for complex inputs; integers stay refused."""

    def call(x: Array, parameters: Mapping[str, Any]) -> Any:
        if x.dtype.kind != "c":
            raise TypeError(x.dtype)
        return formula(x).astype(x.dtype)

    return call


def _logistic(x: Array) -> Array:
    wide = x.astype(np.complex128)
    left = np.exp(np.where(wide.real < 0, wide, -wide))
    return np.asarray(np.where(wide.real < 0, left / (1 + left), 1 / (1 + left)))


def _by_sinh_and_cosh(x: Array) -> Array:
    return np.asarray(np.sinh(x) / np.cosh(x))


def _accuracy(activation: str, form: str = "float32", quantity: str = "forward") -> str:
    return f"accuracy-{activation}-{form}-{quantity}"


def _dtypes(activation: str) -> str:
    return f"dtypes-{activation}-default-any-forward"


_BELOW = -88.0
_INF = np.inf
_LOWER, _UPPER = "hardtanh-min_val=0.0,max_val=inf", "hardtanh-min_val=-inf,max_val=0.0"

#: Wrong in a binade, or in one of the subnormals.
BINADES: dict[str, Case] = {
    "tanh flushes float64 subnormals between the ends": (
        Planted("tanh", where(between(1e-310, 2e-308), 0.0)),
        _accuracy("tanh-default", "float64"),
        "max_ulp",
    ),
    "tanh flushes one binade of float64 subnormals": (
        Planted("tanh", where(binade(-1060), 0.0)),
        _accuracy("tanh-default", "float64"),
        "max_ulp",
    ),
    "one float64 binade of softsign": (
        Planted("softsign", off(binade(-900))),
        _accuracy("softsign-default", "float64"),
        "max_ulp",
    ),
    "one negative float64 binade of silu": (
        Planted("silu", off(binade(-777, -1))),
        _accuracy("silu-default", "float64"),
        "max_scaled_ulp",
    ),
    "one float64 binade of gelu": (
        Planted("gelu", off(binade(911))),
        _accuracy("gelu-default", "float64"),
        "max_scaled_ulp",
    ),
    "one float64 binade of the gradient": (
        Planted("elu", gradient=off(binade(-500, -1))),
        _accuracy("elu-default", "float64", "gradient"),
        "max_ulp",
    ),
    "one float32 binade of relu": (
        Planted("relu", off(binade(93))),
        _accuracy("relu-default"),
        "max_ulp",
    ),
    "one binade of float32 subnormals": (
        Planted("selu", shifted(binade(-140, -1))),
        _accuracy("selu-default"),
        "max_ulp",
    ),
    "the second smallest binade of float64": (
        Planted("relu", shifted(binade(-1073))),
        _accuracy("relu-default", "float64"),
        "max_ulp",
    ),
}

#: Wrong beside a threshold of the format.
THRESHOLDS: dict[str, Case] = {
    "elu beside the underflow of exp": (
        Planted("elu", in_float64(_lost_expm1)),
        _accuracy("elu-default"),
        "max_ulp",
    ),
    "sigmoid is NaN where exp overflows": (
        Planted("sigmoid", _naive_sigmoid),
        _accuracy("sigmoid-default"),
        "wrong_nan",
    ),
    "sigmoid is NaN where exp overflows in float64": (
        Planted("sigmoid", _naive_sigmoid),
        _accuracy("sigmoid-default", "float64"),
        "wrong_nan",
    ),
    "the float32 after the overflow of exp": (
        Planted("silu", where(between(88.72283, 88.722850), _INF)),
        _accuracy("silu-default"),
        "wrong_infinity",
    ),
    "softplus beside the overflow of float64": (
        Planted("softplus", where(between(709.78271289338, 709.78271289339), _INF)),
        _accuracy("softplus-default", "float64"),
        "wrong_infinity",
    ),
    "tanh beside its saturation": (
        Planted("tanh", off(between(9.010912, 9.010915))),
        _accuracy("tanh-default"),
        "max_ulp",
    ),
    "gelu beside the underflow of its density": (
        Planted("gelu", gradient=where(between(-13.2165, -13.2162), 1.0)),
        _accuracy("gelu-default", "float32", "gradient"),
        "max_scaled_ulp",
    ),
    "mish beside exp(x) = 2^-24": (
        Planted("mish", off(between(-16.63554, -16.63552))),
        _accuracy("mish-default"),
        "max_scaled_ulp",
    ),
    "logsigmoid beside the underflow of exp": (
        Planted("logsigmoid", where(between(87.33653, 87.33656), -1.0)),
        _accuracy("logsigmoid-default"),
        "max_scaled_ulp",
    ),
    "celu with its threshold moved by alpha": (
        Planted("celu", off(between(-8.664342, -8.664337))),
        _accuracy("celu-alpha=0.5"),
        "max_scaled_ulp",
    ),
    "glu beside the underflow of the gate": (
        Planted("glu", lambda x, y, p: np.where(np.split(x, 2, p["dim"])[1] < -103.9, 0, y).astype(y.dtype)),
        _accuracy("glu-default"),
        "lost_to_zero",
    ),
}

#: A tail that is a constant.
TAILS: dict[str, Case] = {
    "logsigmoid is 0 from 17 to 85": (
        Planted("logsigmoid", where(between(17, 85), 0.0)),
        _accuracy("logsigmoid-default"),
        "lost_to_zero",
    ),
    "logsigmoid's slope is 0 from 17 to 85": (
        Planted("logsigmoid", gradient=where(between(17, 85), 0.0)),
        _accuracy("logsigmoid-default", "float32", "gradient"),
        "lost_to_zero",
    ),
    "gelu is 0 below -5.4": (
        Planted("gelu", where(between(-12, -5.4), 0.0)),
        _accuracy("gelu-default"),
        "lost_to_zero",
    ),
    "gelu's slope is 0 below -5.4": (
        Planted("gelu", gradient=where(between(-12, -5.4), 0.0)),
        _accuracy("gelu-default", "float32", "gradient"),
        "lost_to_zero",
    ),
    "gelu's tanh form is 0 below -5": (
        Planted("gelu", where(between(-9, -5), 0.0)),
        _accuracy("gelu-approximate=tanh"),
        "lost_to_zero",
    ),
    "softplus is 0 below -17": (
        Planted("softplus", where(between(-80, -17), 0.0)),
        _accuracy("softplus-default"),
        "lost_to_zero",
    ),
    "softplus' slope is 0 in the tail": (
        Planted("softplus", gradient=where(between(-80, -17), 0.0)),
        _accuracy("softplus-default", "float32", "gradient"),
        "lost_to_zero",
    ),
    "softplus loses half of its bits in the tail": (
        Planted("softplus", off(between(-80, -17))),
        _accuracy("softplus-default"),
        "max_scaled_ulp",
    ),
    "silu is 0 in the tail": (
        Planted("silu", where(between(-80, -30), 0.0)),
        _accuracy("silu-default"),
        "lost_to_zero",
    ),
    "mish is 0 in the tail": (
        Planted("mish", where(between(-80, -30), 0.0)),
        _accuracy("mish-default"),
        "lost_to_zero",
    ),
    "sigmoid is 0 in the tail": (
        Planted("sigmoid", where(between(-80, -20), 0.0)),
        _accuracy("sigmoid-default"),
        "lost_to_zero",
    ),
    "sigmoid's slope is 0 in the right tail": (
        Planted("sigmoid", gradient=where(between(17, 80), 0.0)),
        _accuracy("sigmoid-default", "float32", "gradient"),
        "lost_to_zero",
    ),
    "tanh's slope is 0 from 9.1 on": (
        Planted("tanh", gradient=where(between(9.1, 40), 0.0)),
        _accuracy("tanh-default", "float32", "gradient"),
        "lost_to_zero",
    ),
    "elu's slope is 0 below -20": (
        Planted("elu", gradient=where(between(-80, -20), 0.0)),
        _accuracy("elu-default", "float32", "gradient"),
        "lost_to_zero",
    ),
    "sigmoid's second derivative is 0 in the tail": (
        SecondDerivative("sigmoid", where(between(17, 80), 0.0)),
        _accuracy("sigmoid-default", "float32", "second_derivative"),
        "lost_to_zero",
    ),
    "silu's second derivative is 0 in the tail": (
        SecondDerivative("silu", where(between(20, 80), 0.0)),
        _accuracy("silu-default", "float64", "second_derivative"),
        "lost_to_zero",
    ),
    "mish's second derivative is 0 in the tail": (
        SecondDerivative("mish", where(between(-80, -20), 0.0)),
        _accuracy("mish-default", "float32", "second_derivative"),
        "lost_to_zero",
    ),
}

#: Infinite parameters.
BOUNDS: dict[str, Case] = {
    "hardtanh without an upper bound is NaN at infinity": (
        Planted("hardtanh", lambda x, y, p: np.where(x == _INF, p["max_val"] - x, y).astype(y.dtype)),
        _accuracy(_LOWER),
        "wrong_nan",
    ),
    "hardtanh's infinite bound is the largest number": (
        Planted("hardtanh", lambda x, y, p: np.minimum(y, np.finfo(np.float32).max).astype(y.dtype)),
        _accuracy(_LOWER),
        "wrong_infinity",
    ),
    "hardtanh without a lower bound is held at -1": (
        Planted("hardtanh", lambda x, y, p: np.maximum(y, -1) if p["min_val"] == -_INF else y),
        _accuracy(_UPPER),
        "max_ulp",
    ),
    "hardtanh's slope at infinity": (
        Planted("hardtanh", gradient=where(np.isinf, 0.0)),
        _accuracy(_LOWER, "*", "gradient"),
        "lost_to_zero",
    ),
    "an infinite threshold is ignored": (
        Planted("threshold", lambda x, y, p: np.where(x > 0, x, y) if p["threshold"] == _INF else y),
        _accuracy("threshold-threshold=inf,value=0.25"),
        "max_ulp",
    ),
    "hardshrink by infinity keeps the infinities": (
        Planted("hardshrink", where(np.isinf, _INF)),
        _accuracy("hardshrink-lambd=inf"),
        "wrong_infinity",
    ),
    "softplus without a threshold has one": (
        Planted("softplus", lambda x, y, p: np.where(x > 5, x, y).astype(y.dtype)),
        _accuracy("softplus-threshold=inf"),
        "max_scaled_ulp",
    ),
}

#: Complex inputs off the real axis.
COMPLEX: dict[str, Case] = {
    "complex tanh overflows to NaN": (
        Lenient("tanh", _complex(_by_sinh_and_cosh)),
        _dtypes("tanh"),
        "off_axis:complex64",
    ),
    "complex tanh overflows to NaN in complex128": (
        Lenient("tanh", _complex(_by_sinh_and_cosh)),
        _dtypes("tanh"),
        "off_axis:complex128",
    ),
    "complex sigmoid conjugated": (
        Lenient("sigmoid", _complex(lambda x: np.conj(_logistic(x)))),
        _dtypes("sigmoid"),
        "off_axis:complex64",
    ),
    "complex sigmoid of the real part": (
        Lenient("sigmoid", _complex(lambda x: _logistic(x.real + 0j))),
        _dtypes("sigmoid"),
        "off_axis:complex128",
    ),
    "complex silu by the modulus": (
        Lenient("silu", _complex(lambda x: x * _logistic(x.real + 0j))),
        _dtypes("silu"),
        "off_axis:complex64",
    ),
    "complex sigmoid in single precision": (
        Lenient("sigmoid", _complex(lambda x: _logistic(x).astype(np.complex64))),
        _dtypes("sigmoid"),
        "off_axis:complex128",
    ),
    "complex sigmoid is not a number where exp overflows": (
        Lenient("sigmoid", _complex(lambda x: 1 / (1 + np.exp(-x)))),
        _dtypes("sigmoid"),
        "off_axis:complex64",
    ),
    "complex tanh is 1 too soon": (
        Lenient("tanh", _complex(lambda x: np.where(x.real > 2.5, 1, np.tanh(x)))),
        _dtypes("tanh"),
        "off_axis:complex64",
    ),
}

FAULTS: dict[str, Case] = BINADES | THRESHOLDS | TAILS | BOUNDS | COMPLEX
