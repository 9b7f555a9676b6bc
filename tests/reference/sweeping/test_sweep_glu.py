"""Pairs of glu: products judged in bulk against the judge of points, and planted faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.gated_pairs import paired
from actcheck.conformance.sweep.partial_result import packed, total, unpacked
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.products import Products
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.faults.planted import Planted
from tests.support.thorough import one_in

Array = NDArray[Any]
GLU, SIGMOID = loading.find("glu"), loading.find("sigmoid")
GATE = bind(SIGMOID, SIGMOID.default)


def question(form: str) -> Question:
    return Question("accuracy", GLU, GLU.default, form, "forward")


@pytest.mark.parametrize("form", ["float16", "bfloat16"])
@pytest.mark.parametrize("factor", [1.0, -1.5, 0.0, 2.0**-133, 3 * 2.0**-24, 40_000.0, 2.0**-14])
def test_products_and_points_are_judged_alike(form: str, factor: float) -> None:
    kind = FORMATS[form]
    factor = float(np.array(factor).astype(kind.dtype))
    b = kind.every_finite()[:: 17 if form == "float16" else 13]
    exact = NumpyAdapter().forward("sigmoid", b.astype(np.float64), {})
    assert isinstance(exact, np.ndarray)
    keys = kind.keys((factor * exact).astype(kind.dtype))
    keys = keys + (np.arange(len(b)) % 5 == 1) - (np.arange(len(b)) % 7 == 2)
    y = kind.values(keys)
    products = Products(GATE, kind, b)
    products.judge(factor, y)
    one, other = products.verdict(), Points.of(GATE, "forward", kind, b, y, factor).verdict()
    assert one.points == other.points
    assert one.not_correctly_rounded == other.not_correctly_rounded
    assert one.not_faithful == other.not_faithful
    assert {n: o.count for n, o in one.classes.items()} == {n: o.count for n, o in other.classes.items()}
    assert one.max_ulp[0] <= other.max_ulp[1] * (1 + 1e-9)
    assert other.max_ulp[0] <= one.max_ulp[1] * (1 + 1e-9)


@pytest.mark.parametrize("form", one_in(2, ["float16", "bfloat16"]))
def test_the_numpy_backend_has_no_fault(form: str) -> None:
    kind = FORMATS[form]
    middle = 1 << 15  # zero is there
    starts = (0, middle - 2, middle, middle + 0x3C00, middle + kind.infinity_key - 1)
    parts = [paired(NumpyAdapter(), question(form), start, 3) for start in starts]
    done = total([unpacked(packed(part)) for part in parts])
    assert done.verdict.points == 15 << 16
    found = finding(question(form), "strict", done, NumpyAdapter(), 1.0)
    assert found.faults == ()
    assert found.grade in ("exact", "faithful")


def off_by_four(x: Array, y: Array, parameters: Any) -> Array:
    kind = next(f for f in FORMATS.values() if f.dtype == y.dtype)
    bent = y.copy()
    bent[0, 44_000] = kind.values(kind.keys(y[0, 44_000:44_001]) + 4)[0]
    return bent


def swapped(x: Array, y: Array, parameters: Any) -> Any:
    a, b = np.split(x, 2, axis=-1)
    return NumpyAdapter().call("glu", np.concatenate([b, a], axis=-1), parameters)


def nan_where_infinite(x: Array, y: Array, parameters: Any) -> Array:
    return np.where(np.isinf(y), np.asarray(np.nan, y.dtype), y)


def wrong_zero(x: Array, y: Array, parameters: Any) -> Array:
    return np.where(y == 0, np.zeros_like(y), y)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (off_by_four, "max_ulp"),
        (swapped, "max_ulp"),
        (nan_where_infinite, "wrong_nan"),
        (wrong_zero, "wrong_zero_sign"),
    ],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_a_planted_fault_is_found(change: Callable[..., Any], what: str) -> None:
    adapter, asked = Planted("glu", change), question("bfloat16")
    middle = 1 << 15
    starts = (middle + FORMATS["bfloat16"].infinity_key - 1, middle - 1, middle + 0x3FC0)
    done = total([paired(adapter, asked, start, 2) for start in starts])
    found = finding(asked, "standard", done, adapter, 1.0)
    faults = {fault.what: fault for fault in found.faults}
    assert what in faults
    assert "a = " in faults[what].message or "b = " in faults[what].message
    if change is off_by_four:
        bent = float(FORMATS["bfloat16"].every_pattern()[44_000])
        ((low, high),) = faults[what].inputs
        assert low <= bent <= high
        assert FORMATS["bfloat16"].key(high) - FORMATS["bfloat16"].key(low) == 15
