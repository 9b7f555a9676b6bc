"""A result with a class of its own has no error, however it was judged before it was settled."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind


@pytest.mark.parametrize("form", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("x", "y"), [(-np.inf, np.nan), (np.inf, np.nan), (2.0, np.inf), (0.0, np.nan)])
def test_a_class_of_its_own_has_no_error(form: str, x: float, y: float) -> None:
    spec, dtype = loading.find("silu"), FORMATS[form].dtype
    inputs, results = (np.array([v, 1.0], dtype) for v in (x, y))
    points = Points.of(bind(spec, spec.default), "forward", FORMATS[form], inputs, results)
    assert sum(hit[0] for hit in points.classes.values()) == 1
    assert points.low[0] == points.high[0] == points.scaled_low[0] == points.scaled_high[0] == 0
