"""Upstreams of the gradient: whoever misreads one is caught; dead zones are noted, not judged."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.checks.parts.shared.forms import LENGTH
from actcheck.conformance.checks.parts.upstreams.factors import Factors
from actcheck.conformance.checks.parts.upstreams.finite import upstreams
from actcheck.conformance.checks.parts.upstreams.layouts import pairs
from actcheck.conformance.checks.parts.upstreams.special import special_upstreams
from actcheck.conformance.checks.parts.upstreams.ways import WAYS
from actcheck.conformance.model import Context
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import NumberModel, judged_in
from tests.support.asked_questions import finding, questions, whats
from tests.support.faults.planted import Planted, where
from tests.support.faults.planted_models import FlushingBoth
from tests.support.faults.planted_questions import Case, Product, Upstream, in_memory_order
from tests.support.thorough import one_in

FAULTS: dict[str, Case] = {
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


DERIVATIVES = [q for q in questions("accuracy") if q.spec.elementwise and q.quantity != "forward"]


@pytest.mark.parametrize("seed", one_in(10, range(10)))
def test_no_false_alarm_whatever_the_seed(seed: int) -> None:
    adapter = NumpyAdapter()
    with np.errstate(all="ignore"):
        for question in DERIVATIVES[seed % 10 :: 10]:
            found = upstreams(question, Context(adapter, seed=seed))
            assert (found.faults, found.lacking) == ([], {}), question.id


@pytest.mark.parametrize("seed", [2, 4])
def test_a_slope_beyond_the_format_is_not_held_to_small_upstreams(seed: int) -> None:
    (question,) = questions("accuracy-celu-alpha=-0.5-float64-gradient", "full")
    with np.errstate(all="ignore"):
        assert upstreams(question, Context(NumpyAdapter(), seed=seed)).faults == []


QUICK, FULL = Context(NumpyAdapter(), "quick"), Context(NumpyAdapter(), "full")


def test_no_false_alarm_for_special_upstreams() -> None:
    adapter = NumpyAdapter()
    with np.errstate(all="ignore"):
        for question in questions("special_values", "full"):
            if question.quantity == "gradient" and question.spec.elementwise:
                assert special_upstreams(question, Context(adapter)).faults == [], question.id


@pytest.mark.parametrize("form", FORMATS)
def test_factors_have_both_signs_and_every_size_of_the_format(form: str) -> None:
    (question,) = questions(f"accuracy-tanh-default-{form}-gradient")
    factors = Factors.of(Asker(question, NumpyAdapter()), Context(NumpyAdapter()))
    assert factors is not None
    sizes = np.abs(factors.numbers.astype(np.float64))
    assert set(np.sign(factors.numbers.astype(np.float64))) == {-1, 1}
    assert len(factors.x) == len(factors.numbers) >= LENGTH
    assert sizes.max() >= 2.0 ** (FORMATS[form].emax - 3)
    assert 0 < sizes.min() < FORMATS[form].smallest_normal
    assert ((sizes >= 0.25) & (sizes < 8)).sum() > 50


def test_inputs_at_which_the_quantity_is_wrong_are_left_out() -> None:
    (question,) = questions("accuracy-silu-default-float32-gradient")
    wrong = Planted("silu", gradient=where(lambda x: x > 1, np.nan))
    factors = Factors.of(Asker(question, wrong), Context(wrong))
    assert factors is not None
    assert factors.x.max() == 1
    nowhere = Planted("silu", gradient=where(lambda x: np.ones(x.shape, bool), np.nan))
    assert Factors.of(Asker(question, nowhere), Context(nowhere)) is None


def test_at_quick_the_formats_of_an_activation_have_all_pairs_of_layouts_between_them() -> None:
    (way, *_) = WAYS["gradient"]
    for activation in ("tanh", "relu", "gelu"):
        asked = questions(f"accuracy-{activation}-default-*-gradient")
        seen = [pair.name for question in asked for pair in pairs(question, QUICK, way)]
        assert sorted(seen) == sorted(pair.name for pair in pairs(asked[0], FULL, way))


def test_every_format_has_every_layout_of_a_factor_at_quick() -> None:
    (way, *_) = WAYS["gradient"]
    every = {pair.factor.name for pair in pairs(DERIVATIVES[0], FULL, way)}
    for form in FORMATS:
        asked = [q for q in DERIVATIVES if (q.format, q.quantity) == (form, "gradient")]
        assert {pair.factor.name for q in asked for pair in pairs(q, QUICK, way)} == every


def test_a_misread_layout_is_told_with_both_layouts_and_the_factor() -> None:
    asked = questions("accuracy-relu-default-*-gradient")
    found = [f for q in asked for f in finding(q.id, Upstream("relu", in_memory_order), level="quick").faults]
    assert {fault.what for fault in found} == {"upstream:max_ulp"}
    assert found[0].message.startswith("upstream:max_ulp: x = ")
    assert ", times " in found[0].message
    assert re.search(
        r"; with x in the .* and the factor in the .* array, not with plain arrays$", found[0].message
    )


def test_what_a_backend_lacks_is_noted_with_its_reason() -> None:
    class Plain(NumpyAdapter):
        jvp = Adapter.jvp
        double_backward = Adapter.double_backward

    found = finding("accuracy-silu-default-float32-gradient", Plain(), level="quick")
    assert found.faults == ()
    assert found.notes["lacking"] == {
        "tangent": "numpy has no forward mode",
        "by_upstream": "numpy has no double backward",
    }


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


def test_an_exception_for_one_layout_is_told_with_it() -> None:
    class Strict(NumpyAdapter):
        def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
            if not upstream.flags.c_contiguous:
                raise ValueError("upstream must be contiguous")
            return super().call_gradient(activation, x, upstream, parameters)

    found = finding("accuracy-relu-default-float16-gradient", Strict(), level="quick")
    assert all(fault.what.startswith("upstream:raised:") for fault in found.faults)
    assert "raised ValueError: upstream must be contiguous" in found.faults[0].message


def test_true_and_scaled_error_stand_side_by_side_near_a_root_of_the_derivative() -> None:
    near = Planted(
        "silu", gradient=lambda x, y, p: np.where(np.abs(x + 1.2785) < 0.01, y + 1e-4, y).astype(x.dtype)
    )
    found = finding("accuracy-silu-default-float32-gradient", near, level="quick")
    fault = next(f for f in found.faults if f.what == "max_scaled_ulp")
    assert " ULP, " in fault.message
    assert " scaled ULP (budget 14, 4 scaled)" in fault.message


@pytest.mark.parametrize("seed", range(4))
def test_products_at_what_is_taken_for_zero_are_never_ties(seed: int) -> None:
    question = next(q for q in DERIVATIVES if q.id == "accuracy-mish-default-bfloat16-gradient")
    with judged_in(NumberModel.named("flush_inputs_and_results")):
        factors = Factors.of(Asker(question, FlushingBoth()), Context(FlushingBoth(), seed=seed))
        assert factors is not None
        tiny = np.abs(factors.x.astype(float)) < FORMATS["bfloat16"].smallest_normal
        digits = np.abs(np.frexp(factors.numbers[tiny].astype(float))[0])
        assert (factors.x[tiny] != 0).any()
        assert (digits == 0.5).all()
        assert upstreams(question, Context(FlushingBoth(), seed=seed)).faults == []
