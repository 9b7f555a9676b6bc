"""Upstreams of the gradient: whoever misreads one is caught; dead zones are noted, not judged."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.parts.upstreams import finite
from actcheck.conformance.checks.parts.upstreams.special import special_upstreams
from actcheck.conformance.model import Context
from actcheck.reference.formats import FORMATS
from tests.support.asked_questions import finding, questions, whats
from tests.support.faults.planted import Planted
from tests.support.faults.planted_questions import (
    Case,
    Product,
    Upstream,
    first_of_expanded,
    in_memory_order,
    without_strides,
)

FAULTS: dict[str, Case] = {
    "forgotten": (
        Upstream("silu", lambda x, u: np.ones_like(u)),
        "accuracy-silu-default-float32-gradient",
        "upstream:random",
    ),
    "read in the order of memory": (
        Upstream("relu", in_memory_order),
        "accuracy-relu-default-float16-gradient",
        "upstream:permuted",
    ),
    "read without its strides": (
        Upstream("gelu", without_strides),
        "accuracy-gelu-default-bfloat16-gradient",
        "upstream:strided",
    ),
    "an expanded one taken for a number": (
        Upstream("tanh", first_of_expanded),
        "accuracy-tanh-default-float64-gradient",
        "upstream:expanded",
    ),
    "its sign is lost": (
        Upstream("elu", lambda x, u: np.abs(u)),
        "accuracy-elu-default-float32-gradient",
        "upstream:random",
    ),
    "zero becomes NaN": (
        Product("silu", lambda slope, u: np.where(u == 0, np.nan, slope * u)),
        "special_values-silu-default-float32-gradient",
        "upstream:zero",
    ),
    "an infinite one is held at the largest number": (
        Product("tanh", lambda slope, u: slope * np.clip(u, -1e4, 1e4)),
        "special_values-tanh-default-float64-gradient",
        "upstream:infinite",
    ),
    "infinity of the wrong sign": (
        Product("gelu", lambda slope, u: np.where(np.isinf(u), np.abs(slope * u), slope * u)),
        "special_values-gelu-default-bfloat16-gradient",
        "upstream:infinite",
    ),
    "NaN becomes 0": (
        Product("relu", lambda slope, u: np.nan_to_num(slope * u, nan=0, posinf=np.inf, neginf=-np.inf)),
        "special_values-relu-default-float16-gradient",
        "upstream:nan",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str) -> None:
    adapter, identity, what = FAULTS[name]
    assert what in whats(finding(identity, adapter, level="quick"))


GRADIENTS = [q for q in questions("accuracy") if q.spec.elementwise and q.quantity == "gradient"]


@pytest.mark.parametrize("seed", range(20))
def test_no_false_alarm_whatever_the_seed(seed: int) -> None:
    adapter = NumpyAdapter()
    for question in GRADIENTS[seed % 10 :: 10]:
        assert list(finite.faults(question, Context(adapter, seed=seed))) == [], question.id


def test_no_false_alarm_for_special_upstreams() -> None:
    adapter = NumpyAdapter()
    with np.errstate(all="ignore"):
        for question in questions("special_values", "full"):
            if question.quantity == "gradient":
                assert special_upstreams(question, Context(adapter)).faults == [], question.id


@pytest.mark.parametrize("form", FORMATS)
def test_the_layouts_are_what_their_names_say(form: str) -> None:
    x, drawn = finite.drawn(FORMATS[form], 3)
    assert list(drawn) == ["random", "permuted", "strided", "expanded"]
    assert drawn["random"].flags.c_contiguous
    assert drawn["permuted"].flags.f_contiguous
    assert not drawn["strided"].flags.forc
    assert drawn["expanded"].strides[0] == 0
    for upstream in drawn.values():
        assert upstream.shape == x.shape
        assert upstream.dtype == x.dtype == FORMATS[form].dtype
    for layout in ("permuted", "strided"):
        assert np.array_equal(drawn[layout], drawn["random"])


def test_a_misread_layout_alone_is_at_fault() -> None:
    for read, layout in (
        (in_memory_order, "permuted"),
        (without_strides, "strided"),
        (first_of_expanded, "expanded"),
    ):
        found = finding("accuracy-relu-default-float16-gradient", Upstream("relu", read), level="quick")
        assert whats(found) == {f"upstream:{layout}"}


def test_the_message_tells_the_upstream() -> None:
    adapter, identity, what = FAULTS["its sign is lost"]
    found = finding(identity, adapter, level="quick")
    fault = next(f for f in found.faults if f.what == what)
    assert fault.message.startswith("upstream:random (random numbers): x = ")
    assert ", times -0x1." in fault.message
    assert fault.size is not None
    assert found.grade in ("exact", "faithful", "tight")


def test_what_happens_in_a_dead_zone_is_noted() -> None:
    identity = "special_values-relu-default-float32-gradient"
    product = finding(identity, NumpyAdapter(), level="quick")
    chosen = finding(
        identity, Product("relu", lambda slope, u: np.where(slope == 0, 0, slope * u)), level="quick"
    )
    assert product.faults == chosen.faults == ()
    assert product.notes["dead_zone"] == {"infinite": ["nan"], "nan": ["nan"]}
    assert chosen.notes["dead_zone"] == {"infinite": ["0"], "nan": ["0"]}


def test_the_message_of_a_special_upstream_tells_the_derivative() -> None:
    adapter, identity, what = FAULTS["zero becomes NaN"]
    (fault,) = (f for f in finding(identity, adapter, level="quick").faults if f.what == what)
    assert "times 0x0p+0 (0): got nan, expected 0x0p+0 (0), since the derivative is 0.5" in fault.message


def test_a_wrong_format_or_an_exception_for_one_layout_is_told_with_it() -> None:
    class Strict(NumpyAdapter):
        def call_gradient(self, activation: str, x: object, upstream: object, parameters: object) -> object:
            if not upstream.flags.c_contiguous:
                raise ValueError("upstream must be contiguous")
            return super().call_gradient(activation, x, upstream, parameters)

    found = finding("accuracy-relu-default-float16-gradient", Strict(), level="quick")
    assert whats(found) == {"upstream:permuted", "upstream:strided", "upstream:expanded"}
    assert "raised ValueError: upstream must be contiguous" in found.faults[0].message


def test_true_and_scaled_error_stand_side_by_side_near_a_root_of_the_derivative() -> None:
    near = Planted(
        "silu", gradient=lambda x, y, p: np.where(np.abs(x + 1.2785) < 0.01, y + 1e-4, y).astype(x.dtype)
    )
    found = finding("accuracy-silu-default-float32-gradient", near, level="quick")
    fault = next(f for f in found.faults if f.what == "max_scaled_ulp")
    assert " ULP, " in fault.message
    assert " scaled ULP (budget 14, 4 scaled)" in fault.message
