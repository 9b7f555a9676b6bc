"""What was held against backends that are right, and is not any more; and what stays wrong beside it."""

from __future__ import annotations

import io
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from rich.console import Console

from actcheck.adapters.base import Adapter, Description
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.asker import in_a_line
from actcheck.conformance.run.summary import print_summary
from tests.support.asked_questions import finding, whats
from tests.support.report.report_results import entry, results


class Scalars(Adapter):
    """tanh as a user writes it: numpy makes numbers of arrays without dimensions."""

    name = "scalars"

    def describe(self) -> Description:
        return Description("numpy", np.__version__, "cpu", ("float32", "float64"))

    def functions(self) -> Any:
        return {"tanh": np.tanh}

    def to_host(self, array: Any) -> Any:
        return array

    def differentiate(self, function: Any, x: Any, upstream: Any) -> Any:
        return None


@pytest.mark.parametrize("check", ["shapes", "special_values", "accuracy"])
def test_a_number_of_numpy_is_an_array_without_dimensions(check: str) -> None:
    assert finding(f"{check}-tanh-default-float64-forward", Scalars(), level="quick").faults == ()


def test_none_for_a_gradient_is_told_with_what_to_do() -> None:
    found = finding("accuracy-tanh-default-float32-gradient", Scalars())
    told = "returned None, expected an array of float32, or an Unsupported with the reason"
    assert [(fault.what, fault.message) for fault in found.faults] == [("wrong_format", told)]


class Beyond(NumpyAdapter):
    """One activation answers the next number of bfloat16 below, or above, at the end of its range."""

    name = "beyond"

    def __init__(self, activation: str, end: float, answer: float) -> None:
        self.activation, self.end, self.answer = activation, end, answer

    def call(self, activation: str, x: Any, parameters: Any) -> Any:
        y = super().call(activation, x, parameters)
        if activation != self.activation or x.dtype != ml_dtypes.bfloat16:
            return y
        return np.where(y == y.dtype.type(self.end), y.dtype.type(self.answer), y).astype(y.dtype)


@pytest.mark.parametrize(
    ("activation", "end", "answer", "right"),
    [
        # The least value of gelu, -0.16997, lies between two numbers of bfloat16.
        ("gelu", -0.169921875, -0.1708984375, True),
        ("gelu", -0.169921875, -0.171875, False),
        ("sigmoid", 1.0, 1.0078125, False),
        ("hardswish", -0.375, -0.376953125, False),
    ],
)
def test_a_range_grants_the_rounding_of_its_ends_alone(
    activation: str, end: float, answer: float, right: bool
) -> None:
    found = finding(f"properties-{activation}-default-bfloat16-forward", Beyond(activation, end, answer))
    assert ("range" in whats(found)) is not right


def test_the_whole_text_of_an_exception_is_told() -> None:
    error = ValueError("Compilation failed.\n\nSee the log.\n  cause: no kernel for float16")
    assert in_a_line(error) == "ValueError: Compilation failed. See the log. cause: no kernel for float16"


def test_activations_that_a_backend_lacks_are_told_in_one_line() -> None:
    missing = [entry(n, outcome="unsupported", message=f"x has no {n}") for n in ("elu", "relu", "mish")]
    other = entry("gelu", outcome="unsupported", message="no second derivatives of gelu yet")
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_summary(results(*missing, other), console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "  x has no elu, relu, mish (3 checks)\n  no second derivatives of gelu yet (1 check)" in text
