"""Integers, booleans and complex numbers that are not right, and not refused; formats of results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import ml_dtypes
import numpy as np

from actcheck.adapters.base import Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.zoo.effects import when
from tests.zoo.model import FaultyBackend
from tests.zoo.planting import planted
from tests.zoo.where import formats, rank

_fault = partial(planted, "dtype")


@dataclass
class Lenient(NumpyAdapter):
    """Takes arrays of every type for one activation."""

    name = "planted"
    activation: str
    formula: Callable[..., Any]

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if activation == self.activation and x.dtype.kind in "iubc":
            with np.errstate(all="ignore"):
                return self.formula(x, **parameters)
        return super().call(activation, x, parameters)


def _taken(
    activation: str, text: str, formula: Callable[..., Any], what: str, label: str = "*", **more: str
) -> FaultyBackend:
    make = partial(Lenient, activation, formula)
    owner = f"dtypes-{activation}-{label}-any-forward"
    return FaultyBackend(
        f"{activation}: {text}", (activation,), text, "dtype", make, owner, what=what, **more
    )  # type: ignore[arg-type]


def _complex(x: Any, made: Any, other: Any) -> Any:
    return made if x.dtype.kind == "c" else other


def _of_numbers(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """Right for integers in float64, for complex numbers a formula."""
    return lambda x, **_: function(x) if x.dtype.kind == "c" else _refuse(x)


def _refuse(x: Any) -> Any:
    raise TypeError(f"no {x.dtype}")


def _endless(x: Any) -> Any:
    return _endless(x) if x.dtype.kind == "c" else _refuse(x)


FAULTS = (
    _taken(
        "threshold",
        "parameters cut off",
        lambda x, threshold, value: np.where(x > int(threshold), x, int(value)).astype(x.dtype),
        "wrong:int8",
        "threshold=0.5,value=0.25",
    ),
    _taken(
        "softsign",
        "abs(-128) wraps around",
        lambda x: (x / (np.abs(x) + x.dtype.type(1))).astype(np.float32),
        "wrong:int16",
    ),
    _taken("sigmoid", "results truncated", np.zeros_like, "wrong:uint8"),
    _taken(
        "relu",
        "integers by way of float64",
        lambda x: np.maximum(x.astype(np.float64), 0).astype(x.dtype),
        "wrong:int64",
    ),
    _taken(
        "relu", "a boolean's negation", lambda x: ~x if x.dtype == bool else np.maximum(x, 0), "wrong:bool"
    ),
    _taken(
        "tanh",
        "1 more in the imaginary part",
        lambda x: _complex(x, np.tanh(x) + 1j, np.tanh(x)),
        "wrong:complex64",
    ),
    _taken(
        "relu",
        "the modulus of a complex number",
        lambda x: _complex(x, np.abs(x), np.maximum(x, 0)),
        "wrong:complex128",
    ),
    _taken(
        "relu6",
        "uint8 taken for int8",
        lambda x: (
            np.clip(x.view(np.int8) if x.dtype == np.uint8 else x, 0, 6).astype(x.dtype)
            if x.dtype.kind in "iu"
            else _refuse(x)
        ),
        "wrong:uint8",
    ),
    _taken(
        "hardtanh",
        "integers cut to 0 and 1",
        lambda x, min_val, max_val: np.clip(x, 0, 1).astype(x.dtype) if x.dtype.kind in "iu" else _refuse(x),
        "wrong:int8",
    ),
    _taken(
        "gelu",
        "results truncated to integers",
        lambda x, approximate: np.maximum(x, 0) if x.dtype.kind in "iu" else _refuse(x),
        "wrong:int32",
    ),
    _taken(
        "elu",
        "integers below 0 are 0",
        lambda x, alpha: np.maximum(x, 0) if x.dtype.kind in "iu" else _refuse(x),
        "wrong:int64",
    ),
    _taken(
        "silu",
        "the real part alone",
        _of_numbers(lambda x: (x.real / (1 + np.exp(-x.real))).astype(x.dtype)),
        "",
    ),
    _taken(
        "sigmoid",
        "the conjugate",
        _of_numbers(lambda x: np.conj(1 / (1 + np.exp(-x)))),
        "",
    ),
    _taken(
        "tanh",
        "the imaginary part doubled",
        _of_numbers(lambda x: np.tanh(x.real + 2j * x.imag)),
        "",
    ),
    _taken(
        "hardswish",
        "int8 overflows in x*(x + 3)",
        lambda x: (
            (x * np.clip(x + x.dtype.type(3), 0, 6) // x.dtype.type(6))
            if x.dtype.kind in "iu"
            else _refuse(x)
        ),
        "wrong:int8",
    ),
    _taken(
        "threshold",
        "int64 beyond 2^53 rounded",
        lambda x, threshold, value: (
            np.where(x.astype(float) > threshold, x.astype(float), value).astype(x.dtype)
            if x.dtype.kind in "iu"
            else _refuse(x)
        ),
        "wrong:int64",
        "threshold=0.0,*",
    ),
    _taken(
        "softsign",
        "integers have no attribute",
        lambda x: x.nothing if x.dtype.kind in "iu" else _refuse(x),
        "raised:int16",
    ),
    _taken("relu", "complex numbers end the stack", _endless, "raised:complex64"),
    _fault(
        "mish",
        "16 bits become float32",
        lambda call: call.y.astype(np.float32),
        "dtypes-any",
        what="format:bfloat16",
    ),
    FaultyBackend(
        "mish: float64 from the gradient",
        ("mish",),
        "the gradient comes in float64",
        "dtype",
        planted("dtype", "mish", "", lambda call: call.y.astype(np.float64), "", "gradient").make,
        "dtypes-mish-*-any-forward",
        what="format:float16",
    ),
    _fault(
        "tanh",
        "float64 becomes float32",
        when(formats("float64"), lambda call: call.y.astype(np.float32)),
        "dtypes-any",
    ),
    _fault(
        "hardsigmoid",
        "bfloat16 becomes float16",
        when(formats("bfloat16"), lambda call: call.y.astype(np.float16)),
        "dtypes-any",
    ),
    _fault(
        "softshrink",
        "matrices become float64",
        when(rank(2), lambda call: call.y.astype(np.float64)),
        "shapes-float32",
    ),
    _fault(
        "logsigmoid",
        "float16 becomes bfloat16",
        when(formats("float16"), lambda call: call.y.astype(ml_dtypes.bfloat16)),
        "accuracy-float16",
    ),
    _fault("mish", "a list", lambda call: call.y.tolist(), "special_values-float32", what="wrong_format"),
    _fault(
        "celu",
        "a number for an array of one element",
        lambda call: call.y[0] if call.y.shape == (1,) else call.y,
        "consistency-float32",
    ),
    _fault("glu", "float64 results", lambda call: call.y.astype(np.float64), "accuracy-float32"),
    _fault(
        "prelu",
        "gradient in float64",
        lambda call: call.y.astype(np.float64),
        "accuracy-bfloat16",
        "gradient",
    ),
)
