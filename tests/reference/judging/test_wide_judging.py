"""Results judged by enclosures in double-double: the errors hold, and what is decided is right."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging import points, ties, wide
from actcheck.reference.judging.enclosing import ReferenceDisagreementError
from actcheck.reference.judging.measuring import Measured
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.pointwise import Point, judge_point
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.model import Variant

Array = NDArray[Any]
FLOAT64 = FORMATS["float64"]
QUESTIONS = [
    ("tanh", "forward"),
    ("tanh", "gradient"),
    ("gelu", "forward"),
    ("gelu", "second_derivative"),
    ("mish", "gradient"),
    ("elu", "forward"),
    ("hardswish", "forward"),
    ("hardsigmoid", "forward"),
    ("leaky_relu", "forward"),
    ("softplus", "second_derivative"),
    ("threshold", "forward"),
    ("tanhshrink", "forward"),
]


def default(name: str) -> Bound:
    spec = loading.find(name)
    return bind(spec, spec.default)


def inputs(form: Format, seed: int) -> Array:
    random = np.random.default_rng(seed)
    every = form.values(random.integers(-form.infinity_key, form.infinity_key, 40))
    near = (random.standard_normal(40) * 4).astype(form.dtype)
    x = np.concatenate([every, near]).astype(np.float64)
    return np.asarray(x[x != 0])


def planted(bound: Bound, quantity: str, form: Format, x: Array, seed: int) -> Array:
    """Rounded values, many of them off by some units, and some that are something else entirely."""
    random = np.random.default_rng(seed)
    hi, _, _ = wide.enclosures(bound, quantity, x)
    with np.errstate(over="ignore"):
        keys = form.keys(hi.astype(form.dtype)) + random.integers(-2, 3, len(x))
    y = form.values(np.clip(keys, -form.infinity_key - 1, form.infinity_key)).astype(np.float64)
    others = [0.0, -0.0, np.inf, -np.inf, np.nan, form.smallest, -form.smallest, form.largest]
    at = random.integers(0, 4 * len(others), len(x))
    return np.where(at < len(others), np.array(others)[at % len(others)], y)


def point_of(bound: Bound, quantity: str, form: Format, x: float, y: float) -> Point | None:
    try:
        return judge_point(bound, quantity, form, x, y)
    except ReferenceDisagreementError:  # no precision that is tried decides it
        return None


def agrees(found: Measured, i: int, point: Point) -> bool:
    """Whether the errors enclose those of a point, and what is decided is the same."""
    decided = not found.undecided[i]
    if point.wrong not in (None, "lost_to_zero"):
        return not decided or bool(getattr(found, point.wrong)[i])
    holds = [
        found.low[i] <= point.error[1] and point.error[0] <= found.high[i],
        found.scaled_low[i] <= point.scaled[1] and point.scaled[0] <= found.scaled_high[i],
    ]
    if decided:
        holds += [
            bool(found.correctly_rounded[i]) == point.correctly_rounded,
            bool(found.faithful[i]) == point.faithful,
            bool(found.lost_to_zero[i]) == (point.wrong == "lost_to_zero"),
            not found.wrong_nan[i] and not found.wrong_infinity[i],
            found.high[i] <= 0.5 or not point.correctly_rounded,
        ]
    return all(holds)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize(("name", "quantity"), QUESTIONS)
def test_it_agrees_with_points_judged_one_by_one(name: str, quantity: str, form: Format) -> None:
    bound = default(name)
    x = inputs(form, 5)
    y = planted(bound, quantity, form, x, 6)
    found = wide.judged(bound, quantity, form, x, y)
    for i in range(len(x)):
        point = point_of(bound, quantity, form, float(x[i]), float(y[i]))
        assert point is None or agrees(found, i, point), (x[i].hex(), y[i].hex(), point)


def one(name: str, quantity: str, form: str, x: float, y: float) -> Measured:
    return wide.judged(default(name), quantity, FORMATS[form], np.array([x]), np.array([y]))


def test_a_tie_goes_to_the_even_neighbour() -> None:
    # x/4 of an odd subnormal: half a unit from both neighbours.
    spec = loading.find("leaky_relu")
    bound = bind(spec, next(v for v in spec.variants if v.parameters["negative_slope"] == 0.25))
    unit = FLOAT64.smallest
    x = np.array([-2, -2, -6, -6]) * unit
    y = np.array([0, -1, -1, -2]) * unit
    found = wide.judged(bound, "forward", FLOAT64, x, y)
    assert found.correctly_rounded.tolist() == [True, False, False, True]
    assert not found.undecided.any()
    assert found.high.tolist() == found.low.tolist() == [0.5] * 4


@pytest.mark.parametrize("x", [50.0, 400.0, 1e6, 1e300])
def test_a_tail_is_decided_by_the_sign_of_what_it_lacks(x: float) -> None:
    # tanh is less than 1: the unit is the smaller one, and 1 - 2^-53 is less than one of it away.
    below = 1 - 2.0**-53
    found = wide.judged(
        default("tanh"), "forward", FLOAT64, np.array([x] * 3), np.array([1.0, below, below - 2.0**-53])
    )
    assert found.correctly_rounded.tolist() == [True, False, False]
    assert not found.undecided.any()
    assert found.faithful.tolist()[1:] == [True, False]


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
@pytest.mark.parametrize("x", [150.0, 1e5, 1e300])
def test_the_sign_of_a_tail_is_found_where_terms_of_either_sign_are_left(name: str, x: float) -> None:
    # These derivatives come down to 1 from above: the unit is 2^-52, the neighbour above less than one away.
    y = np.array([1.0, 1 + 2.0**-52, 1 - 2.0**-53])
    found = wide.judged(default(name), "gradient", FLOAT64, np.full(3, x), y)
    assert not found.undecided.any()
    assert found.correctly_rounded.tolist() == [True, False, False]
    assert found.faithful.tolist() == [True, True, True]
    assert found.high[2] <= 0.5 + 2.0**-40


def test_what_underflows_is_faithful_on_its_own_side() -> None:
    # gelu(-100) is a negative number far below the smallest subnormal.
    found = wide.judged(
        default("gelu"), "forward", FLOAT64, np.array([-100.0] * 3), np.array([-1, 1, -2]) * FLOAT64.smallest
    )
    assert found.faithful.tolist() == [True, False, False]
    assert not found.undecided.any()


def test_an_error_of_nine_sevenths_is_rounded_outwards() -> None:
    # x * (x + 3) / 6 is no float64 number: the interval has two ends.
    x = np.array([1.0 + 2.0**-52])
    y = np.nextafter((x * (x + 3) / 6), 2)
    found = wide.judged(default("hardswish"), "forward", FLOAT64, x, y)
    point = judge_point(default("hardswish"), "forward", FLOAT64, float(x[0]), float(y[0]))
    assert found.low[0] < found.high[0] < found.low[0] * (1 + 1e-9)
    assert found.low[0] <= point.error[0] <= point.error[1] <= found.high[0]


def test_the_unit_below_a_power_of_two() -> None:
    """tanh at 1000 answering 1 - 7*2^-24 in float32 is off by 7 units of 2^-24, not by 3.5."""
    found = one("tanh", "forward", "float32", 1000.0, 1 - 7 * 2.0**-24)
    assert found.low[0] > 6.999
    assert found.high[0] <= 7.0001


def test_zeros_infinities_and_kinks_are_left_to_others() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 3.0])
    found = wide.judged(default("hardswish"), "gradient", FLOAT64, x, np.ones(6))
    assert found.undecided.all()


@pytest.mark.parametrize("name", ["tanh", "gelu", "relu"])
def test_points_of_float64_are_judged_like_single_ones(name: str) -> None:
    bound = default(name)
    x = np.concatenate([inputs(FLOAT64, 7), [0.0, -0.0, np.inf, -np.inf, np.nan]])
    with np.errstate(all="ignore"):
        y = np.where(np.isnan(x), x, planted(bound, "forward", FLOAT64, np.where(np.isfinite(x), x, 1.0), 8))
    points = Points.of(bound, "forward", FLOAT64, x, y)
    for i, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        if math.isnan(a):
            continue
        point = judge_point(bound, "forward", FLOAT64, a, b)
        assert points.correct[i] == point.correctly_rounded, (a.hex(), b.hex())
        assert points.faithful[i] == point.faithful
        for kind, hit in points.classes.items():
            assert hit[i] == (point.wrong == kind)
        assert points.low[i] <= point.error[1]
        if math.isfinite(point.error[0]):
            assert points.high[i] >= point.error[0]


def test_scaled_errors_are_those_of_the_scale() -> None:
    bound = default("gelu")
    x = np.array([-6.0, -3.0, 2.0])
    hi, _, _ = wide.enclosures(bound, "forward", x)
    found = wide.judged(bound, "forward", FLOAT64, x, hi + 2.0**-60)
    for i in range(3):
        point = judge_point(bound, "forward", FLOAT64, float(x[i]), float(hi[i] + 2.0**-60))
        assert found.scaled_low[i] <= point.scaled[1]
        assert found.scaled_high[i] >= point.scaled[0]
        assert found.scaled_high[i] <= point.scaled[1] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("name", "quantity"), [("gelu", "forward"), ("silu", "gradient"), ("mish", "forward")]
)
def test_what_is_left_open_of_float32_may_be_settled_in_bulk(
    name: str, quantity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound, form = default(name), FORMATS["float32"]
    # Next to 0 every result of these lies half a unit or one from its neighbours, up to a tiny rest.
    random = np.random.default_rng(3)
    x = form.values(random.integers(1, form.key(2.0**-100), 60)).astype(np.float64)
    y = planted(bound, quantity, form, x, 4)
    narrow, result = x.astype(np.float32), y.astype(np.float32)
    one_by_one = Points.of(bound, quantity, form, narrow, result)
    monkeypatch.setattr(points, "_MANY", 0)
    monkeypatch.setattr(ties, "decided_rows", lambda form, x, *_: nothing_known(x))
    in_bulk = Points.of(bound, quantity, form, narrow, result)
    np.testing.assert_array_equal(in_bulk.correct, one_by_one.correct)
    np.testing.assert_array_equal(in_bulk.faithful, one_by_one.faithful)
    for kind, hit in one_by_one.classes.items():
        np.testing.assert_array_equal(in_bulk.classes[kind], hit)
    assert (in_bulk.low <= one_by_one.high).all()
    assert (one_by_one.low <= in_bulk.high).all()


def nothing_known(x: Array) -> Any:
    none = np.zeros(len(x), bool)
    return SimpleNamespace(known=none, correct=none, faithful=none, lost=none, high=np.zeros(len(x)))


@pytest.mark.parametrize(("lower", "upper"), [(0.1, 0.3), (0.1, 0.7), (0.3, 0.6)])
def test_a_constant_between_two_numbers_is_exact(lower: float, upper: float) -> None:
    # Their mean is no number of float64, and may lie just between two; every input has the same value.
    spec = loading.find("rrelu")
    given = {"lower": lower, "upper": upper}
    bound = bind(spec, Variant("rrelu", "awkward", given, given))
    x = -np.linspace(1.0, 2.0, 100)
    nearest = float((lower + upper) / 2)
    for y in (nearest, np.nextafter(nearest, 1.0), np.nextafter(nearest, 0.0)):
        found = wide.judged(bound, "gradient", FLOAT64, x, np.full(100, y))
        assert not found.undecided.any()
        assert agrees(found, 0, judge_point(bound, "gradient", FLOAT64, -1.0, float(y)))
