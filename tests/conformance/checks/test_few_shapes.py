"""A backend that compiles for every shape is asked few; faults that need no other are found still."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Description, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.parts.shared.few_shapes import LENGTHS, NOTE, SHAPES
from actcheck.conformance.model import Context, Finding
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification import loading

CHECKS = ("accuracy", "special_values", "consistency", "shapes", "structure")


class Compiling(NumpyAdapter):
    """Notes the shapes that it is asked."""

    dear = True

    def __init__(self) -> None:
        self.shapes: set[tuple[int, ...]] = set()

    def describe(self) -> Description:
        return replace(super().describe(), dear_shapes=self.dear)

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        self.shapes.add(x.shape)
        return super().call(activation, x, parameters)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        self.shapes.add(x.shape)
        return super().call_gradient(activation, x, upstream, parameters)


class BadTail(Compiling):
    """The last three elements of an array of odd length are a float too large."""

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        if y.size % 2 and y.size > 3:
            y = y.copy()
            y[-3:] = np.nextafter(y[-3:], np.inf, dtype=y.dtype)
        return y


def answers(adapter: Compiling, check: str, activation: str = "tanh", level: str = "quick") -> list[Finding]:
    context = Context(adapter, level)  # type: ignore[arg-type]
    spec = loading.find(activation)
    asked = select(Selection((spec,), level, ("float32",), (check,)))  # type: ignore[arg-type]
    found = [ask(question, context) for question in asked if question.quantity in ("forward", "gradient")]
    return [answer for answer in found if isinstance(answer, Finding)]


def test_few_shapes_are_asked_in_all() -> None:
    few, many = Compiling(), Compiling()
    many.dear = False
    for made in (few, many):
        for check in ("special_values", "consistency", "shapes"):
            assert all(not found.faults for found in answers(made, check))
    assert len(few.shapes) <= len({*SHAPES, *((n,) for n in LENGTHS)}) + 6
    assert len(many.shapes) > 8 * len(few.shapes)


@pytest.mark.parametrize("check", ["special_values", "consistency", "shapes"])
def test_what_was_left_out_is_said(check: str) -> None:
    for found in answers(Compiling(), check):
        assert "compiles for every new shape" in found.notes[NOTE]
    usual = Compiling()
    usual.dear = False
    assert all(NOTE not in found.notes for found in answers(usual, check))


@pytest.mark.parametrize("activation", ["prelu", "glu", "crelu"])
def test_special_values_of_structured_activations_are_asked_in_few_shapes(activation: str) -> None:
    few, many = Compiling(), Compiling()
    many.dear = False
    for found in answers(few, "special_values", activation):
        assert not found.faults
        assert "lengths other than 1 and 67" in found.notes[NOTE]
    assert not any(found.faults for found in answers(many, "special_values", activation))
    assert len(many.shapes) > 5 * len(few.shapes)


def test_points_are_asked_in_arrays_of_one_length() -> None:
    made = Compiling()
    for check in ("accuracy", "kinks", "properties"):
        assert all(not found.faults for found in answers(made, check, "elu"))
    assert made.shapes <= {(1024,), (240,)}


def test_structured_activations_are_asked_up_to_three_dimensions() -> None:
    made = Compiling()
    for found in answers(made, "structure", "glu"):
        assert not found.faults
        assert "more than 3 dimensions" in found.notes[NOTE]
    assert {len(shape) for shape in made.shapes} == {1, 2, 3}


def test_a_tail_that_computes_otherwise_is_found() -> None:
    (found, *_) = answers(BadTail(), "consistency")
    assert "differs:length" in {fault.what for fault in found.faults}


def test_products_are_all_of_one_length() -> None:
    made = Compiling()
    found = answers(made, "accuracy")
    assert not any(answer.faults for answer in found)
    assert (1024,) in made.shapes
