"""Kinks: slopes of the wrong side are caught, and the convention of a backend is told."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import Context, Finding
from actcheck.conformance.report.conventions import same
from actcheck.conformance.run.asking import ask
from actcheck.reference.specification.loading import load_all
from tests.support.asked_questions import finding, questions
from tests.support.faults.planted import Planted, where


def test_a_right_backend_passes_every_question() -> None:
    adapter = NumpyAdapter()
    for question in questions("kinks"):
        found = ask(question, Context(adapter))
        assert isinstance(found, Finding), found
        assert found.faults == (), question.id


def test_every_kink_of_an_elementwise_activation_is_asked_about() -> None:
    asked = {(q.activation, q.quantity, q.format) for q in questions("kinks")}
    for spec in load_all().values():
        if spec.elementwise and spec.kinks:
            for form in ("float16", "bfloat16", "float32", "float64"):
                assert {(spec.id, "forward", form), (spec.id, "gradient", form)} <= asked


@pytest.mark.parametrize("slope", [0.0, 0.25, 1.0])
def test_any_slope_between_the_sides_is_right_and_noted(slope: float) -> None:
    other = Planted("relu", gradient=where(lambda x: x == 0, slope))
    found = finding("kinks-relu-default-float32-gradient", other)
    assert found.faults == ()
    assert found.notes["convention"] == {"0.0": slope}
    (told,) = found.notes["kinks"]
    assert told == {
        "at": "0x0.0p+0",
        "got": [slope.hex()],
        "below": (0.0).hex(),
        "above": (1.0).hex(),
        "torch": (0.0).hex(),
        "same": slope == 0.0,
    }


def test_a_convention_has_a_line_for_each_kink_that_is_a_float_of_the_format() -> None:
    found = finding("kinks-hardswish-default-bfloat16-gradient", NumpyAdapter())
    assert [float(at) for at in found.notes["convention"]] == [-3, 3]
    assert all(same(place, float(place)) for place in found.notes["convention"])
    narrow = finding("kinks-threshold-threshold=0.1,value=20-float32-gradient", NumpyAdapter())
    wide = finding("kinks-threshold-threshold=0.1,value=20-float64-gradient", NumpyAdapter())
    assert "convention" not in narrow.notes
    assert wide.notes["convention"] == {"0.1": 0.0}


def test_zeros_of_either_sign_may_have_slopes_of_their_own() -> None:
    by_sign = Planted("relu", gradient=where(lambda x: (x == 0) & ~np.signbit(x), 1.0))
    found = finding("kinks-relu-default-float64-gradient", by_sign)
    assert found.faults == ()
    assert found.notes["convention"] == {"0.0": [0.0, 1.0]}


def test_the_message_says_on_which_side_of_the_kink_the_input_lies() -> None:
    late = Planted("hardtanh", gradient=where(lambda x: (x > 1) & (x < 1.001), 1.0))
    (fault,) = finding("kinks-hardtanh-default-float32-gradient", late).faults
    assert fault.message.startswith("x = 0x1.000002p+0 (1.00000012): got 0x1p+0 (1), expected 0x0p+0 (0)")
    assert "it lies above the kink at 0x1p+0 (1), with the slope 0x1p+0 (1) from below" in fault.message
    assert fault.inputs == ((1 + 2.0**-23, 1 + 2.0**-22),)


def test_a_slope_that_is_the_same_on_both_sides_is_the_only_right_one() -> None:
    lost = Planted("softshrink", gradient=where(lambda x: x == 0, 0.0))
    faults = finding("kinks-softshrink-lambd=0.0-float16-gradient", lost).faults
    assert {fault.what for fault in faults} == {"lost_to_zero", "max_ulp"}
    assert all("with the slope 0x1p+0 (1) on both sides" in fault.message for fault in faults)


def test_a_call_that_raises_is_a_fault() -> None:
    class Raising(NumpyAdapter):
        def call(self, activation: str, x: object, parameters: object) -> object:
            raise OverflowError("lambd does not fit\ninto the format")

    (fault,) = finding("kinks-hardshrink-lambd=1e+30-float16-forward", Raising()).faults
    assert fault.what == "raised"
    assert "raised OverflowError: lambd does not fit into the format, expected a result" in fault.message
