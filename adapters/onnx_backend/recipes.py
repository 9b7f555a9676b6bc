"""Activation ids and the operators of ONNX that compute them; nothing is imported here.

A recipe is a function of the input's rank and the parameters of the specification; its plan becomes a graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from actcheck.adapters.base import Function, Operator, Unsupported, composed


@dataclass(frozen=True)
class Step:
    """One node: its operator, inputs and outputs by name, and its attributes."""

    operator: str
    inputs: tuple[str, ...] = ("x",)
    outputs: tuple[str, ...] = ("y",)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The nodes of a graph from x to y."""

    steps: tuple[Step, ...]
    #: Constants in the format of x, by name.
    constants: Mapping[str, float] = field(default_factory=dict)
    #: A further input, of the format of x, with one element for each channel (dimension 1) or one for all.
    weight: str = ""


def _one(operator: str, **names: str) -> Function:
    """The operator alone; names lead from its attributes to the parameters."""

    def recipe(rank: int, **parameters: Any) -> Plan:
        return Plan((Step(operator, attributes={a: parameters[p] for a, p in names.items()}),))

    return recipe


def _clip(rank: int, min_val: float = 0.0, max_val: float = 6.0) -> Plan:
    return Plan((Step("Clip", ("x", "low", "high")),), {"low": min_val, "high": max_val})


def _prelu(rank: int, weight: Any = None, **_: Any) -> Plan:
    """How many slopes there are is the weight's shape; where they started is forgotten."""
    return Plan((Step("PRelu", ("x", "weight")),), weight="weight")


def _softshrink(rank: int, lambd: float) -> Plan:
    return Plan((Step("Shrink", attributes={"bias": lambd, "lambd": lambd}),))


def _hardsigmoid(rank: int) -> Plan:
    return Plan((Step("HardSigmoid", attributes={"alpha": 1 / 6, "beta": 0.5}),))


def _silu(rank: int) -> Plan:
    return Plan((Step("Sigmoid", outputs=("s",)), Step("Mul", ("x", "s"))))


def _logsigmoid(rank: int) -> Plan:
    steps = Step("Neg", outputs=("n",)), Step("Softplus", ("n",), ("s",)), Step("Neg", ("s",))
    return Plan(steps)


def _tanhshrink(rank: int) -> Plan:
    return Plan((Step("Tanh", outputs=("t",)), Step("Sub", ("x", "t"))))


def _glu(rank: int, dim: int) -> Plan:
    split = Step("Split", outputs=("a", "b"), attributes={"axis": dim, "num_outputs": 2})
    return Plan((split, Step("Sigmoid", ("b",), ("s",)), Step("Mul", ("a", "s"))))


def _crelu(rank: int, dim: int) -> Plan:
    halves = Step("Relu", outputs=("a",)), Step("Neg", outputs=("n",)), Step("Relu", ("n",), ("b",))
    return Plan((*halves, Step("Concat", ("a", "b"), attributes={"axis": dim})))


#: Activation id to the recipe, with the parameters that the operator lacks.
RECIPES: Mapping[str, Operator | Unsupported] = {
    "celu": Operator(_one("Celu", alpha="alpha")),
    "crelu": composed("Concat(Relu(x), Relu(Neg(x)))", _crelu),
    "elu": Operator(_one("Elu", alpha="alpha")),
    "gelu": Operator(_one("Gelu", approximate="approximate")),
    "glu": composed("Split, Sigmoid and Mul", _glu),
    "hardshrink": Operator(_one("Shrink", lambd="lambd")),
    "hardsigmoid": Operator(_hardsigmoid),
    "hardswish": Operator(_one("HardSwish")),
    "hardtanh": Operator(_clip),
    "leaky_relu": Operator(_one("LeakyRelu", alpha="negative_slope")),
    "log_softmax": Operator(_one("LogSoftmax", axis="dim")),
    "logsigmoid": composed("Neg(Softplus(Neg(x)))", _logsigmoid),
    "mish": Operator(_one("Mish")),
    "prelu": Operator(_prelu),
    "relu": Operator(_one("Relu")),
    "relu6": Operator(_clip),
    "selu": Operator(_one("Selu")),
    "sigmoid": Operator(_one("Sigmoid")),
    "silu": composed("Mul(x, Sigmoid(x))", _silu),
    "softmax": Operator(_one("Softmax", axis="dim")),
    "softplus": Operator(_one("Softplus"), fixed={"beta": 1.0, "threshold": inf}),
    "softshrink": Operator(_softshrink),
    "softsign": Operator(_one("Softsign")),
    "tanh": Operator(_one("Tanh")),
    "tanhshrink": composed("Sub(x, Tanh(x))", _tanhshrink),
    "threshold": Operator(_one("ThresholdedRelu", alpha="threshold"), fixed={"value": 0.0}),
}
#: Activation id to the operator whose attributes have defaults, and the parameters that these are.
DEFAULTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "celu": ("Celu", {"alpha": "alpha"}),
    "elu": ("Elu", {"alpha": "alpha"}),
    "gelu": ("Gelu", {"approximate": "approximate"}),
    "hardshrink": ("Shrink", {"lambd": "lambd"}),
    "leaky_relu": ("LeakyRelu", {"alpha": "negative_slope"}),
    "log_softmax": ("LogSoftmax", {"axis": "dim"}),
    "softmax": ("Softmax", {"axis": "dim"}),
}
