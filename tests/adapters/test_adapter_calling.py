"""What is prepared is kept; what a framework does not take is unsupported, for every quantity."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Array, Description, Function, Operator, Unsupported, composed

X = np.array([-1.0, 0.5], np.float32)


class Framework(Adapter):
    """Notes what it prepares, and which functions it differentiates."""

    name = "framework"

    def __init__(self) -> None:
        self.prepared: list[tuple[Any, ...]] = []
        self.differentiated: list[Function] = []

    def describe(self) -> Description:
        return Description("framework", "1", "cpu")

    def functions(self) -> Mapping[str, Function | Unsupported]:
        return {
            "elu": lambda x, alpha: np.where(x > 0, x, np.float32(alpha) * np.expm1(x)).astype(x.dtype),
            "prelu": lambda x, weight: np.where(x > 0, x, weight * x),
            "softplus": Operator(lambda x: np.logaddexp(x, 0), fixed={"beta": 1, "threshold": inf}),
            "tanhshrink": composed("x - tanh(x)", lambda x: x - np.tanh(x), formats=("float32",)),
            "mish": Operator(np.tanh, quantities={"gradient": ("float64",), "second_derivative": ()}),
        }

    def prepare(self, activation: str, format_name: str, rank: int, parameters: Any) -> Any:
        self.prepared.append((activation, format_name, rank, dict(parameters)))
        return super().prepare(activation, format_name, rank, parameters)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        self.differentiated.append(function)
        return upstream


def test_a_function_is_prepared_once_for_each_format_rank_and_set_of_parameters() -> None:
    made = Framework()
    for x in (X, X[:1], X.astype(np.float64), X.reshape(1, 2)):
        for alpha in (0.5, 0.0, -0.0, 1, 1.0):
            made.forward("elu", x, {"alpha": alpha})
            made.gradient("elu", x, x, {"alpha": alpha})
    assert len(made.prepared) == 3 * 5
    assert {p[1:3] for p in made.prepared} == {("float32", 1), ("float64", 1), ("float32", 2)}


def test_a_function_to_be_differentiated_is_the_same_object_each_time() -> None:
    made = Framework()
    for _ in range(3):
        made.gradient("elu", X, X, {"alpha": 0.5})
    made.gradient("elu", X, X, {"alpha": 0.25})
    assert len({id(function) for function in made.differentiated}) == 2


def test_arrays_are_given_with_each_call_and_not_prepared() -> None:
    made = Framework()
    for weight in (0.25, 2.0):
        y = made.forward("prelu", X, {"weight": np.array([weight], np.float32)})
        assert isinstance(y, np.ndarray)
        assert y.tolist() == [-weight, 0.5]
    assert made.prepared == [("prelu", "float32", 1, {})]


@pytest.mark.parametrize(
    ("activation", "parameters", "format_name", "quantity", "reason"),
    [
        (
            "softplus",
            {"beta": 2, "threshold": inf},
            "float32",
            "forward",
            "no parameter beta: it is always",
        ),
        ("softplus", {"beta": 1.0, "threshold": 20}, "float32", "gradient", "threshold: it is always inf"),
        ("tanhshrink", {}, "float64", "forward", "does not compute in float64"),
        ("mish", {}, "float32", "gradient", "has no gradient in float32"),
        ("mish", {}, "float64", "second_derivative", "has no second derivative in float64"),
    ],
)
def test_what_a_framework_does_not_take_is_unsupported(
    activation: str, parameters: dict[str, Any], format_name: str, quantity: str, reason: str
) -> None:
    made = Framework()
    x: Array = X.astype(format_name)
    found = {
        "forward": lambda: made.forward(activation, x, parameters),
        "gradient": lambda: made.gradient(activation, x, x, parameters),
        "second_derivative": lambda: made.second_derivative(activation, x, parameters),
    }[quantity]()
    assert isinstance(found, Unsupported)
    assert reason in found.reason
    assert made.limit(activation, parameters, format_name, quantity) == found


def test_fixed_parameters_are_not_handed_on() -> None:
    y = Framework().forward("softplus", X, {"beta": 1.0, "threshold": inf})
    assert isinstance(y, np.ndarray)
    assert np.allclose(y, np.log1p(np.exp(X)))


def test_what_takes_everything_has_no_limit() -> None:
    made = Framework()
    assert made.limit("elu", {"alpha": 1.0}, "float16", "gradient") is None
    assert made.limit("mish", {}, "float64", "gradient") is None
    assert made.limit("mish", {}, "", "gradient") is None
