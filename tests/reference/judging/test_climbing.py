"""The search for the largest float64 error climbs to where a sample does not look."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.model import Context, Finding, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import worst_case_search
from actcheck.reference.judging.points import Points
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.faults.planted import Planted

Array = NDArray[Any]
TOP = 2.3456


def hill(x: Array, y: Array, parameters: Any = None) -> Array:
    """Right results, off by up to 90 units around one input."""
    with np.errstate(all="ignore"):
        return y * (1 + 1e-14 * np.exp(-((x - TOP) ** 2) * 50))


@pytest.mark.parametrize("seed", range(3))
def test_the_search_reaches_the_top_of_a_hill(seed: int) -> None:
    spec = loading.find("tanh")
    bound = bind(spec, spec.default)
    starts = np.linspace(-8, 8, 60)
    found = worst_case_search.climbed(
        lambda x: hill(x, np.tanh(x)), partial(worst_case_search.errors, bound, "forward"), starts, 40, seed
    )
    before = worst_case_search.errors(bound, "forward", starts, hill(starts, np.tanh(starts))).max()
    after = worst_case_search.errors(bound, "forward", found, hill(found, np.tanh(found))).max()
    assert after > 1.02 * before
    assert np.abs(found - TOP).min() < 0.02


def test_the_full_level_tells_more_than_the_sample() -> None:
    spec = loading.find("tanh")
    question = Question("accuracy", spec, spec.default, "float64", "forward")
    found = Accuracy().answer(question, Context(Planted("tanh", hill), "full"))
    assert isinstance(found, Finding)
    assert found.verdict is not None
    assert found.verdict.max_ulp[1] > 88
    assert found.verdict.worst is not None
    assert abs(found.verdict.worst.x - TOP) < 0.02


def test_estimates_are_those_of_the_judge() -> None:
    spec = loading.find("gelu")
    bound, form = bind(spec, spec.default), FORMATS["float64"]
    x = np.array([-3.0, -0.7, 1e-9, 2.5])
    y = NumpyAdapter().forward("gelu", x, spec.default.parameters)
    assert isinstance(y, np.ndarray)
    moved = form.values(form.keys(y) + 3)
    points = Points.of(bound, "forward", form, x, moved)
    np.testing.assert_allclose(worst_case_search.errors(bound, "forward", x, moved), points.high, rtol=1e-9)
