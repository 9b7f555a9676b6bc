"""Properties: odd, even, monotone, in range; each broken one is caught, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.asked_questions import finding, questions, whats
from tests.support.faults.planted import Planted, where
from tests.support.thorough import one_in
from tests.zoo.collection import find

SAMPLED = [q.id for q in questions("properties") if q.format in ("float32", "float64")]


@pytest.mark.parametrize("seed", one_in(4, range(20)))
def test_no_false_alarm_whatever_the_seed(seed: int) -> None:
    adapter = NumpyAdapter()
    for identity in SAMPLED[seed % 5 :: 5]:
        assert finding(identity, adapter, seed, level="quick").faults == (), identity


@pytest.mark.parametrize("form", ["float16", "bfloat16"])
def test_formats_of_16_bits_are_walked_through(form: str) -> None:
    for question in questions("properties"):
        if question.format == form and question.variant is question.spec.default:
            found = finding(question.id, NumpyAdapter(), level="quick")
            assert found.faults == ()
            assert bool(found.exhaustive) == question.spec.elementwise
            assert found.points is not None
            assert found.points > 63_000


@pytest.mark.parametrize(("steps", "standard"), [(1, set()), (2, {"increasing"})])
def test_one_float_back_is_noted_by_the_standard_profile_and_a_fault_of_the_strict_one(
    steps: int, standard: set[str]
) -> None:
    identity, at = "properties-sigmoid-default-float16-forward", np.float16(1.5)
    before = NumpyAdapter().call("sigmoid", np.array([np.nextafter(at, np.float16(0))]), {})[0]
    for _ in range(steps):
        before = np.nextafter(before, np.float16(0))
    adapter = Planted("sigmoid", where(lambda x: x == at, before))
    found = finding(identity, adapter)
    assert whats(found) == standard
    assert found.notes["increasing"] == {"broken": 1, "first": (1.5).hex(), "steps": steps}
    assert whats(finding(identity, adapter, profile="strict")) == {"increasing"}
    if not standard:
        assert found.message.startswith("increasing: f(0x1.8p+0 (1.5)) is ")
        assert "1 float below f(0x1.7fcp+0 (1.49902344))" in found.message


@pytest.mark.parametrize(
    ("above", "below", "wrong"), [(1, 1, set()), (2, 1, {"increasing"}), (1, 2, {"increasing"})]
)
def test_two_floats_back_across_a_power_of_two_are_less_than_one_unit_each(
    above: int, below: int, wrong: set[str]
) -> None:
    # sigmoid is 1/2 at 0; both inputs are so near that results a unit off are these.
    first, then = np.float16(2.0**-12), np.float16(2.0**-12 + 2.0**-22)
    high, low = np.float16(0.5), np.float16(0.5)
    for _ in range(above):
        high = np.nextafter(high, np.float16(1))
    for _ in range(below):
        low = np.nextafter(low, np.float16(0))

    def change(x: np.ndarray, y: np.ndarray, parameters: object) -> np.ndarray:
        return np.where(x == first, high, np.where(x == then, low, y))

    found = finding("properties-sigmoid-default-float16-forward", Planted("sigmoid", change))
    assert whats(found) == wrong
    assert found.notes["increasing"]["steps"] == above + below


def test_the_message_tells_both_inputs_and_both_results() -> None:
    (fault,) = finding(
        "properties-tanh-default-float16-forward", find("tanh: one sign is one float off").make()
    ).faults
    assert fault.message.startswith("odd: f(0x1p-1 (0.5)) is ")
    assert "but f(-0x1p-1 (-0.5)) is -" in fault.message
    assert fault.inputs == ((0.5, 0.5),)
    assert fault.size == 1


def test_a_range_ends_where_the_format_rounds_it() -> None:
    # 0.1 rounds up in float32: a result of float32(0.1) is in range, the float below it is not.
    bound = np.float32(0.1)
    identity = "properties-hardtanh-min_val=-0.1,max_val=6.3-float32-forward"
    for end, wrong in ((-bound, set()), (np.nextafter(-bound, np.float32(-1)), {"range"})):
        adapter = Planted("hardtanh", where(lambda x: x < -1, end))
        assert whats(finding(identity, adapter)) == wrong


def test_scattered_places_are_told_by_their_ends() -> None:
    def wavy(x: np.ndarray, y: np.ndarray, parameters: object) -> np.ndarray:
        return (y.astype(np.float64) * np.where(np.arange(len(x)) % 2, 1, 1.01)).astype(y.dtype)

    found = finding("properties-elu-default-bfloat16-forward", Planted("elu", wavy))
    (fault,) = (f for f in found.faults if f.what == "increasing")
    assert len(fault.inputs) <= 2
