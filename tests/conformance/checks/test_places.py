"""consistency, shapes and in_place: planted faults are caught, a correct backend passes whatever the seed."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison
from actcheck.reference.formats import FORMATS
from tests.support.asked_questions import finding, questions
from tests.support.thorough import one_in
from tests.zoo.collection import find

CHECKS = ("consistency", "shapes", "in_place")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("seed", one_in(10, range(20)))
def test_no_false_alarm_whatever_the_seed(check: str, seed: int) -> None:
    adapter = NumpyAdapter()
    for asked in questions(check)[seed % 10 :: 10]:
        assert finding(asked.id, adapter, seed, level="quick").faults == (), asked.id


def test_a_message_tells_where_how_far_and_what_to_do() -> None:
    adapter = find("tanh: another formula in the tail").make()
    (fault,) = finding("consistency-tanh-default-float32-forward", adapter, level="quick").faults
    assert fault.size == 1.0
    assert " of an array of length " in fault.message
    assert "in the body of a contiguous array; so for " in fault.message
    assert "at most 1 float apart" in fault.message
    assert "the shortest array of 1," in fault.message
    assert fault.message.endswith("give both the same formula")


def test_distances_are_exact_in_float64_and_across_zero() -> None:
    form = FORMATS["float64"]
    x = np.array([1.0, 2.0, 3.0])
    y = np.array([1e300, 0.0, np.nan])
    other = np.array([np.nextafter(1e300, np.inf), -0.0, 3.0])
    made = BitComparison("differs", x, y, other, lambda i: f"at {i}", "elsewhere", "advice")
    nan, number = made.faults(form)
    assert (nan.what, nan.size, nan.inputs) == ("differs:nan", None, ((3.0, 3.0),))
    assert (number.size, number.inputs) == (1.0, ((1.0, 2.0),))


def test_nans_of_any_pattern_are_alike() -> None:
    quiet, other = np.array([np.nan], np.float32), np.array([-np.nan], np.float32)
    made = BitComparison("differs", quiet, quiet, other, lambda i: "", "", "")
    assert list(made.faults(FORMATS["float32"])) == []
