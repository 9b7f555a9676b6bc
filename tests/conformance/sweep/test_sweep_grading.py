"""Sweeps whose largest error and largest scaled error lie at different inputs, each within one budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.base import Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import Finding, NotApplicable, Question
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.partial_result import total
from actcheck.conformance.sweep.work import judged
from tests.support.asked_questions import answer, questions
from tests.support.asked_questions import finding as finding_of
from tests.support.faults.planted import Planted

#: Next to a root of the derivative, where a unit is small and a scaled one is not; and where they are alike.
ROOT, PLAIN = np.float32(-0.7517915), np.float32(1.0)
COUNT = 1 << 12


class Off(NumpyAdapter):
    """gelu, whose derivative is off by so much at single inputs."""

    def __init__(self, off: dict[np.float32, float], *, once: bool = False) -> None:
        self.off, self.once, self.asked = off, once, 0

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Any) -> Any:
        """The derivative, less what it is to be off."""
        y: Any = super().call_gradient(activation, x, upstream, parameters)
        self.asked += 1
        if not self.once or self.asked <= 4:
            for place, size in self.off.items():
                y = np.where(x == place, (y + size).astype(y.dtype), y)
        return y


def gelu() -> Question:
    (question,) = questions("accuracy-gelu-default-float32-gradient")
    return question


def swept(adapter: Off) -> Finding:
    """The finding about a few inputs around both places."""
    starts = [int(abs(p).view(np.uint32)) // COUNT * COUNT for p in (ROOT, PLAIN)]
    parts = [judged(adapter, gelu(), start, COUNT, COUNT) for start in sorted(starts)]
    return finding(gelu(), "standard", total(parts), adapter, 1.0)


def next_to(root: np.float32, steps: int) -> np.float32:
    bits: NDArray[np.int32] = np.array([root]).view(np.int32) + steps
    return np.float32(bits.view(np.float32)[0])


def test_each_within_one_budget_is_within_the_scaled_one() -> None:
    found = swept(Off({ROOT: 2.0**-25, PLAIN: 10 * 2.0**-23}))
    assert found.verdict
    assert found.verdict.max_ulp[0] > 1000
    assert found.verdict.max_scaled_ulp[0] > 4
    assert (found.faults, found.grade) == ((), "scaled")


@pytest.mark.parametrize("steps", [100, 3000])
def test_an_input_beyond_both_is_found_beside_one_with_a_larger_error(steps: int) -> None:
    # Its error in units is smaller, and the segment is told by the other one.
    other = next_to(ROOT, steps)
    found = swept(Off({ROOT: 2.0**-24, other: 30 * 2.0**-25, PLAIN: 10 * 2.0**-23}))
    (fault,) = found.faults
    assert found.grade == "loose"
    assert fault.inputs == ((float(other), float(other)),)
    assert "not when asked again" not in fault.message


def test_an_error_that_is_not_seen_again_stays_what_it_was() -> None:
    found = swept(Off({ROOT: 2.0**-25, PLAIN: 10 * 2.0**-23}, once=True))
    (fault,) = found.faults
    assert found.grade == "loose"
    assert "not when asked again" in fault.message


def test_results_in_another_format_fail_a_sweep_that_a_backend_without_results_does_not_answer() -> None:
    wide = Planted("relu", lambda x, y, p: y.astype(np.float64))
    question = "accuracy-relu-default-float32-forward"
    (fault,) = finding_of(question, wide, level="exhaustive").faults
    assert (fault.what, fault.message) == (
        "wrong_format",
        "returned float64 for an input in float32, expected float32",
    )
    lacking = Planted("relu", lambda x, y, p: Unsupported("no kernel"))
    assert answer(question, lacking, level="exhaustive") == NotApplicable("no kernel")
