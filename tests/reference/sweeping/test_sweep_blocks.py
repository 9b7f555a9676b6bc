"""The judge of blocks against the judge of points, planted faults, and the judge on a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.sampling import places as sampling
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import Verdict
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.model import Spec
from actcheck.reference.sweeping.host import Sweep, block
from tests.support.device_judge import OnTensors

Array = NDArray[Any]
FORM = FORMATS["float32"]
NAMES = ("gelu", "tanh", "mish", "hardsigmoid", "tanhshrink", "leaky_relu", "softplus", "elu")
#: Subnormals, the first normal numbers, small, middle and large ones, and the last before infinity.
STARTS = (0, 0x007FF800, 0x20000000, 0x3F000000, 0x42B00000, 0x7F7FF000)
COUNT = 1 << 12


def naive(spec: Spec, quantity: str, x: Array) -> Array:
    """Results with errors of all sizes: the numpy backend's, some of them a little or very wrong."""
    adapter, parameters = NumpyAdapter(), spec.default.parameters
    y = (
        adapter.forward(spec.id, x, parameters)
        if quantity == "forward"
        else adapter.gradient(spec.id, x, np.ones_like(x), parameters)
    )
    assert isinstance(y, np.ndarray)
    keys, wrong = FORM.keys(y), np.arange(len(y))
    keys = keys + (wrong % 7 == 3) - 2 * (wrong % 11 == 5) + 40 * (wrong % 501 == 7)
    bent: Array = FORM.values(np.clip(keys, -FORM.infinity_key, FORM.infinity_key - 1)).copy()
    bent[wrong % 1009 == 11] = 0.0
    bent[wrong % 2003 == 13] = np.nan
    bent[wrong % 3001 == 17] = -np.inf
    return bent


def alike(a: Verdict, b: Verdict) -> None:
    """Every count the same, and overlapping enclosures of the maxima."""
    for name in ("points", "nan_inputs", "infinite_inputs", "not_correctly_rounded", "not_faithful"):
        assert getattr(a, name) == getattr(b, name), name
    assert {k: (o.count, o.first) for k, o in a.classes.items()} == {
        k: (o.count, o.first) for k, o in b.classes.items()
    }
    for one, other in ((a.max_ulp, b.max_ulp), (a.max_scaled_ulp, b.max_scaled_ulp)):
        assert one[0] <= other[1] * (1 + 2.0**-20) + 2.0**-20
        assert other[0] <= one[1] * (1 + 2.0**-20) + 2.0**-20


@pytest.mark.parametrize("quantity", ["forward", "gradient"])
@pytest.mark.parametrize("name", NAMES)
def test_blocks_and_points_are_judged_alike(name: str, quantity: str) -> None:
    spec = loading.find(name)
    for start in STARTS:
        for positive in (False, True):
            x = block(start, COUNT, positive)
            y = naive(spec, quantity, x)
            sweep = Sweep(bind(spec, spec.default), quantity)
            sweep.judge(start, x, y)
            alike(sweep.verdict(), Points.of(bind(spec, spec.default), quantity, FORM, x, y).verdict())


@pytest.mark.parametrize("quantity", ["forward", "gradient"])
@pytest.mark.parametrize("name", ["gelu", "tanhshrink", "hardsigmoid"])
def test_the_device_gives_the_answers_of_the_host(name: str, quantity: str) -> None:
    spec = loading.find(name)
    bound = bind(spec, spec.default)
    for start in STARTS:
        for positive in (False, True):
            x = block(start, COUNT, positive)
            y = naive(spec, quantity, x)
            host, device = Sweep(bound, quantity), OnTensors(bound, quantity)
            host.judge(start, x, y)
            device.judge(start, positive, x, y)
            alike(host.verdict(), device.verdict())
            found = np.flatnonzero(host.segment_errors)
            apart = np.abs(host.segment_errors[found] - device.segment_errors[found])
            assert (apart <= 2.0**-16 * host.segment_errors[found] + 2.0**-16).all()


@pytest.mark.parametrize("steps", [2, -2])
@pytest.mark.parametrize("name", NAMES)
def test_a_single_result_two_units_off_is_found(name: str, steps: int) -> None:
    spec, start = loading.find(name), 0x3F400000
    x = block(start, 1 << 16, True)
    y = NumpyAdapter().forward(name, x, spec.default.parameters)
    assert isinstance(y, np.ndarray)
    at = 41_234
    y[at] = FORM.value(int(FORM.keys(y[at : at + 1])[0]) + steps)
    sweep = Sweep(bind(spec, spec.default), "forward")
    sweep.judge(start, x, y)
    worst = sweep.verdict().worst
    assert worst is not None
    assert (worst.x, worst.got) == (float(x[at]), float(y[at]))
    assert 1.4 <= worst.error[0] <= worst.error[1] <= 4.1


def planted(index: int, value: float) -> Callable[[Array], Array]:
    def change(y: Array) -> Array:
        y = y.copy()
        y[index] = value
        return y

    return change


@pytest.mark.parametrize(
    ("name", "value"),
    [("wrong_nan", np.nan), ("wrong_infinity", np.inf), ("wrong_infinity", -np.inf), ("lost_to_zero", 0.0)],
)
def test_a_single_result_of_each_class_is_found(name: str, value: float) -> None:
    spec, start = loading.find("silu"), 0x40000000
    x = block(start, 1 << 15, False)
    y = NumpyAdapter().forward("silu", x, {})
    assert isinstance(y, np.ndarray)
    sweep = Sweep(bind(spec, spec.default), "forward")
    sweep.judge(start, x, planted(777, value)(y))
    classes = sweep.verdict().classes
    assert set(classes) == {name}
    assert (classes[name].count, classes[name].first) == (1, int(FORM.keys(x[777:778])[0]))


def test_a_number_for_a_nan_is_found() -> None:
    spec, start = loading.find("relu"), 0x7FC00000
    x = block(start, 1 << 12, True)
    y = x.copy()
    sweep = Sweep(bind(spec, spec.default), "forward")
    sweep.judge(start, x, y)
    assert sweep.verdict() == Verdict(points=1 << 12, nan_inputs=1 << 12)
    y[5] = 0.0
    sweep.judge(start, x, y)
    verdict = sweep.verdict()
    assert verdict.classes["wrong_nan"].count == 1
    assert (verdict.points, verdict.nan_inputs) == (2 << 12, 2 << 12)


@pytest.mark.parametrize("name", ["gelu", "mish", "softsign"])
def test_a_sample_never_disagrees_with_the_sweep(name: str) -> None:
    spec = loading.find(name)
    bound = bind(spec, spec.default)
    wanted = sampling.stratified(FORM, [], 1, 4000)
    wanted = wanted[np.isfinite(wanted) & (wanted != 0)]
    sweep, sampled_x, sampled_y = Sweep(bound, "forward"), [], []
    for value in wanted[::40]:
        key = int(FORM.keys(np.array([value]))[0])
        magnitude = key if key >= 0 else -1 - key
        start = min(magnitude // 1024 * 1024, 0x7F800000 - 1024)
        x = block(start, 1024, key >= 0)
        y = naive(spec, "forward", x)
        sweep.judge(start, x, y)
        sampled_x.append(x[magnitude - start :: 211])
        sampled_y.append(y[magnitude - start :: 211])
    x, y = np.concatenate(sampled_x), np.concatenate(sampled_y)
    sample, whole = Points.of(bound, "forward", FORM, x, y).verdict(), sweep.verdict()
    assert sample.max_ulp[0] <= whole.max_ulp[1]
    assert sample.max_scaled_ulp[0] <= whole.max_scaled_ulp[1]
    assert set(sample.classes) <= set(whole.classes)
    for name_of, seen in sample.classes.items():
        assert seen.count <= whole.classes[name_of].count
        inside = whole.classes[name_of].ranges
        assert all(any(a <= low <= b for a, b in inside) for low, _ in seen.ranges)


@pytest.mark.parametrize("name", ["relu", "hardtanh", "softshrink"])
def test_where_all_is_exact_the_largest_error_is_nothing(name: str) -> None:
    spec = loading.find(name)
    sweep = Sweep(bind(spec, spec.default), "gradient")
    for start in STARTS:
        x = block(start, COUNT, True)
        y = NumpyAdapter().gradient(name, x, np.ones_like(x), spec.default.parameters)
        assert isinstance(y, np.ndarray)
        sweep.judge(start, x, y)
    assert sweep.verdict().max_ulp == sweep.verdict().max_scaled_ulp == (0.0, 0.0)


@pytest.mark.parametrize("start", [0x00100000, 0x20000000, 0x3F000000, 0x40000000])
@pytest.mark.parametrize("positive", [True, False])
def test_a_device_settles_next_to_a_unit_itself(start: int, positive: bool) -> None:
    # x*(1/6) of a rounded product: near 0 every third result lies a unit from the value, up to a tiny rest.
    spec = loading.find("hardswish")
    device = OnTensors(bind(spec, spec.default), "forward")
    host = Sweep(bind(spec, spec.default), "forward")
    x = block(start, 1 << 16, positive)
    y = x * np.clip(x + np.float32(3), 0, 6).astype(np.float32) * np.float32(1 / 6)
    device.judge(start, positive, x, y)
    host.judge(start, x, y)
    assert device._waiting < 100
    found, wanted = device.verdict(), host.verdict()
    assert (found.not_correctly_rounded, found.not_faithful) == (
        wanted.not_correctly_rounded,
        wanted.not_faithful,
    )
