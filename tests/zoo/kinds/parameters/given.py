"""Other defaults, and parameters that must be refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Function, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.zoo.model import FaultyBackend


@dataclass
class OtherDefaults(NumpyAdapter):
    """Other parameters where none are given."""

    name = "planted"
    activation: str
    own: Mapping[str, Any]

    def defaults(self, activation: str) -> Parameters | Unsupported:
        return self.own if activation == self.activation else super().defaults(activation)


@dataclass
class Accepting(NumpyAdapter):
    """Computes one activation with parameters that must be refused, as a function, as a module or both."""

    name = "planted"
    activation: str
    formula: Callable[..., Any]
    forms: tuple[str, ...] = ("function", "module")
    #: Which bad parameters are taken.
    accepts: Callable[..., bool] = field(default=lambda **_: True)

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        try:
            return super().call(activation, x, parameters)
        except ValueError:
            if not self._takes("function", activation, parameters):
                raise
            return np.asarray(self.formula(x, **parameters))

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        try:
            return super().module(activation, parameters)
        except ValueError:
            if not self._takes("module", activation, parameters):
                raise
            return lambda x: np.asarray(self.formula(x, **parameters))

    def _takes(self, form: str, activation: str, parameters: Parameters) -> bool:
        return activation == self.activation and form in self.forms and bool(self.accepts(**parameters))


def _default(activation: str, text: str, own: Mapping[str, Any], what: str, **more: str) -> FaultyBackend:
    make = partial(OtherDefaults, activation, own)
    return _made(
        activation, f"default {text}", "default", make, f"defaults-{activation}-*-any-any", what, **more
    )


def _accepted(
    activation: str, text: str, formula: Callable[..., Any], what: str, wrong: str = "", **how: Any
) -> FaultyBackend:
    make = partial(Accepting, activation, formula, **how)
    owner = f"refused_parameters-{activation}-*-any-any"
    return _made(activation, f"accepts {text}", "refused parameter", make, owner, what, wrong)


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


def _x(x: Any, **_: Any) -> Any:
    return x


FAULTS = (
    _default(
        "leaky_relu",
        "slope 0.2",
        {"negative_slope": 0.2},
        "differs:negative_slope",
        wrong="slope 0.2 by default (Paddle #44820)",
    ),
    _default(
        "gelu",
        "tanh form",
        {"approximate": "tanh"},
        "differs:approximate",
        wrong="the tanh form by default (jax #1556)",
    ),
    _default("softplus", "without a threshold", {"beta": 1}, "missing:threshold"),
    _default(
        "threshold",
        "threshold",
        {"threshold": 1.0},
        "differs:threshold",
        wrong="a default where the caller must choose",
    ),
    _default("elu", "alpha 1.67326", {"alpha": 1.67326}, "differs:alpha"),
    _default("hardtanh", "bounds 0 and 6", {"min_val": 0.0, "max_val": 6.0}, "differs:min_val"),
    _default("rrelu", "upper 0.3", {"lower": 0.125, "upper": 0.3}, "differs:upper"),
    _default("glu", "dim 1", {"dim": 1}, "differs:dim"),
    _default("prelu", "init 0.2", {"num_parameters": 1, "init": 0.2}, "differs:init"),
    _default("crelu", "dim -1", {"dim": -1}, "differs:dim"),
    _default(
        "multihead_attention",
        "batch first",
        {**NumpyAdapter().defaults("multihead_attention"), "batch_first": True},  # type: ignore[dict-item]
        "differs:batch_first",
    ),
    _accepted("softshrink", "a negative lambd", _x, "accepted:lambd=-0.5"),
    _accepted(
        "hardshrink",
        "a lambd of -1e-30 alone",
        _x,
        "accepted:lambd=-1e-30",
        accepts=lambda lambd: -1e-9 < lambd < 0,
    ),
    _accepted("celu", "alpha 0 as a function", _x, "accepted:alpha=0", forms=("function",)),
    _accepted("softplus", "beta -1 as a module", _x, "accepted_by_module:beta=-1", forms=("module",)),
    _accepted(
        "softplus",
        "beta 0",
        lambda x, beta, threshold: np.maximum(x, 0),
        "accepted:beta=0",
        accepts=lambda beta, threshold: beta == 0,
    ),
    _accepted(
        "hardtanh",
        "bounds in the wrong order",
        lambda x, min_val, max_val: np.minimum(np.maximum(x, min_val), max_val),
        "accepted:min_val=1,max_val=-1",
    ),
    _accepted(
        "hardtanh",
        "equal bounds",
        lambda x, min_val, max_val: 0 * x + min_val,
        "accepted:min_val=0.5,max_val=0.5",
        accepts=lambda min_val, max_val: min_val == max_val,
    ),
    _accepted("gelu", "an unknown word", _x, "accepted:approximate='sigmoid'"),
    _accepted(
        "gelu", "the empty word", _x, "accepted:approximate=''", accepts=lambda approximate: not approximate
    ),
    _accepted(
        "leaky_relu",
        "NaN, and gives NaN",
        lambda x, negative_slope: np.where(x < 0, np.nan, x),
        "accepted:negative_slope=nan",
    ),
    _accepted("prelu", "no weights", _x, "accepted_by_module:num_parameters=0"),
    _accepted(
        "rrelu",
        "lower above upper",
        lambda x, lower, upper: np.where(x < 0, (lower + upper) / 2 * x, x),
        "accepted:lower=0.5,upper=0.25",
        wrong="lower above upper accepted (pytorch #83160)",
    ),
    _accepted(
        "threshold",
        "NaN as value",
        lambda x, threshold, value: np.where(x > threshold, x, value),
        "accepted:threshold=0,value=nan",
        accepts=lambda threshold, value: math.isnan(value),
    ),
    _accepted("elu", "NaN as a module", _x, "accepted_by_module:alpha=nan", forms=("module",)),
)
