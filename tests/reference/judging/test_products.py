"""Products with factors: judged as each point is by itself, in float64 and beyond what a format holds."""

from __future__ import annotations

import numpy as np

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.pointwise import judge_point
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.loading import load_all


def test_products_of_float64_with_powers_of_two_are_judged_as_each_by_itself() -> None:
    form, random = FORMATS["float64"], np.random.default_rng(0)
    spec = load_all()["silu"]
    bound = bind(spec, spec.default)
    x = np.concatenate([random.normal(0, 5, 60), [-700.0, -1.2784645427610737, 0.0, 30.0]])
    factor = np.ldexp(random.choice([-1.0, 1.0], len(x)), random.integers(-1030, 1020, len(x)))
    y = np.asarray(NumpyAdapter().gradient("silu", x, factor, {}))
    y[::3] *= 1 + 2.0 ** -random.integers(20, 52, len(y[::3]))
    y[5], y[6], y[7] = 0.0, np.nan, np.inf
    points = Points.of(bound, "gradient", form, x, y, factor)
    for i in range(len(x)):
        alone = judge_point(bound, "gradient", form, x[i], y[i], factor[i])
        assert alone.wrong == next((name for name, hit in points.classes.items() if hit[i]), None)
        assert points.correct[i] == alone.correctly_rounded
        if alone.wrong is None:
            assert points.low[i] <= alone.error[1]
            assert points.high[i] >= alone.error[0]
            assert points.scaled_low[i] <= alone.scaled[1]
            assert points.scaled_high[i] >= alone.scaled[0]


def test_a_zero_is_right_for_every_factor_where_the_quantity_is_zero_and_nowhere_else() -> None:
    form, spec = FORMATS["float64"], load_all()["relu"]
    x = np.array([-3.0, -1e-300, 2.0, 5.0])
    factor = np.array([2.0**1000, -(2.0**-1000), 2.0**-900, 2.0])
    points = Points.of(bind(spec, spec.default), "gradient", form, x, np.zeros(4), factor)
    assert points.correct.tolist() == [True, True, False, False]
    assert points.classes["lost_to_zero"].tolist() == [False, False, True, True]


def test_a_quantity_beyond_every_format_times_a_small_factor_is_settled_by_itself() -> None:
    spec = load_all()["celu"]
    variant = next(v for v in spec.variants if v.label == "alpha=-0.5")
    form, bound = FORMATS["float32"], bind(spec, variant)
    x = np.array([-64.0, -1e30], np.float32)
    factor = np.array([2.0**-100, 2.0**-100])
    y = np.array([np.exp(128.0) * 2.0**-100, np.inf], np.float32)
    points = Points.of(bound, "gradient", form, x, y, factor)
    assert not any(hit.any() for hit in points.classes.values())
    assert points.faithful.all()
